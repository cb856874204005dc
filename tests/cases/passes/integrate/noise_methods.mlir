// RUN: opt --passes=integrate
// Milstein: the square of the increment, less the step.

// CHECK: dynamics.advance @x method "milstein" {
// CHECK: %[[DRAW:.*]] = dynamics.random "normal" stream 3(%{{.*}}, %{{.*}}) : f64
// CHECK: %[[W:.*]] = arith.mulf %{{.*}}, %[[DRAW]] : f64
// CHECK: %[[SQUARE:.*]] = arith.mulf %[[W]], %[[W]] : f64
// CHECK: arith.subf %[[SQUARE]], %{{.*}} : f64
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "milstein"} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = dynamics.noise stream 3 : f64
      %2 = arith.mulf %0, %1 : f64
      %3 = arith.negf %0 : f64
      %4 = arith.addf %3, %2 : f64
      dynamics.yield %4 : f64
    }
  }
}

// -----

// Heun: drift and noise at the start and where they lead; the increment is one and the same.
// CHECK: dynamics.advance @x method "stratonovich_heun" {
// CHECK: dynamics.random "normal" stream 3
// CHECK-NOT: dynamics.random
// CHECK: dynamics.yield
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "stratonovich_heun"} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = dynamics.noise stream 3 : f64
      %2 = arith.mulf %0, %1 : f64
      %3 = arith.negf %0 : f64
      %4 = arith.addf %3, %2 : f64
      dynamics.yield %4 : f64
    }
  }
}

// -----

// Backward Euler: the noise comes after, with its factor at the start of the step.
// CHECK: dynamics.advance @x method "implicit_euler" {
// CHECK-NOT: dynamics.iterate
// CHECK: dynamics.random "normal" stream 3
// CHECK: dynamics.yield
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "implicit_euler"} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = dynamics.noise stream 3 : f64
      %2 = arith.mulf %0, %1 : f64
      %3 = arith.negf %0 : f64
      %4 = arith.addf %3, %2 : f64
      dynamics.yield %4 : f64
    }
  }
}
