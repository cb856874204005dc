// RUN: opt --passes=integrate,lower-to-step
// What is done at the end of refractory time stands behind all counters: one was running, and none is any more.

// CHECK: dynamics.update @E {
// CHECK-NOT: dynamics.recovered
// CHECK-DAG: %[[LEFT:.*]] = dynamics.read @E.refractory : i32
// CHECK-DAG: %[[RUNNING:.*]] = dynamics.running %[[LEFT]]
// CHECK: %[[NEXT:.*]] = dynamics.count_down %[[LEFT]]
// CHECK: %[[LONGER:.*]] = dynamics.running %[[NEXT]]
// CHECK: %[[ENDS:.*]] = arith.andi %[[RUNNING]]
// CHECK: %[[V:.*]] = arith.select %[[ENDS]]
// CHECK: dynamics.write @E.V, %[[V]]
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold attributes {silent} {
      %0 = dynamics.recovered
      dynamics.yield %0 : i1
    }
    dynamics.reset @V {
      %0 = arith.constant -5.0 : f64
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

// Without a refractory time nothing ends.

// CHECK: dynamics.update @E {
// CHECK-NOT: dynamics.recovered
// CHECK-NOT: dynamics.write @E.V
// CHECK: dynamics.emit
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 2.0 : f64
      %2 = arith.cmpf ogt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent} {
      %0 = dynamics.recovered
      dynamics.yield %0 : i1
    }
    dynamics.reset @V {
      %0 = arith.constant -5.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// Several counters: some was running, none is.

// CHECK: dynamics.update @E {
// CHECK-NOT: dynamics.recovered
// CHECK: dynamics.count_down
// CHECK: dynamics.count_down
// CHECK: arith.ori
// CHECK: arith.select
// CHECK: dynamics.write @E.V
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 1.0 : f64
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
    dynamics.threshold attributes {silent} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 2.0 : f64
      %2 = arith.cmpf ogt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.refractory hold [@V] {
      %0 = arith.constant 3.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold attributes {silent} {
      %0 = dynamics.recovered
      dynamics.yield %0 : i1
    }
    dynamics.reset @V {
      %0 = arith.constant -5.0 : f64
      dynamics.yield %0 : f64
    }
  }
}
