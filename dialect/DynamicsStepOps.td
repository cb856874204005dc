// Step operations: what one step does, and what happens before the first.
#ifndef DYNAMICS_STEP_OPS_TD
#define DYNAMICS_STEP_OPS_TD

include "DynamicsBase.td"

def Dynamics_BufferOp : Dynamics_Op<"buffer", [Symbol, HasParent<"NetworkOp">]> {
  let summary = "An array in the state block";
  let description = [{
    One element for each neuron of `population`. `internal`: not the user's. With `slots` a ring of
    so many steps: an update writes the slot of its step.

    Example:
    ```mlir
    dynamics.buffer @E.V of @E : f32 unit "mV"
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$population, TypeAttr:$element, StrAttr:$unit, UnitAttr:$internal,
                       OptionalAttr<I64Attr>:$slots);
  let assemblyFormat = "$sym_name `of` $population `:` $element `unit` $unit attr-dict";
}

def Dynamics_SynapseStateOp : Dynamics_Op<"synapse_state", [Symbol, HasParent<"NetworkOp">]> {
  let summary = "An array with one element for each synapse of a connection";
  let description = [{
    `given_to`: the buffer whose elements, one for each synapse, get its first values.

    Example:
    ```mlir
    dynamics.synapse_state @stdp.c of @stdp unit "1"
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$connection, StrAttr:$unit, UnitAttr:$internal,
                       OptionalAttr<FlatSymbolRefAttr>:$given_to);
  let assemblyFormat = "$sym_name `of` $connection `unit` $unit attr-dict";
}

def Dynamics_FeedOp : Dynamics_Op<"feed", [Symbol, HasParent<"NetworkOp">]> {
  let summary = "An input that an application may feed";
  let description = [{
    Example:
    ```mlir
    dynamics.feed @E.I of @E unit "mV"
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$population, StrAttr:$unit);
  let assemblyFormat = "$sym_name `of` $population `unit` $unit attr-dict";
}

def Dynamics_DeriveOp : Dynamics_Op<"derive", [NoTerminator, SingleBlock, HasParent<"NetworkOp">]> {
  let summary = "Scalars computed from the parameters, in f64";
  let description = [{
    Runs at creation and after a parameter has changed.

    Example:
    ```mlir
    dynamics.derive {
      %0 = dynamics.scalar @E.tau : f64
      dynamics.define @s0 as f32, %0 : f64
    }
    ```
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "attr-dict-with-keyword $body";
}

def Dynamics_InitialiseOp : Dynamics_Op<"initialise", [NoTerminator, SingleBlock, HasParent<"NetworkOp">]> {
  let summary = "The initial values of a population's buffers";
  let description = [{
    Example:
    ```mlir
    dynamics.initialise @E {
      %0 = dynamics.scalar @s0 : f32
      dynamics.write @E.V, %0 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$population);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$population attr-dict-with-keyword $body";
}

def Dynamics_CoefficientsOp : Dynamics_Op<"coefficients", [NoTerminator, SingleBlock, HasParent<"NetworkOp">]> {
  let summary = "What steps read of a population that follows from arrays which no step changes, and from parameters";
  let description = [{
    Elementwise, as `dynamics.update`. Runs before the first step, and again before the step that comes after a change of
    what it follows from.

    Example:
    ```mlir
    dynamics.coefficients @E {
      %0 = dynamics.read @E.tau : f32
      %1 = math.exp %0 : f32
      dynamics.write @E.coefficient.0, %1 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$population);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$population attr-dict-with-keyword $body";
}

def Dynamics_SynapsesOp : Dynamics_Op<"synapses", [NoTerminator, SingleBlock, HasParent<"NetworkOp">]> {
  let summary = "A value of each synapse: `weight`, `delay` in ms, or a synapse state; or of each pair: `probability`; in f64";
  let description = [{
    Inside, `dynamics.index` is the target and `dynamics.source_index` the source neuron.

    Example:
    ```mlir
    dynamics.synapses @exc value "delay" {
      %0 = arith.constant 1.500000e+00 : f64
      dynamics.yield %0 : f64
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$projection, StrAttr:$value);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$projection `value` $value attr-dict-with-keyword $body";
}

def Dynamics_ConnectionOp : Dynamics_Op<"connection", [Symbol, HasParent<"NetworkOp">]> {
  let summary = "A matrix of connections that the runtime builds";
  let description = [{
    Example:
    ```mlir
    dynamics.connection @exc from @E to @I rule "fixed_probability" amount 2.000000e-02 delay 1 to 1 stream 0
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, FlatSymbolRefAttr:$source, FlatSymbolRefAttr:$target,
                       StrAttr:$rule, F64Attr:$amount, OptionalAttr<I64Attr>:$neighbours,
                       I64Attr:$min_delay, I64Attr:$max_delay, I64Attr:$stream,
                       UnitAttr:$no_self, UnitAttr:$with_replacement, UnitAttr:$weight_per_synapse, UnitAttr:$plastic, UnitAttr:$columns,
                       OptionalAttr<I64Attr>:$min_post_delay, OptionalAttr<I64Attr>:$max_post_delay,
                       OptionalAttr<FlatSymbolRefAttr>:$source_event, OptionalAttr<FlatSymbolRefAttr>:$target_event,
                       OptionalAttr<FlatSymbolRefAttr>:$pairs, OptionalAttr<DenseI64ArrayAttr>:$edges,
                       OptionalAttr<DenseI64ArrayAttr>:$parts, OptionalAttr<FlatSymbolRefAttr>:$transposes, OptionalAttr<FlatSymbolRefAttr>:$synapses_of,
                       OptionalAttr<FlatSymbolRefAttr>:$source_degrees, OptionalAttr<FlatSymbolRefAttr>:$target_degrees,
                       UnitAttr:$symmetric, UnitAttr:$proportional, OptionalAttr<StrAttr>:$normalised,
                       OptionalAttr<DenseI64ArrayAttr>:$chosen);
  let assemblyFormat = [{
    $sym_name `from` $source `to` $target `rule` $rule `amount` $amount
    (`neighbours` $neighbours^)? `delay` $min_delay `to` $max_delay `stream` $stream attr-dict
  }];
  let hasVerifier = 1;
}

def Dynamics_DeliverOp : Dynamics_Op<"deliver", [NoTerminator, SingleBlock, HasParent<"NetworkOp">]> {
  let summary = "Delivers the spikes that are due along connections";
  let description = [{
    The region runs once for each event and synapse. It reads weights and scalars and accumulates
    into buffers of the target; the order is by delay, source and target, whatever the threads. With `after` the spikes
    are so many steps older.

    Example:
    ```mlir
    dynamics.deliver @exc {
      %0 = dynamics.weight_value : f32
      dynamics.accumulate @I.g, %0 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$connection, OptionalAttr<I64Attr>:$after);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$connection attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

class Dynamics_EdgeOp<string mnemonic> : Dynamics_Op<mnemonic, [NoTerminator, SingleBlock, HasParent<"NetworkOp">]> {
  let arguments = (ins FlatSymbolRefAttr:$connection);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$connection attr-dict-with-keyword $body";
}

def Dynamics_GatherOp : Dynamics_EdgeOp<"gather"> {
  let summary = "Sums of every synapse's contribution, made anew in every step";
  let description = [{
    After the spikes of a step have been delivered and responded to, before synapses advance. The buffers that it
    accumulates into are zero before. The order is by delay, source and target. Another one with `write_synapse` keeps
    what is recorded of single synapses.

    Example:
    ```mlir
    dynamics.gather @nmda {
      %0 = dynamics.past @nmda.s.history : f32
      dynamics.accumulate @nmda.sum0, %0 : f32
    }
    ```
  }];
}

def Dynamics_RespondOp : Dynamics_Op<"respond", [NoTerminator, SingleBlock, HasParent<"NetworkOp">]> {
  let summary = "What spikes of target neurons do to their synapses";
  let description = [{
    The region runs once for each synapse of each neuron that spiked at the end of the step before (or as many steps ago as
    the connection's delay of such spikes says),
    after the spikes that arrive now have been delivered; by target, source and delay. With `after` the spikes are so many
    steps older.

    Example:
    ```mlir
    dynamics.respond @stdp {
      %0 = dynamics.past @stdp.x.history : f32
      %1 = dynamics.weight_value : f32
      %2 = arith.addf %0, %1 : f32
      dynamics.write_weight %2 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$connection, OptionalAttr<I64Attr>:$after);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$connection attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Dynamics_UpdateSynapsesOp : Dynamics_EdgeOp<"update_synapses"> {
  let summary = "One step of every synapse";
  let description = [{
    All reads of a synapse see the values before all its writes.

    Example:
    ```mlir
    dynamics.update_synapses @stdp {
      %0 = dynamics.synapse @stdp.c : f32
      dynamics.write_synapse @stdp.c, %0 : f32
    }
    ```
  }];
}

def Dynamics_AfterSpikeOp : Dynamics_Op<"after_spike", [NoTerminator, SingleBlock, HasParent<"NetworkOp">]> {
  let summary = "What a spike at the end of the step before does to its neuron";
  let description = [{
    Runs after `dynamics.respond`. With `delay` it is the step so many steps before.

    Example:
    ```mlir
    dynamics.after_spike @E {
      %0 = dynamics.read @stdp.y : f32
      dynamics.write @stdp.y, %0 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$population, OptionalAttr<I64Attr>:$delay);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$population attr-dict-with-keyword $body";
  let hasVerifier = 1;
}

def Dynamics_AtSpikeOp : Dynamics_Op<"at_spike", [NoTerminator, SingleBlock, HasParent<"NetworkOp">]> {
  let summary = "What a given spike does to its neuron at the end of its step";
  let description = [{
    Of populations whose spikes are given: there is no condition that an update could test. Histories
    are written in the slot of the step.

    Example:
    ```mlir
    dynamics.at_spike @S {
      %0 = dynamics.read @tm.x : f32
      dynamics.write @tm.x, %0 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$population);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$population attr-dict-with-keyword $body";
}

def Dynamics_UpdateOp : Dynamics_Op<"update", [NoTerminator, SingleBlock, HasParent<"NetworkOp">]> {
  let summary = "One step of every neuron of a population";
  let description = [{
    Elementwise: reads its own elements of buffers, writes them, emits spikes. All reads see the
    values before all writes.

    Example:
    ```mlir
    dynamics.update @E {
      %0 = dynamics.read @E.V : f32
      %1 = dynamics.scalar @s0 : f32
      %2 = arith.mulf %0, %1 : f32
      dynamics.write @E.V, %2 : f32
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$population);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$population attr-dict-with-keyword $body";
}

class Dynamics_SinkOp<string mnemonic> : Dynamics_Op<mnemonic> {
  let arguments = (ins FlatSymbolRefAttr:$buffer, Dynamics_Value:$value);
  let assemblyFormat = "$buffer `,` $value attr-dict `:` type($value)";
}

def Dynamics_WriteOp : Dynamics_SinkOp<"write"> {
  let summary = "Writes an element of a buffer";
  let description = [{
    Example:
    ```mlir
    dynamics.write @E.V, %0 : f32
    ```
  }];
}

def Dynamics_RecordOp : Dynamics_SinkOp<"record"> {
  let summary = "Writes an element of a buffer for recorders alone";
  let description = [{
    In `dynamics.update`: like `dynamics.write`, but the values that are written and the spikes round as if it were
    not there. A product which they fuse with a sum stays fused.

    Example:
    ```mlir
    dynamics.record @E.IL, %0 : f32
    ```
  }];
}

def Dynamics_AccumulateOp : Dynamics_SinkOp<"accumulate"> {
  let summary = "Adds to the target's element of a buffer";
  let description = [{
    Example:
    ```mlir
    dynamics.accumulate @I.g, %0 : f32
    ```
  }];
}

def Dynamics_WriteSynapseOp : Dynamics_SinkOp<"write_synapse"> {
  let summary = "Writes a state of the synapse";
  let description = [{
    Example:
    ```mlir
    dynamics.write_synapse @stdp.c, %0 : f32
    ```
  }];
}

def Dynamics_WriteWeightOp : Dynamics_Op<"write_weight"> {
  let summary = "Writes the weight of the synapse";
  let description = [{
    Example:
    ```mlir
    dynamics.write_weight %0 : f32
    ```
  }];
  let arguments = (ins Dynamics_Value:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

def Dynamics_DefineOp : Dynamics_Op<"define"> {
  let summary = "Names a derived scalar, rounded to its type";
  let description = [{
    Example:
    ```mlir
    dynamics.define @s0 as f32, %0 : f64
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttr:$element, Dynamics_Value:$value);
  let assemblyFormat = "$sym_name `as` $element `,` $value attr-dict `:` type($value)";
}

def Dynamics_PropagatorOp : Dynamics_Op<"propagator"> {
  let summary = "The exact propagator exp(A dt) of a linear system";
  let description = [{
    `entries` is the square matrix A by rows, per ms; the results are those elements of exp(A dt)
    that `elements` names (row * size + column).

    Example:
    ```mlir
    %1 = dynamics.propagator %0 : f64 elements [0] : f64
    ```
  }];
  let arguments = (ins Variadic<Dynamics_Real>:$entries, DenseI64ArrayAttr:$elements);
  let results = (outs Variadic<Dynamics_Real>:$values);
  let assemblyFormat = "$entries `:` type($entries) `elements` $elements attr-dict `:` type($values)";
  let hasVerifier = 1;
}

def Dynamics_EmitOp : Dynamics_Op<"emit"> {
  let summary = "Lists the neuron among the spikes of this step if the condition holds";
  let description = [{
    With `as` it is listed among the spikes of another population, of as many neurons: a named event.

    Example:
    ```mlir
    dynamics.emit %0
    dynamics.emit %0 as @E.burst
    ```
  }];
  let arguments = (ins I1:$condition, OptionalAttr<FlatSymbolRefAttr>:$events);
  let assemblyFormat = "$condition (`as` $events^)? attr-dict";
}

#endif
