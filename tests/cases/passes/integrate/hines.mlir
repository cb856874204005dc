// RUN: opt --passes=integrate
// Coupled with coefficients of their own and linear in each other: one division for each pivot and half of a step. The
// gate between the halves has the only exponential.

// CHECK: dynamics.advance @u method "hines" {
// CHECK-COUNT-4: arith.divf
// CHECK: dynamics.exprel
// CHECK-NOT: dynamics.exprel
// CHECK: dynamics.advance @m method "hines" {
// CHECK-COUNT-2: arith.divf
// CHECK-NOT: arith.divf
// CHECK: dynamics.exprel
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "hines"} {
    dynamics.state @u unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @v unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @m unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @u {
      %0 = dynamics.get @u : f64
      %1 = dynamics.get @v : f64
      %2 = dynamics.get @m : f64
      %3 = arith.subf %1, %0 : f64
      %4 = arith.mulf %2, %0 : f64
      %5 = arith.subf %3, %4 : f64
      dynamics.yield %5 : f64
    }
    dynamics.equation @v {
      %0 = dynamics.get @u : f64
      %1 = dynamics.get @v : f64
      %2 = arith.subf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @m {
      %0 = dynamics.get @u : f64
      %1 = dynamics.get @m : f64
      %2 = arith.mulf %0, %1 : f64
      %3 = arith.subf %0, %2 : f64
      dynamics.yield %3 : f64
    }
  }
}
