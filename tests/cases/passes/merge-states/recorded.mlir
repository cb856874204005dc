// RUN: opt --passes=merge-states
// What is recorded keeps its name, and may stand for others; two that are recorded are two.

// CHECK-LABEL: dynamics.population @E
// CHECK-NOT: dynamics.state @p.x
// CHECK: dynamics.state @q.x unit "1" attributes {recorded, side = "source"} {
// CHECK: dynamics.state @r.x unit "1" attributes {recorded, side = "source"} {
// CHECK: dynamics.jump @q.x
// CHECK: dynamics.jump @r.x
// CHECK-LABEL: dynamics.projection @p {{.*}}reason = "shares x, kept as q.x"} {
// CHECK-LABEL: dynamics.projection @q {{.*}}alignment = "pre"} {
// CHECK-LABEL: dynamics.projection @r {{.*}}reason = "does not share x with q: both are recorded"} {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @tau2 = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @p.x unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @q.x unit "1" attributes {recorded, side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @r.x unit "1" attributes {recorded, side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @p.x {
      %0 = dynamics.get @p.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @q.x {
      %0 = dynamics.get @q.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @r.x {
      %0 = dynamics.get @r.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
    dynamics.jump @p.x {
      %0 = dynamics.get @p.x : f64
      %1 = arith.constant 1.0 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.jump @q.x {
      %0 = dynamics.get @q.x : f64
      %1 = arith.constant 1.0 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.jump @r.x {
      %0 = dynamics.get @r.x : f64
      %1 = arith.constant 1.0 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.history @p.x.history slots 2 {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @p.x : f64
      dynamics.yield %0 : f64
    }
    dynamics.history @q.x.history slots 2 {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @q.x : f64
      dynamics.yield %0 : f64
    }
    dynamics.history @r.x.history slots 2 {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @r.x : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.population @F size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @p from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {alignment = "pre"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @p.x.history : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
  dynamics.projection @q from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 attributes {alignment = "pre"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @q.x.history : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
  dynamics.projection @r from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 2 attributes {alignment = "pre"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @r.x.history : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}
