// RUN: opt
// What the verifiers of networks, populations and parameters refuse.

// expected-error: has a step that is not above zero
dynamics.network @Net dt 0.0 real f64 {
}

// -----

// expected-error: has a step that is not above zero
dynamics.network @Net dt -0.1 real f64 {
}

// -----

// Not a number is not above zero either.
// expected-error: has a step that is not above zero
dynamics.network @Net dt 0x7FF8000000000000 real f64 {
}

// -----

// expected-error: has real numbers that are neither f32 nor f64
dynamics.network @Net dt 0.1 real i32 {
}

// -----

// expected-error: has real numbers that are neither f32 nor f64
dynamics.network @Net dt 0.1 real f16 {
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  // expected-error: has no neurons
  dynamics.population @E size 0 {
  }
}

// -----

// A population stands in a network.
// expected-error: expects parent op 'dynamics.network'
dynamics.population @E size 1 {
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
  }
  // expected-error: redefinition of symbol named 'E'
  dynamics.population @E size 2 {
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      // expected-error: must be a real number, a truth value or a counter
      %0 = dynamics.get @V : i64
      dynamics.yield %0 : i64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    // expected-error: region with 1 blocks
    dynamics.state @V unit "mV" {
    }
  }
}

// -----

// Values do not cross into a network.
%0 = arith.constant 1.0 : f64
dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    dynamics.threshold {
      // expected-error: value defined outside the region
      dynamics.yield %0 : f64
    }
  }
}
