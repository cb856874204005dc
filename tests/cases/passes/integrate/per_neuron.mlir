// RUN: opt --passes=integrate
// Coefficients of each neuron that do not change: a lone equation is exact.

// CHECK: dynamics.advance @V method "exact" {
// CHECK:   math.exp
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @tau unit "mV" attributes {parameter} {
      %0 = arith.constant 20.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @tau : f64
      %2 = arith.negf %0 : f64
      %3 = arith.divf %2, %1 : f64
      dynamics.yield %3 : f64
    }
  }
}

// -----

// Driven by a state that decays to zero by itself: exact, without a propagator.
// CHECK-NOT: dynamics.propagator
// CHECK: dynamics.advance @V method "exact" {
// CHECK: dynamics.exprel
// CHECK: dynamics.advance @g method "exact" {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @g unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @tau unit "mV" attributes {parameter} {
      %0 = arith.constant 20.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @g : f64
      %2 = dynamics.get @tau : f64
      %3 = arith.subf %1, %0 : f64
      %4 = arith.divf %3, %2 : f64
      dynamics.yield %4 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = arith.constant -0.2 : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}

// -----

// A state without an equation is no parameter: something may change it.
// CHECK: dynamics.advance @V method "exponential_euler" {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @tau unit "mV" {
      %0 = arith.constant 20.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @tau : f64
      %2 = arith.negf %0 : f64
      %3 = arith.divf %2, %1 : f64
      dynamics.yield %3 : f64
    }
  }
}
