// RUN: opt
// Named events of neurons, what listens to them, and what is done later than a spike.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @p.x unit "1" attributes {side = "source"} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.threshold attributes {event = @E.burst, silent} {
    dynamics.threshold attributes {silent, event = @E.burst} {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
    // CHECK: dynamics.jump @p.x attributes {event = @E.burst} {
    dynamics.jump @p.x attributes {event = @E.burst} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
  // CHECK: dynamics.population @E.burst size 10 {
  dynamics.population @E.burst size 10 {
  }
  // CHECK: dynamics.projection @p from @E to @E {{.*}} attributes {columns, source_event = @E.burst, target_event = @E.burst} {
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {columns, source_event = @E.burst, target_event = @E.burst} {
    dynamics.state @c unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    // CHECK: dynamics.event @c attributes {additive, after = 137 : i64} {
    dynamics.event @c attributes {additive, after = 137 : i64} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f64 attributes {narrowed} {
  dynamics.population @E size 10 {
  }
  dynamics.population @E.burst size 10 {
  }
  // CHECK: dynamics.connection @p from @E to @E {{.*}} {columns, source_event = @E.burst, target_event = @E.burst}
  dynamics.connection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {columns, source_event = @E.burst, target_event = @E.burst}
  // CHECK: dynamics.synapse_state @p.c of @p
  dynamics.synapse_state @p.c of @p unit "1"
  // CHECK: dynamics.deliver @p attributes {after = 137 : i64} {
  dynamics.deliver @p attributes {after = 137 : i64} {
    %0 = arith.constant 1.0 : f64
    dynamics.write_synapse @p.c, %0 : f64
  }
  // CHECK: dynamics.respond @p attributes {after = 2 : i64} {
  dynamics.respond @p attributes {after = 2 : i64} {
    %0 = arith.constant 1.0 : f64
    dynamics.write_synapse @p.c, %0 : f64
  }
  // CHECK: dynamics.update @E {
  // CHECK-NEXT: %[[C:.*]] = arith.constant true
  // CHECK-NEXT: dynamics.emit %[[C]]{{$}}
  // CHECK-NEXT: dynamics.emit %[[C]] as @E.burst
  dynamics.update @E {
    %0 = arith.constant true
    dynamics.emit %0
    dynamics.emit %0 as @E.burst
  }
}
