// RUN: opt --passes=integrate
// A population without equations, and one that has been integrated, stay as they are.

// CHECK: dynamics.population @E size 1 {
// CHECK-NEXT: dynamics.state @V
// CHECK-NOT: dynamics.advance
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// CHECK: dynamics.advance @V method "by hand" {
// CHECK-NEXT: %[[V:.*]] = dynamics.get @V
// CHECK-NEXT: dynamics.yield %[[V]]
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.advance @V method "by hand" {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
  }
}
