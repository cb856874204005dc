// RUN: opt --passes=merge-states
// A parameter of its own, another initial value, another jump, and another neuron: no state is another's.

// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.state @p.x
// CHECK: dynamics.state @q.x
// CHECK: dynamics.state @r.x
// CHECK: dynamics.state @s.x
// CHECK-LABEL: dynamics.population @G
// CHECK: dynamics.state @t.x
// CHECK-LABEL: dynamics.projection @p
// CHECK-SAME: alignment = "pre"} {
// CHECK-LABEL: dynamics.projection @q
// CHECK-SAME: reason = "does not share x with p: tau2 is another parameter than tau"} {
// CHECK-LABEL: dynamics.projection @r
// CHECK-SAME: alignment = "pre"} {
// CHECK-LABEL: dynamics.projection @s
// CHECK-SAME: alignment = "pre"} {
// CHECK-LABEL: dynamics.projection @t
// CHECK-SAME: alignment = "pre"} {
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
    dynamics.state @r.x unit "1" attributes {side = "source"} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @s.x unit "1" attributes {side = "source"} {
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
      %1 = dynamics.scalar @tau2 : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @r.x {
      %0 = dynamics.get @r.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @s.x {
      %0 = dynamics.get @s.x : f64
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
    dynamics.jump @s.x {
      %0 = dynamics.get @s.x : f64
      %1 = arith.constant 2.0 : f64
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
    dynamics.history @s.x.history slots 2 {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @s.x : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.population @G size 1 {
    dynamics.state @t.x unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @t.x {
      %0 = dynamics.get @t.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
    dynamics.jump @t.x {
      %0 = dynamics.get @t.x : f64
      %1 = arith.constant 1.0 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.history @t.x.history slots 2 {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @t.x : f64
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
  dynamics.projection @s from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 3 attributes {alignment = "pre"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @s.x.history : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
  dynamics.projection @t from @G to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 4 attributes {alignment = "pre"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @t.x.history : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}

// -----

// What they read must be equal: two that differ keep apart what depends on them, and only that.
// CHECK-LABEL: dynamics.population @E
// CHECK: dynamics.state @p.u
// CHECK: dynamics.state @p.x
// CHECK: dynamics.state @p.z
// CHECK: dynamics.state @q.u
// CHECK: dynamics.state @q.x
// CHECK-NOT: dynamics.state @q.z
// CHECK-LABEL: dynamics.projection @q
// CHECK-SAME: reason = "shares z, kept as p.z"
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
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @p.z unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @q.u unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @q.x unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @q.z unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @p.u {
      %0 = dynamics.get @p.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @p.x {
      %0 = dynamics.get @p.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @p.z {
      %0 = dynamics.get @p.z : f64
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
      %0 = dynamics.get @q.x : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @q.z {
      %0 = dynamics.get @q.z : f64
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
      %1 = arith.constant 2.0 : f64
      %2 = arith.addf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.history @p.u.history slots 2 {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @p.u : f64
      dynamics.yield %0 : f64
    }
    dynamics.history @q.u.history slots 2 {
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
  dynamics.projection @p from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {alignment = "pre"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @p.u.history : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
  dynamics.projection @q from @E to @F rule "one_to_one" amount 0.0 delay 1 to 1 stream 1 attributes {alignment = "pre"} {
    dynamics.event @V attributes {additive, post} {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @q.u.history : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
  }
}
