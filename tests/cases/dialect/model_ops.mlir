// RUN: opt
// Every model operation, with every optional part once.

// CHECK: dynamics.network @Net dt 1.000000e-01 real f32 attributes {narrowed} {
dynamics.network @Net dt 0.1 real f32 attributes {narrowed} {
  // CHECK-NEXT: dynamics.parameter @E.tau = 2.000000e+01 unit "ms" factor 1.000000e+00 attributes {nonzero} {
  // CHECK-NEXT: }
  dynamics.parameter @E.tau = 20.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  // CHECK-NEXT: dynamics.parameter @exc.tau = 4.000000e+01 unit "ms" factor 1.000000e+00 {
  // CHECK-NEXT:   %[[TAU:.*]] = dynamics.scalar @E.tau : f64
  // CHECK-NEXT:   %[[TWICE:.*]] = arith.addf %[[TAU]], %[[TAU]] : f64
  // CHECK-NEXT:   dynamics.yield %[[TWICE]] : f64
  // CHECK-NEXT: }
  dynamics.parameter @exc.tau = 40.0 unit "ms" factor 1.0 {
    %0 = dynamics.scalar @E.tau : f64
    %1 = arith.addf %0, %0 : f64
    dynamics.yield %1 : f64
  }
  // CHECK-NEXT: dynamics.population @E size 3200 {
  dynamics.population @E size 3200 {
    // CHECK-NEXT: dynamics.state @V unit "mV" {
    // CHECK:      dynamics.state @left unit "1" attributes {counter, internal} {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f32
      dynamics.yield %0 : f32
    }
    dynamics.state @left unit "1" attributes {counter, internal} {
      %0 = arith.constant 0 : i32
      dynamics.yield %0 : i32
    }
    // CHECK: dynamics.input @I unit "mV" {
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.input @exc.input.g unit "mV" attributes {internal} {
    dynamics.input @exc.input.g unit "mV" attributes {internal} {
      %0 = arith.constant 0.0 : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.equation @V {
    // CHECK-NEXT: dynamics.get @V : f32
    dynamics.equation @V {
      %0 = dynamics.get @V : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.advance @V method "exact" {
    dynamics.advance @V method "exact" {
      %0 = dynamics.get @V : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.advances {
    // CHECK-NEXT: %[[V:.*]] = dynamics.get @V : f32
    // CHECK-NEXT: dynamics.next @V method "hines", %[[V]] : f32
    dynamics.advances {
      %0 = dynamics.get @V : f32
      dynamics.next @V method "hines", %0 : f32
    }
    // CHECK: dynamics.threshold {
    dynamics.threshold {
      %0 = dynamics.get @V : f32
      %1 = arith.constant -50.0 : f32
      %2 = arith.cmpf oge, %0, %1 : f32
      dynamics.yield %2 : i1
    }
    // CHECK: dynamics.reset @V {
    dynamics.reset @V {
      %0 = arith.constant -60.0 : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.refractory hold [@V] {
    // CHECK-NEXT: arith.constant 5.000000e+00 : f64
    dynamics.refractory hold [@V] {
      %0 = arith.constant 5.0 : f64
      dynamics.yield %0 : f64
    }
  }
  // CHECK: dynamics.population @R size 3 {
  dynamics.population @R size 3 {
    // CHECK-NEXT: dynamics.state @tau unit "ms" attributes {parameter} {
    dynamics.state @tau unit "ms" attributes {parameter} {
      %0 = dynamics.index : f32
      dynamics.yield %0 : f32
    }
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.threshold {
    // CHECK-NEXT: dynamics.previous @V : f32
    dynamics.threshold {
      %0 = dynamics.previous @V : f32
      %1 = dynamics.get @V : f32
      %2 = arith.cmpf olt, %0, %1 : f32
      dynamics.yield %2 : i1
    }
    dynamics.refractory hold [] {
      %0 = dynamics.get @tau : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.clamp @V {
    dynamics.clamp @V {
      %0 = arith.constant -60.0 : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.threshold attributes {silent} {
    dynamics.threshold attributes {silent} {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
    // CHECK: dynamics.reset @V {
    dynamics.reset @V {
      %0 = arith.constant 1.0 : f32
      dynamics.yield %0 : f32
    }
  }
  // CHECK: dynamics.population @S size 3 {
  dynamics.population @S size 3 {
    // CHECK-NEXT: dynamics.spike_times steps [9, 9, 19] neurons [0, 2, 1]
    dynamics.spike_times steps [9, 9, 19] neurons [0, 2, 1]
  }
  // CHECK: dynamics.population @J size 1 attributes {method = "heun"} {
  dynamics.population @J size 1 attributes {method = "heun"} {
  }
  // CHECK: dynamics.projection @exc from @E to @E rule "fixed_probability" amount 2.000000e-02 delay 1 to 20 stream 0
  // CHECK-SAME: attributes {alignment = "post", no_self, reason = "linear", weight_per_synapse, with_replacement} {
  dynamics.projection @exc from @E to @E rule "fixed_probability" amount 0.02 delay 1 to 20 stream 0
      attributes {no_self, with_replacement, weight_per_synapse, alignment = "post", reason = "linear"} {
    // CHECK-NEXT: dynamics.weight {
    dynamics.weight {
      %0 = arith.constant 0.6 : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.delay {
    dynamics.delay {
      %0 = arith.constant 1.5 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.event @g attributes {additive} {
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.output @I attributes {recorded = "I", unit = "mV"} {
    dynamics.output @I attributes {recorded = "I", unit = "mV"} {
      %0 = dynamics.weight_value : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.output @I {
    dynamics.output @I {
      %0 = dynamics.get @g : f32
      dynamics.yield %0 : f32
    }
  }
  // CHECK: dynamics.projection @ext to @E rule "poisson" amount 0.000000e+00 delay 0 to 0 stream 1 {
  dynamics.projection @ext to @E rule "poisson" amount 0.0 delay 0 to 0 stream 1 {
    // CHECK-NEXT: dynamics.rate {
    dynamics.rate {
      %0 = arith.constant 2.0 : f32
      dynamics.yield %0 : f32
    }
    // CHECK: dynamics.event @V attributes {additive, post} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f32
      dynamics.yield %0 : f32
    }
  }
}
