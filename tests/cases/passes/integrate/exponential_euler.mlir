// RUN: opt --passes=integrate
// Linear in itself, with a coefficient that changes: frozen over the step.

// m' = -sigmoid(V) m: m + m' dt exprel(-sigmoid(V) dt)
// CHECK: dynamics.advance @V method "exact"
// CHECK: dynamics.advance @m method "exponential_euler" {
// CHECK-DAG: %[[M:.*]] = dynamics.get @m
// CHECK-DAG: %[[A:.*]] = dynamics.sigmoid
// CHECK-DAG: %[[E:.*]] = dynamics.exprel
// CHECK: %[[NEW:.*]] = arith.{{addf|subf}} %[[M]], %{{.*}}
// CHECK-NEXT: dynamics.yield %[[NEW]]
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @m unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.equation @m {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @m : f64
      %2 = dynamics.sigmoid %0 : f64
      %3 = arith.mulf %2, %1 : f64
      %4 = arith.negf %3 : f64
      dynamics.yield %4 : f64
    }
  }
}

// -----

// A conductance makes the membrane's coefficient vary; the conductance itself stays exact.
// CHECK: dynamics.advance @V method "exponential_euler" {
// CHECK: dynamics.exprel
// CHECK: dynamics.advance @p.g method "exact"
// CHECK-NOT: dynamics.exprel
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @p.g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.get @p.g : f64
      %1 = dynamics.get @V : f64
      %2 = arith.mulf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @I : f64
      %1 = dynamics.get @V : f64
      %2 = arith.subf %0, %1 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
    dynamics.equation @p.g {
      %0 = dynamics.get @p.g : f64
      %1 = dynamics.scalar @slow : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
  }
}

// -----

// What depends on such a state is not exact either: w' = (V - w) / tau reads V, which is frozen.
// CHECK: dynamics.advance @V method "exponential_euler"
// CHECK: dynamics.advance @m method "exact"
// CHECK: dynamics.advance @w method "exponential_euler"
// CHECK: exprel
// CHECK: dynamics.yield
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @m unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @w unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @m : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @m {
      %0 = dynamics.get @m : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.equation @w {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @w : f64
      %2 = arith.subf %0, %1 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
}
