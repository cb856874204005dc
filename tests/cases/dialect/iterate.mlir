// RUN: opt
// An iteration, and the settings of an integrator.

// CHECK: dynamics.setting "tolerance" = 9.9999999999999995E-7
// CHECK-NEXT: dynamics.setting "limit" = 1.000000e+03
// CHECK-NEXT: dynamics.setting "scale" of @V = 1.000000e+01
// CHECK-NEXT: dynamics.advance @V method "dormand_prince" {
// CHECK-NEXT: %[[V:.*]] = dynamics.get @V : f64
// CHECK-NEXT: %[[ONE:.*]] = arith.constant 1.000000e+00 : f64
// CHECK-NEXT: %[[RESULT:.*]]:2 = dynamics.iterate limit 7(%[[V]], %[[ONE]]) : (f64, f64) -> (f64, f64) {
// CHECK-NEXT: ^bb0(%[[X:.*]]: f64, %[[LEFT:.*]]: f64):
// CHECK-NEXT: %[[TWO:.*]] = arith.addf %[[ONE]], %[[V]] : f64
// CHECK-NEXT: %[[PRODUCT:.*]] = arith.mulf %[[TWO]], %[[X]] : f64
// CHECK-NEXT: %[[REST:.*]] = arith.subf %[[LEFT]], %[[X]] : f64
// CHECK-NEXT: %[[MORE:.*]] = arith.cmpf ogt, %[[LEFT]], %[[V]] : f64
// CHECK-NEXT: dynamics.continue %[[MORE]], %[[PRODUCT]], %[[REST]] : f64, f64
// CHECK-NEXT: }
// CHECK-NEXT: arith.addf %[[RESULT]]#0, %[[RESULT]]#1 : f64
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 attributes {method = "dormand_prince"} {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.setting "tolerance" = 1.0e-06
    dynamics.setting "limit" = 1.0e+03
    dynamics.setting "scale" of @V = 10.0
    dynamics.advance @V method "dormand_prince" {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 1.0 : f64
      %2:2 = dynamics.iterate limit 7 (%0, %1) : (f64, f64) -> (f64, f64) {
      ^bb0(%x: f64, %left: f64):
        %3 = arith.addf %1, %0 : f64
        %4 = arith.mulf %3, %x : f64
        %5 = arith.subf %left, %x : f64
        %6 = arith.cmpf ogt, %left, %0 : f64
        dynamics.continue %6, %4, %5 : f64, f64
      }
      %7 = arith.addf %2#0, %2#1 : f64
      dynamics.yield %7 : f64
    }
  }
}
