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

def Dynamics_PastOp : Dynamics_NamedValueOp<"past"> {
  let summary = "The source neuron's element of a history, as long ago as the delay says";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.past @E.V.history : f32
    ```
  }];
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

def Dynamics_SourceIndexOp : Dynamics_NullaryOp<"source_index"> {
  let summary = "The index of the source neuron";
  let description = [{
    Example:
    ```mlir
    %0 = dynamics.source_index : f64
    ```
  }];
}

def Dynamics_RandomOp : Dynamics_LeafOp<"random", [SameOperandsAndResultType]> {
  let summary = "A random draw, addressed by stream, index and step";
  let description = [{
    `uniform` (low, high), `normal` (mean, standard deviation), `exponential` (mean), `lognormal`
    (mean and standard deviation of the logarithm), `poisson` (mean). Never drawn in sequence: the
    same address gives the same number on any thread and device.

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
