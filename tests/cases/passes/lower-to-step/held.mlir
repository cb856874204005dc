// RUN: opt --passes=integrate,lower-to-step
// Whether a neuron is held is what its counter says; without refractoriness it never is, and nothing is left of it.

// CHECK: dynamics.update @E {
// CHECK-NOT: dynamics.held
// CHECK: %[[LEFT:.*]] = dynamics.read @E.refractory : i32
// CHECK-NEXT: %[[HELD:.*]] = dynamics.running %[[LEFT]]
// CHECK-NOT: dynamics.held
// CHECK: arith.select %[[HELD]]
// CHECK: dynamics.write @E.V
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

// CHECK: dynamics.update @E {
// CHECK-NOT: dynamics.held
// CHECK-NOT: dynamics.running
// CHECK: dynamics.write @E.V
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
  }
}
