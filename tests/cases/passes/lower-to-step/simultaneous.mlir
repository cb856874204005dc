// RUN: opt --passes=integrate,lower-to-step
// Resets that act together read the values before all of them, and so does the refractory time: two states change places.

// CHECK:     dynamics.update @E {
// CHECK-DAG:   %[[A:.*]] = dynamics.read @E.a :
// CHECK-DAG:   %[[B:.*]] = dynamics.read @E.b :
// CHECK-DAG:   %[[HOLDS:.*]] = arith.cmpf ogt, %[[A]], %
// CHECK-DAG:   %[[NEW_A:.*]] = arith.select %{{.*}}, %[[B]], %[[A]]
// CHECK-DAG:   dynamics.write @E.a, %[[NEW_A]]
// CHECK-DAG:   %[[NEW_B:.*]] = arith.select %{{.*}}, %[[A]], %[[B]]
// CHECK-DAG:   dynamics.write @E.b, %[[NEW_B]]
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @a unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @b unit "1" {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold attributes {simultaneous} {
      %0 = dynamics.get @a : f64
      %1 = arith.constant 1.5 : f64
      %2 = arith.cmpf ogt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.reset @a {
      %0 = dynamics.get @b : f64
      dynamics.yield %0 : f64
    }
    dynamics.refractory hold [] {
      %0 = dynamics.get @a : f64
      dynamics.yield %0 : f64
    }
    dynamics.reset @b {
      %0 = dynamics.get @a : f64
      dynamics.yield %0 : f64
    }
  }
}
