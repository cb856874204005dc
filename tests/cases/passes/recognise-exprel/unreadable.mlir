// RUN: opt --passes=recognise-exprel
// What the passes cannot see through is refused, not guessed.

// expected-error: arith.constant is a whole number, which no region computes with
dynamics.network @Net dt 0.1 real f64 {
  dynamics.update @E {
    %0 = arith.constant 3 : i32
    dynamics.write @E.left, %0 : i32
  }
}

// -----

// expected-error: arith.xori is only known as a negation, with `true` on the right
dynamics.network @Net dt 0.1 real f64 {
  dynamics.update @E {
    %0 = dynamics.read @E.left : i32
    %1 = dynamics.running %0
    %2 = arith.xori %1, %1 : i1
    dynamics.emit %2
  }
}

// -----

// expected-error: math.cbrt is not supported in a region of the dynamics dialect
dynamics.network @Net dt 0.1 real f64 {
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = math.cbrt %0 : f64
    dynamics.write @E.V, %1 : f64
  }
}

// -----

// expected-error: arith.cmpf has a predicate that is not supported
dynamics.network @Net dt 0.1 real f64 {
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = arith.cmpf ult, %0, %0 : f64
    dynamics.emit %1
  }
}

// -----

// expected-error: a module must hold one dynamics.network, this one has 2
dynamics.network @A dt 0.1 real f64 {
}
dynamics.network @B dt 0.1 real f64 {
}
