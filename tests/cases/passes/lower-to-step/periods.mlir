// RUN: opt --passes=align-projections,move-to-targets,move-to-sources,integrate,lower-to-step
// A refractory time sees the resets before it, a condition prolongs one by a step, and what synapses do at the end of periods
// comes behind their advances, one group after another.

// CHECK:     dynamics.update_synapses @exc {
// CHECK-DAG:   %[[W:.*]] = dynamics.weight_value
// CHECK-DAG:   %[[C:.*]] = dynamics.synapse @exc.c
// CHECK-DAG:   %[[DUE:.*]] = dynamics.due every 5
// CHECK-DAG:   %[[SCALED:.*]] = arith.mulf %[[W]], %[[C]]
// CHECK-DAG:   %[[FIRST:.*]] = arith.select %[[DUE]], %[[SCALED]], %[[W]]
// CHECK-DAG:   %[[LATER:.*]] = dynamics.due every 20
// CHECK-DAG:   %[[TWICE:.*]] = arith.addf %[[FIRST]], %[[FIRST]]
// CHECK-DAG:   arith.select %[[LATER]], %[[TWICE]], %[[FIRST]]
// CHECK:     dynamics.update @E {
// CHECK-DAG:   %[[V:.*]] = dynamics.read @E.V :
// CHECK-DAG:   %[[MORE:.*]] = arith.addf %[[V]], %[[V]]
// CHECK-DAG:   dynamics.steps %[[MORE]]
// CHECK-DAG:   dynamics.due every 10
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -50.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.reset @V {
      %0 = dynamics.get @V : f64
      %1 = arith.addf %0, %0 : f64
      dynamics.yield %1 : f64
    }
    dynamics.refractory hold [] {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    dynamics.reset @V {
      %0 = arith.constant -61.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold attributes {silent} {
      %0 = dynamics.due every 10 : i1
      dynamics.yield %0 : i1
    }
    dynamics.refractory hold [] attributes {conditional} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -70.0 : f64
      %2 = arith.cmpf ogt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
  }
  dynamics.projection @exc from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {plastic, weight_per_synapse} {
    dynamics.weight {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @c unit "1" {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @weight attributes {every = 5 : i64, place = 0 : i64, weight} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @c : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @weight attributes {every = 20 : i64, place = 1 : i64, weight} {
      %0 = dynamics.weight_value : f64
      %1 = arith.addf %0, %0 : f64
      dynamics.yield %1 : f64
    }
    dynamics.event @c attributes {every = 20 : i64, place = 1 : i64} {
      %0 = arith.constant 3.0 : f64
      dynamics.yield %0 : f64
    }
  }
}
