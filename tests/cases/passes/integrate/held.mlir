// RUN: opt --passes=integrate
// What a refractory neuron holds has no slope while it does, in the method's stages as well: the state beside it sees it
// stand still.

// CHECK: dynamics.advance @V method "rosenbrock" {
// CHECK: dynamics.held @V
// CHECK: dynamics.advance @u method "rosenbrock" {
// CHECK: %[[HELD:.*]] = dynamics.held @V
// CHECK: arith.select %[[HELD]]
// CHECK: dynamics.yield
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "rosenbrock"} {
    dynamics.state @V unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @u unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @u {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 2.0 : f64
      %2 = arith.cmpf ogt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.refractory hold [@V] {
      %0 = arith.constant 3.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// A propagator for each case: where V is held, u is coupled to nothing that moves.
// CHECK: dynamics.advance @V method "exact" {
// CHECK-NOT: dynamics.held
// CHECK: dynamics.advance @u method "exact" {
// CHECK: %[[HELD:.*]] = dynamics.held @V
// CHECK: arith.select %[[HELD]]
// CHECK: dynamics.yield
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @u unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @u {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 2.0 : f64
      %2 = arith.cmpf ogt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.refractory hold [@V] {
      %0 = arith.constant 3.0 : f64
      dynamics.yield %0 : f64
    }
  }
}
