// RUN: opt --passes=align-projections,move-to-targets,move-to-sources,integrate,keep-histories
// A synapse and the neuron's own equation read the same state: one history, with the slots of who looks further back.

// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.delayed @E.x.history steps 5
// CHECK: dynamics.history @E.x.history slots 8 {
// CHECK-NOT: dynamics.history
// CHECK-LABEL: dynamics.projection @p
// CHECK: dynamics.past @E.x.history
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @x unit "1" {
      %0 = arith.constant 0.5 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "1" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @x {
      %0 = dynamics.delayed @x steps 5 : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      dynamics.yield %2 : f64
    }
  }
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 7 to 7 stream 0 {
    dynamics.output @I {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.pre @x : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}
