// RUN: opt
// Data, lists of connections, and what reads them.

dynamics.network @Net dt 0.1 real f64 {
  // CHECK: dynamics.data @data.x dense<[1.000000e+00, 2.500000e+00]> : tensor<2xf64>
  dynamics.data @data.x dense<[1.0, 2.5]> : tensor<2xf64>
  // CHECK-NEXT: dynamics.data @data.W dense<5.000000e-01> : tensor<3x2xf64>
  dynamics.data @data.W dense<0.5> : tensor<3x2xf64>
  // CHECK-NEXT: dynamics.pairs @pairs.p dense<{{\[\[}}0, 1, 2], [0, 1, 5], [1, 0, 0]]> : tensor<3x3xi32>
  dynamics.pairs @pairs.p dense<[[0, 1, 2], [0, 1, 5], [1, 0, 0]]> : tensor<3x3xi32>
  // CHECK-NEXT: dynamics.pairs @pairs.none dense<> : tensor<0x3xi32>
  dynamics.pairs @pairs.none dense<> : tensor<0x3xi32>
  dynamics.population @E size 2 {
    dynamics.state @V unit "mV" {
      // CHECK: %[[N:.*]] = dynamics.index : f64
      %0 = dynamics.index : f64
      // CHECK-NEXT: dynamics.element @data.x[%[[N]]] : f64 -> f64
      %1 = dynamics.element @data.x[%0] : f64 -> f64
      dynamics.yield %1 : f64
    }
    dynamics.input @I unit "mV" {
      // CHECK: %[[T:.*]] = dynamics.time_index every 10 ahead 1 last 2 : i32
      %0 = dynamics.time_index every 10 ahead 1 last 2 : i32
      // CHECK-NEXT: %[[N:.*]] = dynamics.index : f64
      %1 = dynamics.index : f64
      // CHECK-NEXT: dynamics.element @data.W[%[[T]], %[[N]]] : i32, f64 -> f64
      %2 = dynamics.element @data.W[%0, %1] : i32, f64 -> f64
      // CHECK-NEXT: dynamics.time_fraction every 10 : f64
      %3 = dynamics.time_fraction every 10 : f64
      %4 = arith.mulf %2, %3 : f64
      // CHECK: dynamics.time_index every 10 ahead 0 last 1 shift -50 cycle 1000 offset -3 : i32
      %5 = dynamics.time_index every 10 ahead 0 last 1 shift -50 cycle 1000 offset -3 : i32
      // CHECK-NEXT: dynamics.element @data.x
      %6 = dynamics.element @data.x[%5] : i32 -> f64
      // CHECK-NEXT: dynamics.time_fraction every 10 shift 7 : f64
      %7 = dynamics.time_fraction every 10 shift 7 : f64
      %8 = arith.mulf %6, %7 : f64
      %9 = arith.addf %4, %8 : f64
      dynamics.yield %9 : f64
    }
  }
  // CHECK: dynamics.projection @p from @E to @E rule "explicit" amount 3.000000e+00 delay 1 to 1 stream 0 attributes {pairs = @pairs.p, weight_per_synapse}
  dynamics.projection @p from @E to @E rule "explicit" amount 3.0 delay 1 to 1 stream 0 attributes {pairs = @pairs.p, weight_per_synapse} {
    dynamics.weight {
      // CHECK: dynamics.pair_index : f64
      %0 = dynamics.pair_index : f64
      dynamics.yield %0 : f64
    }
  }
  // CHECK: dynamics.connection @q from @E to @E rule "explicit" amount 0.000000e+00 delay 1 to 1 stream 1 {pairs = @pairs.none}
  dynamics.connection @q from @E to @E rule "explicit" amount 0.0 delay 1 to 1 stream 1 {pairs = @pairs.none}
}
