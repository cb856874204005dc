// Registers the dialect and verifies what types cannot say. No passes live here.
#include "dynamics.h"
#include "mlir/CAPI/Registration.h"

using namespace mlir;
using namespace dynamics;

#include "Dynamics.dialect.cpp.inc"
#define GET_OP_CLASSES
#include "Dynamics.ops.cpp.inc"

void DynamicsDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "Dynamics.ops.cpp.inc"
      >();
}

namespace {

/// The state op of this name beside `op`, or an error.
LogicalResult hasState(Operation *op, FlatSymbolRefAttr name) {
  Operation *found = SymbolTable::lookupSymbolIn(op->getParentOp(), name.getAttr());
  if (!isa_and_nonnull<StateOp>(found))
    return op->emitOpError("refers to ") << name << ", which is not a state of its owner";
  return success();
}

LogicalResult checkRule(Operation *op, StringRef rule, double amount, int64_t minDelay, int64_t maxDelay, bool poisson) {
  if (poisson) {
    if (rule != "poisson")
      return op->emitOpError("has no source, so its rule must be \"poisson\", not \"") << rule << "\"";
    return success();
  }
  if (op->hasAttr("plastic") && !op->hasAttr("weight_per_synapse"))
    return op->emitOpError("has weights that change, but not one for each synapse");
  bool known = llvm::is_contained({"all_to_all", "one_to_one", "fixed_probability", "fixed_in_degree", "fixed_out_degree"}, rule);
  if (!known)
    return op->emitOpError("has the unknown rule \"") << rule << "\"";
  if (rule == "fixed_probability" && !(amount >= 0.0 && amount <= 1.0))
    return op->emitOpError("has a probability outside 0..1");
  if (minDelay < 1)
    return op->emitOpError("has a delay below one step");
  if (maxDelay < minDelay)
    return op->emitOpError("has a greatest delay below its least");
  return success();
}

} // namespace

LogicalResult NetworkOp::verify() {
  if (!(getDt().convertToDouble() > 0.0))
    return emitOpError("has a step that is not above zero");
  if (!getReal().isF32() && !getReal().isF64())
    return emitOpError("has real numbers that are neither f32 nor f64");
  return success();
}

LogicalResult PopulationOp::verify() {
  if (getSize() < 1)
    return emitOpError("has no neurons");
  return success();
}

LogicalResult ProjectionOp::verify() {
  return checkRule(*this, getRule(), getAmount().convertToDouble(), getMinDelay(), getMaxDelay(), !getSource());
}

LogicalResult ConnectionOp::verify() {
  return checkRule(*this, getRule(), getAmount().convertToDouble(), getMinDelay(), getMaxDelay(), false);
}

LogicalResult StateOp::verify() {
  if (!getSide())
    return success();
  if (!isa_and_nonnull<ProjectionOp, PopulationOp>((*this)->getParentOp()))
    return emitOpError("has a side, but belongs to no projection");
  if (!llvm::is_contained({"source", "target", "trace", "synapse"}, *getSide()))
    return emitOpError("has the unknown side \"") << *getSide() << "\"";
  return success();
}

LogicalResult JumpOp::verify() { return hasState(*this, getStateAttr()); }

LogicalResult HistoryOp::verify() {
  if (getSlots() < 2)
    return emitOpError("keeps fewer than two steps");
  return success();
}

LogicalResult EquationOp::verify() { return hasState(*this, getStateAttr()); }
LogicalResult AdvanceOp::verify() { return hasState(*this, getStateAttr()); }
LogicalResult ResetOp::verify() { return hasState(*this, getStateAttr()); }

LogicalResult RandomOp::verify() {
  size_t expected = llvm::StringSwitch<size_t>(getDistribution())
                        .Cases({"uniform", "normal", "lognormal"}, 2)
                        .Cases({"exponential", "poisson"}, 1)
                        .Default(0);
  if (expected == 0)
    return emitOpError("has the unknown distribution \"") << getDistribution() << "\"";
  if (getArguments().size() != expected)
    return emitOpError("needs ") << expected << " arguments for \"" << getDistribution() << "\"";
  return success();
}

LogicalResult PropagatorOp::verify() {
  size_t count = getEntries().size(), size = 0;
  while (size * size < count)
    ++size;
  if (size == 0 || size * size != count)
    return emitOpError("needs a square matrix, not ") << count << " entries";
  if (getElements().size() != getValues().size())
    return emitOpError("has as many results as elements");
  for (int64_t element : getElements())
    if (element < 0 || element >= static_cast<int64_t>(count))
      return emitOpError("has no element ") << element;
  return success();
}

extern "C" {
MLIR_DEFINE_CAPI_DIALECT_REGISTRATION(Dynamics, dynamics, dynamics::DynamicsDialect)
}
