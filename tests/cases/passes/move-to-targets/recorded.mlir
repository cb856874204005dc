// RUN: opt --passes=align-projections,merge-projections,move-to-targets
// What is recorded of an output is what all synapses of a neuron add, and its sum is not shared.

// CHECK-LABEL: dynamics.population @E
// CHECK-DAG: dynamics.state @a.g
// CHECK-DAG: dynamics.state @b.g
// CHECK: dynamics.recorded @b.I unit "mV" attributes {start} {
// CHECK-NEXT: dynamics.get @b.g
// CHECK-NEXT: dynamics.yield
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
  }
  dynamics.projection @a from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = arith.negf %0 : f64
      %2 = dynamics.scalar @tau : f64
      %3 = arith.divf %1, %2 : f64
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
  dynamics.projection @b from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 {
    dynamics.state @g unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = arith.negf %0 : f64
      %2 = dynamics.scalar @tau : f64
      %3 = arith.divf %1, %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I attributes {recorded = "I", unit = "mV"} {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}
