// RUN: opt
// Every step operation.

dynamics.network @Net dt 0.1 real f32 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  // CHECK: dynamics.buffer @E.V of @E : f32 unit "mV"{{$}}
  dynamics.buffer @E.V of @E : f32 unit "mV"
  // CHECK-NEXT: dynamics.buffer @E.left of @E : i32 unit "1" {internal}
  dynamics.buffer @E.left of @E : i32 unit "1" {internal}
  // CHECK-NEXT: dynamics.feed @E.I of @E unit "mV"
  dynamics.feed @E.I of @E unit "mV"
  // CHECK-NEXT: dynamics.connection @exc from @E to @E rule "fixed_in_degree" amount 8.000000e+00 delay 1 to 15 stream 3 {no_self, weight_per_synapse, with_replacement}
  dynamics.connection @exc from @E to @E rule "fixed_in_degree" amount 8.0 delay 1 to 15 stream 3 {no_self, with_replacement, weight_per_synapse}
  // CHECK-NEXT: dynamics.derive {
  // CHECK-NEXT: %[[A:.*]] = dynamics.scalar @E.tau : f64
  // CHECK-NEXT: %[[P:.*]]:2 = dynamics.propagator %[[A]], %[[A]], %[[A]], %[[A]] : f64, f64, f64, f64 elements [0, 3] : f64, f64
  // CHECK-NEXT: dynamics.define @s0 as f32, %[[P]]#1 : f64
  dynamics.derive {
    %0 = dynamics.scalar @E.tau : f64
    %1:2 = dynamics.propagator %0, %0, %0, %0 : f64, f64, f64, f64 elements [0, 3] : f64, f64
    dynamics.define @s0 as f32, %1#1 : f64
  }
  // CHECK: dynamics.initialise @E {
  // CHECK-NEXT: %[[S:.*]] = dynamics.scalar @s0 : f32
  // CHECK-NEXT: dynamics.write @E.V, %[[S]] : f32
  dynamics.initialise @E {
    %0 = dynamics.scalar @s0 : f32
    dynamics.write @E.V, %0 : f32
  }
  // CHECK: dynamics.coefficients @E {
  // CHECK-NEXT: %[[S:.*]] = dynamics.scalar @s0 : f32
  // CHECK-NEXT: dynamics.write @E.V, %[[S]] : f32
  dynamics.coefficients @E {
    %0 = dynamics.scalar @s0 : f32
    dynamics.write @E.V, %0 : f32
  }
  // CHECK: dynamics.synapses @exc value "delay" {
  // CHECK-NEXT: dynamics.source_index : f64
  dynamics.synapses @exc value "delay" {
    %0 = dynamics.source_index : f64
    dynamics.yield %0 : f64
  }
  // CHECK: dynamics.deliver @exc {
  // CHECK-NEXT: %[[W:.*]] = dynamics.weight_value : f32
  // CHECK-NEXT: dynamics.accumulate @E.V, %[[W]] : f32
  dynamics.deliver @exc {
    %0 = dynamics.weight_value : f32
    dynamics.accumulate @E.V, %0 : f32
  }
  // CHECK: dynamics.update @E {
  // CHECK-NEXT: %[[V:.*]] = dynamics.read @E.V : f32
  // CHECK-NEXT: %[[LEFT:.*]] = dynamics.read @E.left : i32
  // CHECK-NEXT: %[[BUSY:.*]] = dynamics.running %[[LEFT]]{{$}}
  // CHECK-NEXT: %[[NEXT:.*]] = dynamics.count_down %[[LEFT]], %[[BUSY]], %[[LEFT]]{{$}}
  // CHECK-NEXT: dynamics.write @E.left, %[[NEXT]] : i32
  // CHECK-NEXT: dynamics.write @E.V, %[[V]] : f32
  // CHECK-NEXT: dynamics.emit %[[BUSY]]{{$}}
  // CHECK-NEXT: dynamics.record @E.V, %[[V]] : f32
  dynamics.update @E {
    %0 = dynamics.read @E.V : f32
    %1 = dynamics.read @E.left : i32
    %2 = dynamics.running %1
    %3 = dynamics.count_down %1, %2, %1
    dynamics.write @E.left, %3 : i32
    dynamics.write @E.V, %0 : f32
    dynamics.emit %2
    dynamics.record @E.V, %0 : f32
  }
}
