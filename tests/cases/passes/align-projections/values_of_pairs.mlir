// RUN: opt --passes=align-projections
// A sum begins at one value for each target, which its index may decide. Where an initial value is that of a pair, each
// synapse has a state.

// CHECK: dynamics.projection @sum {{.*}}alignment = "post"
// CHECK: dynamics.state @g unit "1" attributes {side = "target"}
// CHECK: dynamics.projection @pair {{.*}}alignment = "synapse", reason = "g starts elsewhere at each synapse"
// CHECK: dynamics.state @g unit "1" attributes {side = "synapse"}
// CHECK: dynamics.projection @neuron {{.*}}alignment = "synapse", reason = "g starts elsewhere at each synapse"
// CHECK: dynamics.state @g unit "1" attributes {side = "synapse"}
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @scale unit "1" attributes {parameter} {
      %0 = dynamics.index : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "1" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
  }
  dynamics.projection @sum from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = dynamics.index : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @pair from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 {
    dynamics.state @g unit "1" {
      %0 = dynamics.source_index : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @neuron from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 2 {
    dynamics.state @g unit "1" {
      %0 = dynamics.pre @scale : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// A parameter of each synapse is no sum, even where it enters linearly; what depends on it is each synapse's.
// CHECK: dynamics.projection @p {{.*}}alignment = "synapse"
// CHECK: dynamics.state @g unit "1" attributes {side = "synapse"}
// CHECK: dynamics.state @k unit "1" attributes {parameter, side = "synapse"}
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @scale unit "1" attributes {parameter} {
      %0 = dynamics.index : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "1" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
  }
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @k unit "1" attributes {parameter} {
      %0 = dynamics.index : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.get @k : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      %1 = dynamics.get @k : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}

// -----

// A trace is one for each target neuron if its spikes take as long to all synapses, else each synapse's.
// CHECK: dynamics.projection @same
// CHECK: dynamics.state @y unit "1" attributes {side = "trace"}
// CHECK: dynamics.projection @own
// CHECK: dynamics.state @y unit "1" attributes {side = "synapse"}
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @scale unit "1" attributes {parameter} {
      %0 = dynamics.index : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "1" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
  }
  dynamics.projection @same from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {columns, max_post_delay = 9 : i64, min_post_delay = 9 : i64} {
    dynamics.state @y unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @y {
      %0 = dynamics.get @y : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @y attributes {additive, by_target} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @own from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 attributes {columns, max_post_delay = 9 : i64, min_post_delay = 1 : i64} {
    dynamics.state @y unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @post_delay unit "1" attributes {parameter} {
      %0 = dynamics.index : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @y {
      %0 = dynamics.get @y : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @y attributes {additive, by_target} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}
