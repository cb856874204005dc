// RUN: opt
// Every rule of connections, at the edges of what it allows.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 1 {
  }
  // CHECK: rule "all_to_all"
  dynamics.connection @a from @E to @E rule "all_to_all" amount 0.0 delay 1 to 1 stream 0
  // CHECK: rule "one_to_one"
  dynamics.connection @b from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 1
  // CHECK: rule "fixed_probability" amount 0.000000e+00
  dynamics.connection @c from @E to @E rule "fixed_probability" amount 0.0 delay 1 to 1 stream 2
  // CHECK: rule "fixed_probability" amount 1.000000e+00
  dynamics.connection @d from @E to @E rule "fixed_probability" amount 1.0 delay 1 to 1 stream 3
  // CHECK: rule "fixed_in_degree" amount 8.000000e+01
  dynamics.connection @e from @E to @E rule "fixed_in_degree" amount 80.0 delay 7 to 7 stream 4
  // CHECK: rule "fixed_out_degree" amount 8.000000e+01
  dynamics.connection @f from @E to @E rule "fixed_out_degree" amount 80.0 delay 1 to 7 stream 5
  // CHECK: rule "fixed_total" amount 8.000000e+01 delay 1 to 1 stream 6 {no_self, with_replacement}
  dynamics.connection @g from @E to @E rule "fixed_total" amount 80.0 delay 1 to 1 stream 6 {no_self, with_replacement}
  // CHECK: rule "pairwise" amount 5.000000e-01 delay 1 to 1
  dynamics.connection @h from @E to @E rule "pairwise" amount 0.5 delay 1 to 1 stream 7
  // CHECK: rule "small_world" amount 1.000000e-01 neighbours 10 delay 1 to 1
  dynamics.connection @i from @E to @E rule "small_world" amount 0.1 neighbours 10 delay 1 to 1 stream 8
  // CHECK: rule "scale_free" amount 3.000000e+00 delay 1 to 1
  dynamics.connection @j from @E to @E rule "scale_free" amount 3.0 delay 1 to 1 stream 9
  // CHECK: rule "small_world_undirected" amount 1.000000e-01 neighbours 10 delay 1 to 1 stream 9 {parts = array<i64: 0, 1, 0, 1>}
  dynamics.connection @l from @E to @E rule "small_world_undirected" amount 0.1 neighbours 10 delay 1 to 1 stream 9 {parts = array<i64: 0, 1, 0, 1>}
  // CHECK: rule "scale_free_triads" amount 5.000000e-01 delay 1 to 1 stream 9 {edges = array<i64: 3>}
  dynamics.connection @m from @E to @E rule "scale_free_triads" amount 0.5 delay 1 to 1 stream 9 {edges = array<i64: 3>}
  // CHECK: rule "scale_free_dual" amount 5.000000e-01 delay 1 to 1 stream 9 {edges = array<i64: 3, 1>}
  dynamics.connection @n from @E to @E rule "scale_free_dual" amount 0.5 delay 1 to 1 stream 9 {edges = array<i64: 3, 1>}
  // CHECK: rule "fixed_in_degree" amount 2.000000e+00 delay 1 to 1 stream 9 {parts = array<i64: 4, 5, 20, 6>}
  dynamics.connection @o from @E to @E rule "fixed_in_degree" amount 2.0 delay 1 to 1 stream 9 {parts = array<i64: 4, 5, 20, 6>}
  dynamics.population @F size 1 {
  }
  // CHECK: rule "fixed_probability" amount 5.000000e-01 delay 1 to 1 stream 11 {symmetric}
  dynamics.connection @q from @E to @E rule "fixed_probability" amount 0.5 delay 1 to 1 stream 11 {symmetric}
  dynamics.connection @r from @E to @F rule "fixed_in_degree" amount 1.0 delay 1 to 1 stream 12
  // CHECK: dynamics.connection @s from @F to @E rule "transposed" amount 0.000000e+00 delay 1 to 3 stream 13 {transposes = @r}
  dynamics.connection @s from @F to @E rule "transposed" amount 0.0 delay 1 to 3 stream 13 {transposes = @r}
  // CHECK: dynamics.projection @u from @F to @E rule "fixed_in_degree"
  dynamics.projection @u from @F to @E rule "fixed_in_degree" amount 1.0 delay 1 to 1 stream 14 {
    // CHECK: dynamics.probability {
    dynamics.probability {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
  // CHECK: dynamics.projection @v from @E to @F rule "transposed" amount 0.000000e+00 delay 1 to 1 stream 15 attributes {transposes = @u}
  dynamics.projection @v from @E to @F rule "transposed" amount 0.0 delay 1 to 1 stream 15 attributes {transposes = @u} {
  }
  // CHECK: dynamics.projection @k from @E to @E rule "pairwise"
  dynamics.projection @k from @E to @E rule "pairwise" amount 0.5 delay 1 to 1 stream 10 {
    // CHECK: dynamics.probability {
    // CHECK-NEXT: arith.constant 5.000000e-01 : f64
    dynamics.probability {
      %0 = arith.constant 0.5 : f64
      dynamics.yield %0 : f64
    }
  }
  dynamics.population @Cleft size 1 {
    dynamics.state @x unit "1" attributes {parameter} {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
  }
  // CHECK: dynamics.connection @w from @E to @Cleft rule "source_to_synapse" amount 0.000000e+00 delay 1 to 1 stream 16 {synapses_of = @r}
  dynamics.connection @w from @E to @Cleft rule "source_to_synapse" amount 0.0 delay 1 to 1 stream 16 {synapses_of = @r}
  // CHECK: dynamics.synapse_state @r.Cleft.x of @r unit "1" {given_to = @Cleft.x, internal}
  dynamics.synapse_state @r.Cleft.x of @r unit "1" {given_to = @Cleft.x, internal}
  // CHECK: dynamics.projection @x from @F to @E rule "one_to_one"
  dynamics.projection @x from @F to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 17 {
    // CHECK: dynamics.given @Cleft.x {
    dynamics.given @Cleft.x {
      %0 = arith.constant 2.0 : f64
      dynamics.yield %0 : f64
    }
  }
  // CHECK: dynamics.projection @y from @Cleft to @E rule "synapse_to_target" amount 0.000000e+00 delay 1 to 1 stream 18 attributes {synapses_of = @x}
  dynamics.projection @y from @Cleft to @E rule "synapse_to_target" amount 0.0 delay 1 to 1 stream 18 attributes {synapses_of = @x} {
  }
  // CHECK: dynamics.connection @z from @E to @F rule "all_to_all" amount 0.000000e+00 delay 1 to 1 stream 19 {source_degrees = @E.z.out_degree, target_degrees = @F.z.in_degree}
  dynamics.connection @z from @E to @F rule "all_to_all" amount 0.0 delay 1 to 1 stream 19 {source_degrees = @E.z.out_degree, target_degrees = @F.z.in_degree}
}
