// RUN: opt --passes=align-projections,move-to-targets,integrate,lower-to-step
// Resets apply in order: a later one sees what the earlier ones did, and V as it was at the threshold.

// w = w + V, V = -61, w = w + V: the last one adds -61.
// CHECK:     dynamics.update @E {
// CHECK-DAG:   %[[W:.*]] = dynamics.read @E.w
// CHECK-DAG:   %[[SUM:.*]] = arith.addf %[[W]], %{{.*}} : f64
// CHECK-DAG:   %[[RESET:.*]] = arith.constant -6.100000e+01
// CHECK-DAG:   %[[AGAIN:.*]] = arith.addf %[[SUM]], %[[RESET]] : f64
// CHECK-DAG:   %[[NEW_W:.*]] = arith.select %[[SPIKE:.*]], %[[AGAIN]], %[[W]] : f64
// CHECK-DAG:   %[[NEW_V:.*]] = arith.select %[[SPIKE]], %[[RESET]], %{{.*}} : f64
// CHECK-DAG:   dynamics.write @E.w, %[[NEW_W]]
// CHECK-DAG:   dynamics.write @E.V, %[[NEW_V]]
// CHECK:       dynamics.emit %[[SPIKE]]
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
    dynamics.reset @w {
      %0 = dynamics.get @w : f64
      %1 = dynamics.get @V : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.reset @V {
      %0 = arith.constant -61.0 : f64
      dynamics.yield %0 : f64
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

// A refractory time in which nothing is held: no value is kept back, only spikes are.
// CHECK:     dynamics.update @E {
// CHECK-DAG:   %[[HELD:.*]] = dynamics.running
// CHECK-NOT:   arith.select %[[HELD]],
// CHECK:       dynamics.emit
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
    dynamics.refractory hold [] {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
  }
}
