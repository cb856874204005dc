// RUN: opt --passes=lower-to-step
// What is recorded is written apart: at the end of the step over the states after resets and the time there, at its start
// over what equations see, inputs written out.

// CHECK-LABEL: dynamics.network @Net
// CHECK: dynamics.buffer @E.wave of @E : f32 unit "mV"{{$}}
// CHECK: dynamics.buffer @E.I.recorded of @E : f32 unit "pA"{{$}}
// CHECK: dynamics.initialise @E {
// CHECK-NOT: dynamics.write @E.wave
// CHECK: dynamics.update @E {
// CHECK: %[[V:.*]] = dynamics.read @E.V
// CHECK: %[[END:.*]] = arith.select %{{.*}}, %{{.*}}, %{{.*}} : f64
// CHECK: %[[T:.*]] = dynamics.time : f64
// CHECK: %[[DT:.*]] = arith.constant 1.000000e-01 : f64
// CHECK: %[[LATER:.*]] = arith.addf %[[T]], %[[DT]] : f64
// CHECK: %[[WAVE:.*]] = arith.mulf %[[END]], %[[LATER]] : f64
// CHECK: %[[OUTSIDE:.*]] = dynamics.external @E.I : f64
// CHECK: %[[SUM:.*]] = arith.addf %[[OUTSIDE]], %[[V]] : f64
// CHECK: dynamics.write @E.V, %[[END]] : f64
// CHECK: dynamics.record @E.wave, %[[WAVE]] : f64
// CHECK: dynamics.record @E.I.recorded, %[[SUM]] : f64
dynamics.network @Net dt 0.1 real f32 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "pA" {
      %0 = dynamics.external @I : f64
      %1 = dynamics.get @V : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.advance @V method "exact" {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 0.5 : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 3.0 : f64
      %2 = arith.cmpf ogt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.reset @V {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.recorded @E.wave unit "mV" {
      %0 = dynamics.get @V : f64
      %1 = dynamics.time : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.recorded @E.I.recorded unit "pA" attributes {start} {
      %0 = dynamics.get @I : f64
      dynamics.yield %0 : f64
    }
  }
}
