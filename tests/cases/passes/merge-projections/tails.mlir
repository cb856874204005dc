// RUN: opt --passes=merge-projections
// What is summed is one, whatever decides how much is added: nothing, the source's states, a weight that changes.

// CHECK-LABEL: dynamics.projection @plain
// CHECK: dynamics.state @g
// CHECK: dynamics.equation @g
// CHECK-LABEL: dynamics.projection @stp
// CHECK-SAME: reason = "merged with plain"} {
// CHECK: dynamics.state @u
// CHECK-NOT: dynamics.state @g
// CHECK: dynamics.equation @u
// CHECK-NOT: dynamics.equation @g
// CHECK: dynamics.event @u attributes {additive} {
// CHECK: dynamics.event @plain.g attributes {additive, post} {
// CHECK: dynamics.get @u
// CHECK-NOT: dynamics.output
// CHECK-LABEL: dynamics.projection @stdp
// CHECK-SAME: reason = "merged with plain"
// CHECK: dynamics.event @weight attributes {weight} {
// CHECK: dynamics.event @plain.g attributes {additive, post} {
// CHECK-NOT: dynamics.output
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
    dynamics.input @I unit "1" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @plain from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {alignment = "post"} {
    dynamics.state @g unit "1" attributes {side = "target"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @stp from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 attributes {alignment = "split"} {
    dynamics.state @u unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @u {
      %0 = dynamics.get @u : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.state @g unit "1" attributes {side = "target"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @u attributes {additive} {
      %0 = arith.constant 0.5 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @u : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @stdp from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 2 attributes {alignment = "synapse", weight_per_synapse, plastic} {
    dynamics.state @g unit "1" attributes {side = "target"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @weight attributes {weight} {
      %0 = dynamics.weight_value : f64
      %1 = arith.constant 0.5 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}
