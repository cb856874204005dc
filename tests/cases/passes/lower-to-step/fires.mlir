// RUN: opt --passes=align-projections,move-to-targets,integrate,lower-to-step
// A neuron with a threshold, a reset and a refractory time, and an exponential synapse.

// CHECK:      dynamics.population @E size 10 {
// CHECK-NEXT: }
// CHECK-NOT:  dynamics.projection
// CHECK:      dynamics.buffer @E.V of @E : f32 unit "mV"{{$}}
// CHECK-NEXT: dynamics.buffer @exc.g of @E : f32 unit "1"{{$}}
// CHECK-NEXT: dynamics.buffer @E.refractory of @E : i32 unit "1" {internal}
// CHECK-NEXT: dynamics.feed @E.I of @E unit "mV"
// CHECK-NEXT: dynamics.connection @exc from @E to @E rule "fixed_probability" amount 5.000000e-01 delay 3 to 3 stream 7{{$}}
// CHECK:      dynamics.initialise @E {
// CHECK-DAG:    %[[VI:.*]] = arith.constant -6.000000e+01
// CHECK-DAG:    %[[GI:.*]] = arith.constant 0.0
// CHECK-DAG:    dynamics.write @E.V, %[[VI]]
// CHECK-DAG:    dynamics.write @exc.g, %[[GI]]
// The weight stands where the event's weight was.
// CHECK:      dynamics.deliver @exc {
// CHECK-NEXT:   %[[W:.*]] = arith.constant 1.0
// CHECK-NEXT:   dynamics.accumulate @exc.g, %[[W]]
// CHECK-NEXT: }
// CHECK:      dynamics.update @E {
// CHECK-DAG:    %[[LEFT:.*]] = dynamics.read @E.refractory : i32
// CHECK-DAG:    %[[HELD:.*]] = dynamics.running %[[LEFT]]
// CHECK-DAG:    %[[OLD:.*]] = dynamics.read @E.V
// CHECK-DAG:    dynamics.external @E.I
// Held: the old value; otherwise the integrated one. Only who is not held can spike.
// CHECK:        %[[V:.*]] = arith.select %[[HELD]], %[[OLD]], %{{.*}} : f64
// CHECK:        %[[OVER:.*]] = arith.cmpf oge, %[[V]], %{{.*}} : f64
// CHECK-NEXT:   %[[SPIKE:.*]] = arith.andi %{{.*}}, %[[OVER]] : i1
// CHECK-DAG:    %[[RESET:.*]] = arith.constant -6.100000e+01
// CHECK-DAG:    %[[AFTER:.*]] = arith.select %[[SPIKE]], %[[RESET]], %[[V]] : f64
// CHECK-DAG:    %[[TWO:.*]] = arith.constant 2.000000e+00
// CHECK-DAG:    %[[STEPS:.*]] = dynamics.steps %[[TWO]] : f64
// CHECK-DAG:    %[[NEXT:.*]] = dynamics.count_down %[[LEFT]], %[[SPIKE]], %[[STEPS]]
// CHECK-DAG:    dynamics.write @E.V, %[[AFTER]]
// CHECK-DAG:    dynamics.write @exc.g,
// CHECK-DAG:    dynamics.write @E.refractory, %[[NEXT]] : i32
// CHECK:        dynamics.emit %[[SPIKE]]
dynamics.network @Net dt 0.1 real f32 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 10 {
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
    dynamics.reset @V {
      %0 = arith.constant -61.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.refractory hold [@V] {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @exc from @E to @E rule "fixed_probability" amount 0.5 delay 3 to 3 stream 7 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}
