// RUN: opt --passes=integrate
// Sub-steps: carried are the state, the time left, the next sub-step and (where the pair allows it) the slope. What did
// not come to the end is marked.

// CHECK: dynamics.advance @x method "dormand_prince" {
// CHECK: %[[X:.*]] = dynamics.get @x : f64
// CHECK: %[[R:.*]]:4 = dynamics.iterate limit 10000(%[[X]], %[[DT:.*]], %[[DT]], %{{.*}}) : (f64, f64, f64, f64) -> (f64, f64, f64, f64) {
// CHECK-NEXT: ^bb0(%{{.*}}: f64, %[[LEFT:.*]]: f64, %[[H:.*]]: f64, %[[SLOPE:.*]]: f64):
// CHECK: math.powf
// CHECK: dynamics.continue %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : f64, f64, f64, f64
// CHECK: %[[REACHED:.*]] = arith.cmpf ole, %[[R]]#1, %{{.*}} : f64
// CHECK: arith.constant 0x7FFD000000000000 : f64
// CHECK: %[[NEW:.*]] = arith.select %[[REACHED]], %[[R]]#0, %{{.*}} : f64
// CHECK-NEXT: dynamics.yield %[[NEW]] : f64
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "dormand_prince"} {
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

// Settings, and a pair whose first slope is computed anew: one value less is carried.
// CHECK: dynamics.advance @x method "rkf45" {
// CHECK: arith.constant 1.000000e-03 : f64
// CHECK: arith.constant 2.000000e+01 : f64
// CHECK: dynamics.iterate limit 7(%{{.*}}, %{{.*}}, %{{.*}}) : (f64, f64, f64) -> (f64, f64, f64) {
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 attributes {method = "rkf45"} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.setting "tolerance" = 1.0e-3
    dynamics.setting "limit" = 7.0
    dynamics.setting "scale" of @x = 20.0
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = arith.mulf %0, %0 : f64
      dynamics.yield %1 : f64
    }
  }
}
