// RUN: opt --passes=align-projections,move-to-targets,integrate,lower-to-step
// Weights and delays of synapses are computed where the runtime builds connections.

// CHECK: dynamics.connection @exc {{.*}} delay 1 to 20 stream 0 {weight_per_synapse}
// CHECK: dynamics.synapses @exc value "delay" {
// CHECK-NEXT: dynamics.index
// CHECK: dynamics.synapses @exc value "weight" {
// CHECK-NEXT: dynamics.source_index
// CHECK: dynamics.deliver @exc {
// CHECK-NEXT: %[[W:.*]] = dynamics.weight_value
// CHECK-NEXT: dynamics.accumulate @exc.g, %[[W]]
dynamics.network @Net dt 0.1 real f64 {
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
  dynamics.projection @exc from @E to @E rule "one_to_one" amount 0.0 delay 1 to 20 stream 0 attributes {weight_per_synapse} {
    dynamics.weight {
      %0 = dynamics.source_index : f64
      dynamics.yield %0 : f64
    }
    dynamics.delay {
      %0 = dynamics.index : f64
      dynamics.yield %0 : f64
    }
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
