// RUN: opt --passes=merge-states
// Traces of a target's spikes are that neuron's, whatever the source. A trace of its spikes as a source is another
// thing: it jumps before spikes arrive, not after.

// CHECK-LABEL: dynamics.population @F
// CHECK: dynamics.state @p.y
// CHECK-NOT: dynamics.state @q.y
// CHECK: dynamics.state @r.x
// CHECK: dynamics.jump @p.y attributes {after} {
// CHECK-NOT: dynamics.jump @q.y
// CHECK: dynamics.jump @r.x {
// CHECK-LABEL: dynamics.projection @q {{.*}}reason = "shares y, kept as p.y"
// CHECK: dynamics.post @p.y
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @tau2 = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
  }
  dynamics.population @F size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @p.y unit "1" attributes {side = "trace"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @q.y unit "1" attributes {side = "trace"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @r.x unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @p.y {
      %0 = dynamics.get @p.y : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @q.y {
      %0 = dynamics.get @q.y : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @r.x {
      %0 = dynamics.get @r.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
    dynamics.jump @p.y attributes {after} {
      %0 = dynamics.get @p.y : f64
      %1 = arith.constant 1.0 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.jump @q.y attributes {after} {
      %0 = dynamics.get @q.y : f64
      %1 = arith.constant 1.0 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.jump @r.x {
      %0 = dynamics.get @r.x : f64
      %1 = arith.constant 1.0 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
  dynamics.projection @p from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {alignment = "synapse", weight_per_synapse, plastic, columns} {
    dynamics.event @weight attributes {weight} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.post @p.y : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
  dynamics.projection @q from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 attributes {alignment = "synapse", weight_per_synapse, plastic, columns} {
    dynamics.event @weight attributes {weight} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.post @q.y : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}
