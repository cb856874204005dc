// RUN: opt
// What the verifiers of iterations and of settings refuse.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 attributes {method = "rkf45"} {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    // expected-error: is none that integrators have: "step"
    dynamics.setting "step" = 1.0
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 attributes {method = "rkf45"} {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    // expected-error: belongs to a state if it is a scale, and only then
    dynamics.setting "scale" = 1.0
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 attributes {method = "rkf45"} {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    // expected-error: belongs to a state if it is a scale, and only then
    dynamics.setting "tolerance" of @V = 1.0
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 attributes {method = "rkf45"} {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    // expected-error: has a value that is not above zero
    dynamics.setting "limit" = 0.0
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 attributes {method = "rkf45"} {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    // expected-error: refers to @w, which is not a state of its owner
    dynamics.setting "scale" of @w = 1.0
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: has a limit below one iteration
    %1 = dynamics.iterate limit 0 (%0) : (f64) -> f64 {
    ^bb0(%x: f64):
      %2 = arith.cmpf ogt, %x, %0 : f64
      dynamics.continue %2, %x : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    // expected-error: has no values
    "dynamics.iterate"() <{limit = 5 : i32}> ({
      %0 = arith.constant true
      "dynamics.continue"(%0) : (i1) -> ()
    }) : () -> ()
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: has results of other types than its operands
    %1:2 = dynamics.iterate limit 5 (%0) : (f64) -> (f64, f64) {
    ^bb0(%x: f64):
      %2 = arith.cmpf ogt, %x, %0 : f64
      dynamics.continue %2, %x : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: has a region with other arguments than its operands
    %1 = dynamics.iterate limit 5 (%0) : (f64) -> f64 {
    ^bb0(%x: f64, %y: f64):
      %2 = arith.cmpf ogt, %x, %0 : f64
      dynamics.continue %2, %x : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: has a region that does not end with dynamics.continue
    %1 = dynamics.iterate limit 5 (%0) : (f64) -> f64 {
    ^bb0(%x: f64):
      dynamics.yield %x : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    // expected-error: goes on with other values than its operands
    %1 = dynamics.iterate limit 5 (%0) : (f64) -> f64 {
    ^bb0(%x: f64):
      %2 = arith.cmpf ogt, %x, %0 : f64
      dynamics.continue %2, %x, %x : f64, f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 {
  dynamics.derive {
    %0 = arith.constant 1.0 : f64
    %1 = dynamics.iterate limit 5 (%0) : (f64) -> f64 {
    ^bb0(%x: f64):
      // expected-error: stands inside another iteration
      %2 = dynamics.iterate limit 5 (%x) : (f64) -> f64 {
      ^bb0(%y: f64):
        %3 = arith.cmpf ogt, %y, %0 : f64
        dynamics.continue %3, %y : f64
      }
      %4 = arith.cmpf ogt, %2, %0 : f64
      dynamics.continue %4, %2 : f64
    }
  }
}
