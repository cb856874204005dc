// RUN: opt
// Sides, jumps, histories and weights that cannot be.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    // expected-error: has the unknown side "left"
    dynamics.state @x unit "1" attributes {side = "left"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a side, but belongs to no projection
  dynamics.state @x unit "1" attributes {side = "source"} {
    %0 = arith.constant 0.0 : f64
    dynamics.yield %0 : f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    // expected-error: refers to @x, which is not a state of its owner
    dynamics.jump @x {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// The present is one step, and what a delay of one step needs another.
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    // expected-error: keeps fewer than two steps
    dynamics.history @h slots 1 {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has weights that change, but not one for each synapse
  dynamics.connection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {plastic}
}

// -----

// What acts with the spike says nothing of it.
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
  }
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @c unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    // expected-error: acts 0 steps after the spike, not at least one
    dynamics.event @c attributes {additive, after = 0 : i64} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.connection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0
  // expected-error: acts -1 steps after the spike, not at least one
  dynamics.deliver @p attributes {after = -1 : i64} {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.connection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0
  // expected-error: acts 0 steps after the spike, not at least one
  dynamics.respond @p attributes {after = 0 : i64} {
  }
}
