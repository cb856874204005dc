// RUN: opt --passes=recognise-exprel
// x / (exp(x) - 1) = 1 / exprel(x), in every form that it is written in.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @s = 4.0 unit "mV" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    // As it stands.
    // CHECK-LABEL: dynamics.input @plain
    // CHECK-NOT: math.exp
    // CHECK: %[[ONE:.*]] = arith.constant 1.0
    // CHECK: %[[V:.*]] = dynamics.get @V
    // CHECK: %[[R:.*]] = dynamics.exprel %[[V]] : f64
    // CHECK: %[[Q:.*]] = arith.divf %[[ONE]], %[[R]] : f64
    // CHECK: dynamics.yield %[[Q]]
    dynamics.input @plain unit "1" {
      %x = dynamics.get @V : f64
      %one = arith.constant 1.0 : f64
      %exp = math.exp %x : f64
      %bottom = arith.subf %exp, %one : f64
      %0 = arith.divf %x, %bottom : f64
      dynamics.yield %0 : f64
    }
    // c (v - V) / (exp((v - V) / s) - 1) = c s / exprel((v - V) / s)
    // CHECK-LABEL: dynamics.input @scaled
    // CHECK-NOT: math.exp
    // CHECK-DAG: %[[C:.*]] = arith.constant 3.200000e-01
    // CHECK-DAG: %[[S:.*]] = dynamics.scalar @s
    // CHECK-DAG: %[[V:.*]] = dynamics.get @V
    // CHECK-DAG: %[[D:.*]] = arith.subf %{{.*}}, %[[V]]
    // CHECK-DAG: %[[X:.*]] = arith.divf %[[D]], %[[S]]
    // CHECK-DAG: %[[R:.*]] = dynamics.exprel %[[X]]
    // CHECK: %[[Q:.*]] = arith.divf %{{.*}}, %[[R]]
    // CHECK: dynamics.yield %[[Q]]
    dynamics.input @scaled unit "1" {
      %c = arith.constant 0.32 : f64
      %v = arith.constant 13.0 : f64
      %one = arith.constant 1.0 : f64
      %V = dynamics.get @V : f64
      %s = dynamics.scalar @s : f64
      %d = arith.subf %v, %V : f64
      %top = arith.mulf %c, %d : f64
      %x = arith.divf %d, %s : f64
      %exp = math.exp %x : f64
      %bottom = arith.subf %exp, %one : f64
      %0 = arith.divf %top, %bottom : f64
      dynamics.yield %0 : f64
    }
    // Hodgkin and Huxley's: 0.1 (V + 40) / (1 - exp(-(V + 40) / 10)) = 1 / exprel(-(V + 40) / 10)
    // CHECK-LABEL: dynamics.input @hodgkin_huxley
    // CHECK-NOT: math.exp
    // CHECK-DAG: %[[U:.*]] = arith.addf
    // CHECK-DAG: %[[Y:.*]] = arith.divf %[[U]], %{{.*}}
    // CHECK-DAG: %[[X:.*]] = arith.negf %[[Y]]
    // CHECK-DAG: %[[R:.*]] = dynamics.exprel %[[X]]
    // CHECK: %[[Q:.*]] = arith.divf %{{.*}}, %[[R]]
    // CHECK: dynamics.yield %[[Q]]
    dynamics.input @hodgkin_huxley unit "1" {
      %c = arith.constant 0.1 : f64
      %v = arith.constant 40.0 : f64
      %ten = arith.constant 10.0 : f64
      %one = arith.constant 1.0 : f64
      %V = dynamics.get @V : f64
      %u = arith.addf %V, %v : f64
      %top = arith.mulf %c, %u : f64
      %y = arith.divf %u, %ten : f64
      %x = arith.negf %y : f64
      %exp = math.exp %x : f64
      %bottom = arith.subf %one, %exp : f64
      %0 = arith.divf %top, %bottom : f64
      dynamics.yield %0 : f64
    }
    // One difference above, the opposite one below: (V - v) / (exp((v - V) / s) - 1)
    // CHECK-LABEL: dynamics.input @opposite
    // CHECK-NOT: math.exp
    // CHECK: dynamics.exprel
    // CHECK: %[[Q:.*]] = arith.divf
    // CHECK-NEXT: %[[N:.*]] = arith.negf %[[Q]]
    // CHECK-NEXT: dynamics.yield %[[N]]
    dynamics.input @opposite unit "1" {
      %v = arith.constant 13.0 : f64
      %one = arith.constant 1.0 : f64
      %V = dynamics.get @V : f64
      %s = dynamics.scalar @s : f64
      %top = arith.subf %V, %v : f64
      %d = arith.subf %v, %V : f64
      %x = arith.divf %d, %s : f64
      %exp = math.exp %x : f64
      %bottom = arith.subf %exp, %one : f64
      %0 = arith.divf %top, %bottom : f64
      dynamics.yield %0 : f64
    }
  }
}
