// RUN: opt --passes=hoist-scalars
// What is the same for all neurons is computed in f64 when a parameter changes, and rounded once.

// exp(-0.1 / tau) is one number; from here on updates are in the network's real type.
// CHECK: dynamics.network @Net dt 1.000000e-01 real f32 attributes {narrowed}
// CHECK: dynamics.derive {
// CHECK:   %[[TAU:.*]] = dynamics.scalar @tau : f64
// CHECK:   %[[EXP:.*]] = math.exp %{{.*}} : f64
// CHECK-NEXT: dynamics.define @[[NAME:scalar[0-9]+]] as f32, %[[EXP]] : f64
// CHECK: dynamics.update @E {
// CHECK-NEXT: %[[V:.*]] = dynamics.read @E.V : f32
// CHECK-NEXT: %[[S:.*]] = dynamics.scalar @[[NAME]] : f32
// CHECK-NEXT: %[[NEW:.*]] = arith.mulf %[[V]], %[[S]] : f32
// CHECK-NEXT: dynamics.write @E.V, %[[NEW]] : f32
// CHECK-NEXT: }
dynamics.network @Net dt 0.1 real f32 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = arith.constant -0.1 : f64
    %2 = dynamics.scalar @tau : f64
    %3 = arith.divf %1, %2 : f64
    %4 = math.exp %3 : f64
    %5 = arith.mulf %0, %4 : f64
    dynamics.write @E.V, %5 : f64
  }
}

// -----

// A division by a parameter becomes a product with its reciprocal.
// CHECK: dynamics.derive {
// CHECK:   %[[R:.*]] = arith.divf %{{.*}}, %{{.*}} : f64
// CHECK-NEXT: dynamics.define @scalar0 as f32, %[[R]]
// CHECK: dynamics.update @E {
// CHECK-NOT: arith.divf
// CHECK: %[[S:.*]] = dynamics.scalar @scalar0 : f32
// CHECK-NOT: arith.divf
// CHECK: dynamics.write
dynamics.network @Net dt 0.1 real f32 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.scalar @tau : f64
    %2 = arith.divf %0, %1 : f64
    dynamics.write @E.V, %2 : f64
  }
}

// -----

// u (V / tau) v has one product left: (u v / tau) V.
// CHECK: dynamics.derive {
// CHECK-COUNT-1: dynamics.define
// CHECK-NOT: dynamics.define
// CHECK: dynamics.update @E {
// CHECK-COUNT-1: arith.mulf
// CHECK-NOT: arith.mulf
// CHECK: dynamics.write
dynamics.network @Net dt 0.1 real f32 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @u = 1.0 unit "1" factor 1.0 {
  }
  dynamics.parameter @v = 1.0 unit "1" factor 1.0 {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.scalar @tau : f64
    %2 = arith.divf %0, %1 : f64
    %3 = dynamics.scalar @u : f64
    %4 = arith.mulf %3, %2 : f64
    %5 = dynamics.scalar @v : f64
    %6 = arith.mulf %4, %5 : f64
    dynamics.write @E.V, %6 : f64
  }
}

// -----

// Conditions, initial values and weights too. A parameter by itself keeps its name.
// CHECK: dynamics.derive {
// CHECK-DAG: dynamics.define @u.value as f32
// CHECK-DAG: dynamics.define @v.value as f32
// CHECK: dynamics.initialise @E {
// CHECK-NEXT: %[[U:.*]] = dynamics.scalar @u.value : f32
// CHECK-NEXT: dynamics.write @E.V, %[[U]] : f32
// CHECK: dynamics.deliver @p {
// CHECK-NEXT: %[[W:.*]] = dynamics.scalar @v.value : f32
// CHECK: dynamics.update @E {
// CHECK: %[[T:.*]] = dynamics.scalar @u.value : f32
// CHECK: arith.cmpf oge, %{{.*}}, %[[T]] : f32
dynamics.network @Net dt 0.1 real f32 {
  dynamics.parameter @u = 1.0 unit "1" factor 1.0 {
  }
  dynamics.parameter @v = 1.0 unit "1" factor 1.0 {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.V of @E : f32 unit "mV"
  dynamics.connection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0
  dynamics.initialise @E {
    %0 = dynamics.scalar @u : f64
    dynamics.write @E.V, %0 : f64
  }
  dynamics.deliver @p {
    %0 = dynamics.scalar @v : f64
    dynamics.accumulate @E.V, %0 : f64
  }
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.scalar @u : f64
    %2 = arith.cmpf oge, %0, %1 : f64
    dynamics.emit %2
  }
}

// -----

// A number of steps is a counter, and a condition on parameters a truth value.
// CHECK: dynamics.derive {
// CHECK-DAG: dynamics.define @{{.*}} as i32, %{{.*}} : i32
// CHECK-DAG: dynamics.define @{{.*}} as i1, %{{.*}} : i1
// CHECK: dynamics.update @E {
// CHECK-NOT: dynamics.steps
// CHECK-NOT: arith.cmpf
// CHECK: dynamics.emit
dynamics.network @Net dt 0.1 real f32 {
  dynamics.parameter @u = 1.0 unit "1" factor 1.0 {
  }
  dynamics.parameter @v = 1.0 unit "1" factor 1.0 {
  }
  dynamics.population @E size 1 {
  }
  dynamics.buffer @E.left of @E : i32 unit "1" {internal}
  dynamics.update @E {
    %0 = dynamics.read @E.left : i32
    %1 = dynamics.running %0
    %2 = dynamics.scalar @u : f64
    %3 = dynamics.steps %2 : f64
    %4 = dynamics.count_down %0, %1, %3
    dynamics.write @E.left, %4 : i32
    %5 = dynamics.scalar @v : f64
    %6 = arith.cmpf olt, %2, %5 : f64
    %7 = arith.andi %1, %6 : i1
    dynamics.emit %7
  }
}
