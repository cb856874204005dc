// RUN: opt
// What draws in proportion, normalised weights and choices must not be.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 4 {
  }
  // expected-error: draws in proportion, but its rule draws no degree and no total
  dynamics.connection @b from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 1 {proportional}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 4 {
  }
  // expected-error: draws in proportion to nothing
  dynamics.projection @b from @E to @E rule "fixed_total" amount 2.0 delay 1 to 1 stream 1 attributes {proportional} {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 4 {
  }
  // expected-error: normalises "all", which is neither incoming nor outgoing
  dynamics.connection @b from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 1 {normalised = "all", weight_per_synapse}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 4 {
  }
  // expected-error: normalises weights, of which each synapse has none of its own
  dynamics.connection @b from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 1 {normalised = "incoming"}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 4 {
  }
  // expected-error: normalises weights if and only if it says what they sum up to
  dynamics.projection @b from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 1 attributes {normalised = "incoming", weight_per_synapse} {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 4 {
  }
  // expected-error: has chosen synapses, but not a number and one that it is below
  dynamics.connection @b from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 1 {chosen = array<i64: 3, 3>}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 4 {
  }
  // expected-error: has chosen synapses if and only if it says what each chooses
  dynamics.projection @b from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 1 attributes {chosen = array<i64: 0, 3>} {
  }
}
