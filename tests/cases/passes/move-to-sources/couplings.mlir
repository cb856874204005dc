// RUN: opt --passes=align-projections,move-to-targets,move-to-sources
// A state of the source neuron itself is read through a history; two readers share one, the longer.
// Where a delay is said, it is read a step earlier than what a spike carries.

// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.history @E.V.history slots 9 {
// CHECK-NEXT: arith.constant -6.000000e+01
// CHECK: dynamics.get @V
// CHECK-NOT: dynamics.history
// CHECK-LABEL: dynamics.projection @near
// CHECK: dynamics.past @E.V.history : f64
// CHECK-LABEL: dynamics.projection @far
// CHECK-SAME: delayed
// CHECK: dynamics.past @E.V.history {earlier} : f64
// CHECK-NOT: dynamics.pre
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
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -50.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
  }
  dynamics.projection @near from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.output @I {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.pre @V : f64
      %2 = dynamics.post @V : f64
      %3 = arith.subf %1, %2 : f64
      %4 = arith.mulf %0, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.projection @far from @E to @E rule "one_to_one" amount 0.0 delay 1 to 7 stream 0 attributes {delayed} {
    dynamics.output @I {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.pre @V : f64
      %2 = dynamics.post @V : f64
      %3 = arith.subf %1, %2 : f64
      %4 = arith.mulf %0, %3 : f64
      dynamics.yield %4 : f64
    }
  }
}
