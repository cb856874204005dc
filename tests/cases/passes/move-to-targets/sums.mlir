// RUN: opt --passes=align-projections,move-to-targets
// What is no sum of states is summed over synapses: as few sums as can be, and the target's part outside.

// The potential of the target is a factor of the whole sum.
// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.state @nmda.sum0 unit "1" attributes {internal}
// CHECK: dynamics.input @I
// CHECK-DAG: %[[S:.*]] = dynamics.get @nmda.sum0
// CHECK-DAG: %[[V:.*]] = dynamics.get @V
// CHECK: arith.mulf %[[S]], %[[V]]
// CHECK-LABEL: dynamics.projection @nmda
// CHECK-NOT: dynamics.output
// CHECK: dynamics.sum @nmda.sum0 {
// CHECK-DAG: dynamics.weight_value
// CHECK-DAG: dynamics.get @s
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
  dynamics.projection @nmda from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @x unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @s unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.get @x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.equation @s {
      %0 = arith.constant 1.0 : f64
      %1 = dynamics.get @s : f64
      %2 = arith.subf %0, %1 : f64
      %3 = dynamics.get @x : f64
      %4 = arith.mulf %3, %2 : f64
      dynamics.yield %4 : f64
    }
    dynamics.event @x attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @s : f64
      %2 = arith.mulf %0, %1 : f64
      %3 = dynamics.post @V : f64
      %4 = arith.mulf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
}

// -----

// Linear in two sums: of w V_source, and of w.
// CHECK-LABEL: dynamics.population @E
// CHECK-LABEL: dynamics.projection @gap
// CHECK: dynamics.sum @gap.sum0 {
// CHECK: dynamics.pre @V
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
  dynamics.projection @gap from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.output @I {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.pre @V : f64
      %2 = dynamics.post @V : f64
      %3 = arith.subf %1, %2 : f64
      %4 = arith.mulf %0, %3 : f64
      dynamics.yield %4 : f64
    }
  }
}

// -----

// A sum at the target beside one over synapses.
// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.state @both.sum0
// CHECK: dynamics.state @both.g
// CHECK-LABEL: dynamics.projection @both
// CHECK: dynamics.event @both.g attributes {additive, post}
// CHECK: dynamics.sum @both.sum0 {
// CHECK-NEXT: dynamics.pre @V
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
  dynamics.projection @both from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
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
      %1 = dynamics.pre @V : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}

// -----

// A trace of the target's spikes: they make it jump after those that arrive.
// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.state @stdp.y unit "1" attributes {side = "trace"}
// CHECK: dynamics.jump @stdp.y attributes {after} {
// CHECK-LABEL: dynamics.projection @stdp
// CHECK: dynamics.state @x
// CHECK-NOT: dynamics.state @y
// CHECK: dynamics.event @weight attributes {weight} {
// CHECK-DAG: dynamics.post @stdp.y
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
  dynamics.projection @stdp from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {weight_per_synapse, plastic, columns} {
    dynamics.state @x unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @y unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
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
    dynamics.event @weight attributes {weight} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @y : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @x attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @weight attributes {weight, by_target} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.get @x : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @y attributes {additive, by_target} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// The weight beside a sum: the target keeps the sum, and the weight is nowhere in its equations.
// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.input @I
// CHECK-NOT: dynamics.weight_value
// CHECK-DAG: dynamics.get @both.g
// CHECK-DAG: dynamics.get @both.sum0
// CHECK-NOT: dynamics.weight_value
// CHECK: dynamics.equation @V
// CHECK-LABEL: dynamics.projection @both
// CHECK: dynamics.event @both.g attributes {additive, post}
// CHECK: dynamics.sum @both.sum0 {
// CHECK-DAG: dynamics.weight_value
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
  dynamics.projection @both from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
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
      %0 = dynamics.weight_value : f64
      %1 = arith.constant 2.0 : f64
      %2 = arith.mulf %1, %0 : f64
      %3 = dynamics.get @g : f64
      %4 = arith.addf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
}
