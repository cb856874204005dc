// RUN: opt --passes=align-projections
// Handlers that act later: sums stay sums, but what depends on one neuron alone is not moved to it.

// Added to, it is a sum, however late.
// CHECK-LABEL: dynamics.projection @sum
// CHECK: dynamics.state @c unit "1" attributes {side = "target"}
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -50.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent, event = @E.burst} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -40.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent, event = @E.burst} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -90.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -99.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
  }
  dynamics.population @E.burst size 1 {
  }
  dynamics.projection @sum from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {columns} {
    dynamics.state @c unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @c {
      %0 = dynamics.get @c : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @c attributes {additive, after = 9 : i64} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// A trace of the source's spikes that a late handler changes; beside it one that does not, and is read late.
// CHECK-LABEL: dynamics.projection @source
// CHECK: dynamics.state @x unit "1" attributes {side = "source"}
// CHECK: dynamics.state @c unit "1" attributes {side = "synapse"}
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -50.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent, event = @E.burst} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -40.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent, event = @E.burst} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -90.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -99.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
  }
  dynamics.population @E.burst size 1 {
  }
  dynamics.projection @source from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {weight_per_synapse, plastic, columns} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.state @c unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @c {
      %0 = dynamics.get @c : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @x attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @c attributes {additive, after = 9 : i64} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @weight attributes {weight, after = 9 : i64} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @x : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @weight attributes {weight} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @c : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}

// -----

// Traces of the target's spikes: one that is changed late, one that is read late by the same kind of spike, and one that
// is read late by spikes of the source.
// CHECK-LABEL: dynamics.projection @trace
// CHECK: dynamics.state @a unit "1" attributes {side = "synapse"}
// CHECK: dynamics.state @b unit "1" attributes {side = "synapse"}
// CHECK: dynamics.state @d unit "1" attributes {side = "trace"}
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -50.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent, event = @E.burst} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -40.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent, event = @E.burst} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -90.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -99.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
  }
  dynamics.population @E.burst size 1 {
  }
  dynamics.projection @trace from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {weight_per_synapse, plastic, columns} {
    dynamics.state @a unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @a {
      %0 = dynamics.get @a : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.state @b unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @b {
      %0 = dynamics.get @b : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.state @d unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @d {
      %0 = dynamics.get @d : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @a attributes {additive, by_target, after = 3 : i64} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @b attributes {additive, by_target} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @d attributes {additive, by_target} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @weight attributes {weight, by_target, after = 3 : i64} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @b : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @weight attributes {weight, after = 3 : i64} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @d : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @weight attributes {weight} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @a : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}
