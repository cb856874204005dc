// RUN: opt --passes=hoist-scalars
// What differs from neuron to neuron or from step to step stays in the step.

// CHECK-LABEL: dynamics.network @Net
// CHECK-NOT: dynamics.derive
// CHECK: dynamics.update @E {
// CHECK: dynamics.read
// CHECK: math.exp %{{.*}} : f64
// CHECK: dynamics.write
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = math.exp %0 : f64
    dynamics.write @E.V, %1 : f64
  }
}

// -----

// CHECK-LABEL: dynamics.network @Net
// CHECK-NOT: dynamics.derive
// CHECK: dynamics.update @E {
// CHECK: dynamics.time
// CHECK: math.exp %{{.*}} : f64
// CHECK: dynamics.write
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.time : f64
    %1 = math.exp %0 : f64
    dynamics.write @E.V, %1 : f64
  }
}

// -----

// CHECK-LABEL: dynamics.network @Net
// CHECK-NOT: dynamics.derive
// CHECK: dynamics.update @E {
// CHECK: dynamics.index
// CHECK: math.exp %{{.*}} : f64
// CHECK: dynamics.write
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.index : f64
    %1 = math.exp %0 : f64
    dynamics.write @E.V, %1 : f64
  }
}

// -----

// CHECK-LABEL: dynamics.network @Net
// CHECK-NOT: dynamics.derive
// CHECK: dynamics.update @E {
// CHECK: dynamics.external
// CHECK: math.exp %{{.*}} : f64
// CHECK: dynamics.write
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.external @E.I : f64
    %1 = math.exp %0 : f64
    dynamics.write @E.V, %1 : f64
  }
}

// -----

// A draw with shared arguments is still each neuron's own.
// CHECK-LABEL: dynamics.network @Net
// CHECK: dynamics.derive {
// CHECK-NOT: dynamics.random
// CHECK: dynamics.define @tau.value
// CHECK: dynamics.update @E {
// CHECK: dynamics.random "normal" stream 0(
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.scalar @tau : f64
    %1 = dynamics.random "normal" stream 0 (%0, %0) : f64
    dynamics.write @E.V, %1 : f64
  }
}

// -----

// A division of something shared by something that is not stays one.
// CHECK-LABEL: dynamics.network @Net
// CHECK: dynamics.define @tau.value
// CHECK: dynamics.update @E {
// CHECK: arith.divf
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.scalar @tau : f64
    %1 = dynamics.read @E.V : f64
    %2 = arith.divf %0, %1 : f64
    dynamics.write @E.V, %2 : f64
  }
}
