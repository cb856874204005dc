// RUN: opt --passes=align-projections,move-to-targets,integrate,lower-to-step
// A population that never spikes emits nothing; one without states has an empty step.

// CHECK: dynamics.update @E {
// CHECK: dynamics.write @E.V
// CHECK-NOT: dynamics.emit
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
}

// -----

// CHECK: dynamics.population @Z size 3
// CHECK: dynamics.initialise @Z {
// CHECK-NEXT: }
// CHECK: dynamics.update @Z {
// CHECK-NEXT: }
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @Z size 3 {
  }
}
