// RUN: opt
// Equations, advances and resets are of a state of their owner.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    // expected-error: refers to @V, which is not a state of its owner
    dynamics.equation @V {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// An input is no state.
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    // expected-error: refers to @I, which is not a state of its owner
    dynamics.advance @I method "exact" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// Another population's state is not the owner's.
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.population @I size 1 {
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
    // expected-error: refers to @V, which is not a state of its owner
    dynamics.reset @V {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: refers to @V, which is not a state of its owner
  dynamics.equation @V {
    %0 = arith.constant 1.0 : f64
    dynamics.yield %0 : f64
  }
}

// -----

// In one region as in several.
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    dynamics.advances {
      %0 = arith.constant 1.0 : f64
      // expected-error: refers to @V, which is not a state of its owner
      dynamics.next @V method "hines", %0 : f64
    }
  }
}
