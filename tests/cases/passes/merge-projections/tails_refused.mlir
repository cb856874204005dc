// RUN: opt --passes=merge-projections
// A time constant of its own; an output that has more than the sum; a sum that is recorded.

// CHECK-LABEL: dynamics.projection @first
// CHECK: dynamics.state @g
// CHECK-LABEL: dynamics.projection @apart
// CHECK-SAME: reason = "not merged with first: tau2 is another parameter than tau"} {
// CHECK: dynamics.state @g
// CHECK-LABEL: dynamics.projection @more
// CHECK-SAME: alignment = "split"} {
// CHECK: dynamics.state @g
// CHECK-LABEL: dynamics.projection @recorded
// CHECK-SAME: reason = "not merged with first: recorded.g is recorded"} {
// CHECK: dynamics.state @g
// CHECK-LABEL: dynamics.projection @last
// CHECK-SAME: reason = "merged with first"} {
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
  dynamics.projection @first from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {alignment = "split"} {
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
  dynamics.projection @apart from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 attributes {alignment = "split"} {
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
      %1 = dynamics.scalar @tau2 : f64
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
  dynamics.projection @more from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 2 attributes {alignment = "split"} {
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
      %1 = dynamics.weight_value : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
  dynamics.projection @recorded from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 3 attributes {alignment = "split"} {
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
    dynamics.state @g unit "1" attributes {side = "target", recorded} {
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
  dynamics.projection @last from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 4 attributes {alignment = "post"} {
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
}

// -----

// Nor does anything become part of a sum that is recorded.
// CHECK-LABEL: dynamics.projection @recorded
// CHECK: dynamics.state @g
// CHECK-LABEL: dynamics.projection @second
// CHECK-SAME: reason = "not merged with recorded: recorded.g is recorded"} {
// CHECK: dynamics.state @g
// CHECK-LABEL: dynamics.projection @third
// CHECK-SAME: reason = "merged with second"} {
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
  dynamics.projection @recorded from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {alignment = "post"} {
    dynamics.state @g unit "1" attributes {side = "target", recorded} {
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
  dynamics.projection @second from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 attributes {alignment = "post"} {
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
  dynamics.projection @third from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 2 attributes {alignment = "post"} {
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
}
