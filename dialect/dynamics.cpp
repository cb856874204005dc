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
  bool known = llvm::is_contained({"all_to_all", "one_to_one", "fixed_probability", "fixed_in_degree", "fixed_out_degree",
                                   "fixed_total", "explicit", "pairwise", "small_world", "small_world_undirected",
                                   "scale_free", "scale_free_triads", "scale_free_dual", "transposed",
                                   "source_to_synapse", "synapse_to_source", "target_to_synapse", "synapse_to_target"},
                                  rule);
  if (!known)
    return op->emitOpError("has the unknown rule \"") << rule << "\"";
  bool probability = llvm::is_contained({"fixed_probability", "pairwise", "small_world", "small_world_undirected",
                                         "scale_free_triads", "scale_free_dual"},
                                        rule);
  if (probability && !(amount >= 0.0 && amount <= 1.0))
    return op->emitOpError("has a probability outside 0..1");
  if (minDelay < 1)
    return op->emitOpError("has a delay below one step");
  if (maxDelay < minDelay)
    return op->emitOpError("has a greatest delay below its least");
  return success();
}

LogicalResult checkNeighbours(Operation *op, StringRef rule, std::optional<int64_t> neighbours) {
  if (!rule.starts_with("small_world") && neighbours)
    return op->emitOpError("has neighbours, but its rule is no small world");
  if (neighbours && (*neighbours <= 0 || *neighbours % 2 != 0))
    return op->emitOpError("has a number of neighbours that is not even and above zero");
  return success();
}

/// The numbers of edges of graphs that grow in more than one way.
LogicalResult checkEdges(Operation *op, StringRef rule, std::optional<ArrayRef<int64_t>> edges) {
  size_t expected = rule == "scale_free_triads" ? 1 : rule == "scale_free_dual" ? 2 : 0;
  if ((edges ? edges->size() : 0) != expected)
    return op->emitOpError("has not ") << expected << " numbers of edges, as its rule has";
  if (edges && llvm::any_of(*edges, [](int64_t number) { return number < 1; }))
    return op->emitOpError("has a number of edges below one");
  return success();
}

/// The neurons of source and target that a rule chooses among: first and count of each.
LogicalResult checkParts(Operation *op, StringRef rule, std::optional<ArrayRef<int64_t>> parts) {
  if (!parts)
    return success();
  bool graph = rule.starts_with("small_world") || rule.starts_with("scale_free");
  if (!graph && !llvm::is_contained({"fixed_in_degree", "fixed_out_degree", "fixed_total"}, rule))
    return op->emitOpError("has parts, but its rule chooses among all neurons");
  if (parts->size() != 4 || (*parts)[0] < 0 || (*parts)[1] < 1 || (*parts)[2] < 0 || (*parts)[3] < 1)
    return op->emitOpError("has parts that are not first and count of source and target");
  if (graph && ((*parts)[0] != (*parts)[2] || (*parts)[1] != (*parts)[3]))
    return op->emitOpError("is a graph between different parts");
  return success();
}

/// The list of connections of the rule explicit, and of no other.
LogicalResult checkPairs(Operation *op, StringRef rule, FlatSymbolRefAttr pairs) {
  if ((rule == "explicit") != static_cast<bool>(pairs))
    return op->emitOpError("has pairs if and only if its rule is \"explicit\"");
  if (pairs && !isa_and_nonnull<PairsOp>(SymbolTable::lookupSymbolIn(op->getParentOp(), pairs.getAttr())))
    return op->emitOpError("refers to ") << pairs << ", which is not a list of pairs";
  return success();
}

/// The projection whose connections are taken the other way round, of the rule transposed and of no other; and whether a rule can
/// decide of both directions at once.
template <typename OpT> LogicalResult checkDirections(OpT op) {
  FlatSymbolRefAttr transposes = op.getTransposesAttr();
  if ((op.getRule() == "transposed") != static_cast<bool>(transposes))
    return op.emitOpError("transposes a projection if and only if its rule is \"transposed\"");
  if (transposes) {
    auto of = dyn_cast_or_null<OpT>(SymbolTable::lookupSymbolIn(op->getParentOp(), transposes.getAttr()));
    if (!of || !of.getSourceAttr() || of.getRule() == "transposed" || !of->isBeforeInBlock(op))
      return op.emitOpError("transposes ") << transposes << ", which is no earlier matrix of connections";
    if (of.getSourceAttr() != op.getTargetAttr() || of.getTargetAttr() != op.getSourceAttr())
      return op.emitOpError("transposes ") << transposes << ", which is between others";
  }
  if (op.getSymmetric() && !llvm::is_contained({"fixed_probability", "pairwise"}, op.getRule()))
    return op.emitOpError("is symmetric, but its rule does not decide of single pairs");
  if (op.getSymmetric() && op.getSourceAttr() != op.getTargetAttr())
    return op.emitOpError("is symmetric, but between two populations");
  return success();
}

/// What neurons draw in proportion to, and which of their weights are scaled.
template <typename OpT> LogicalResult checkShares(OpT op) {
  if (op.getProportional() && !llvm::is_contained({"fixed_in_degree", "fixed_out_degree", "fixed_total"}, op.getRule()))
    return op.emitOpError("draws in proportion, but its rule draws no degree and no total");
  std::optional<StringRef> normalised = op.getNormalised();
  if (normalised && !llvm::is_contained({"incoming", "outgoing"}, *normalised))
    return op.emitOpError("normalises \"") << *normalised << "\", which is neither incoming nor outgoing";
  if (normalised && !op.getWeightPerSynapse())
    return op.emitOpError("normalises weights, of which each synapse has none of its own");
  std::optional<ArrayRef<int64_t>> chosen = op.getChosen();
  if (chosen && (chosen->size() != 2 || (*chosen)[0] < 0 || (*chosen)[0] >= (*chosen)[1]))
    return op.emitOpError("has chosen synapses, but not a number and one that it is below");
  return success();
}

/// The projection whose synapses a rule joins with their neurons, of these rules and of no other.
template <typename OpT> LogicalResult checkSynapses(OpT op) {
  FlatSymbolRefAttr name = op.getSynapsesOfAttr();
  bool ofSynapses = op.getRule().ends_with("_to_synapse") || op.getRule().starts_with("synapse_to_");
  if (ofSynapses != static_cast<bool>(name))
    return op.emitOpError("joins the synapses of a projection if and only if its rule does");
  if (!name)
    return success();
  auto of = dyn_cast_or_null<OpT>(SymbolTable::lookupSymbolIn(op->getParentOp(), name.getAttr()));
  if (!of || !of.getSourceAttr() || !of->isBeforeInBlock(op))
    return op.emitOpError("joins the synapses of ") << name << ", which is no earlier matrix of connections";
  return success();
}

LogicalResult checkPostDelays(Operation *op, std::optional<uint64_t> least, std::optional<uint64_t> most) {
  if (least.has_value() != most.has_value())
    return op->emitOpError("has only one end of the delays of the target's spikes");
  auto low = static_cast<int64_t>(least.value_or(1)), high = static_cast<int64_t>(most.value_or(1));
  if (low < 1 || high < low)
    return op->emitOpError("has delays of the target's spikes from ") << low << " to " << high << " steps";
  return success();
}

/// How much later than the spike something is done.
LogicalResult checkAfter(Operation *op, std::optional<uint64_t> after) {
  if (after && static_cast<int64_t>(*after) < 1)
    return op->emitOpError("acts ") << static_cast<int64_t>(*after) << " steps after the spike, not at least one";
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
  bool rule = false, pause = false, recovery = false;
  for (Operation &op : getBody().front()) {
    if (isa<ThresholdOp>(op)) {
      rule = true;
      pause = false;
      recovery = !cast<ThresholdOp>(op).getBody().getOps<RecoveredOp>().empty();
    } else if (isa<ResetOp, RefractoryOp>(op) && !rule) {
      return op.emitOpError("comes before any threshold");
    } else if (isa<RefractoryOp>(op) && recovery) {
      return op.emitOpError("begins where refractory time ends");
    } else if (isa<RefractoryOp>(op)) {
      pause = true;
    } else if (isa<ClampOp>(op) && !pause) {
      return op.emitOpError("belongs to no refractory time");
    }
  }
  return success();
}

LogicalResult ProjectionOp::verify() {
  bool pairwise = getRule() == "pairwise", probabilities = !getBody().getOps<ProbabilityOp>().empty();
  bool chooses = llvm::is_contained({"fixed_in_degree", "fixed_out_degree", "fixed_total"}, getRule());
  if (pairwise ? !probabilities : probabilities && !chooses)
    return emitOpError(pairwise ? "has no probabilities for its rule" : "has probabilities, but another rule");
  if (failed(checkPostDelays(*this, getMinPostDelay(), getMaxPostDelay())))
    return failure();
  if (failed(checkNeighbours(*this, getRule(), getNeighbours())))
    return failure();
  if (failed(checkEdges(*this, getRule(), getEdges())) || failed(checkParts(*this, getRule(), getParts())))
    return failure();
  if (failed(checkPairs(*this, getRule(), getPairsAttr())) || failed(checkDirections(*this)) ||
      failed(checkSynapses(*this)) || failed(checkShares(*this)))
    return failure();
  if (getProportional() && !probabilities)
    return emitOpError("draws in proportion to nothing");
  if (getNormalised().has_value() == getBody().getOps<TotalOp>().empty())
    return emitOpError("normalises weights if and only if it says what they sum up to");
  if (getChosen().has_value() == getBody().getOps<ChoiceOp>().empty())
    return emitOpError("has chosen synapses if and only if it says what each chooses");
  return checkRule(*this, getRule(), getAmount().convertToDouble(), getMinDelay(), getMaxDelay(), !getSource());
}

LogicalResult ConnectionOp::verify() {
  if (failed(checkPostDelays(*this, getMinPostDelay(), getMaxPostDelay())))
    return failure();
  if (failed(checkNeighbours(*this, getRule(), getNeighbours())))
    return failure();
  if (failed(checkEdges(*this, getRule(), getEdges())) || failed(checkParts(*this, getRule(), getParts())))
    return failure();
  if (failed(checkPairs(*this, getRule(), getPairsAttr())) || failed(checkDirections(*this)) ||
      failed(checkSynapses(*this)) || failed(checkShares(*this)))
    return failure();
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

LogicalResult JumpOp::verify() {
  if (getDelay() && (!getAfter() || static_cast<int64_t>(*getDelay()) < 1))
    return emitOpError("has a delay, but does not act a whole number of steps after the spike");
  return hasState(*this, getStateAttr());
}

LogicalResult EventOp::verify() { return checkAfter(*this, getAfter()); }
LogicalResult DeliverOp::verify() { return checkAfter(*this, getAfter()); }
LogicalResult RespondOp::verify() { return checkAfter(*this, getAfter()); }

LogicalResult AfterSpikeOp::verify() {
  if (getDelay() && static_cast<int64_t>(*getDelay()) < 1)
    return emitOpError("has a delay below one step");
  return success();
}

LogicalResult HistoryOp::verify() {
  if (getSlots() < 2)
    return emitOpError("keeps fewer than two steps");
  return success();
}

LogicalResult EquationOp::verify() { return hasState(*this, getStateAttr()); }
LogicalResult AdvanceOp::verify() { return hasState(*this, getStateAttr()); }
LogicalResult NextOp::verify() {
  Operation *found = SymbolTable::lookupSymbolIn((*this)->getParentOp()->getParentOp(), getStateAttr().getAttr());
  if (!isa_and_nonnull<StateOp>(found))
    return emitOpError("refers to ") << getStateAttr() << ", which is not a state of its owner";
  return success();
}
LogicalResult ResetOp::verify() { return hasState(*this, getStateAttr()); }
LogicalResult ClampOp::verify() { return hasState(*this, getStateAttr()); }

LogicalResult SpikeTimesOp::verify() {
  auto steps = getSteps(), neurons = getNeurons();
  if (steps.size() != neurons.size())
    return emitOpError("has not as many steps as neurons");
  int64_t size = cast<PopulationOp>((*this)->getParentOp()).getSize();
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] < 0 || neurons[i] < 0 || neurons[i] >= size)
      return emitOpError("has a step or a neuron that does not exist");
    if (i > 0 && std::pair(steps[i - 1], neurons[i - 1]) >= std::pair(steps[i], neurons[i]))
      return emitOpError("does not ascend");
  }
  return success();
}

LogicalResult SettingOp::verify() {
  if (!llvm::is_contained({"tolerance", "limit", "scale"}, getName()))
    return emitOpError("is none that integrators have: \"") << getName() << "\"";
  if ((getName() == "scale") != static_cast<bool>(getStateAttr()))
    return emitOpError("belongs to a state if it is a scale, and only then");
  if (!(getValue().convertToDouble() > 0.0))
    return emitOpError("has a value that is not above zero");
  return getStateAttr() ? hasState(*this, getStateAttr()) : success();
}

LogicalResult IterateOp::verify() {
  if (static_cast<int32_t>(getLimit()) < 1)
    return emitOpError("has a limit below one iteration");
  if ((*this)->getParentOfType<IterateOp>())
    return emitOpError("stands inside another iteration");
  if (getInitial().empty())
    return emitOpError("has no values");
  if (!llvm::equal(getInitial().getTypes(), getResultTypes()))
    return emitOpError("has results of other types than its operands");
  Block &block = getBody().front();
  if (!llvm::equal(getInitial().getTypes(), block.getArgumentTypes()))
    return emitOpError("has a region with other arguments than its operands");
  auto last = block.empty() ? ContinueOp() : dyn_cast<ContinueOp>(block.back());
  if (!last)
    return emitOpError("has a region that does not end with dynamics.continue");
  if (!llvm::equal(getInitial().getTypes(), last.getValues().getTypes()))
    return emitOpError("goes on with other values than its operands");
  return success();
}

LogicalResult DataOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getValues().getType());
  if (!type || !type.getElementType().isF64() || type.getRank() < 1 || type.getRank() > 2)
    return emitOpError("needs a tensor of f64 with one or two dimensions");
  if (type.getNumElements() == 0)
    return emitOpError("has no elements");
  return success();
}

LogicalResult PairsOp::verify() {
  auto type = dyn_cast<RankedTensorType>(getEntries().getType());
  auto entries = dyn_cast<DenseIntElementsAttr>(getEntries());
  if (!entries || !type || !type.getElementType().isInteger(32) || type.getRank() != 2 || type.getDimSize(1) != 3)
    return emitOpError("needs a tensor of i32 with a row of three for each connection");
  std::array<int32_t, 3> last{-1, -1, -1}, row;
  size_t column = 0;
  for (int32_t value : entries.getValues<int32_t>()) {
    row[column++] = value;
    if (value < 0)
      return emitOpError("has a negative index");
    if (column < 3)
      continue;
    if (!(last < row))
      return emitOpError("does not ascend");
    last = row;
    column = 0;
  }
  return success();
}

LogicalResult ElementOp::verify() {
  auto network = (*this)->getParentOfType<NetworkOp>();
  auto data = network ? SymbolTable::lookupSymbolIn(network, getNameAttr().getAttr()) : nullptr;
  if (!isa_and_nonnull<DataOp>(data))
    return emitOpError("refers to ") << getNameAttr() << ", which is no data";
  size_t rank = cast<ShapedType>(cast<DataOp>(data).getValues().getType()).getRank();
  if (getIndices().size() != rank)
    return emitOpError("needs ") << rank << " indices, not " << getIndices().size();
  return success();
}

LogicalResult DelayedOp::verify() {
  if (getStepsAttr().getInt() < 0)
    return emitOpError("looks ahead");
  return success();
}

LogicalResult TimeIndexOp::verify() {
  if (getEvery() < 1 || getAhead() < 0 || getLast() < 0)
    return emitOpError("needs steps from 1, and indices from 0");
  if (getCycle() && static_cast<int64_t>(*getCycle()) < 1)
    return emitOpError("has a cycle of no step");
  return success();
}

LogicalResult TimeFractionOp::verify() {
  if (getEvery() < 1)
    return emitOpError("needs steps from 1");
  if (getCycle() && static_cast<int64_t>(*getCycle()) < 1)
    return emitOpError("has a cycle of no step");
  return success();
}

LogicalResult DueOp::verify() {
  if (getEvery() < 1)
    return emitOpError("needs steps from 1");
  if (getStart() && *getStart() < 1)
    return emitOpError("starts at a step from 1");
  return success();
}

LogicalResult RecoveredOp::verify() {
  auto rule = dyn_cast<ThresholdOp>((*this)->getParentOp());
  bool whole = (*this)->hasOneUse() && isa<YieldOp>(*(*this)->getUsers().begin());
  if (!rule || !rule.getSilent() || !whole)
    return emitOpError("is not the whole condition of a silent threshold");
  return success();
}

LogicalResult RandomOp::verify() {
  size_t expected = llvm::StringSwitch<size_t>(getDistribution())
                        .Cases({"uniform", "normal", "lognormal", "binomial", "gamma"}, 2)
                        .Cases({"exponential", "poisson", "count", "bernoulli"}, 1)
                        .Case("truncated_normal", 4)
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
