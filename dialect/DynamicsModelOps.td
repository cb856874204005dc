// Model operations: what a network is.
#ifndef DYNAMICS_MODEL_OPS_TD
#define DYNAMICS_MODEL_OPS_TD

include "DynamicsBase.td"

def Dynamics_NetworkOp : Dynamics_ModelOp<"network", [SymbolTable, Symbol, NoTerminator, SingleBlock, IsolatedFromAbove]> {
  let summary = "A network";
  let description = [{
    Everything that is compiled together. `dt` is the step in ms, `real` the type of real numbers
    in states and updates. Equations are in f64 until `hoist-scalars` has combined their constants;
    then the network is `narrowed` and updates are in `real`.

    Example:
    ```mlir
    dynamics.network @net dt 1.000000e-01 real f32 {
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, F64Attr:$dt, TypeAttr:$real, UnitAttr:$narrowed);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `dt` $dt `real` $real attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Dynamics_ParameterOp : Dynamics_ModelOp<"parameter", [Symbol, NoTerminator]> {
  let summary = "A scalar that may change while the network runs";
  let description = [{
    Its `default` is in internal units; `value * factor` is in `unit`. Without a region it can be
    set; with one it is computed from earlier parameters, in f64. `nonzero`: something divides by it.

    Example:
    ```mlir
    dynamics.parameter @E.tau = 2.000000e+01 unit "ms" factor 1.000000e+00 attributes {nonzero} {
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, F64Attr:$default_value, StrAttr:$unit, F64Attr:$factor, UnitAttr:$nonzero);
  let regions = (region MaxSizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `=` $default_value `unit` $unit `factor` $factor attr-dict-with-keyword $body";
}

def Dynamics_DataOp : Dynamics_ModelOp<"data", [Symbol, HasParent<"NetworkOp">]> {
  let summary = "Numbers by index, known before the run";
  let description = [{
    One or two dimensions, by rows, in f64 and internal units. They become constants of the
    generated object; `dynamics.element` reads them.

    Example:
    ```mlir
    dynamics.data @data.W dense<[[1.000000e+00, 0.000000e+00], [5.000000e-01, 2.000000e+00]]> : tensor<2x2xf64>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ElementsAttr:$values);
  let assemblyFormat = "$sym_name $values attr-dict";
  let hasVerifier = 1;
}

def Dynamics_PairsOp : Dynamics_ModelOp<"pairs", [Symbol, HasParent<"NetworkOp">]> {
  let summary = "Connections one by one";
  let description = [{
    A row for each connection: the source, the target, and its number in the list that the user
    gave, which `dynamics.pair_index` reads. Rows ascend; a pair may come several times.

    Example:
    ```mlir
    dynamics.pairs @pairs.exc dense<[[0, 1, 1], [2, 0, 0]]> : tensor<2x3xi32>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, ElementsAttr:$entries);
  let assemblyFormat = "$sym_name $entries attr-dict";
  let hasVerifier = 1;
}

def Dynamics_PopulationOp : Dynamics_ModelOp<"population", [SymbolTable, Symbol, NoTerminator, SingleBlock, IsolatedFromAbove, HasParent<"NetworkOp">]> {
  let summary = "Neurons of one model";
  let description = [{
    Its body declares states, inputs, equations, the threshold and what follows a spike. `method`
    names the integrator (the table of `integrate` has them all); without it `integrate` chooses.
    `spikes_change_states`, once there are updates: a spike changes states of its neuron in the update
    that makes it.

    Example:
    ```mlir
    dynamics.population @E size 3200 {
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$size, OptionalAttr<StrAttr>:$method,
                       UnitAttr:$spikes_change_states);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$sym_name `size` $size attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Dynamics_ProjectionOp : Dynamics_ModelOp<"projection", [SymbolTable, Symbol, NoTerminator, SingleBlock, IsolatedFromAbove, HasParent<"NetworkOp">]> {
  let summary = "Synapses from one population to another";
  let description = [{
    `rule` is one of all_to_all, one_to_one, fixed_probability(p), fixed_in_degree(k),
    fixed_out_degree(k), fixed_total(k), explicit (the connections of `pairs`), pairwise (a `dynamics.probability` for each pair; `amount`
    is about their mean), small_world(p, with `neighbours`), small_world_undirected likewise, scale_free(m), scale_free_triads(p, with one
    of `edges`), scale_free_dual(p, with two of `edges`), transposed (target to source for each connection of the earlier projection
    `transposes`), source_to_synapse, synapse_to_source, target_to_synapse and synapse_to_target (between the neurons that stand for the
    synapses of the earlier projection `synapses_of`, in the order of source, delay, target and ordinal, and the sources or targets of
    these), and poisson for a source of events without connections; its number stands
    in `amount`. With a `dynamics.probability`, degrees and totals choose among the pairs for which it is 1 or, `proportional`, draw in proportion to it.
    `chosen`, two numbers: of all synapses those are its own for which `dynamics.choice` is the first, of the numbers below the second.
    `normalised`: the weights are scaled to what `dynamics.total` says, those that are `incoming` at each target, or `outgoing` from each source. `symmetric`: what is
    decided of a pair is decided of both directions. `stream` names the matrix together with the seed. `parts`: first and count of the neurons of source and target that
    degrees, totals and graphs choose among, if not all. Delays are whole steps, at least
    1 (0 for poisson, which is delivered in the step it is drawn in). `delayed`: one is said, so that what is read of the source in every
    step is that old at the start of the step, and not at its end as what a spike carries. `plastic`: the weights change.
    `columns`: a spike of the target does something, `min_post_delay` to `max_post_delay` steps later (1 if not given); where these
    differ, the state `post_delay` of each synapse says in ms how long. `source_event`, `target_event`: the population whose spikes are
    the named event of the source, or target, that takes the place of spikes. `source_degrees`, `target_degrees`: the buffers of these
    populations that get how many synapses each neuron has. `alignment` is filled in by `align-projections`:
    `post` if all states are sums on the target side, `pre` if all are the source neuron's, `split`
    if they are both, `synapse` if some are the synapse's own, with the reason.

    Example:
    ```mlir
    dynamics.projection @exc from @E to @I rule "fixed_probability" amount 2.000000e-02 delay 1 to 1 stream 0 {
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, OptionalAttr<FlatSymbolRefAttr>:$source, FlatSymbolRefAttr:$target,
                       StrAttr:$rule, F64Attr:$amount, OptionalAttr<I64Attr>:$neighbours,
                       I64Attr:$min_delay, I64Attr:$max_delay, UnitAttr:$delayed, I64Attr:$stream,
                       UnitAttr:$no_self, UnitAttr:$with_replacement, UnitAttr:$weight_per_synapse,
                       OptionalAttr<FlatSymbolRefAttr>:$pairs, OptionalAttr<DenseI64ArrayAttr>:$edges,
                       OptionalAttr<DenseI64ArrayAttr>:$parts, UnitAttr:$plastic, UnitAttr:$columns,
                       OptionalAttr<FlatSymbolRefAttr>:$transposes, OptionalAttr<FlatSymbolRefAttr>:$synapses_of, UnitAttr:$symmetric,
                       UnitAttr:$proportional, OptionalAttr<StrAttr>:$normalised, OptionalAttr<DenseI64ArrayAttr>:$chosen,
                       OptionalAttr<FlatSymbolRefAttr>:$source_degrees, OptionalAttr<FlatSymbolRefAttr>:$target_degrees,
                       OptionalAttr<I64Attr>:$min_post_delay, OptionalAttr<I64Attr>:$max_post_delay,
                       OptionalAttr<FlatSymbolRefAttr>:$source_event, OptionalAttr<FlatSymbolRefAttr>:$target_event,
                       OptionalAttr<StrAttr>:$alignment, OptionalAttr<StrAttr>:$reason);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name (`from` $source^)? `to` $target `rule` $rule `amount` $amount
    (`neighbours` $neighbours^)? `delay` $min_delay `to` $max_delay `stream` $stream attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
}

def Dynamics_StateOp : Dynamics_ModelOp<"state", [Symbol, NoTerminator]> {
  let summary = "A state variable and its initial value";
  let description = [{
    One number for each neuron of the owner (for each synapse of an unaligned projection). The
    region gives the initial value. `counter`: whole steps that are left, an i32. `parameter`: a
    parameter with a value for each neuron, which nothing in the network changes. `side`, in a
    projection that is aligned: `source`, `target` (a sum over synapses), `trace` (of the target
    neuron alone) or `synapse`. `recorded`: it is asked for by its name, so it stays what it is.

    Example:
    ```mlir
    dynamics.state @V unit "mV" {
      %0 = arith.constant -6.000000e+01 : f32
      dynamics.yield %0 : f32
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$unit, UnitAttr:$counter, UnitAttr:$internal, UnitAttr:$parameter,
                       OptionalAttr<StrAttr>:$side, UnitAttr:$recorded);
  let regions = (region SizedRegion<1>:$init);
  let assemblyFormat = "$sym_name `unit` $unit attr-dict-with-keyword $init";
  let hasVerifier = 1;
}

def Dynamics_InputOp : Dynamics_ModelOp<"input", [Symbol, NoTerminator, HasParent<"PopulationOp">]> {
  let summary = "A sum that is made anew in every step";
  let description = [{
    The region gives what is known of the sum so far: first the drive, after `align-projections`
    also what receptors add. What an application feeds is `dynamics.external`.

    With `internal` it is the sum of what the synapses of one projection put out, for a receptor with states;
    `move-to-targets` writes it out wherever it is read.

    Example:
    ```mlir
    dynamics.input @I unit "mV" {
      %0 = dynamics.external @I : f32
      dynamics.yield %0 : f32
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$unit, UnitAttr:$internal);
  let regions = (region SizedRegion<1>:$sum);
  let assemblyFormat = "$sym_name `unit` $unit attr-dict-with-keyword $sum";
}

class Dynamics_OfStateOp<string mnemonic> : Dynamics_ModelOp<mnemonic, [NoTerminator]> {
  let arguments = (ins FlatSymbolRefAttr:$state);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$state attr-dict-with-keyword $body";
}

def Dynamics_EquationOp : Dynamics_OfStateOp<"equation"> {
  let summary = "The derivative of a state with respect to time, per ms";
  let description = [{
    With `method`, equations of synapses and receptors have this integrator, together with those of their kind that
    have the same, and the others stand still to them over a step.

    Example:
    ```mlir
    dynamics.equation @V {
      %0 = dynamics.get @V : f32
      %1 = arith.negf %0 : f32
      dynamics.yield %1 : f32
    }
    dynamics.equation @g method "rk4" {
      %0 = dynamics.get @g : f32
      dynamics.yield %0 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$state, OptionalAttr<StrAttr>:$method);
  let assemblyFormat = "$state (`method` $method^)? attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Dynamics_SettingOp : Dynamics_ModelOp<"setting", [HasParent<"PopulationOp">]> {
  let summary = "A setting of the integrator that the population names";
  let description = [{
    `tolerance`, `limit`, or the `scale` of a state: at what size its error is measured as absolute.

    Example:
    ```mlir
    dynamics.setting "scale" of @V = 1.000000e+01
    ```
  }];
  let arguments = (ins StrAttr:$name, OptionalAttr<FlatSymbolRefAttr>:$state, F64Attr:$value);
  let assemblyFormat = "$name (`of` $state^)? `=` $value attr-dict";
  let hasVerifier = 1;
}

def Dynamics_AdvanceOp : Dynamics_ModelOp<"advance", [NoTerminator]> {
  let summary = "The value of a state one step later";
  let description = [{
    What `integrate` makes of an equation. All values read are those at the start of the step.
    `method` is the integrator's name, as in `dynamics.population`; or `map`, if the user has written
    the value, in which `integrate` then writes out the inputs.

    Example:
    ```mlir
    dynamics.advance @g method "exact" {
      %0 = dynamics.get @g : f32
      dynamics.yield %0 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$state, StrAttr:$method);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$state `method` $method attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Dynamics_AdvancesOp : Dynamics_ModelOp<"advances", [NoTerminator, HasParent<"PopulationOp">]> {
  let summary = "The values of many states one step later, in one region";
  let description = [{
    The same as a `dynamics.advance` for each `dynamics.next` in it. States that advance together have almost all of
    their expressions in common: those of a cell of many compartments follow from one linear system.

    Example:
    ```mlir
    dynamics.advances {
      %0 = dynamics.get @V : f64
      %1 = dynamics.get @g : f64
      dynamics.next @V method "hines", %1 : f64
      dynamics.next @g method "hines", %0 : f64
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

def Dynamics_NextOp : Dynamics_Op<"next", [HasParent<"AdvancesOp">]> {
  let summary = "The value of one state one step later";
  let description = [{
    In `dynamics.advances`, for each of its states.

    Example:
    ```mlir
    dynamics.advances {
      %0 = dynamics.get @V : f64
      dynamics.next @V method "hines", %0 : f64
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$state, StrAttr:$method, Dynamics_Value:$value);
  let assemblyFormat = "$state `method` $method `,` $value attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Dynamics_ThresholdOp : Dynamics_ModelOp<"threshold", [NoTerminator, HasParent<"PopulationOp">]> {
  let summary = "The condition of a spike, tested after integration";
  let description = [{
    Starts a rule, to which the resets and the refractory time behind it belong. A population may
    have several: all conditions are tested on the values after integration, then the resets of
    those that hold apply in order; a neuron spikes once, whatever rules hold. `silent`: a rule
    without a spike, which is tested in refractory time as well. `event`: such a rule whose neurons are
    listed as the spikes of that population, which has as many neurons and nothing else. `simultaneous`: its resets
    and its refractory time read the values before all of its resets.

    Example:
    ```mlir
    dynamics.threshold {
      %0 = dynamics.get @V : f32
      %1 = dynamics.scalar @E.V_th : f32
      %2 = arith.cmpf oge, %0, %1 : f32
      dynamics.yield %2 : i1
    }
    ```
  }];
  let arguments = (ins UnitAttr:$silent, UnitAttr:$simultaneous, OptionalAttr<FlatSymbolRefAttr>:$event);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

def Dynamics_ResetOp : Dynamics_OfStateOp<"reset"> {
  let summary = "The value of a state after a spike";
  let description = [{
    Resets apply in order: a later one sees what the earlier ones did, unless the rule is `simultaneous`.

    Example:
    ```mlir
    dynamics.reset @V {
      %0 = dynamics.scalar @E.V_reset : f32
      dynamics.yield %0 : f32
    }
    ```
  }];
  let hasVerifier = 1;
}

def Dynamics_RefractoryOp : Dynamics_ModelOp<"refractory", [NoTerminator, HasParent<"PopulationOp">]> {
  let summary = "A time without spikes after a spike, in ms";
  let description = [{
    The states in `hold` are neither integrated nor changed by events meanwhile. The region gives
    the duration, rounded to whole steps, as it is behind the resets before it in the rule. With `conditional` it gives a
    condition: the time lasts as long as that holds at the end of a step, from the step of the rule on.

    Example:
    ```mlir
    dynamics.refractory hold [@V] {
      %0 = dynamics.scalar @E.t_ref : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let arguments = (ins ArrayAttr:$hold, UnitAttr:$conditional);
  let regions = (region SizedRegion<1>:$duration);
  let assemblyFormat = "`hold` $hold attr-dict-with-keyword $duration";
}

def Dynamics_ClampOp : Dynamics_OfStateOp<"clamp"> {
  let summary = "The value that a state has in each step of the refractory time before it";
  let description = [{
    In place of integration; what it reads are values at the start of the step.

    Example:
    ```mlir
    dynamics.clamp @V {
      %0 = dynamics.scalar @E.V_reset : f32
      dynamics.yield %0 : f32
    }
    ```
  }];
  let hasVerifier = 1;
}

def Dynamics_SpikeTimesOp : Dynamics_ModelOp<"spike_times", [HasParent<"PopulationOp">]> {
  let summary = "The spikes of a population that are known before the run";
  let description = [{
    Pairs of a step and a neuron, ascending: at the end of that step that neuron spikes.

    Example:
    ```mlir
    dynamics.spike_times steps [9, 9, 19] neurons [0, 2, 1]
    ```
  }];
  let arguments = (ins DenseI64ArrayAttr:$steps, DenseI64ArrayAttr:$neurons);
  let assemblyFormat = "`steps` $steps `neurons` $neurons attr-dict";
  let hasVerifier = 1;
}

def Dynamics_WeightOp : Dynamics_ModelOp<"weight", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "The weight of an event, or of each synapse";
  let description = [{
    Example:
    ```mlir
    dynamics.weight {
      %0 = dynamics.scalar @exc.weight : f32
      dynamics.yield %0 : f32
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

def Dynamics_DelayOp : Dynamics_ModelOp<"delay", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "The delay of each synapse in ms, rounded to whole steps";
  let description = [{
    Example:
    ```mlir
    dynamics.delay {
      %0 = arith.constant 1.500000e+00 : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

def Dynamics_TotalOp : Dynamics_ModelOp<"total", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "What the weights of a neuron's synapses sum up to when they are made (evaluated for each synapse, in f64)";
  let description = [{
    Of a projection that is `normalised`; one value for all synapses of a neuron.

    Example:
    ```mlir
    dynamics.total {
      %0 = arith.constant 5.000000e+00 : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

def Dynamics_ChoiceOp : Dynamics_ModelOp<"choice", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "The number that each synapse chooses (evaluated for each synapse of the whole matrix, in f64)";
  let description = [{
    Of a projection whose synapses are `chosen` by it.

    Example:
    ```mlir
    dynamics.choice {
      %0 = arith.constant 3.000000e+00 : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

def Dynamics_ProbabilityOp : Dynamics_ModelOp<"probability", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "The probability that a pair of neurons is connected"
                " (rule \"pairwise\"; evaluated for every pair, in f64)";
  let description = [{
    Inside, `dynamics.index` is the target and `dynamics.source_index` the source neuron; `dynamics.post` and
    `dynamics.pre` are their parameters with a value for each neuron.

    Example:
    ```mlir
    dynamics.probability {
      %0 = arith.constant 2.500000e-01 : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

def Dynamics_RateOp : Dynamics_ModelOp<"rate", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "The rate of a Poisson source in kHz";
  let description = [{
    Example:
    ```mlir
    dynamics.rate {
      %0 = dynamics.scalar @ext.rate : f32
      dynamics.yield %0 : f32
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

def Dynamics_EventOp : Dynamics_ModelOp<"event", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "What an event does to a state";
  let description = [{
    With `additive` the region is an increment, otherwise the new value. With `post` the state is
    the target neuron's, with `weight` it is the weight of the synapse. With `by_target` the event is
    a spike of the target neuron, otherwise one of the source that arrives. `dynamics.weight_value` is
    the weight of the synapse. With `after` it acts so many steps later than the spike is at the synapse, behind events that do
    not or less. All events that act together see the values before all of them. With `every` it is no event but what
    each synapse does where a step ends with a multiple of so many steps (or `start`, and such a multiple later), behind the advances; those with one `place`
    see the values before all of them, and those with a higher one come later.

    Example:
    ```mlir
    dynamics.event @g attributes {additive} {
      %0 = dynamics.weight_value : f32
      dynamics.yield %0 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$state, UnitAttr:$additive, UnitAttr:$post, UnitAttr:$weight,
                       UnitAttr:$by_target, OptionalAttr<I64Attr>:$after, OptionalAttr<I64Attr>:$every,
                       OptionalAttr<I64Attr>:$start, OptionalAttr<I64Attr>:$place);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$state attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Dynamics_JumpOp : Dynamics_ModelOp<"jump", [NoTerminator, HasParent<"PopulationOp">]> {
  let summary = "What a spike of the neuron does to a state that came from a projection";
  let description = [{
    The region sees the integrated values before every reset and jump. With `after` it acts at the
    start of the next step (of the step `delay` steps later, if that is given), when the spikes that are due then have
    been delivered. `event`: the named event that does it in place of spikes.

    Example:
    ```mlir
    dynamics.jump @stdp.x {
      %0 = arith.constant 1.000000e+00 : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$state, UnitAttr:$after, OptionalAttr<I64Attr>:$delay,
                       OptionalAttr<FlatSymbolRefAttr>:$event);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$state attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Dynamics_HistoryOp : Dynamics_ModelOp<"history", [Symbol, NoTerminator, HasParent<"PopulationOp">]> {
  let summary = "A value of every neuron in the last `slots` steps";
  let description = [{
    The first region is the value before the first step, the second that at the end of a step, after
    resets and jumps. With `event` it is read for spikes only, and is the value before the jumps.

    Example:
    ```mlir
    dynamics.history @E.V.history slots 2 {
      %0 = arith.constant 0.000000e+00 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, I64Attr:$slots, UnitAttr:$event);
  let regions = (region SizedRegion<1>:$init, SizedRegion<1>:$value);
  let assemblyFormat = "$sym_name `slots` $slots attr-dict-with-keyword $init `,` $value";
  let hasVerifier = 1;
}

def Dynamics_RecordedOp : Dynamics_ModelOp<"recorded", [Symbol, NoTerminator, ParentOneOf<["PopulationOp", "ProjectionOp"]>]> {
  let summary = "A value of every neuron that is kept for recorders alone";
  let description = [{
    With `start` it is the value at the start of a step, after delivery, inputs written out: what equations see.
    Without, it is the value at the end of a step, after resets and jumps, of states, parameters and the time, and
    reads no input. Nothing else may depend on it, in no bit. Of a projection it is a value of every target neuron.

    Example:
    ```mlir
    dynamics.recorded @E.IL unit "pA" {
      %0 = dynamics.get @V : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$unit, UnitAttr:$start);
  let regions = (region SizedRegion<1>:$value);
  let assemblyFormat = "$sym_name `unit` $unit attr-dict-with-keyword $value";
}

def Dynamics_GivenOp : Dynamics_ModelOp<"given", [Symbol, NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "The first value of a state of the neurons that stand for the synapses";
  let description = [{
    The state, a parameter of each of these neurons, is called by its population and its name. The value is computed for each synapse
    as weights are.

    Example:
    ```mlir
    dynamics.given @Cleft.x {
      %0 = dynamics.post @E.x : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name);
  let regions = (region SizedRegion<1>:$value);
  let assemblyFormat = "$sym_name attr-dict-with-keyword $value";
}

def Dynamics_SumOp : Dynamics_ModelOp<"sum", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "What every synapse adds to a sum of its target that is made anew in every step";
  let description = [{
    Example:
    ```mlir
    dynamics.sum @nmda.sum0 {
      %0 = dynamics.weight_value : f64
      %1 = dynamics.past @nmda.s.history : f64
      %2 = arith.mulf %0, %1 : f64
      dynamics.yield %2 : f64
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$state);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$state attr-dict-with-keyword $body";
}

def Dynamics_WeightEquationOp : Dynamics_ModelOp<"weight_equation", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "The derivative of the weight of a synapse with respect to time, per ms";
  let description = [{
    With `method` as in `dynamics.equation`.

    Example:
    ```mlir
    dynamics.weight_equation method "heun" {
      %0 = dynamics.weight_value : f64
      %1 = arith.negf %0 : f64
      dynamics.yield %1 : f64
    }
    ```
  }];
  let arguments = (ins OptionalAttr<StrAttr>:$method);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "(`method` $method^)? attr-dict-with-keyword $body";
}

def Dynamics_WeightAdvanceOp : Dynamics_ModelOp<"weight_advance", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "The weight of a synapse one step later";
  let description = [{
    What `integrate` makes of `dynamics.weight_equation`.

    Example:
    ```mlir
    dynamics.weight_advance method "exact" {
      %0 = dynamics.weight_value : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let arguments = (ins StrAttr:$method);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`method` $method attr-dict-with-keyword $body";
}

def Dynamics_WeightBoundsOp : Dynamics_ModelOp<"weight_bounds", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "Between which values the weight of a synapse is kept";
  let description = [{
    Example:
    ```mlir
    dynamics.weight_bounds {
      %0 = arith.constant 0.000000e+00 : f64
      dynamics.yield %0 : f64
    }, {
      %0 = arith.constant 1.000000e+00 : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$low, SizedRegion<1>:$high);
  let assemblyFormat = "attr-dict-with-keyword $low `,` $high";
}

def Dynamics_OutputOp : Dynamics_ModelOp<"output", [NoTerminator, HasParent<"ProjectionOp">]> {
  let summary = "What a receptor adds to an input of its target";
  let description = [{
    `recorded`: what all synapses of a neuron add is kept for recorders, under this name behind the projection's and in this `unit`.

    Example:
    ```mlir
    dynamics.output @I {
      %0 = dynamics.get @g : f32
      %1 = dynamics.post @V : f32
      %2 = arith.mulf %0, %1 : f32
      dynamics.yield %2 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$input, OptionalAttr<StrAttr>:$recorded, OptionalAttr<StrAttr>:$unit);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$input attr-dict-with-keyword $body";
}

#endif
