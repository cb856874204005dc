// RUN: opt --passes=align-projections,move-to-targets,integrate,lower-to-step
// A Poisson source is drawn where it is delivered: at the start of the target's step, without connections.

// CHECK-NOT: dynamics.connection
// CHECK-NOT: dynamics.deliver
// CHECK-NOT: arrivals
// CHECK:     dynamics.update @E {
// CHECK-DAG:   %[[OLD:.*]] = dynamics.read @E.V
// Its mean is the rate times the step; an event adds twice its number.
// CHECK-DAG:   %[[MEAN:.*]] = arith.constant 5.000000e-01
// CHECK-DAG:   %[[COUNT:.*]] = dynamics.random "poisson" stream -2147483648(%[[MEAN]])
// CHECK-DAG:   %[[ALL:.*]] = arith.mulf %{{.*}}, %[[COUNT]]
// CHECK-DAG:   %[[START:.*]] = arith.addf %[[OLD]], %[[ALL]]
// CHECK:       arith.select %{{.*}}, %[[OLD]],
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
    dynamics.refractory hold [@V] {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @ext to @E rule "poisson" amount 0.0 delay 0 to 0 stream 0 {
    dynamics.weight {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.rate {
      %0 = arith.constant 5.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// Two sources have streams of their own and add up.
// CHECK:     dynamics.update @E {
// CHECK-DAG:   dynamics.random "poisson" stream -2147483648(
// CHECK-DAG:   dynamics.random "poisson" stream -2147483647(
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
    dynamics.refractory hold [@V] {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @a to @E rule "poisson" amount 0.0 delay 0 to 0 stream 0 {
    dynamics.rate {
      %0 = arith.constant 5.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @b to @E rule "poisson" amount 0.0 delay 0 to 0 stream 0 {
    dynamics.rate {
      %0 = arith.constant 5.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
  }
}
