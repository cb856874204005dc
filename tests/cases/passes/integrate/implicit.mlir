// RUN: opt --passes=integrate
// Linear equations take one solution of the system, and no iteration.

// CHECK: dynamics.advance @x method "implicit_euler" {
// CHECK-NOT: dynamics.iterate
// CHECK: dynamics.yield
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "implicit_euler"} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = arith.negf %0 : f64
      dynamics.yield %1 : f64
    }
  }
}

// -----

// Newton's method: the states and the size of the last correction are carried.
// CHECK: dynamics.advance @x method "implicit_euler" {
// CHECK: dynamics.iterate limit 20(%{{.*}}, %{{.*}}) : (f64, f64) -> (f64, f64) {
// CHECK: arith.divf
// CHECK: dynamics.continue
// CHECK: arith.constant 0x7FFD000000000000 : f64
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "implicit_euler"} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = arith.mulf %0, %0 : f64
      dynamics.yield %1 : f64
    }
  }
}

// -----

// Only entries that there are: x is not in the equation of y, so that the pivot of y is a constant (1/(h/2) + 1 = 5), and
// one row is eliminated. No iteration.
// CHECK: dynamics.advance @x method "rosenbrock" {
// CHECK-NOT: dynamics.iterate
// CHECK: dynamics.advance @y method "rosenbrock" {
// CHECK-NOT: dynamics.get @x
// CHECK: arith.constant 2.000000e-01 : f64
// CHECK-NOT: dynamics.get @x
// CHECK: dynamics.yield
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "rosenbrock"} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @y unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = dynamics.get @y : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @y {
      %0 = dynamics.get @y : f64
      %1 = arith.negf %0 : f64
      dynamics.yield %1 : f64
    }
  }
}
