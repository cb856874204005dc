// RUN: opt --passes=hoist-coefficients
// What a step, a spike or a synapse writes may change, and what is cheap is not worth a load.

// CHECK-NOT: dynamics.coefficients
// CHECK-NOT: coefficient.
dynamics.network @Net dt 0.1 real f64 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  dynamics.buffer @E.V of @E : f64 unit "mV"
  dynamics.buffer @E.a of @E : f64 unit "ms"
  dynamics.buffer @E.b of @E : f64 unit "ms"
  dynamics.buffer @E.c of @E : f64 unit "ms"
  dynamics.connection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0
  dynamics.deliver @p {
    %0 = dynamics.weight_value : f64
    dynamics.accumulate @E.b, %0 : f64
  }
  dynamics.after_spike @E {
    %0 = arith.constant 1.0 : f64
    dynamics.write @E.a, %0 : f64
  }
  dynamics.update @E {
    %0 = dynamics.read @E.V : f64
    %1 = dynamics.read @E.a : f64
    %2 = math.exp %1 : f64
    %3 = dynamics.read @E.b : f64
    %4 = math.exp %3 : f64
    %5 = dynamics.read @E.c : f64
    %6 = arith.mulf %5, %5 : f64
    %7 = arith.subf %6, %5 : f64
    %8 = arith.maximumf %7, %5 : f64
    %9 = arith.mulf %2, %4 : f64
    %10 = arith.mulf %8, %9 : f64
    %11 = arith.mulf %10, %0 : f64
    dynamics.write @E.V, %11 : f64
  }
}
