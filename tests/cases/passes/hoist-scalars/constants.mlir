// RUN: opt --passes=hoist-scalars
// Constants stand where they are used: nothing is derived from nothing.

// CHECK-LABEL: dynamics.network @Net dt 1.000000e-01 real f32 attributes {narrowed}
// CHECK-NOT: dynamics.derive
// CHECK: dynamics.update @E {
// 1 / 3 is rounded once, from f64 to f32.
// CHECK: arith.constant 0.333333343 : f32
// CHECK-NOT: arith.divf
// CHECK: dynamics.write
dynamics.network @Net dt 0.1 real f32 {
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = arith.constant 3.0 : f64
    %2 = arith.divf %0, %1 : f64
    dynamics.write @E.V, %2 : f64
  }
}

// -----

// A product of shared factors that are equal elsewhere is derived once.
// CHECK-LABEL: dynamics.network @Net
// CHECK: dynamics.derive {
// CHECK-COUNT-1: dynamics.define
// CHECK-NOT: dynamics.define
// CHECK: dynamics.update @E {
// CHECK: %[[S:.*]] = dynamics.scalar @scalar0
// CHECK-NOT: dynamics.scalar
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.scalar @tau : f64
    %2 = math.exp %1 : f64
    %3 = arith.addf %0, %2 : f64
    %4 = math.sin %3 : f64
    %5 = dynamics.scalar @tau : f64
    %6 = math.exp %5 : f64
    %7 = arith.subf %4, %6 : f64
    dynamics.write @E.V, %7 : f64
  }
}
