// RUN: opt --passes=integrate
// Not linear in itself: all equations of the population take a Runge-Kutta step; others do not.

// CHECK-LABEL: dynamics.population @Q
// CHECK: dynamics.advance @V method "rk4" {
// CHECK-NOT: exp
// CHECK: dynamics.yield
// CHECK: dynamics.advance @g method "rk4" {
// CHECK-NOT: exp
// CHECK: dynamics.yield
// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.advance @g method "exact" {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @Q size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = arith.mulf %0, %0 : f64
      dynamics.yield %1 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
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

// A function without a derivative is no obstacle for it.
// CHECK: dynamics.advance @V method "rk4" {
// CHECK-COUNT-4: math.floor
// CHECK-NOT: math.floor
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
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = math.floor %0 : f64
      %2 = arith.negf %1 : f64
      dynamics.yield %2 : f64
    }
  }
}

// -----

// x' = y, y' = sin(x): y does not relax in itself, so freezing x would be Euler's method.
// CHECK: dynamics.advance @x method "rk4" {
// CHECK: dynamics.advance @y method "rk4" {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @Pendulum size 1 {
    dynamics.state @x unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @y unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @y : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @y {
      %0 = dynamics.get @x : f64
      %1 = math.sin %0 : f64
      %2 = arith.negf %1 : f64
      dynamics.yield %2 : f64
    }
  }
}
