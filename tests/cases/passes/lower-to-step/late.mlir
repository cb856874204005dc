// RUN: opt --passes=align-projections,move-to-targets,move-to-sources,integrate,lower-to-step
// What is later is done apart, behind what is not, the least late first.

// CHECK: dynamics.deliver @p {
// CHECK: arith.constant 1.000000e+00
// CHECK: dynamics.write_synapse @p.c
// CHECK: dynamics.deliver @p attributes {after = 2 : i64} {
// CHECK: arith.constant 5.000000e-01
// CHECK: dynamics.write_synapse @p.c
// CHECK: dynamics.deliver @p attributes {after = 137 : i64} {
// CHECK: dynamics.write_synapse @p.c
// CHECK: dynamics.respond @p {
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant -60.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -50.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent, event = @E.burst} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -40.0 : f64
      %2 = arith.cmpf oge, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent, event = @E.burst} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -90.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.threshold attributes {silent} {
      %0 = dynamics.get @V : f64
      %1 = arith.constant -99.0 : f64
      %2 = arith.cmpf olt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
  }
  dynamics.population @E.burst size 1 {
  }
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 attributes {columns} {
    dynamics.state @c unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @c {
      %0 = dynamics.get @c : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.event @c attributes {additive, by_target} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @c attributes {additive, after = 137 : i64} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @c attributes {after = 2 : i64} {
      %0 = arith.constant 0.5 : f64
      dynamics.yield %0 : f64
    }
    dynamics.event @c attributes {additive} {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
  }
}
