// RUN: opt --passes=keep-histories
// Without a delayed variable nothing is kept.

// CHECK-LABEL: dynamics.population @A
// CHECK-NOT: dynamics.history
// CHECK: dynamics.get @x
// CHECK-NOT: dynamics.history
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @A size 1 {
    dynamics.state @x unit "1" {
      %0 = arith.constant 0.5 : f64
      dynamics.yield %0 : f64
    }
    dynamics.advance @x method "exact" {
      %0 = dynamics.get @x : f64
      dynamics.yield %0 : f64
    }
  }
}
