// RUN: opt --passes=integrate
// A value of the next step that the user has written stays; the input is written out. The equation beside it sees the
// state stand still, and gets its own integrator.

// CHECK: dynamics.advance @x method "map" {
// CHECK: %[[X:.*]] = dynamics.get @x : f64
// CHECK: %[[FED:.*]] = dynamics.external @I : f64
// CHECK: %[[SUM:.*]] = arith.addf %[[X]], %[[FED]] : f64
// CHECK-NEXT: dynamics.yield %[[SUM]] : f64
// CHECK: dynamics.advance @V method "exact"
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 {
    dynamics.input @I unit "1" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @x unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.advance @x method "map" {
      %0 = dynamics.get @x : f64
      %1 = dynamics.get @I : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @x : f64
      %2 = arith.subf %1, %0 : f64
      dynamics.yield %2 : f64
    }
  }
}

// -----

// A named method is that of the equations.
// CHECK: dynamics.advance @x method "map" {
// CHECK-NEXT: %[[C:.*]] = arith.constant 3.000000e+00 : f64
// CHECK-NEXT: dynamics.yield %[[C]] : f64
// CHECK: dynamics.advance @V method "heun"
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "heun"} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.advance @x method "map" {
      %0 = arith.constant 3.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = arith.negf %0 : f64
      dynamics.yield %1 : f64
    }
  }
}
