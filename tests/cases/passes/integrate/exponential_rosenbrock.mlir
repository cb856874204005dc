// RUN: opt --passes=integrate
// The first iteration finds the scale, the second squares: the change, the exponential, the scale are carried.

// CHECK: dynamics.advance @x method "exponential_rosenbrock" {
// CHECK: %[[SCALE:.*]] = dynamics.iterate limit 64(%{{.*}}) : (f64) -> f64 {
// CHECK: %[[CHANGE:.*]]:3 = dynamics.iterate limit 64(%{{.*}}, %{{.*}}, %[[SCALE]]) : (f64, f64, f64) -> (f64, f64, f64) {
// CHECK: %[[NEW:.*]] = arith.addf %{{.*}}, %[[CHANGE]]#0 : f64
// CHECK-NEXT: dynamics.yield %[[NEW]] : f64
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "exponential_rosenbrock"} {
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

// Of two states that are coupled one way, three entries of four are carried.
// CHECK: dynamics.advance @x method "exponential_rosenbrock" {
// CHECK: dynamics.iterate limit 64(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}) : (f64, f64, f64, f64, f64, f64) -> (f64, f64, f64, f64, f64, f64) {
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "exponential_rosenbrock"} {
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
