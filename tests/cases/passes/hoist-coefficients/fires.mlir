// RUN: opt --passes=hoist-coefficients
// What follows from arrays that no step changes is computed once.

// A leak with a time constant of each neuron. The sum of two coefficients is cheap: it stays in the step.
// CHECK: dynamics.buffer @E.tau of @E : f64 unit "ms"
// CHECK-NEXT: dynamics.buffer @E.coefficient.0 of @E : f64 unit "1" {internal}
// CHECK-NOT: coefficient.1
// CHECK: dynamics.coefficients @E {
// CHECK-DAG:   %[[TAU:.*]] = dynamics.read @E.tau : f64
// CHECK-DAG:   %[[DT:.*]] = arith.constant -1.000000e-01 : f64
// CHECK-NEXT:  %[[QUOTIENT:.*]] = arith.divf %[[DT]], %[[TAU]] : f64
// CHECK-NEXT:  %[[EXP:.*]] = math.exp %[[QUOTIENT]] : f64
// CHECK-NEXT:  dynamics.write @E.coefficient.0, %[[EXP]] : f64
// CHECK-NEXT: }
// CHECK-NEXT: dynamics.update @E {
// CHECK-NOT:   math.exp
// CHECK-DAG:   %[[V:.*]] = dynamics.read @E.V : f64
// CHECK-DAG:   %[[C:.*]] = dynamics.read @E.coefficient.0 : f64
// CHECK:       %[[REST:.*]] = arith.subf %{{.*}}, %[[C]] : f64
// CHECK-NOT:   math.exp
// CHECK:       dynamics.write @E.V
dynamics.network @Net dt 0.1 real f64 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  dynamics.buffer @E.V of @E : f64 unit "mV"
  dynamics.buffer @E.tau of @E : f64 unit "ms"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.read @E.tau : f64
    %2 = arith.constant -0.1 : f64
    %3 = arith.divf %2, %1 : f64
    %4 = math.exp %3 : f64
    %5 = arith.mulf %0, %4 : f64
    %6 = arith.constant 1.0 : f64
    %7 = arith.subf %6, %4 : f64
    %8 = arith.mulf %7, %0 : f64
    %9 = arith.mulf %5, %8 : f64
    dynamics.write @E.V, %9 : f64
  }
}

// -----

// Of two neurons' kinds each has its own. Conditions are left where they are, and read what becomes of their sides.
// CHECK: dynamics.coefficients @A {
// CHECK:   %[[ROOT:.*]] = math.sqrt
// CHECK-NEXT: dynamics.write @A.coefficient.0, %[[ROOT]] : f32
// CHECK: dynamics.coefficients @B {
// CHECK:   dynamics.write @B.coefficient.0
// CHECK: dynamics.update @A {
// CHECK:   %[[C:.*]] = dynamics.read @A.coefficient.0 : f32
// CHECK:   arith.cmpf oge, %{{.*}}, %[[C]] : f32
// CHECK: dynamics.update @B {
// CHECK-NOT: math.log
dynamics.network @Net dt 0.1 real f32 attributes {narrowed} {
  dynamics.population @A size 10 {
  }
  dynamics.population @B size 20 {
  }
  dynamics.buffer @A.V of @A : f32 unit "mV"
  dynamics.buffer @A.theta of @A : f32 unit "mV"
  dynamics.buffer @B.V of @B : f32 unit "mV"
  dynamics.update @A {
    %0 = dynamics.read @A.V : f32
    %1 = dynamics.read @A.theta : f32
    %2 = math.sqrt %1 : f32
    %3 = arith.cmpf oge, %0, %2 : f32
    dynamics.emit %3
    %4 = arith.addf %0, %1 : f32
    dynamics.write @A.V, %4 : f32
  }
  dynamics.update @B {
    %0 = dynamics.read @B.V : f32
    %1 = dynamics.index : f32
    %2 = math.log %1 : f32
    %3 = arith.addf %0, %2 : f32
    dynamics.write @B.V, %3 : f32
  }
}
