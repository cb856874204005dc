// RUN: opt --passes=hoist-coefficients
// What is rounded together stays together.

// A product that is used once, in a sum, is fused with it, so its factors become coefficients and not the product.
// CHECK-LABEL: dynamics.network @Fused
// CHECK: dynamics.coefficients @E {
// CHECK-NEXT: %[[A:.*]] = dynamics.read @E.a : f64
// CHECK-NEXT: %[[EXP:.*]] = math.exp %[[A]] : f64
// CHECK-NEXT: dynamics.write @E.coefficient.0, %[[EXP]] : f64
// CHECK-NEXT: }
// CHECK: dynamics.update @E {
// CHECK: %[[C:.*]] = dynamics.read @E.coefficient.0 : f64
// CHECK: %[[PRODUCT:.*]] = arith.mulf %{{.*}}, %[[C]] : f64
// CHECK: arith.addf %{{.*}}, %[[PRODUCT]] : f64
dynamics.network @Fused dt 0.1 real f64 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  dynamics.buffer @E.V of @E : f64 unit "mV"
  dynamics.buffer @E.a of @E : f64 unit "ms"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.read @E.a : f64
    %2 = math.exp %1 : f64
    %3 = arith.mulf %1, %2 : f64
    %4 = arith.addf %0, %3 : f64
    dynamics.write @E.V, %4 : f64
  }
}

// -----

// One that is used twice is not fused. Where one use is left behind, it becomes a coefficient too, cheap as it is.
// CHECK-LABEL: dynamics.network @Twice
// CHECK: dynamics.coefficients @E {
// CHECK: %[[SQUARE:.*]] = arith.mulf %[[A:.*]], %[[A]] : f64
// CHECK: %[[EXP:.*]] = math.exp %[[SQUARE]] : f64
// CHECK: dynamics.write @E.coefficient.0, %[[SQUARE]] : f64
// CHECK: dynamics.write @E.coefficient.1, %[[EXP]] : f64
// CHECK: dynamics.update @E {
// CHECK-NOT: dynamics.read @E.a
dynamics.network @Twice dt 0.1 real f64 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  dynamics.buffer @E.V of @E : f64 unit "mV"
  dynamics.buffer @E.a of @E : f64 unit "ms"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.read @E.a : f64
    %2 = arith.mulf %1, %1 : f64
    %3 = math.exp %2 : f64
    %4 = arith.addf %0, %2 : f64
    %5 = arith.divf %4, %3 : f64
    dynamics.write @E.V, %5 : f64
  }
}

// -----

// The same of what is recorded: the step has computed the product, so it was not fused there.
// CHECK-LABEL: dynamics.network @Recorded
// CHECK: dynamics.coefficients @E {
// CHECK: dynamics.write @E.coefficient.0, %{{.*}} : f64
// CHECK: dynamics.write @E.coefficient.1, %{{.*}} : f64
// CHECK: dynamics.update @E {
// CHECK: %[[SUM:.*]] = arith.addf
// CHECK: dynamics.record @E.sum, %[[SUM]] : f64
dynamics.network @Recorded dt 0.1 real f64 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  dynamics.buffer @E.V of @E : f64 unit "mV"
  dynamics.buffer @E.a of @E : f64 unit "ms"
  dynamics.buffer @E.sum of @E : f64 unit "mV"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.read @E.a : f64
    %2 = arith.mulf %1, %1 : f64
    %3 = math.exp %2 : f64
    %4 = arith.mulf %0, %3 : f64
    dynamics.write @E.V, %4 : f64
    %5 = arith.addf %0, %2 : f64
    dynamics.record @E.sum, %5 : f64
  }
}

// -----

// x / exprel(y) needs one division: y may be a coefficient, exprel(y) not.
// CHECK-LABEL: dynamics.network @Quotient
// CHECK: dynamics.coefficients @E {
// CHECK-NOT: dynamics.exprel
// CHECK: dynamics.update @E {
// CHECK: %[[Y:.*]] = dynamics.read @E.coefficient.0 : f64
// CHECK: dynamics.exprel %[[Y]] : f64
// CHECK: arith.divf
dynamics.network @Quotient dt 0.1 real f64 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  dynamics.buffer @E.V of @E : f64 unit "mV"
  dynamics.buffer @E.a of @E : f64 unit "ms"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.read @E.a : f64
    %2 = math.log %1 : f64
    %3 = dynamics.exprel %2 : f64
    %4 = arith.divf %0, %3 : f64
    dynamics.write @E.V, %4 : f64
  }
}
