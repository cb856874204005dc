// RUN: opt
// Draws in proportion, weights that are normalised, synapses that choose.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 4 {
  }
  // CHECK: dynamics.projection @a from @E to @E rule "fixed_in_degree" amount 2.000000e+00 delay 1 to 1 stream 0
  // CHECK-SAME: chosen = array<i64: 1, 3>
  // CHECK-SAME: normalised = "incoming", proportional, weight_per_synapse
  dynamics.projection @a from @E to @E rule "fixed_in_degree" amount 2.0 delay 1 to 1 stream 0 attributes {proportional, normalised = "incoming", chosen = array<i64: 1, 3>, weight_per_synapse} {
    dynamics.probability {
      %0 = arith.constant 7.0 : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.total {
    // CHECK-NEXT: arith.constant 5.000000e+00 : f64
    dynamics.total {
      %0 = arith.constant 5.0 : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.choice {
    // CHECK-NEXT: arith.constant 1.000000e+00 : f64
    dynamics.choice {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
  // CHECK: dynamics.connection @b from @E to @E rule "fixed_total"
  // CHECK-SAME: normalised = "outgoing"
  dynamics.connection @b from @E to @E rule "fixed_total" amount 2.0 delay 1 to 1 stream 1 {proportional, normalised = "outgoing", weight_per_synapse}
}
