// RUN: opt --passes=merge-states
// Two projections of one source have the same kinetics: one state, one history with the steps that both need.

// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.state @p.x
// CHECK-NOT: dynamics.state @q.x
// CHECK: dynamics.equation @p.x
// CHECK-NOT: dynamics.equation @q.x
// CHECK: dynamics.jump @p.x
// CHECK-NOT: dynamics.jump @q.x
// CHECK: dynamics.history @p.x.history slots 11 {
// CHECK-NOT: @q.x
// CHECK-LABEL: dynamics.projection @p {{.*}}alignment = "pre"} {
// CHECK: dynamics.past @p.x.history
// CHECK-LABEL: dynamics.projection @q {{.*}}delay 10 to 10{{.*}}reason = "shares x, kept as p.x"} {
// CHECK: dynamics.past @p.x.history
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
    dynamics.state @q.x unit "1" attributes {side = "source"} {
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
    dynamics.history @p.x.history slots 2 {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @p.x : f64
      dynamics.yield %0 : f64
    }
    dynamics.history @q.x.history slots 11 {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @q.x : f64
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
  dynamics.projection @q from @E to @F rule "one_to_one" amount 0.0 delay 10 to 10 stream 1 attributes {alignment = "pre"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @q.x.history : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}

// -----

// States that read each other are equal together. What a spike reads of them is kept once too.
// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.state @p.u
// CHECK: dynamics.state @p.x
// CHECK-NOT: dynamics.state
// CHECK: dynamics.history @p.event0 slots 3 attributes {event}
// CHECK-NOT: dynamics.history
// CHECK-LABEL: dynamics.projection @p
// CHECK-LABEL: dynamics.projection @q {{.*}}reason = "shares u, x, kept as p.u, p.x"} {
// CHECK: dynamics.past @p.event0
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @tau2 = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @p.u unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @p.x unit "1" attributes {side = "source"} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @q.u unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @q.x unit "1" attributes {side = "source"} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @p.u {
      %0 = dynamics.get @p.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @p.x {
      %0 = dynamics.get @p.u : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @q.u {
      %0 = dynamics.get @q.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @q.x {
      %0 = dynamics.get @q.u : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
    dynamics.jump @p.u {
      %0 = dynamics.get @p.u : f64
      %1 = arith.constant 1.0 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.jump @q.u {
      %0 = dynamics.get @q.u : f64
      %1 = arith.constant 1.0 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.history @p.event0 slots 3 attributes {event} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @p.u : f64
      dynamics.yield %0 : f64
    }
    dynamics.history @q.event0 slots 2 attributes {event} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @q.u : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.population @F size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.projection @p from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {alignment = "split"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @p.event0 : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
  dynamics.projection @q from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 attributes {alignment = "split"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @q.event0 : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}
