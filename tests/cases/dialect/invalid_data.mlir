// RUN: opt
// What the verifiers of data, lists of connections and elements refuse.

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: needs a tensor of f64 with one or two dimensions
  dynamics.data @d dense<0.0> : tensor<2x2x2xf64>
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: needs a tensor of f64 with one or two dimensions
  dynamics.data @d dense<0> : tensor<2xi32>
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has no elements
  dynamics.data @d dense<> : tensor<0xf64>
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: needs a tensor of i32 with a row of three for each connection
  dynamics.pairs @d dense<[[0, 1]]> : tensor<1x2xi32>
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has a negative index
  dynamics.pairs @d dense<[[0, -1, 0]]> : tensor<1x3xi32>
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: does not ascend
  dynamics.pairs @d dense<[[0, 1, 1], [0, 1, 0]]> : tensor<2x3xi32>
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 0.0 : f64
    // expected-error: refers to @d, which is no data
    %1 = dynamics.element @d[%0] : f64 -> f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.data @d dense<0.0> : tensor<2x2xf64>
  dynamics.derive {
    %0 = arith.constant 0.0 : f64
    // expected-error: needs 2 indices, not 1
    %1 = dynamics.element @d[%0] : f64 -> f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    // expected-error: needs steps from 1, and indices from 0
    %0 = dynamics.time_index every 0 ahead 0 last 1 : i32
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    // expected-error: needs steps from 1
    %0 = dynamics.time_fraction every 0 : f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    // expected-error: has a cycle of no step
    %0 = dynamics.time_index every 1 ahead 0 last 1 cycle 0 : i32
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    // expected-error: has a cycle of no step
    %0 = dynamics.time_fraction every 1 cycle -3 : f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has pairs if and only if its rule is "explicit"
  dynamics.connection @q from @E to @E rule "explicit" amount 0.0 delay 1 to 1 stream 1
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has pairs if and only if its rule is "explicit"
  dynamics.projection @q from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 1 attributes {pairs = @p} {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: refers to @E, which is not a list of pairs
  dynamics.connection @q from @E to @E rule "explicit" amount 0.0 delay 1 to 1 stream 1 {pairs = @E}
}
