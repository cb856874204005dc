// RUN: opt
// What the verifiers of projections and connections refuse.

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has no source, so its rule must be "poisson", not "one_to_one"
  dynamics.projection @p to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has the unknown rule "poisson"
  dynamics.projection @p from @E to @E rule "poisson" amount 0.0 delay 1 to 1 stream 0 {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has the unknown rule "fixed_number"
  dynamics.connection @p from @E to @E rule "fixed_number" amount 0.0 delay 1 to 1 stream 0
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a probability outside 0..1
  dynamics.projection @p from @E to @E rule "fixed_probability" amount 1.01 delay 1 to 1 stream 0 {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a probability outside 0..1
  dynamics.connection @p from @E to @E rule "fixed_probability" amount -0.5 delay 1 to 1 stream 0
}

// -----

// Not a number is no probability.
dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a probability outside 0..1
  dynamics.connection @p from @E to @E rule "fixed_probability" amount 0x7FF8000000000000 delay 1 to 1 stream 0
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a probability outside 0..1
  dynamics.connection @p from @E to @E rule "small_world" amount 1.5 neighbours 2 delay 1 to 1 stream 0
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a number of neighbours that is not even and above zero
  dynamics.connection @p from @E to @E rule "small_world" amount 0.5 neighbours 3 delay 1 to 1 stream 0
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has neighbours, but its rule is no small world
  dynamics.connection @p from @E to @E rule "all_to_all" amount 0.0 neighbours 2 delay 1 to 1 stream 0
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has not 2 numbers of edges, as its rule has
  dynamics.connection @p from @E to @E rule "scale_free_dual" amount 0.5 delay 1 to 1 stream 0 {edges = array<i64: 3>}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a number of edges below one
  dynamics.connection @p from @E to @E rule "scale_free_triads" amount 0.5 delay 1 to 1 stream 0 {edges = array<i64: 0>}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has parts, but its rule chooses among all neurons
  dynamics.connection @p from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 0 {parts = array<i64: 0, 1, 0, 1>}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has parts that are not first and count of source and target
  dynamics.connection @p from @E to @E rule "fixed_total" amount 1.0 delay 1 to 1 stream 0 {parts = array<i64: 0, 1>}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: is a graph between different parts
  dynamics.connection @p from @E to @E rule "scale_free" amount 1.0 delay 1 to 1 stream 0 {parts = array<i64: 0, 4, 4, 4>}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has no probabilities for its rule
  dynamics.projection @p from @E to @E rule "pairwise" amount 0.5 delay 1 to 1 stream 0 {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has probabilities, but another rule
  dynamics.projection @p from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.probability {
      %0 = arith.constant 0.5 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a delay below one step
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 0 to 1 stream 0 {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a greatest delay below its least
  dynamics.connection @p from @E to @E rule "one_to_one" amount 0.0 delay 5 to 4 stream 0
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    // expected-error: expects parent op 'dynamics.projection'
    dynamics.weight {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has only one end of the delays of the target's spikes
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {min_post_delay = 2 : i64} {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has delays of the target's spikes from 3 to 2 steps
  dynamics.connection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {max_post_delay = 2 : i64, min_post_delay = 3 : i64}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a delay below one step
  dynamics.after_spike @E attributes {delay = 0 : i64} {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    // expected-error: has a delay, but does not act a whole number of steps after the spike
    dynamics.jump @V attributes {delay = 2 : i64} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: transposes a projection if and only if its rule is "transposed"
  dynamics.connection @p from @E to @F rule "transposed" amount 0.0 delay 1 to 1 stream 0
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.connection @a from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0
  // expected-error: transposes a projection if and only if its rule is "transposed"
  dynamics.connection @p from @F to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {transposes = @a}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: transposes @p, which is no earlier matrix of connections
  dynamics.connection @p from @E to @E rule "transposed" amount 0.0 delay 1 to 1 stream 0 {transposes = @p}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.connection @a from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0
  // expected-error: transposes @a, which is between others
  dynamics.connection @p from @E to @F rule "transposed" amount 0.0 delay 1 to 1 stream 0 {transposes = @a}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.connection @a from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0
  dynamics.connection @b from @F to @E rule "transposed" amount 0.0 delay 1 to 1 stream 0 {transposes = @a}
  // expected-error: transposes @b, which is no earlier matrix of connections
  dynamics.connection @p from @E to @F rule "transposed" amount 0.0 delay 1 to 1 stream 0 {transposes = @b}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: is symmetric, but its rule does not decide of single pairs
  dynamics.connection @p from @E to @E rule "fixed_total" amount 1.0 delay 1 to 1 stream 0 {symmetric}
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: is symmetric, but between two populations
  dynamics.connection @p from @E to @F rule "pairwise" amount 0.5 delay 1 to 1 stream 0 {symmetric}
}
