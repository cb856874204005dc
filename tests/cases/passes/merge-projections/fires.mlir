// RUN: opt --passes=align-projections,merge-projections
// What has provably equal kinetics onto one target shares one state.

// Same parameters; other source, rule, weight and delay. The events go to the first one's state.
// CHECK-LABEL: dynamics.projection @a
// CHECK: dynamics.state @g
// CHECK: dynamics.event @g attributes {additive} {
// CHECK: dynamics.output @I
// CHECK: dynamics.projection @b {{.*}}alignment = "post", reason = "merged with a"} {
// CHECK-NEXT: dynamics.weight {
// CHECK-NEXT: arith.constant 2.0
// CHECK-NEXT: dynamics.yield
// CHECK-NEXT: }
// CHECK-NEXT: dynamics.event @a.g attributes {additive, post} {
// CHECK-NEXT: dynamics.weight_value
// CHECK-NEXT: dynamics.yield
// CHECK-NEXT: }
// CHECK-NEXT: }
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.population @I size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.projection @a from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @b from @I to @E rule "fixed_probability" amount 0.5 delay 3 to 3 stream 1 {
    dynamics.weight {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// A parameter that is only a name for another one counts as that one, through any number of names.
// CHECK-LABEL: dynamics.projection @a
// CHECK: dynamics.equation @g
// CHECK: dynamics.scalar @tau :
// CHECK: dynamics.projection @b {{.*}}reason = "merged with a"} {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @a.tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
    %0 = dynamics.scalar @tau : f64
    dynamics.yield %0 : f64
  }
  dynamics.parameter @x = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
    %0 = dynamics.scalar @tau : f64
    dynamics.yield %0 : f64
  }
  dynamics.parameter @b.tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
    %0 = dynamics.scalar @x : f64
    dynamics.yield %0 : f64
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.population @I size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.projection @a from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @a.tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @b from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @b.tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// The same constant in both.
// CHECK: dynamics.projection @b {{.*}}reason = "merged with a"} {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.population @I size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.projection @a from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = arith.constant -0.2 : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @b from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = arith.constant -0.2 : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// Three of them, and a Poisson source among them: all share the first one's.
// CHECK: dynamics.projection @b {{.*}}reason = "merged with a"} {
// CHECK: dynamics.projection @c {{.*}}reason = "merged with a"} {
// CHECK: dynamics.event @a.g attributes {additive, post} {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = arith.subf %1, %0 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
  dynamics.projection @a from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @b from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @c to @E rule "poisson" amount 0.0 delay 0 to 0 stream 0 {
    dynamics.rate {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      %0 = dynamics.get @g : f64
      dynamics.yield %0 : f64
    }
  }
}
