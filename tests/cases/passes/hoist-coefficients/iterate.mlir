// RUN: opt --passes=hoist-coefficients
// An iteration whose results do not change is computed once; what changes only from turn to turn is its own.

// CHECK-LABEL: dynamics.network @Once
// CHECK: dynamics.coefficients @E {
// CHECK: %[[ROOT:.*]]:2 = dynamics.iterate limit 64
// CHECK: dynamics.write @E.coefficient.0, %[[ROOT]]#0 : f64
// CHECK: dynamics.update @E {
// CHECK-NOT: dynamics.iterate
// CHECK: dynamics.write @E.V
dynamics.network @Once dt 0.1 real f64 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  dynamics.buffer @E.V of @E : f64 unit "mV"
  dynamics.buffer @E.a of @E : f64 unit "ms"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.read @E.a : f64
    %2 = arith.constant 0.5 : f64
    %3:2 = dynamics.iterate limit 64(%1, %2) : (f64, f64) -> (f64, f64) {
    ^bb0(%x: f64, %y: f64):
      %4 = arith.cmpf olt, %y, %x : f64
      %5 = arith.mulf %x, %2 : f64
      %6 = arith.addf %y, %1 : f64
      dynamics.continue %4, %5, %6 : f64, f64
    }
    %7 = arith.mulf %0, %3#0 : f64
    dynamics.write @E.V, %7 : f64
  }
}

// -----

// One that reads what changes stays; the logarithm in it does not change, and is a coefficient.
// CHECK-LABEL: dynamics.network @Always
// CHECK: dynamics.coefficients @E {
// CHECK: %[[LOG:.*]] = math.log
// CHECK-NEXT: dynamics.write @E.coefficient.0, %[[LOG]] : f64
// CHECK: dynamics.update @E {
// CHECK: %[[C:.*]] = dynamics.read @E.coefficient.0 : f64
// CHECK: dynamics.iterate limit 64
// CHECK: arith.addf %{{.*}}, %[[C]] : f64
dynamics.network @Always dt 0.1 real f64 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  dynamics.buffer @E.V of @E : f64 unit "mV"
  dynamics.buffer @E.a of @E : f64 unit "ms"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.read @E.a : f64
    %2 = arith.constant 0.5 : f64
    %3:2 = dynamics.iterate limit 64(%0, %2) : (f64, f64) -> (f64, f64) {
    ^bb0(%x: f64, %y: f64):
      %4 = arith.cmpf olt, %y, %x : f64
      %5 = arith.mulf %x, %2 : f64
      %6 = math.log %1 : f64
      %7 = arith.addf %y, %6 : f64
      dynamics.continue %4, %5, %7 : f64, f64
    }
    dynamics.write @E.V, %3#0 : f64
  }
}
