// RUN: opt --passes=lower-to-step
// Two rules with a spike and one without: conditions before actions, one spike, a counter for each refractory time.

// CHECK:     dynamics.buffer @E.refractory of @E : i32
// CHECK:     dynamics.buffer @E.refractory_2 of @E : i32
// CHECK:     dynamics.update @E {
// CHECK-DAG:   %[[V:.*]] = dynamics.read @E.V :
// CHECK-DAG:   %[[W:.*]] = dynamics.read @E.w :
// CHECK-DAG:   %[[LEFT1:.*]] = dynamics.read @E.refractory : i32
// CHECK-DAG:   %[[RUN1:.*]] = dynamics.running %[[LEFT1]]
// CHECK-DAG:   %[[LEFT2:.*]] = dynamics.read @E.refractory_2 : i32
// CHECK-DAG:   %[[RUN2:.*]] = dynamics.running %[[LEFT2]]
// CHECK-DAG:   %[[NINE:.*]] = arith.constant 9.0
// The clamped state has its value before any condition is tested.
// CHECK-DAG:   %[[CLAMPED:.*]] = arith.select %[[RUN1]], %[[NINE]], %[[V]]
// CHECK-DAG:   %[[HIGH:.*]] = arith.cmpf oge, %[[CLAMPED]],
// CHECK-DAG:   %[[WIDE:.*]] = arith.cmpf oge, %[[W]],
// CHECK-DAG:   %[[LOW:.*]] = arith.cmpf olt, %[[CLAMPED]],
// CHECK:       dynamics.write @E.refractory, %{{.*}} : i32
// CHECK:       dynamics.write @E.refractory_2, %{{.*}} : i32
// CHECK:       dynamics.emit
// CHECK-NOT:   dynamics.emit
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @w unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 5.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.reset @V {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.refractory hold [] {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.clamp @V {
      %0 = arith.constant 9.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @w : f64
      %1 = arith.constant 6.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.refractory hold [@w] {
      %0 = arith.constant 3.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold attributes {silent} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 2.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.reset @w {
      %0 = dynamics.get @w : f64
      %1 = dynamics.get @V : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}

// -----

// A crossing reads the value that the state's buffer has before the step: its events wait elsewhere.
// CHECK:     dynamics.buffer @E.V.arrivals of @E : f64
// CHECK:     dynamics.deliver @exc {
// CHECK:       dynamics.accumulate @E.V.arrivals,
// CHECK:     dynamics.update @E {
// CHECK-DAG:   %[[OLD:.*]] = dynamics.read @E.V :
// CHECK-DAG:   %[[NEW:.*]] = dynamics.read @E.V.arrivals :
// CHECK-DAG:   %[[NOW:.*]] = arith.addf %[[OLD]], %[[NEW]]
// CHECK-DAG:   %[[FIVE:.*]] = arith.constant 5.0
// CHECK-DAG:   arith.cmpf olt, %[[OLD]], %[[FIVE]]
// CHECK-DAG:   arith.cmpf oge, %[[NOW]], %[[FIVE]]
// CHECK-NOT: dynamics.previous
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.previous @V : f64
      %1 = dynamics.get @V : f64
      %2 = arith.constant 5.0 : f64
      %3 = arith.cmpf olt, %0, %2 : f64
      %4 = arith.cmpf oge, %1, %2 : f64
      %5 = arith.andi %3, %4 : i1
      dynamics.yield %5 : i1
    }
  }
  dynamics.projection @exc from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {alignment = "post"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// Given spikes stay with their population; a duration of each neuron is counted in the step.
// CHECK:     dynamics.population @S size 2 {
// CHECK-NEXT:  dynamics.spike_times steps [3, 4] neurons [1, 0]
// CHECK:     dynamics.update @E {
// CHECK:       %[[OWN:.*]] = dynamics.read @E.t_ref :
// CHECK:       dynamics.steps %[[OWN]]
// CHECK-NOT:   dynamics.write @E.t_ref,
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @S size 2 {
    dynamics.spike_times steps [3, 4] neurons [1, 0]
  }
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @t_ref unit "mV" attributes {parameter} {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 5.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.refractory hold [@V] {
      %0 = dynamics.get @t_ref : f64
      dynamics.yield %0 : f64
    }
  }
}
