// RUN: opt
// Every value operation, in both real types where it has one.

dynamics.network @Net dt 0.1 real f64 {
  dynamics.population @E size 10 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      // CHECK: dynamics.random "uniform" stream 0(%{{.*}}, %{{.*}}) : f64
      %1 = dynamics.random "uniform" stream 0 (%0, %0) : f64
      // CHECK: dynamics.random "normal" stream 1(%{{.*}}, %{{.*}}) : f64
      %2 = dynamics.random "normal" stream 1 (%0, %1) : f64
      // CHECK: dynamics.random "lognormal" stream 2(%{{.*}}, %{{.*}}) : f64
      %3 = dynamics.random "lognormal" stream 2 (%0, %2) : f64
      // CHECK: dynamics.random "exponential" stream 3(%{{.*}}) : f64
      %4 = dynamics.random "exponential" stream 3 (%3) : f64
      // CHECK: dynamics.random "poisson" stream -2147483648(%{{.*}}) : f64
      %5 = dynamics.random "poisson" stream -2147483648 (%4) : f64
      // CHECK: dynamics.random "count" stream 4(%{{.*}}) : f64
      %6 = dynamics.random "count" stream 4 (%5) : f64
      // CHECK: dynamics.random "binomial" stream 5(%{{.*}}, %{{.*}}) : f64
      %7 = dynamics.random "binomial" stream 5 (%6, %0) : f64
      // CHECK: dynamics.random "bernoulli" stream 6(%{{.*}}) : f64
      %8 = dynamics.random "bernoulli" stream 6 (%7) : f64
      // CHECK: dynamics.random "gamma" stream 7(%{{.*}}, %{{.*}}) : f64
      %9 = dynamics.random "gamma" stream 7 (%8, %0) : f64
      // CHECK: dynamics.modulo %{{.*}}, %{{.*}} : f64
      %10 = dynamics.modulo %9, %0 : f64
      // CHECK: dynamics.due every 10 : i1
      %11 = dynamics.due every 10 : i1
      // CHECK: dynamics.due every 10 start 3 : i1
      %started = dynamics.due every 10 start 3 : i1
      // CHECK: arith.select
      %12 = arith.select %11, %10, %0 : f64
      dynamics.yield %12 : f64
    }
    dynamics.input @I unit "mV" {
      // CHECK: %[[E:.*]] = dynamics.external @I : f64
      %0 = dynamics.external @I : f64
      // CHECK-NEXT: %[[T:.*]] = dynamics.time : f64
      %1 = dynamics.time : f64
      // CHECK-NEXT: %[[N:.*]] = dynamics.index : f64
      %2 = dynamics.index : f64
      // CHECK-NEXT: %[[X:.*]] = dynamics.exprel %[[N]] : f64
      %3 = dynamics.exprel %2 : f64
      // CHECK-NEXT: %[[S:.*]] = dynamics.sigmoid %[[X]] : f64
      %4 = dynamics.sigmoid %3 : f64
      // CHECK-NEXT: dynamics.yield %[[S]] : f64
      dynamics.yield %4 : f64
    }
    dynamics.equation @V {
      // CHECK: dynamics.neuron_draw stream 3 : f64
      %1 = dynamics.neuron_draw stream 3 : f64
      // CHECK-NEXT: dynamics.neuron_draw stream 3 {source} : f64
      %2 = dynamics.neuron_draw stream 3 {source} : f64
      // CHECK: dynamics.delayed @V steps 10 : f64
      %3 = dynamics.delayed @V steps 10 : f64
      // CHECK: dynamics.noise stream 4 : f64
      %0 = dynamics.noise stream 4 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      // CHECK: %[[STEPS:.*]] = dynamics.steps %{{.*}} : f64
      %1 = dynamics.steps %0 : f64
      // CHECK-NEXT: dynamics.running %[[STEPS]]{{$}}
      %2 = dynamics.running %1
      dynamics.yield %2 : i1
    }
  }
  dynamics.projection @p from @E to @E rule "one_to_one" amount 0.0 delay 1 to 1 stream 0 {
    dynamics.weight {
      // CHECK: dynamics.source_index : f64
      %0 = dynamics.source_index : f64
      dynamics.yield %0 : f64
    }
    dynamics.output @I {
      // CHECK: dynamics.post @V : f64
      %0 = dynamics.post @V : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

// The other real type, and symbols that are no identifiers.
dynamics.network @"Net 2" dt 1.0 real f32 attributes {narrowed} {
  dynamics.population @E size 1 {
    dynamics.state @V unit "°C \"quoted\"" {
      // CHECK: dynamics.network @"Net 2" dt 1.000000e+00 real f32
      // CHECK: dynamics.state @V unit "\C2\B0C \22quoted\22" {
      // CHECK-NEXT: dynamics.time : f32
      // CHECK-NEXT: dynamics.index : f32
      // CHECK-NEXT: dynamics.weight_value : f32
      // CHECK-NEXT: dynamics.exprel %{{.*}} : f32
      // CHECK-NEXT: dynamics.sigmoid %{{.*}} : f32
      // CHECK-NEXT: dynamics.steps %{{.*}} : f32
      %0 = dynamics.time : f32
      %1 = dynamics.index : f32
      %2 = dynamics.weight_value : f32
      %3 = dynamics.exprel %0 : f32
      %4 = dynamics.sigmoid %3 : f32
      %5 = dynamics.steps %4 : f32
      dynamics.yield %5 : i32
    }
  }
}

// -----

// What only `integrate` makes.
dynamics.network @Net dt 1.0 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.advance @V method "rosenbrock" {
      // CHECK: %[[HELD:.*]] = dynamics.held @V
      // CHECK: arith.select %[[HELD]]
      %0 = dynamics.held @V
      %1 = dynamics.get @V : f64
      %2 = arith.constant 1.0 : f64
      %3 = arith.select %0, %1, %2 : f64
      dynamics.yield %3 : f64
    }
  }
}

// -----

// The end of refractory time is a rule of its own.
dynamics.network @Net dt 0.5 real f64 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "1" {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold {
      %0 = dynamics.get @V : f64
      %1 = arith.constant 2.0 : f64
      %2 = arith.cmpf ogt, %0, %1 : f64
      dynamics.yield %2 : i1
    }
    dynamics.refractory hold [@V] {
      %0 = arith.constant 3.0 : f64
      dynamics.yield %0 : f64
    }
    dynamics.threshold attributes {silent} {
      // CHECK: %[[ENDS:.*]] = dynamics.recovered
      // CHECK: dynamics.yield %[[ENDS]]
      %0 = dynamics.recovered
      dynamics.yield %0 : i1
    }
    dynamics.reset @V {
      %0 = arith.constant -5.0 : f64
      dynamics.yield %0 : f64
    }
  }
}
