// RUN: opt --passes=align-projections,merge-projections,move-to-targets
// States, equations and outputs of a projection become those of its target.

// CHECK-LABEL: dynamics.population @I
// CHECK: dynamics.state @V
// CHECK: dynamics.state @exc.g unit "1"
// CHECK: dynamics.input @I unit "mV"
// CHECK-DAG: %[[EXT:.*]] = dynamics.external @I
// CHECK-DAG: %[[G:.*]] = dynamics.get @exc.g
// CHECK-DAG: %[[V:.*]] = dynamics.get @V
// CHECK: %[[GV:.*]] = arith.mulf %[[G]], %[[V]]
// CHECK: %[[SUM:.*]] = arith.subf %[[EXT]], %[[GV]]
// CHECK-NEXT: dynamics.yield %[[SUM]]
// CHECK: dynamics.equation @V
// CHECK: dynamics.equation @exc.g
// CHECK-NEXT: dynamics.get @exc.g
// CHECK-LABEL: dynamics.projection @exc from @E to @I
// CHECK-NOT: dynamics.state
// CHECK-NOT: dynamics.output
// CHECK: dynamics.event @exc.g attributes {additive, post}
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.population @I size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.projection @exc from @E to @I rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
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
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      %1 = dynamics.post @V : f64
      %2 = arith.negf %1 : f64
      %3 = arith.mulf %0, %2 : f64
      dynamics.yield %3 : f64
    }
  }
}

// -----

// Two projections with kinetics of their own add up in the input; what was merged only adds its events.
// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.state @a.g
// CHECK: dynamics.state @c.g
// CHECK-NOT: dynamics.state
// CHECK: dynamics.input @I
// CHECK-DAG: dynamics.get @a.g
// CHECK-DAG: dynamics.get @c.g
// CHECK: dynamics.yield
// CHECK-LABEL: dynamics.projection @b
// CHECK: dynamics.event @a.g attributes {additive, post}
// CHECK-LABEL: dynamics.projection @c
// CHECK: dynamics.event @c.g attributes {additive, post}
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
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
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      %1 = dynamics.post @V : f64
      %2 = arith.negf %1 : f64
      %3 = arith.mulf %0, %2 : f64
      dynamics.yield %3 : f64
    }
  }
  dynamics.projection @b from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
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
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      %1 = dynamics.post @V : f64
      %2 = arith.negf %1 : f64
      %3 = arith.mulf %0, %2 : f64
      dynamics.yield %3 : f64
    }
  }
  dynamics.projection @c from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @slow : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
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
