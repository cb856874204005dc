// Value operations: the leaves of regions, and the functions that arith and math lack.
#ifndef DYNAMICS_VALUE_OPS_TD
#define DYNAMICS_VALUE_OPS_TD

include "DynamicsBase.td"

class Dynamics_NamedValueOp<string mnemonic> : Dynamics_LeafOp<mnemonic> {
  let arguments = (ins FlatSymbolRefAttr:$name);
  let results = (outs Dynamics_Value:$result);
  let assemblyFormat = "$name attr-dict `:` type($result)";
}

def Dynamics_GetOp : Dynamics_NamedValueOp<"get"> {
  let summary = "A state or an input of the owner";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.get @V : f32
    ```
  }];
}

def Dynamics_PreviousOp : Dynamics_NamedValueOp<"previous"> {
  let summary = "A state of the owner as it was at the end of the step before";
  let description = [{
    Only in conditions: what has crossed a threshold was on the other side before. It is the value
    after the resets of that step and before the events of this one.

    Example:
    ```mlir
    %0 = dynamics.previous @V : f32
    ```
  }];
}

def Dynamics_PostOp : Dynamics_NamedValueOp<"post"> {
  let summary = "A state of the target neuron";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.post @V : f32
    ```
  }];
}

def Dynamics_PreOp : Dynamics_NamedValueOp<"pre"> {
  let summary = "A state of the source neuron, as long ago as the delay says";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.pre @V : f32
    ```
  }];
}

def Dynamics_PastOp : Dynamics_LeafOp<"past"> {
  let summary = "The source neuron's element of a history, as long ago as the delay says";
  let description = [{
    It is the value at the end of the step whose spikes arrive now; `earlier`, at its start, which is a delay before the start of
    the present step.

    Example:
    ```mlir
    %0 = dynamics.past @E.V.history : f32
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$name, UnitAttr:$earlier);
  let results = (outs Dynamics_Value:$result);
  let assemblyFormat = "$name attr-dict `:` type($result)";
}

def Dynamics_DelayedOp : Dynamics_LeafOp<"delayed"> {
  let summary = "A state of the neuron, so many steps before the start of the step";
  let description = [{
    Before the first step it is the initial value. `keep-histories` makes of the state's name that of
    its history.

    Example:
    ```mlir
    %0 = dynamics.delayed @V steps 10 : f64
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$name, I64Attr:$steps);
  let results = (outs Dynamics_Real:$result);
  let assemblyFormat = "$name `steps` $steps attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Dynamics_SynapseOp : Dynamics_NamedValueOp<"synapse"> {
  let summary = "A state of the synapse";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.synapse @stdp.c : f32
    ```
  }];
}

def Dynamics_ScalarOp : Dynamics_NamedValueOp<"scalar"> {
  let summary = "A parameter or a derived scalar";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.scalar @E.tau : f32
    ```
  }];
}

def Dynamics_ReadOp : Dynamics_NamedValueOp<"read"> {
  let summary = "An element of a buffer, as it was before the update";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.read @E.V : f32
    ```
  }];
}

def Dynamics_ExternalOp : Dynamics_NamedValueOp<"external"> {
  let summary = "What the application feeds into an input; 0 if nothing";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.external @I : f32
    ```
  }];
}

class Dynamics_NullaryOp<string mnemonic> : Dynamics_LeafOp<mnemonic> {
  let results = (outs Dynamics_Real:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def Dynamics_WeightValueOp : Dynamics_NullaryOp<"weight_value"> {
  let summary = "The weight of the event";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.weight_value : f32
    ```
  }];
}

def Dynamics_TimeOp : Dynamics_NullaryOp<"time"> {
  let summary = "The time at the start of the step, in ms";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.time : f32
    ```
  }];
}

def Dynamics_IndexOp : Dynamics_NullaryOp<"index"> {
  let summary = "The index of the neuron (of the target, for synapses)";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.index : f32
    ```
  }];
}

def Dynamics_HeldOp : Dynamics_LeafOp<"held"> {
  let summary = "Whether the neuron is refractory, so that a state of `hold` or `clamp` stands still";
  let description = [{
    Only in `dynamics.advance`: `lower-to-step` knows the counters.

    Example:
    ```mlir
    %0 = dynamics.held @V
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$name);
  let results = (outs I1:$result);
  let assemblyFormat = "$name attr-dict";
}

def Dynamics_RecoveredOp : Dynamics_LeafOp<"recovered"> {
  let summary = "Whether refractory time ends with this step";
  let description = [{
    The whole condition of a `dynamics.threshold` that is silent and has no refractory time of its own. It is tested behind the
    resets of all other rules: some refractory time was running in the step, and none is in the next one.

    Example:
    ```mlir
    %0 = dynamics.recovered
    ```
  }];
  let results = (outs I1:$result);
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
}

def Dynamics_SourceIndexOp : Dynamics_NullaryOp<"source_index"> {
  let summary = "The index of the source neuron";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.source_index : f64
    ```
  }];
}

def Dynamics_PairIndexOp : Dynamics_NullaryOp<"pair_index"> {
  let summary = "The number of the connection in the list that it comes from";
  let description = [{
    Only in weights and delays of the rule explicit.

    Example:
    ```mlir
    %0 = dynamics.pair_index : f64
    ```
  }];
}

def Dynamics_ElementOp : Dynamics_LeafOp<"element"> {
  let summary = "An element of data";
  let description = [{
    An index for each dimension, row before column. Indices are whole numbers that exist: the front
    end has proven it. An index that is a leaf is an integer from the start.

    Example:
    ```mlir
    %0 = dynamics.time_index every 10 ahead 0 last 99 : i32
    %1 = dynamics.index : f32
    %2 = dynamics.element @data.stimulus[%0, %1] : i32, f32 -> f32
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$name, Variadic<AnyTypeOf<[F32, F64, I32]>>:$indices);
  let results = (outs Dynamics_Real:$result);
  let assemblyFormat = "$name `[` $indices `]` attr-dict `:` type($indices) `->` type($result)";
  let hasVerifier = 1;
}

def Dynamics_TimeIndexOp : Dynamics_LeafOp<"time_index"> {
  let summary = "The steps of a clock divided by `every`, plus `ahead`, or `last` if that is less";
  let description = [{
    Which element of a time table holds in this step; the last holds ever after. The clock shows the number of the step
    plus `shift`, begins anew after `cycle` steps, and then is `offset` ahead; each that is left out changes nothing.
    Below 0 it shows 0.

    Example:
    ```mlir
    %0 = dynamics.time_index every 10 ahead 0 last 99 shift -50 cycle 1000 : i32
    ```
  }];
  let arguments = (ins I64Attr:$every, I64Attr:$ahead, I64Attr:$last, OptionalAttr<I64Attr>:$shift,
                       OptionalAttr<I64Attr>:$cycle, OptionalAttr<I64Attr>:$offset);
  let results = (outs I32:$result);
  let assemblyFormat = [{
    `every` $every `ahead` $ahead `last` $last (`shift` $shift^)? (`cycle` $cycle^)? (`offset` $offset^)? attr-dict
    `:` type($result)
  }];
  let hasVerifier = 1;
}

def Dynamics_TimeFractionOp : Dynamics_LeafOp<"time_fraction"> {
  let summary = "The rest of the steps of a clock divided by `every`, as a part of `every`";
  let description = [{
    The clock is that of `dynamics.time_index`.

    Example:
    ```mlir
    %0 = dynamics.time_fraction every 10 : f32
    ```
  }];
  let arguments = (ins I64Attr:$every, OptionalAttr<I64Attr>:$shift, OptionalAttr<I64Attr>:$cycle,
                       OptionalAttr<I64Attr>:$offset);
  let results = (outs Dynamics_Real:$result);
  let assemblyFormat = [{
    `every` $every (`shift` $shift^)? (`cycle` $cycle^)? (`offset` $offset^)? attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

def Dynamics_DueOp : Dynamics_LeafOp<"due"> {
  let summary = "Whether the step ends with a multiple of so many steps";
  let description = [{
    With `start` the number of the step, counted from 1, is that, or a multiple of `every` above it.

    Example:
    ```mlir
    %0 = dynamics.due every 10 start 3 : i1
    ```
  }];
  let arguments = (ins I64Attr:$every, OptionalAttr<I64Attr>:$start);
  let results = (outs I1:$result);
  let assemblyFormat = "`every` $every (`start` $start^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Dynamics_RandomOp : Dynamics_LeafOp<"random", [SameOperandsAndResultType]> {
  let summary = "A random draw, addressed by stream, index and step";
  let description = [{
    `uniform` (low, high), `normal` (mean, standard deviation), `exponential` (mean), `lognormal`
    (mean and standard deviation of the logarithm), `poisson` (mean, the same in all lanes: events of a source in a
    step), `count` (mean, of a Poisson count), `binomial` (number, chance), `bernoulli` (chance), `gamma` (shape, scale), `truncated_normal` (mean, standard
    deviation, low, high). Never drawn in sequence: the
    same address gives the same number on any thread and device. In an event of a projection, and along a
    connection, each synapse draws at each spike.

    Example:
    ```mlir
    %2 = dynamics.random "normal" stream 3 (%0, %1) : f32
    ```
  }];
  let arguments = (ins StrAttr:$distribution, I32Attr:$stream, Variadic<Dynamics_Real>:$arguments);
  let results = (outs Dynamics_Real:$result);
  let assemblyFormat = "$distribution `stream` $stream `(` $arguments `)` attr-dict `:` type($result)";
  let hasVerifier = 1;
}

def Dynamics_NeuronDrawOp : Dynamics_LeafOp<"neuron_draw"> {
  let summary = "A number between 0 and 1 that belongs to a neuron: always the same, wherever it is asked for"
                " (of the target, for synapses; of the source with `source`)";
  let description = [{
    Random positions are made of it: they take no memory.

    Example:
    ```mlir
    %0 = dynamics.neuron_draw stream 3 {source} : f64
    ```
  }];
  let arguments = (ins I32Attr:$stream, UnitAttr:$source);
  let results = (outs Dynamics_Real:$result);
  let assemblyFormat = "`stream` $stream attr-dict `:` type($result)";
}

def Dynamics_NoiseOp : Dynamics_LeafOp<"noise"> {
  let summary = "White noise in an equation (Ito), per square root of ms";
  let description = [{
    Only in `dynamics.equation`: `integrate` turns it into a normal draw of the step.

    Example:
    ```mlir
    %0 = dynamics.noise stream 3 : f32
    ```
  }];
  let arguments = (ins I32Attr:$stream);
  let results = (outs Dynamics_Real:$result);
  let assemblyFormat = "`stream` $stream attr-dict `:` type($result)";
}

class Dynamics_FunctionOp<string mnemonic> : Dynamics_Op<mnemonic, [Pure, SameOperandsAndResultType]> {
  let arguments = (ins Dynamics_Real:$operand);
  let results = (outs Dynamics_Real:$result);
  let assemblyFormat = "$operand attr-dict `:` type($result)";
}

def Dynamics_ExprelOp : Dynamics_FunctionOp<"exprel"> {
  let summary = "(exp(x) - 1) / x, continued by 1 at 0";
  let description = [{
    Example:
    ```mlir
    %1 = dynamics.exprel %0 : f32
    ```
  }];
}

def Dynamics_SigmoidOp : Dynamics_FunctionOp<"sigmoid"> {
  let summary = "1 / (1 + exp(-x))";
  let description = [{
    Example:
    ```mlir
    %1 = dynamics.sigmoid %0 : f32
    ```
  }];
}

def Dynamics_ModuloOp : Dynamics_Op<"modulo", [Pure, SameOperandsAndResultType]> {
  let summary = "What is left of a division downwards, with the sign of the divisor";
  let description = [{
    Example:
    ```mlir
    %2 = dynamics.modulo %0, %1 : f32
    ```
  }];
  let arguments = (ins Dynamics_Real:$dividend, Dynamics_Real:$divisor);
  let results = (outs Dynamics_Real:$result);
  let assemblyFormat = "$dividend `,` $divisor attr-dict `:` type($result)";
}

def Dynamics_StepsOp : Dynamics_Op<"steps", [Pure]> {
  let summary = "A time in ms as whole steps, rounded to nearest";
  let description = [{
    Example:
    ```mlir
    %1 = dynamics.steps %0 : f64
    ```
  }];
  let arguments = (ins Dynamics_Real:$time);
  let results = (outs I32:$result);
  let assemblyFormat = "$time attr-dict `:` type($time)";
}

def Dynamics_RunningOp : Dynamics_Op<"running", [Pure]> {
  let summary = "Whether a counter of steps is above zero";
  let description = [{
    Example:
    ```mlir
    %1 = dynamics.running %0
    ```
  }];
  let arguments = (ins I32:$counter);
  let results = (outs I1:$result);
  let assemblyFormat = "$counter attr-dict";
}

def Dynamics_CountDownOp : Dynamics_Op<"count_down", [Pure]> {
  let summary = "A counter one step later: restarted by a spike, otherwise one less, never below zero";
  let description = [{
    Example:
    ```mlir
    %3 = dynamics.count_down %0, %1, %2
    ```
  }];
  let arguments = (ins I32:$counter, I1:$restart, I32:$from);
  let results = (outs I32:$result);
  let assemblyFormat = "$counter `,` $restart `,` $from attr-dict";
}

def Dynamics_IterateOp : Dynamics_Op<"iterate", [SingleBlock]> {
  let summary = "Values that are computed from themselves until a condition fails, for each neuron by itself";
  let description = [{
    The arguments of the region are the values so far; they start as the operands. The region ends
    with `dynamics.continue`: the condition, tested on these arguments, and the next values. Where
    the condition holds they take the place of the values, where it does not the values stand still.
    The results are the values when it holds nowhere any more, or after `limit` iterations: whoever
    needs to know whether that was enough sees it in the values. What happens to one neuron does
    not depend on others. Iterations do not nest.

    Example:
    ```mlir
    %3:2 = dynamics.iterate limit 10 (%0, %1) : (f32, f32) -> (f32, f32) {
    ^bb0(%x: f32, %left: f32):
      %a = arith.mulf %x, %x : f32
      %b = arith.subf %left, %2 : f32
      %c = arith.cmpf ogt, %left, %2 : f32
      dynamics.continue %c, %a, %b : f32, f32
    }
    ```
  }];
  let arguments = (ins I32Attr:$limit, Variadic<Dynamics_Real>:$initial);
  let results = (outs Variadic<Dynamics_Real>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`limit` $limit `(` $initial `)` attr-dict `:` functional-type($initial, $results) $body";
  let hasVerifier = 1;
}

def Dynamics_ContinueOp : Dynamics_Op<"continue", [Pure, Terminator, HasParent<"IterateOp">]> {
  let summary = "Whether an iteration goes on, and with which values";
  let description = [{
    Example:
    ```mlir
    %3 = dynamics.iterate limit 10 (%0) : (f32) -> f32 {
    ^bb0(%x: f32):
      %c = arith.cmpf olt, %x, %1 : f32
      %a = arith.addf %x, %x : f32
      dynamics.continue %c, %a : f32
    }
    ```
  }];
  let arguments = (ins I1:$condition, Variadic<Dynamics_Real>:$values);
  let assemblyFormat = "$condition `,` $values attr-dict `:` type($values)";
}

def Dynamics_YieldOp : Dynamics_Op<"yield", [Pure, Terminator]> {
  let summary = "The value of a region";
  let description = [{
    Example:
    ```mlir
    dynamics.yield %0 : f32
    ```
  }];
  let arguments = (ins Dynamics_Value:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif
