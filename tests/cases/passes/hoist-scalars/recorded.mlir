// RUN: opt --passes=hoist-scalars
// What is recorded defines no scalar but parameters. What it shares with the step is the step's.

// CHECK-LABEL: dynamics.network @Net
// CHECK: dynamics.derive {
// CHECK-DAG: dynamics.define @a.value
// CHECK-DAG: dynamics.define @scalar0
// CHECK-NOT: dynamics.define
// CHECK: dynamics.update @E {
// CHECK: %[[S:.*]] = dynamics.scalar @scalar0 : f64
// CHECK: %[[NEXT:.*]] = arith.mulf
// CHECK: %[[A:.*]] = dynamics.scalar @a.value : f64
// CHECK: %[[PRODUCT:.*]] = arith.mulf %[[A]], %[[A]] : f64
// CHECK: %[[SUM:.*]] = arith.addf %[[PRODUCT]], %[[NEXT]] : f64
// CHECK: dynamics.write @E.V, %[[NEXT]] : f64
// CHECK: dynamics.record @E.sum, %[[SUM]] : f64
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @a = 2.0 unit "1" factor 1.0 {
  }
  dynamics.population @E size 10 {
  }
  dynamics.buffer @E.V of @E : f64 unit "mV"
  dynamics.buffer @E.sum of @E : f64 unit "mV"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.scalar @a : f64
    %2 = math.exp %1 : f64
    %3 = arith.mulf %0, %2 : f64
    %4 = arith.mulf %1, %1 : f64
    %5 = arith.addf %4, %3 : f64
    dynamics.write @E.V, %3 : f64
    dynamics.record @E.sum, %5 : f64
  }
}
