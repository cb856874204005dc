// RUN: opt --passes=align-projections,merge-projections,move-to-targets
// A receptor with states reads the sum of its synapses, which is written out where it is read. Those of two projections are
// not shared, though their synapses are alike.

// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.state @a.r
// CHECK: dynamics.state @b.r
// CHECK: dynamics.state @a.g
// CHECK: dynamics.state @b.g
// CHECK-NOT: dynamics.input @a.input.g
// CHECK: dynamics.equation @a.r
// CHECK: dynamics.get @a.g
// CHECK: dynamics.equation @b.r
// CHECK: dynamics.get @b.g
// CHECK-LABEL: dynamics.projection @a
// CHECK-NOT: dynamics.output
// CHECK: dynamics.event @a.g attributes {additive, post}
// CHECK-LABEL: dynamics.projection @b
// CHECK: dynamics.event @b.g attributes {additive, post}
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @a.r unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @a.input.g unit "1" attributes {internal} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @a.r {
      %0 = dynamics.get @a.r : f64
      %1 = dynamics.get @a.input.g : f64
      %2 = arith.mulf %1, %0 : f64
      dynamics.yield %2 : f64
    }
    dynamics.state @b.r unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @b.input.g unit "1" attributes {internal} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @b.r {
      %0 = dynamics.get @b.r : f64
      %1 = dynamics.get @b.input.g : f64
      %2 = arith.mulf %1, %0 : f64
      dynamics.yield %2 : f64
    }
  }
  dynamics.projection @a from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @a.input.g {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @b from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @b.input.g {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}
