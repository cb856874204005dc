// RUN: opt --passes=align-projections,move-to-targets,move-to-sources,integrate
// As in synapses.mlir, but two equations name their methods: these are apart from the others.

// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.advance @V method "exact"
// CHECK: dynamics.advance @tagged.y method "exact"
// CHECK: dynamics.advance @tagged.x method "heun"
// CHECK-LABEL: dynamics.projection @tagged
// CHECK: dynamics.advance @c method "exact"
// CHECK: dynamics.weight_advance method "euler"
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
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
  }
  dynamics.projection @tagged from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {weight_per_synapse, plastic, columns} {
    dynamics.state @c unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @x unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @y unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @c {
      %0 = dynamics.get @c : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.equation @x method "heun" {
      %0 = dynamics.get @x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.equation @y {
      %0 = dynamics.get @y : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @c attributes {additive} {
      %0 = dynamics.get @y : f64
      %1 = arith.negf %0 : f64
      dynamics.yield %1 : f64
    }
    dynamics.event @x attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @c attributes {additive, by_target} {
      %0 = dynamics.get @x : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @y attributes {additive, by_target} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.weight_equation method "euler" {
      %0 = dynamics.get @c : f64
      dynamics.yield %0 : f64
    }
    dynamics.weight_bounds {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}
