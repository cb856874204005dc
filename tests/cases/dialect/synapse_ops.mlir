// RUN: opt
// What synapses have of their own: states with sides, events of both ends, weights that change, histories.

// CHECK: dynamics.network @Net
dynamics.network @Net dt 0.1 real f64 {
  // CHECK: dynamics.population @E size 10 attributes {spikes_change_states} {
  dynamics.population @E size 10 attributes {spikes_change_states} {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.state @p.x unit "1" attributes {side = "source"} {
    dynamics.state @p.x unit "1" attributes {side = "source"} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.jump @p.x {
    // CHECK-NEXT: dynamics.get @p.x : f64
    dynamics.jump @p.x {
      %0 = dynamics.get @p.x : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.jump @V attributes {after} {
    dynamics.jump @V attributes {after} {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.jump @V attributes {after, delay = 26 : i64} {
    dynamics.jump @V attributes {after, delay = 26 : i64} {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.history @E.V.history slots 12 {
    // CHECK-NEXT: arith.constant -6.000000e+01 : f64
    // CHECK-NEXT: dynamics.yield
    // CHECK-NEXT: }, {
    // CHECK-NEXT: dynamics.get @V : f64
    dynamics.history @E.V.history slots 12 {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.recorded @E.leak unit "mV" {
    // CHECK-NEXT: dynamics.get @V : f64
    dynamics.recorded @E.leak unit "mV" {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.recorded @E.I.recorded unit "pA" attributes {start} {
    dynamics.recorded @E.I.recorded unit "pA" attributes {start} {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.history @p.event0 slots 2 attributes {event} {
    dynamics.history @p.event0 slots 2 attributes {event} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @p.x : f64
      dynamics.yield %0 : f64
    }
  }
  // CHECK: dynamics.projection @p from @E to @E rule "one_to_one" amount 0.000000e+00 delay 1 to 11 stream 0
  // CHECK-SAME: attributes {columns, plastic, weight_per_synapse} {
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 11 stream 0
      attributes {weight_per_synapse, plastic, columns} {
    // CHECK: dynamics.state @c unit "1" attributes {recorded, side = "synapse"} {
    dynamics.state @c unit "1" attributes {recorded, side = "synapse"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.event @weight attributes {by_target, weight} {
    // CHECK-NEXT: dynamics.past @E.V.history {earlier} : f64
    dynamics.event @weight attributes {weight, by_target} {
      %0 = dynamics.past @E.V.history {earlier} : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.sum @p.sum0 {
    // CHECK-NEXT: dynamics.pre @V : f64
    dynamics.sum @p.sum0 {
      %0 = dynamics.pre @V : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.weight_equation method "heun" {
    // CHECK-NEXT: dynamics.weight_value : f64
    dynamics.weight_equation method "heun" {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.weight_advance method "exact" {
    dynamics.weight_advance method "exact" {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.weight_bounds {
    // CHECK-NEXT: arith.constant 0.000000e+00 : f64
    // CHECK-NEXT: dynamics.yield
    // CHECK-NEXT: }, {
    // CHECK-NEXT: arith.constant 1.000000e+00 : f64
    dynamics.weight_bounds {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// As step operations.
dynamics.network @Net dt 0.1 real f32 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  // CHECK: dynamics.buffer @E.V.history of @E : f32 unit "1" {internal, slots = 12 : i64}
  dynamics.buffer @E.V.history of @E : f32 unit "1" {internal, slots = 12 : i64}
  dynamics.buffer @p.sum0 of @E : f32 unit "1" {internal}
  // CHECK: dynamics.connection @p {{.*}} {columns, plastic, weight_per_synapse}
  dynamics.connection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 11 stream 0 {weight_per_synapse, plastic, columns}
  // CHECK-NEXT: dynamics.synapse_state @p.c of @p unit "1"{{$}}
  dynamics.synapse_state @p.c of @p unit "1"
  // CHECK-NEXT: dynamics.gather @p {
  // CHECK-NEXT: %[[P:.*]] = dynamics.past @E.V.history : f32
  // CHECK-NEXT: dynamics.accumulate @p.sum0, %[[P]] : f32
  dynamics.gather @p {
    %0 = dynamics.past @E.V.history : f32
    dynamics.accumulate @p.sum0, %0 : f32
  }
  // CHECK: dynamics.deliver @p {
  // CHECK-NEXT: %[[C:.*]] = dynamics.synapse @p.c : f32
  // CHECK-NEXT: dynamics.write_synapse @p.c, %[[C]] : f32
  dynamics.deliver @p {
    %0 = dynamics.synapse @p.c : f32
    dynamics.write_synapse @p.c, %0 : f32
  }
  // CHECK: dynamics.respond @p {
  // CHECK-NEXT: %[[W:.*]] = dynamics.weight_value : f32
  // CHECK-NEXT: dynamics.write_weight %[[W]] : f32
  dynamics.respond @p {
    %0 = dynamics.weight_value : f32
    dynamics.write_weight %0 : f32
  }
  // CHECK: dynamics.after_spike @E {
  // CHECK-NEXT: %[[V:.*]] = dynamics.read @p.sum0 : f32
  // CHECK-NEXT: dynamics.write @p.sum0, %[[V]] : f32
  dynamics.after_spike @E {
    %0 = dynamics.read @p.sum0 : f32
    dynamics.write @p.sum0, %0 : f32
  }
  // CHECK: dynamics.after_spike @E attributes {delay = 26 : i64} {
  dynamics.after_spike @E attributes {delay = 26 : i64} {
    %0 = dynamics.read @p.sum0 : f32
    dynamics.write @p.sum0, %0 : f32
  }
  // CHECK: dynamics.at_spike @E {
  // CHECK-NEXT: %[[S:.*]] = dynamics.read @p.sum0 : f32
  // CHECK-NEXT: dynamics.write @p.sum0, %[[S]] : f32
  dynamics.at_spike @E {
    %0 = dynamics.read @p.sum0 : f32
    dynamics.write @p.sum0, %0 : f32
  }
  // CHECK: dynamics.update_synapses @p {
  // CHECK-NEXT: dynamics.synapse @p.c : f32
  dynamics.update_synapses @p {
    %0 = dynamics.synapse @p.c : f32
    dynamics.write_synapse @p.c, %0 : f32
  }
}
