// RUN: opt
// What rules, refractory times and given spikes must not be.

dynamics.network @Net dt 0.1 real f32 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f32
      dynamics.yield %0 : f32
    }
    // expected-error: comes before any threshold
    dynamics.reset @V {
      %0 = arith.constant 0.0 : f32
      dynamics.yield %0 : f32
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f32 {
  dynamics.population @E size 1 {
    dynamics.state @V unit "mV" {
      %0 = arith.constant 0.0 : f32
      dynamics.yield %0 : f32
    }
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
    // expected-error: belongs to no refractory time
    dynamics.clamp @V {
      %0 = arith.constant 0.0 : f32
      dynamics.yield %0 : f32
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f32 {
  dynamics.population @E size 1 {
    dynamics.threshold {
      %0 = arith.constant true
      dynamics.yield %0 : i1
    }
    dynamics.refractory hold [] {
      %0 = arith.constant 1.0 : f64
      dynamics.yield %0 : f64
    }
    // expected-error: refers to @V, which is not a state of its owner
    dynamics.clamp @V {
      %0 = arith.constant 0.0 : f32
      dynamics.yield %0 : f32
    }
  }
}

// -----

dynamics.network @Net dt 0.1 real f32 {
  dynamics.population @E size 3 {
    // expected-error: has not as many steps as neurons
    dynamics.spike_times steps [1, 2] neurons [0]
  }
}

// -----

dynamics.network @Net dt 0.1 real f32 {
  dynamics.population @E size 3 {
    // expected-error: has a step or a neuron that does not exist
    dynamics.spike_times steps [1, 2] neurons [0, 3]
  }
}

// -----

dynamics.network @Net dt 0.1 real f32 {
  dynamics.population @E size 3 {
    // expected-error: does not ascend
    dynamics.spike_times steps [2, 2] neurons [1, 1]
  }
}

// -----

dynamics.network @Net dt 0.1 real f32 {
  dynamics.population @E size 3 {
  }
  // expected-error: joins the synapses of a projection if and only if its rule does
  dynamics.connection @a from @E to @E rule "source_to_synapse" amount 0.0 delay 1 to 1 stream 0
}

// -----

dynamics.network @Net dt 0.1 real f32 {
  dynamics.population @E size 3 {
  }
  // expected-error: joins the synapses of @a, which is no earlier matrix of connections
  dynamics.connection @a from @E to @E rule "synapse_to_target" amount 0.0 delay 1 to 1 stream 0 {synapses_of = @a}
}

// -----

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
    dynamics.threshold {
      // expected-error: is not the whole condition of a silent threshold
      %0 = dynamics.recovered
      dynamics.yield %0 : i1
    }
    dynamics.reset @V {
      %0 = arith.constant -5.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

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
      // expected-error: is not the whole condition of a silent threshold
      %0 = dynamics.recovered
      %1 = arith.constant true
      %2 = arith.andi %0, %1 : i1
      dynamics.yield %2 : i1
    }
    dynamics.reset @V {
      %0 = arith.constant -5.0 : f64
      dynamics.yield %0 : f64
    }
  }
}

// -----

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
      %0 = dynamics.recovered
      dynamics.yield %0 : i1
    }
    dynamics.reset @V {
      %0 = arith.constant -5.0 : f64
      dynamics.yield %0 : f64
    }
    // expected-error: begins where refractory time ends
    dynamics.refractory hold [@V] {
      %0 = arith.constant 3.0 : f64
      dynamics.yield %0 : f64
    }
  }
}
