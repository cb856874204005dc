// RUN: opt --passes=align-projections,move-to-targets,move-to-sources
// What is a sum at the target, or the synapse's own, stays.

// CHECK-LABEL: dynamics.population @E
// CHECK-NOT: dynamics.history
// CHECK-NOT: dynamics.jump
// CHECK-LABEL: dynamics.projection @plain
// CHECK: dynamics.event @plain.g attributes {additive, post}
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
  dynamics.projection @plain from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
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

// -----

// CHECK-LABEL: dynamics.population @E
// CHECK-NOT: tagged.c
// CHECK-LABEL: dynamics.projection @tagged
// CHECK: dynamics.state @c unit "1" attributes {side = "synapse"}
// CHECK: dynamics.event @c attributes {additive} {
// CHECK-NEXT: dynamics.post @tagged.y
// CHECK: dynamics.event @c attributes {additive, by_target} {
// CHECK-NEXT: dynamics.past @tagged.x.history
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
    dynamics.equation @x {
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
    dynamics.weight_equation {
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
