// RUN: opt --passes=align-projections,move-to-targets,integrate,lower-to-step
// Events to a state that is held wait in a buffer, are taken in once, and are lost while it is held.

// CHECK:     dynamics.buffer @E.V of @E : f64 unit "mV"{{$}}
// CHECK-NEXT: dynamics.buffer @E.V.arrivals of @E : f64 unit "mV" {internal}
// CHECK:     dynamics.deliver @exc {
// CHECK:       dynamics.accumulate @E.V.arrivals,
// CHECK:     dynamics.update @E {
// CHECK-DAG:   %[[HELD:.*]] = dynamics.running
// CHECK-DAG:   %[[OLD:.*]] = dynamics.read @E.V :
// CHECK-DAG:   %[[NEW:.*]] = dynamics.read @E.V.arrivals :
// CHECK-DAG:   arith.addf %[[OLD]], %[[NEW]]
// CHECK:       arith.select %[[HELD]], %[[OLD]],
// CHECK-DAG:   %[[ZERO:.*]] = arith.constant 0.0
// CHECK-DAG:   dynamics.write @E.V.arrivals, %[[ZERO]]
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
  dynamics.projection @exc from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// A state that is not held takes events at once, without a buffer.
// CHECK-NOT: arrivals
// CHECK:     dynamics.deliver @exc {
// CHECK:       dynamics.accumulate @E.w,
// CHECK-NOT: arrivals
// CHECK:     dynamics.emit
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @w unit "mV" {
      %0 = arith.constant 0.0 : f64
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
  dynamics.projection @exc from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.event @w attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// Nor is there one without a refractory time.
// CHECK-NOT: arrivals
// CHECK-NOT: refractory
// CHECK:     dynamics.deliver @exc {
// CHECK:       dynamics.accumulate @E.V,
// CHECK-NOT: count_down
// CHECK:     dynamics.emit
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
  }
  dynamics.projection @exc from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
  }
}
