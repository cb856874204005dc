// RUN: opt --passes=recognise-exprel
// What only looks like x / (exp(x) - 1).

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @n unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    // Another constant: exp(x) - 2.
    // CHECK-LABEL: dynamics.input @two
    // CHECK-NOT: exprel
    // CHECK: math.exp
    // CHECK-NOT: exprel
    dynamics.input @two unit "1" {
      %x = dynamics.get @V : f64
      %two = arith.constant 2.0 : f64
      %exp = math.exp %x : f64
      %bottom = arith.subf %exp, %two : f64
      %0 = arith.divf %x, %bottom : f64
      dynamics.yield %0 : f64
    }
    // Another variable above.
    // CHECK-LABEL: dynamics.input @other
    // CHECK-NOT: exprel
    // CHECK: math.exp
    // CHECK-NOT: exprel
    dynamics.input @other unit "1" {
      %x = dynamics.get @V : f64
      %n = dynamics.get @n : f64
      %one = arith.constant 1.0 : f64
      %exp = math.exp %x : f64
      %bottom = arith.subf %exp, %one : f64
      %0 = arith.divf %n, %bottom : f64
      dynamics.yield %0 : f64
    }
    // Proportional only up to a constant: (x + 1) / (exp(x) - 1).
    // CHECK-LABEL: dynamics.input @shifted
    // CHECK-NOT: exprel
    // CHECK: math.exp
    // CHECK-NOT: exprel
    dynamics.input @shifted unit "1" {
      %x = dynamics.get @V : f64
      %one = arith.constant 1.0 : f64
      %top = arith.addf %x, %one : f64
      %exp = math.exp %x : f64
      %bottom = arith.subf %exp, %one : f64
      %0 = arith.divf %top, %bottom : f64
      dynamics.yield %0 : f64
    }
    // A plus instead of a minus has no hole.
    // CHECK-LABEL: dynamics.input @plus
    // CHECK-NOT: exprel
    // CHECK: math.exp
    // CHECK-NOT: exprel
    dynamics.input @plus unit "1" {
      %x = dynamics.get @V : f64
      %one = arith.constant 1.0 : f64
      %exp = math.exp %x : f64
      %bottom = arith.addf %exp, %one : f64
      %0 = arith.divf %x, %bottom : f64
      dynamics.yield %0 : f64
    }
    // The quotient upside down has its hole elsewhere: (exp(x) - 1) / x.
    // CHECK-LABEL: dynamics.input @upside_down
    // CHECK: math.exp
    dynamics.input @upside_down unit "1" {
      %x = dynamics.get @V : f64
      %one = arith.constant 1.0 : f64
      %exp = math.exp %x : f64
      %top = arith.subf %exp, %one : f64
      %0 = arith.divf %top, %x : f64
      dynamics.yield %0 : f64
    }
  }
}
