// RUN: opt --passes=integrate
// Linear with coefficients that all neurons share: the exact solution over a step.

// x' = -x / tau: one product.
// CHECK: dynamics.advance @g method "exact" {
// CHECK-DAG: %[[G:.*]] = dynamics.get @g
// CHECK-DAG: %[[TAU:.*]] = dynamics.scalar @tau
// CHECK-DAG: %[[EXP:.*]] = math.exp %{{.*}} : f64
// CHECK: %[[NEW:.*]] = arith.mulf %[[G]], %[[EXP]]
// CHECK-NEXT: dynamics.yield %[[NEW]]
// CHECK-NOT: dynamics.equation
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
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
  }
}

// -----

// x' = (I - x) / tau: the input, which stands still over a step, is written out.
// CHECK: dynamics.advance @V method "exact" {
// CHECK-NOT: dynamics.get @I
// CHECK-DAG: math.exp
// CHECK-DAG: dynamics.exprel
// CHECK-DAG: dynamics.external @I
// CHECK-NOT: dynamics.get @I
// CHECK: dynamics.yield
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
}

// -----

// x' = 2: no exponential is left.
// CHECK: dynamics.advance @g method "exact" {
// CHECK-NOT: exp
// CHECK-DAG: %[[G:.*]] = dynamics.get @g
// CHECK-DAG: %[[STEP:.*]] = arith.constant 2.0
// CHECK: %[[NEW:.*]] = arith.addf %[[G]], %[[STEP]]
// CHECK-NEXT: dynamics.yield %[[NEW]]
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = arith.constant 20.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// A state without an equation stays as it is.
// CHECK: dynamics.state @w
// CHECK-NOT: dynamics.advance @w
// CHECK: dynamics.advance @g method "exact"
// CHECK-NOT: dynamics.advance @w
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @w unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
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
  }
}
