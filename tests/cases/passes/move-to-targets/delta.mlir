// RUN: opt --passes=align-projections,merge-projections,move-to-targets
// Without a state there is nothing to move. A target's equation that a synapse reads is its neuron's
// own from then on.

// CHECK-LABEL: dynamics.population @E
// CHECK-NOT: dynamics.state @delta
// CHECK-LABEL: dynamics.projection @delta
// CHECK: dynamics.event @V attributes {additive, post}
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
  }
  dynamics.projection @delta from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.equation @gated.g
// CHECK-NOT: dynamics.post
// CHECK-DAG: dynamics.get @gated.g
// CHECK-DAG: dynamics.get @V
// CHECK-LABEL: dynamics.projection @gated
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
  }
  dynamics.projection @gated from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.post @V : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
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

// The output goes to an input that the target has not.
// expected-error: there is no input
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
  }
  dynamics.projection @lost from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
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
    dynamics.output @J {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// The target is nowhere.
// expected-error: lost goes to an unknown population
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
  }
  dynamics.projection @lost from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
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
