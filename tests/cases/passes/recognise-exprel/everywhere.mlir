// RUN: opt --passes=recognise-exprel
// Regions of all kinds are rewritten: resets, events, initial values; one quotient inside another too.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @a = 4.0 unit "1" factor 1.0 {
  }
  // CHECK: dynamics.parameter @b
  // CHECK-NOT: math.exp
  // CHECK: dynamics.exprel
  dynamics.parameter @b = 4.0 unit "1" factor 1.0 {
    %x = dynamics.scalar @a : f64
    %one = arith.constant 1.0 : f64
    %exp = math.exp %x : f64
    %bottom = arith.subf %exp, %one : f64
    %0 = arith.divf %x, %bottom : f64
    dynamics.yield %0 : f64
  }
  dynamics.population @E size 1 {
    // CHECK: dynamics.state @V
    // CHECK-NOT: math.exp
    // CHECK: dynamics.exprel
    dynamics.state @V unit "mV" {
      %one = arith.constant 1.0 : f64
      %x = dynamics.random "exponential" stream 0 (%one) : f64
      %exp = math.exp %x : f64
      %bottom = arith.subf %exp, %one : f64
      %0 = arith.divf %x, %bottom : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
    // The whole quotient is the x of another one.
    // CHECK: dynamics.reset @V
    // CHECK-NOT: math.exp
    // CHECK: dynamics.exprel
    // CHECK-NOT: math.exp
    // CHECK: dynamics.exprel
    // CHECK-NOT: math.exp
    // CHECK: dynamics.yield
    dynamics.reset @V {
      %x = dynamics.get @V : f64
      %one = arith.constant 1.0 : f64
      %exp = math.exp %x : f64
      %bottom = arith.subf %exp, %one : f64
      %y = arith.divf %x, %bottom : f64
      %exp_y = math.exp %y : f64
      %bottom_y = arith.subf %exp_y, %one : f64
      %0 = arith.divf %y, %bottom_y : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    // CHECK: dynamics.event @V
    // CHECK-NOT: math.exp
    // CHECK: %[[W:.*]] = dynamics.weight_value
    // CHECK: dynamics.exprel %[[W]]
    dynamics.event @V attributes {additive, post} {
      %x = dynamics.weight_value : f64
      %one = arith.constant 1.0 : f64
      %exp = math.exp %x : f64
      %bottom = arith.subf %exp, %one : f64
      %0 = arith.divf %x, %bottom : f64
      dynamics.yield %0 : f64
    }
  }
}
