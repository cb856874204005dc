// RUN: opt --passes=align-projections,move-to-targets,move-to-sources
// A late handler reads what the source is by then, an arriving spike what it was before.

// CHECK: dynamics.jump @p.x {
// CHECK: dynamics.history @p.event0 slots 2 attributes {event} {
// CHECK: dynamics.history @p.x.history slots 2 {
// CHECK-LABEL: dynamics.projection @p
// CHECK: dynamics.event @weight attributes {weight} {
// CHECK: dynamics.past @p.event0
// CHECK: dynamics.event @weight attributes {after = 9 : i64, weight} {
// CHECK: dynamics.past @p.x.history
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
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {weight_per_synapse, plastic, columns} {
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
    dynamics.event @x attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @weight attributes {weight} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @x : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @weight attributes {weight, after = 9 : i64} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @x : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}

// -----

// Events of the source make its states jump in place of spikes.
// CHECK: dynamics.jump @p.x attributes {event = @E.burst} {
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
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {weight_per_synapse, plastic, columns, source_event = @E.burst} {
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
    dynamics.event @x attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @weight attributes {weight} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @x : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}
