// RUN: opt --passes=integrate
// A choice that jumps is not linear, though both of its branches have the same slope.

// CHECK: dynamics.advance @V method "rk4" {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 0.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      %3 = arith.negf %0 : f64
      %4 = arith.constant 5.0 : f64
      %5 = arith.addf %3, %4 : f64
      %6 = arith.select %2, %3, %5 : f64
      dynamics.yield %6 : f64
    }
  }
}

// -----

// One that is continuous at its bound with one slope is a line.
// CHECK: dynamics.advance @V method "exact" {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 2.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      %3 = arith.negf %0 : f64
      %4 = arith.subf %1, %0 : f64
      %5 = arith.subf %4, %1 : f64
      %6 = arith.select %2, %3, %5 : f64
      dynamics.yield %6 : f64
    }
  }
}

// -----

// With another slope on either side it is no line, but its slope is known: another state's coefficient.
// CHECK: dynamics.advance @V method "exponential_euler" {
// CHECK: dynamics.advance @x method "exact" {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @x unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @x : f64
      %2 = arith.constant 0.0 : f64
      %3 = arith.cmpf olt, %1, %2 : f64
      %4 = arith.select %3, %2, %1 : f64
      %5 = arith.subf %4, %0 : f64
      dynamics.yield %5 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = arith.negf %0 : f64
      dynamics.yield %1 : f64
    }
  }
}
