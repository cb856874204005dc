// RUN: opt --passes=align-projections,move-to-targets,integrate,lower-to-step
// An event that sets a state which is held writes what it makes of it beside it, reads what events before it have made, and says so;
// the update takes that in place of the stored value unless the state is held.

// CHECK:     dynamics.buffer @E.V of @E : f64 unit "mV"{{$}}
// CHECK-NEXT: dynamics.buffer @E.V.arrivals of @E : f64 unit "mV" {internal}
// CHECK-NEXT: dynamics.buffer @E.V.changed of @E : f64 unit "1" {internal}
// CHECK:     dynamics.deliver @shunt {
// CHECK-DAG:   %[[STORED:.*]] = dynamics.post @E.V :
// CHECK-DAG:   %[[MADE:.*]] = dynamics.post @E.V.arrivals :
// CHECK-DAG:   dynamics.post @E.V.changed :
// CHECK:       arith.select %{{.*}}, %[[MADE]], %[[STORED]]
// CHECK:       dynamics.write @E.V.arrivals,
// CHECK:       dynamics.write @E.V.changed,
// CHECK:     dynamics.update @E {
// CHECK-DAG:   %[[HELD:.*]] = dynamics.running
// CHECK-DAG:   %[[OLD:.*]] = dynamics.read @E.V :
// CHECK-DAG:   %[[NEW:.*]] = dynamics.read @E.V.arrivals :
// CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0.0
// CHECK-DAG:   arith.select %{{.*}}, %[[NEW]], %[[OLD]]
// CHECK:       arith.select %[[HELD]], %[[OLD]],
// CHECK:       dynamics.write @E.V.changed, %[[ZERO]]
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
  dynamics.projection @shunt from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.event @V attributes {post} {
      %0 = dynamics.post @V : f64
      %1 = dynamics.weight_value : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}
