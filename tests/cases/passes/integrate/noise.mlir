// RUN: opt --passes=integrate
// White noise becomes a draw of the step, scaled to its length, and nothing of it is left.

// x' = -x / tau + 2 xi
// CHECK: dynamics.advance @g
// CHECK-NOT: dynamics.noise
// CHECK: dynamics.random "normal" stream 5(
// CHECK-NOT: dynamics.noise
// CHECK: dynamics.yield
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
      %4 = arith.constant 2.0 : f64
      %5 = dynamics.noise stream 5 : f64
      %6 = arith.mulf %4, %5 : f64
      %7 = arith.addf %3, %6 : f64
      dynamics.yield %7 : f64
    }
  }
}
