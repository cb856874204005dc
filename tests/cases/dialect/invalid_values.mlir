// RUN: opt
// What the verifiers of draws and propagators refuse, and what types refuse.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: has the unknown distribution "cauchy"
    %1 = dynamics.random "cauchy" stream 0 (%0) : f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: needs 2 arguments for "normal"
    %1 = dynamics.random "normal" stream 0 (%0) : f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: needs 1 arguments for "poisson"
    %1 = dynamics.random "poisson" stream 0 (%0, %0) : f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: needs 2 arguments for "gamma"
    %1 = dynamics.random "gamma" stream 0 (%0) : f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    // expected-error: needs steps from 1
    %0 = dynamics.due every 0 : i1
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    // expected-error: starts at a step from 1
    %0 = dynamics.due every 10 start 0 : i1
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: needs a square matrix, not 3 entries
    %1 = dynamics.propagator %0, %0, %0 : f64, f64, f64 elements [0] : f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    // expected-error: needs a square matrix, not 0 entries
    %1 = "dynamics.propagator"() {elements = array<i64: 0>} : () -> f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: has as many results as elements
    %1:2 = dynamics.propagator %0 : f64 elements [0] : f64, f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: has no element 1
    %1 = dynamics.propagator %0 : f64 elements [1] : f64
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: has no element -1
    %1 = dynamics.propagator %0 : f64 elements [-1] : f64
  }
}

// -----

// A whole number has no exponential.
dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1 : i32
    // expected-error: must be a real number
    %1 = dynamics.exprel %0 : i32
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: requires the same type for all operands and results
    %1 = "dynamics.sigmoid"(%0) : (f64) -> f32
  }
}

// -----

// A region ends with what it yields.
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      // expected-error: must be the last operation in the parent block
      dynamics.yield %0 : f64
      %1 = arith.constant 2.0 : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    // expected-error: looks ahead
    %0 = dynamics.delayed @V steps -1 : f64
  }
}
