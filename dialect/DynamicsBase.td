// The dynamics dialect: networks of neurons, from equations to steps.
#ifndef DYNAMICS_BASE_TD
#define DYNAMICS_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Dynamics_Dialect : Dialect {
  let name = "dynamics";
  let cppNamespace = "::dynamics";
  let summary = "Networks of neurons";
  let description = [{
    Two groups of operations. *Model* operations say what a network is: populations, projections,
    states, equations, events. *Step* operations say what one step does: deliver, update, emit.
    Between them stand the passes of the compiler. Values inside regions are ordinary `arith` and
    `math` values of the network's real type; units have been checked and erased.
  }];
}

class Dynamics_Op<string mnemonic, list<Trait> traits = []> : Op<Dynamics_Dialect, mnemonic, traits>;

// An operation of a model, directly inside a network, a population or a projection.
class Dynamics_ModelOp<string mnemonic, list<Trait> traits = []> : Dynamics_Op<mnemonic, traits>;

// A leaf inside a region: a value that comes from outside of it.
class Dynamics_LeafOp<string mnemonic, list<Trait> traits = []> : Dynamics_Op<mnemonic, !listconcat(traits, [Pure])>;

// A real number, a truth value or a counter.
def Dynamics_Value : AnyTypeOf<[F32, F64, I1, I32], "a real number, a truth value or a counter">;
def Dynamics_Real : AnyTypeOf<[F32, F64], "a real number">;

#endif
