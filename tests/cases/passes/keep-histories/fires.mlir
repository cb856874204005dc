// RUN: opt --passes=integrate,keep-histories
// A stage in the middle of the step reads the past at both ends of it; the history is as long as the longest delay.

// CHECK-LABEL: dynamics.population @A
// CHECK: dynamics.advance @x method "midpoint"
// CHECK-DAG: dynamics.delayed @A.x.history steps 10
// CHECK-DAG: dynamics.delayed @A.x.history steps 9
// CHECK: dynamics.history @A.x.history slots 12 {
// CHECK-NEXT: arith.constant 5.000000e-01
// CHECK: dynamics.get @x
// CHECK-NOT: dynamics.history

// What is linear takes the middle of both.
// CHECK-LABEL: dynamics.population @B
// CHECK: dynamics.advance @x method "exact"
// CHECK-DAG: dynamics.delayed @B.x.history steps 1 :
// CHECK-DAG: dynamics.delayed @B.x.history steps 0 :
// CHECK: dynamics.history @B.x.history slots 3 {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @A size 1 attributes {method = "midpoint"} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 0.5 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.delayed @x steps 10 : f64
      %1 = dynamics.delayed @x steps 3 : f64
      %2 = arith.mulf %0, %1 : f64
      %3 = dynamics.get @x : f64
      %4 = arith.mulf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.population @B size 1 {
    dynamics.state @x unit "1" {
      %0 = arith.constant 0.5 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.delayed @x steps 1 : f64
      %1 = arith.negf %0 : f64
      dynamics.yield %1 : f64
    }
  }
}
