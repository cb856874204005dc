// RUN: opt --passes=integrate
// Coupled linear equations: elements of exp(A dt), only those that can differ from zero.

// s' = -s / tau, g' = (s - g) / tau: s does not depend on g, so it needs one element of four.
// CHECK: dynamics.advance @s method "exact" {
// CHECK-COUNT-1: dynamics.propagator {{.*}} elements [0] : f64
// CHECK-NOT: dynamics.propagator
// CHECK: dynamics.yield
// CHECK: dynamics.advance @g method "exact" {
// CHECK-DAG: %[[C0:.*]] = dynamics.propagator {{.*}} elements [2] : f64
// CHECK-DAG: %[[S:.*]] = dynamics.get @s
// CHECK-DAG: %[[C1:.*]] = dynamics.propagator {{.*}} elements [3] : f64
// CHECK-DAG: %[[G:.*]] = dynamics.get @g
// CHECK-DAG: %[[P0:.*]] = arith.mulf %[[C0]], %[[S]]
// CHECK-DAG: %[[P1:.*]] = arith.mulf %[[C1]], %[[G]]
// CHECK: %[[NEW:.*]] = arith.addf %[[P0]], %[[P1]]
// CHECK-NEXT: dynamics.yield %[[NEW]]
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @s unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @s {
      %0 = dynamics.get @s : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @s : f64
      %1 = dynamics.get @g : f64
      %2 = arith.subf %0, %1 : f64
      %3 = dynamics.scalar @tau : f64
      %4 = arith.divf %2, %3 : f64
      dynamics.yield %4 : f64
    }
  }
}

// -----

// A constant drive is one more column: 3 by 3, and its own row is never needed.
// CHECK: dynamics.advance @g method "exact" {
// CHECK: dynamics.propagator
// CHECK-NOT: elements [6]
// CHECK-NOT: elements [7]
// CHECK-NOT: elements [8]
// CHECK: dynamics.yield
// CHECK: dynamics.advance @V method "exact" {
// CHECK-DAG: dynamics.propagator {{.*}} : f64, f64, f64, f64, f64, f64, f64, f64, f64 elements [3] : f64
// CHECK-DAG: elements [4]
// CHECK-DAG: elements [5]
// CHECK-DAG: dynamics.external @I
// CHECK: dynamics.yield
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @g unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @V unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @g {
      %0 = dynamics.get @g : f64
      %1 = dynamics.scalar @slow : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.equation @V {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @I : f64
      %2 = dynamics.get @g : f64
      %3 = arith.subf %1, %0 : f64
      %4 = arith.addf %3, %2 : f64
      %5 = dynamics.scalar @tau : f64
      %6 = arith.divf %4, %5 : f64
      dynamics.yield %6 : f64
    }
  }
}

// -----

// Two pairs that do not know of each other: 2 by 2 twice, not 4 by 4.
// CHECK-NOT: : f64, f64, f64, f64, f64
// CHECK: dynamics.advance @a method "exact"
// CHECK: dynamics.propagator {{.*}} : f64, f64, f64, f64 elements [0]
// CHECK: dynamics.advance @d method "exact"
// CHECK: dynamics.propagator {{.*}} : f64, f64, f64, f64 elements [3]
dynamics.network @Net dt 0.1 real f64 {
  dynamics.parameter @tau = 5.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.parameter @slow = 9.0 unit "ms" factor 1.0 attributes {nonzero} {
  }
  dynamics.population @E size 1 {
    dynamics.state @a unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @b unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @c unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.state @d unit "1" {
      %0 = arith.constant 0.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.equation @a {
      %0 = dynamics.get @b : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @b {
      %0 = dynamics.get @a : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
    dynamics.equation @c {
      %0 = dynamics.get @d : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    dynamics.equation @d {
      %0 = dynamics.get @c : f64
      %1 = dynamics.scalar @tau : f64
      %2 = arith.divf %0, %1 : f64
      %3 = arith.negf %2 : f64
      dynamics.yield %3 : f64
    }
  }
}
