// RUN: opt --passes=align-projections
// What is drawn is each synapse's own: a state that a draw sets is one for each synapse. What is drawn may be added to
// a sum of the target, and what the source's spikes alone change stays the source's.

// CHECK: dynamics.projection @p {{.*}}alignment = "synapse"
// CHECK: dynamics.state @x unit "1" attributes {side = "source"} {
// CHECK: dynamics.state @r unit "1" attributes {side = "synapse"} {
// CHECK: dynamics.state @g unit "1" attributes {side = "target"} {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @tau2 = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
  }
  dynamics.population @F size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "1" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @p from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @x unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @r unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @x attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @r {
      %0 = arith.constant 0.0 : f64
      %1 = arith.constant 1.0 : f64
      %2 = dynamics.random "uniform" stream 3 (%0, %1) : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = arith.constant 0.0 : f64
      %1 = arith.constant 1.0 : f64
      %2 = dynamics.random "uniform" stream 4 (%0, %1) : f64
      %3 = dynamics.get @x : f64
      %4 = arith.mulf %2, %3 : f64
      dynamics.yield %4 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}
