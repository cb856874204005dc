// RUN: opt --passes=split-updates
// What is short stays one update.

// CHECK: dynamics.update @E {
// CHECK: dynamics.write @E.V
// CHECK-NOT: dynamics.update
// CHECK-NOT: between
dynamics.network @Net dt 0.1 real f64 attributes {narrowed} {
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f64 unit "mV"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = arith.constant 3.0 : f64
    %2 = arith.divf %0, %1 : f64
    dynamics.write @E.V, %2 : f64
  }
}
