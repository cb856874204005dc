//! Runs the pipeline: MLIR in, MLIR out, verified after every pass. Knows no pass by name.

use crate::codegen::{self, Keep, Target, header};
use crate::ir::{self, Network, Precision, Type};
use crate::lower::functions::ring_slots;
use crate::lower::layout::{Layout, padded};
use crate::lower::{functions, loops_to_llvm};
use crate::passes::integrate::explain::Whose;
use crate::passes::{Pass, align_projections, integrate};
use crate::pipeline::{PIPELINE, Stage, passes};
use crate::refuse;
use crate::simultaneous::{self, Coincidences};
use crate::{Bug, CompileError, CompileOptions, Compiled, MemoryEstimate, emit};
use bpc_runtime_abi::descriptor::{self, Candidates, Element, End, NetworkDescriptor, Neurons, Rule};
use bpc_sema::model::Model;
use bpc_sema::networks::trains;
use melior::Context;
use melior::dialect::DialectRegistry;
use melior::ir::Module;
use melior::ir::operation::{OperationLike, OperationPrintingFlags};
use std::borrow::Cow;
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// An MLIR context with the dialects that the pipeline uses.
#[must_use]
pub fn context() -> Context {
    let registry = DialectRegistry::new();
    melior::utility::register_all_dialects(&registry);
    bpc_dialect::register(&registry);
    let context = Context::new();
    // Modules are small: threads cost more than they give.
    context.enable_multi_threading(false);
    context.append_dialect_registry(&registry);
    for name in ["dynamics", "func", "scf", "arith", "math", "vector", "cf", "llvm"] {
        context.get_or_load_dialect(name);
    }
    codegen::register_translations(&context);
    context
}

fn register_passes() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(melior::utility::register_all_passes);
}

/// The text of a module, in the dialects' own syntax.
fn text(module: &Module) -> String {
    let operation = module.as_operation();
    operation.to_string_with_flags(OperationPrintingFlags::new()).unwrap_or_else(|_| operation.to_string())
}

fn verified<'c>(module: Module<'c>, after: &str) -> Result<Module<'c>, Bug> {
    if module.as_operation().verify() {
        Ok(module)
    } else {
        Err(Bug(format!("the dialect does not verify after {after}")))
    }
}

/// Runs one pass on a module.
fn run<'c>(context: &'c Context, module: &Module, pass: &Pass) -> Result<Module<'c>, Bug> {
    let mut network = ir::read::read(module)?;
    (pass.run)(&mut network)?;
    verified(ir::write::write(context, &network), pass.name)
}

/// Runs passes by name over a module's text and prints the result: what `bpc opt` does.
///
/// # Errors
/// The text says what is wrong with the module, or that a pass is not known.
pub fn opt(source: &str, names: &[String]) -> Result<String, String> {
    let context = context();
    let messages = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let sink = messages.clone();
    context.attach_diagnostic_handler(move |diagnostic| {
        if let Ok(mut list) = sink.lock() {
            list.push(format!("{}: {diagnostic}", diagnostic.location()));
        }
        true
    });
    let told = || messages.lock().map(|list| list.join("\n")).unwrap_or_default();
    let mut module = Module::parse(&context, source).ok_or_else(told)?;
    for name in names {
        let pass = passes().find(|p| p.name == name);
        let pass = pass.ok_or_else(|| format!("there is no pass `{name}`; `bpc opt --list` shows them"))?;
        module =
            run(&context, &module, pass).map_err(|bug| format!("{name}: {bug}\n{}", told()).trim_end().to_string())?;
    }
    Ok(text(&module))
}

/// Compiles a network to an object file.
///
/// # Errors
/// See [`CompileError`].
pub fn compile(model: &Model, options: &CompileOptions) -> Result<Compiled, CompileError> {
    let mut clock = Clock { last: Instant::now(), laps: vec![] };
    let target = Target::new(options.cpu.as_deref())?;
    let context = context();
    register_passes();
    clock.lap("context");
    let model = &*with_sources_apart(model, options.precision)?;
    let emitted = emit::emit(model, options.precision)?;
    let mut stages = Vec::new();
    let mut module = verified(ir::write::write(&context, &emitted), "emission")?;
    clock.lap("emit");
    for stage in PIPELINE {
        match stage {
            Stage::Level(name) => keep(options, &mut stages, name, || text(&module)),
            Stage::Check(check) => check(model, &mut ir::read::read(&module)?)?,
            Stage::Pass(pass, _) => {
                module = run(&context, &module, pass)?;
                clock.lap(pass.name);
            }
        }
    }
    let network = ir::read::read(&module)?;
    let layout = Layout::of(&network)?;
    let symbol = symbol(&model.network);
    let bytes = u64::from(target.vector_bytes());
    let mut loops = verified(functions::lower(&context, &network, &layout, &symbol, bytes)?, "lowering to loops")?;
    clock.lap("lower-step-to-loops");
    keep(options, &mut stages, "loops", || text(&loops));
    loops_to_llvm::convert(&context, &mut loops)?;
    clock.lap("lower-loops-to-llvm");
    keep(options, &mut stages, "llvm-dialect", || text(&loops));
    let lists = lists(&network);
    let descriptor = describe(&network, &layout, &lists);
    let encoded = descriptor.encode();
    descriptor::DescriptorView::read(&encoded).map_err(|error| Bug(format!("the descriptor is wrong: {error}")))?;
    let wanted = |name: &str| options.keep.iter().any(|k| k == name);
    let texts = Keep { llvm_ir: wanted("llvm"), assembly: wanted("asm") };
    let generated = codegen::generate(&loops, &symbol, &encoded, &target, texts)?;
    stages.extend(generated.llvm_ir.map(|t| ("llvm".to_string(), t)));
    stages.extend(generated.assembly.map(|t| ("asm".to_string(), t)));
    let header = header::write(&header::Contents {
        name: &network.name,
        symbol: &symbol,
        dt: network.dt,
        parameters: &descriptor.parameters,
        populations: &descriptor.populations,
        states: &descriptor.states,
        inputs: &descriptor.inputs,
        projections: &descriptor.projections,
        synapse_states: &descriptor.synapse_states,
    });
    let memory = estimate(&network, &layout);
    let mut timings = clock.laps;
    timings.extend(generated.timings.into_iter().map(|(name, time)| (name.to_string(), time)));
    Ok(Compiled { symbol, object: generated.object, header, stages, memory, runtime: target.runtime(), timings })
}

fn keep(options: &CompileOptions, stages: &mut Vec<(String, String)>, name: &str, text: impl FnOnce() -> String) {
    if options.keep.iter().any(|k| k == name) {
        stages.push((name.to_string(), text()));
    }
}

/// The name of a network as the prefix of symbols: lower snake case.
#[must_use]
pub fn symbol(network: &str) -> String {
    let mut symbol = String::new();
    let mut previous_lower = false;
    for c in network.chars() {
        if c.is_uppercase() && previous_lower {
            symbol.push('_');
        }
        previous_lower = c.is_lowercase() || c.is_ascii_digit();
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => symbol.push(c),
            '_' => symbol.push('_'),
            // Letters beyond ASCII are allowed in names but not in every linker.
            c => symbol.push_str(&format!("u{:x}", c as u32)),
        }
    }
    symbol
}

/// What the compiler decided for each projection and population, and why.
///
/// # Errors
/// See [`CompileError`].
pub fn explain_plan(model: &Model, precision: Precision) -> Result<String, CompileError> {
    use std::fmt::Write;
    let model = &*with_sources_apart(model, precision)?;
    let mut network = emit::emit(model, precision)?;
    let mut aligned = network.clone();
    let mut coupled = Vec::new();
    for stage in PIPELINE {
        match stage {
            Stage::Pass(pass, _) => (pass.run)(&mut network)?,
            Stage::Check(check) => {
                check(model, &mut network)?;
                // The last check stands before integration, where equations can still be seen.
                coupled = integrate::explain::coupled_for_each(&mut network)?;
            }
            Stage::Level("aligned") => aligned = network.clone(),
            Stage::Level("model") => break,
            Stage::Level(_) => {}
        }
    }
    let real = if precision == Precision::F32 { 4 } else { 8 };
    let mut plan = String::new();
    for index in 0..aligned.projections.len() {
        crate::plan::projection(&mut plan, &mut aligned, &network, index, real);
        let name = &*aligned.projections[index].connection.name;
        for fact in model.projections.iter().filter(|p| p.name == name).flat_map(|p| &p.rule_order) {
            let _ = writeln!(plan, "    order:    {}", fact.text);
        }
    }
    for p in &network.populations {
        let how = if p.spike_times.is_some() {
            "spikes at given times, found by bisection"
        } else if network.events_of(&p.name).is_some() {
            "a named event, listed by the loop of its neurons"
        } else {
            "one fused loop for receptors, integration, threshold and reset"
        };
        let _ = writeln!(plan, "{}: {} neurons, {how}", p.name, p.size);
        for state in &p.states {
            if let ir::Change::Advance(_, method) = &state.change {
                let each = coupled.contains(&(p.name.clone(), state.name.clone()));
                let why = if each {
                    " (too many are coupled, with coefficients that differ from neuron to neuron)"
                } else {
                    ""
                };
                let _ = writeln!(plan, "    {}: {}{why}", state.name, method.replace('_', " "));
            }
            if state.parameter {
                let _ = writeln!(plan, "    {}: a value for each neuron", state.name);
            }
        }
        for history in &p.histories {
            let _ = writeln!(plan, "    {}: the last {} steps are kept", history.name, history.slots);
        }
        for recorded in &p.recorded {
            let when = if recorded.start { "start" } else { "end" };
            let _ = writeln!(plan, "    {}: kept for recorders, its value at the {when} of a step", recorded.name);
        }
    }
    Ok(plan)
}

/// Of what can meet in one step, whether the order matters.
///
/// # Errors
/// See [`CompileError`].
pub fn explain_order(model: &Model, precision: Precision) -> Result<Coincidences, CompileError> {
    let model = &*with_sources_apart(model, precision)?;
    Ok(simultaneous::coincidences(&mut emit::emit(model, precision)?, model))
}

/// Which integrator every equation gets, and why.
///
/// # Errors
/// See [`CompileError`].
pub fn explain_integrators(model: &Model, precision: Precision) -> Result<String, CompileError> {
    use std::fmt::Write;
    let model = &*with_sources_apart(model, precision)?;
    let mut network = before_integration(model, precision)?;
    let mut text = String::new();
    for (whose, choices) in integrate::explain::choices(&mut network)? {
        let _ = match whose {
            Whose::Population(name, 1) => writeln!(text, "{name}: 1 neuron, steps of {} ms", network.dt),
            Whose::Population(name, size) => writeln!(text, "{name}: {size} neurons, steps of {} ms", network.dt),
            Whose::Synapses(name) => writeln!(text, "{name}: each synapse, steps of {} ms", network.dt),
        };
        for choice in choices {
            let _ = writeln!(text, "    {}: {}: {}", choice.state, choice.method.replace('_', " "), choice.reason);
        }
    }
    Ok(text)
}

/// The model, with a population for each Poisson source whose events do not simply add up, as alignment proves.
fn with_sources_apart(model: &Model, precision: Precision) -> Result<Cow<'_, Model>, CompileError> {
    let poisson = |p: &bpc_sema::model::Projection| matches!(p.source, bpc_sema::model::Source::Poisson { .. });
    if !model.projections.iter().any(poisson) {
        return Ok(Cow::Borrowed(model));
    }
    let mut changed = Cow::Borrowed(model);
    let make = |changed: &mut Cow<'_, Model>, index| {
        let made = trains::as_population(changed.to_mut(), index);
        made.map_err(|(text, span)| CompileError::Unsupported { text, span, hint: None })
    };
    for index in (0..model.projections.len()).filter(|&i| trains::is_apart(&model.projections[i])) {
        make(&mut changed, index)?;
    }
    let mut network = emit::emit(&changed, precision)?;
    for stage in PIPELINE {
        if let Stage::Pass(pass, _) = stage {
            (pass.run)(&mut network)?;
            if pass.name == align_projections::PASS.name {
                break;
            }
        }
    }
    let apart = refuse::sources_apart(&network);
    for index in (0..model.projections.len()).filter(|&i| apart.contains(&model.projections[i].name)) {
        make(&mut changed, index)?;
    }
    Ok(changed)
}

/// Whether the model is one that can be compiled: all that is refused is refused before equations are integrated.
///
/// # Errors
/// See [`CompileError`].
pub fn refused(model: &Model, precision: Precision) -> Result<(), CompileError> {
    let model = &*with_sources_apart(model, precision)?;
    before_integration(model, precision).map(|_| ())
}

/// The network as it is before the equations of its neurons get integrators.
fn before_integration(model: &Model, precision: Precision) -> Result<Network, CompileError> {
    let mut network = emit::emit(model, precision)?;
    for stage in PIPELINE {
        match stage {
            Stage::Pass(pass, _) if pass.name == integrate::PASS.name => break,
            Stage::Pass(pass, _) => (pass.run)(&mut network)?,
            Stage::Check(check) => check(model, &mut network)?,
            Stage::Level(_) => {}
        }
    }
    Ok(network)
}

/// For each connection the words of its list; none if its rule is a law.
fn lists(network: &Network) -> Vec<Vec<u8>> {
    let list = |c: &ir::Connection| {
        let pairs = network.pairs.iter().find(|pairs| Some(&pairs.name) == c.pairs.as_ref());
        let Some(pairs) = pairs else { return Vec::new() };
        let sources = network.population(c.source.as_deref().unwrap_or(&c.target)).size;
        let mut words = Vec::new();
        let mut add = |word: u64| words.extend((word as u32).to_le_bytes());
        let (mut source, mut at) = (0, 0);
        for connection in pairs.entries.chunks_exact(3) {
            while source <= u64::from(connection[0].cast_unsigned()) {
                add(at);
                source += 1;
            }
            at += 1;
        }
        (source..=sources).for_each(|_| add(at));
        for column in [1, 2] {
            pairs.entries.chunks_exact(3).for_each(|connection| add(connection[column].cast_unsigned().into()));
        }
        words
    };
    network.connections.iter().map(list).collect()
}

/// The runtime's description of a network.
fn describe<'n>(network: &'n Network, layout: &Layout, lists: &'n [Vec<u8>]) -> NetworkDescriptor<'n> {
    let index = |name: &str| layout.populations.get(name).map_or(0, |&i| i as u32);
    let buffer = |name: &ir::Symbol| network.buffers.iter().position(|b| b.name == *name).map(|place| place as u32);
    let place = |name: &Option<ir::Symbol>| {
        network.connections.iter().position(|it| Some(&it.name) == name.as_ref()).unwrap_or(0) as u32
    };
    let coefficients: Vec<ir::Node> = network.coefficients.iter().flat_map(|c| &c.1).map(|w| w.1).collect();
    let read = network.graph.order(&coefficients).into_iter().filter_map(|node| match network.graph.op(node) {
        ir::Op::Read(buffer, _) => Some(buffer),
        _ => None,
    });
    let read_once: HashSet<&ir::Symbol> = read.collect();
    NetworkDescriptor {
        name: &network.name,
        real_bytes: layout.real_bytes as u32,
        dt: network.dt,
        state_bytes: layout.state_bytes,
        derived_bytes: layout.derived_bytes,
        parameters: network
            .parameters
            .iter()
            .map(|p| descriptor::Parameter {
                name: &p.name,
                unit: &p.unit,
                factor: p.factor,
                default: if p.value.is_some() { f64::NAN } else { p.default },
                settable: p.value.is_none(),
                nonzero: p.nonzero,
            })
            .collect(),
        populations: (0..)
            .zip(&network.populations)
            .map(|(i, p)| descriptor::Population {
                name: &p.name,
                size: p.size,
                padded: padded(p.size),
                ring_slots: u32::try_from(ring_slots(network, i)).unwrap_or(u32::MAX),
                spikes_change_states: p.spikes_change_states,
            })
            .collect(),
        states: network
            .buffers
            .iter()
            .map(|b| descriptor::State {
                name: &b.name,
                unit: &b.unit,
                population: index(&b.population),
                offset: layout.buffers[&b.name].offset,
                length: match b.slots {
                    1 => network.populations[layout.buffers[&b.name].population].size,
                    slots => padded(network.populations[layout.buffers[&b.name].population].size) * slots,
                },
                element: match (b.element, network.real) {
                    (Type::Int, _) => Element::I32,
                    (_, Precision::F32) => Element::F32,
                    (_, Precision::F64) => Element::F64,
                },
                public: !b.internal,
                in_coefficients: read_once.contains(&b.name),
            })
            .collect(),
        inputs: network
            .feeds
            .iter()
            .map(|f| descriptor::Input { name: &f.name, unit: &f.unit, population: index(&f.population) })
            .collect(),
        projections: network
            .connections
            .iter()
            .zip(lists)
            .map(|(c, words)| descriptor::Projection {
                pairs: descriptor::Pairs { words },
                name: &c.name,
                source: c.source.as_deref().map_or(0, index),
                target: index(&c.target),
                stream: c.stream as u32,
                rule: match c.rule.as_str() {
                    "all_to_all" => Rule::AllToAll,
                    "one_to_one" => Rule::OneToOne,
                    "explicit" => Rule::Explicit,
                    "fixed_probability" => Rule::FixedProbability(c.amount),
                    "fixed_in_degree" => {
                        Rule::FixedInDegree { degree: c.amount as u64, with_replacement: c.with_replacement }
                    }
                    "fixed_total" => Rule::FixedTotal { total: c.amount as u64, with_replacement: c.with_replacement },
                    "pairwise" => {
                        Rule::Pairwise { mean: c.amount, reads_parameters: reads_parameters(network, &c.name) }
                    }
                    "transposed" => Rule::Transposed { of: place(&c.transposes) },
                    "source_to_synapse" | "synapse_to_source" | "target_to_synapse" | "synapse_to_target" => {
                        Rule::OfSynapses {
                            of: place(&c.synapses_of),
                            end: if c.rule.contains("source") { End::Source } else { End::Target },
                            from_synapses: c.rule.starts_with("synapse"),
                        }
                    }
                    "small_world" => Rule::SmallWorld { degree: c.neighbours as u32, rewired: c.amount },
                    "small_world_undirected" => {
                        Rule::SmallWorldUndirected { degree: c.neighbours as u32, rewired: c.amount }
                    }
                    "scale_free" => Rule::ScaleFree { edges: c.amount as u32 },
                    "scale_free_triads" => Rule::ScaleFreeTriads { edges: edges(c, 0), triads: c.amount },
                    "scale_free_dual" => {
                        Rule::ScaleFreeDual { edges: edges(c, 0), otherwise: edges(c, 1), probability: c.amount }
                    }
                    _ => Rule::FixedOutDegree { degree: c.amount as u64, with_replacement: c.with_replacement },
                },
                sources: ends(network, c)[0],
                targets: ends(network, c)[1],
                allow_self: !c.no_self,
                symmetric: c.symmetric,
                chosen: c.chosen.map(|[number, of]| descriptor::Chosen { number: number as u32, of: of as u32 }),
                normalised: c.normalised.as_ref().map(|end| if end == "incoming" { End::Target } else { End::Source }),
                candidates: candidates(network, c),
                min_delay: c.min_delay as u32,
                max_delay: c.max_delay as u32,
                weight_per_synapse: c.weight_per_synapse,
                columns: c.columns,
                plastic: c.plastic,
                degrees: [0, 1].map(|end| c.degrees[end].as_ref().and_then(&buffer)),
            })
            .collect(),
        synapse_states: network
            .synapse_states
            .iter()
            .map(|s| descriptor::SynapseState {
                name: &s.name,
                unit: &s.unit,
                projection: network.connections.iter().position(|c| c.name == s.connection).unwrap_or(0) as u32,
                public: !s.internal,
                given_to: s.given_to.as_ref().and_then(&buffer),
            })
            .collect(),
    }
}

/// What says which pairs degrees and totals choose among.
fn candidates(network: &Network, c: &ir::Connection) -> Candidates {
    let condition = network.synapses.iter().any(|(name, what, _)| *name == c.name && what == "probability");
    let reads_parameters = reads_parameters(network, &c.name);
    match (condition && c.rule != "pairwise", c.proportional) {
        (false, _) => Candidates::All,
        (true, false) => Candidates::Where { reads_parameters },
        (true, true) => Candidates::Proportional { reads_parameters },
    }
}

/// Whether probabilities of pairs depend on what can be set, or on parameters of neurons.
fn reads_parameters(network: &Network, connection: &str) -> bool {
    let reads = |op: &ir::Op| matches!(op, ir::Op::Scalar(..) | ir::Op::Pre(_) | ir::Op::Post(_));
    let mut probabilities =
        network.synapses.iter().filter(|(name, what, _)| **name == *connection && what == "probability");
    probabilities.any(|(_, _, value)| network.graph.any(*value, reads))
}

/// The neurons of source and target that the rule of a connection chooses among.
fn ends(network: &Network, c: &ir::Connection) -> [Neurons; 2] {
    let size = |name: &str| Neurons::all(network.population(name).size as u32);
    match c.parts {
        Some([a, m, b, n]) => {
            [(a, m), (b, n)].map(|(first, count)| Neurons { first: first as u32, count: count as u32 })
        }
        None => [size(c.source.as_deref().unwrap_or(&c.target)), size(&c.target)],
    }
}

/// One of the numbers of edges of a graph that grows.
fn edges(c: &ir::Connection, place: usize) -> u32 {
    c.edges.get(place).map_or(0, |&number| number as u32)
}

/// How many edges a new neuron has on average.
fn mean_edges(c: &ir::Connection) -> f64 {
    match *c.edges {
        [edges, otherwise] => edges as f64 * c.amount + otherwise as f64 * (1.0 - c.amount),
        [edges] => edges as f64,
        _ => 0.0,
    }
}

/// Bytes of one synapse: its target, its weight and its states if it has them; and its place and its row
/// in the list of the target's synapses, if spikes of the target are responded to.
fn synapse_bytes(network: &Network, connection: &ir::Connection, real: u64) -> u64 {
    let states = network.synapse_states.iter().filter(|s| s.connection == connection.name).count() as u64;
    4 + real * (u64::from(connection.weight_per_synapse) + states) + if connection.columns { 8 } else { 0 }
}

/// About how many synapses a connection has.
fn synapses(network: &Network, c: &ir::Connection) -> f64 {
    whole_matrix(network, c) / c.chosen.map_or(1.0, |[_, of]| of as f64)
}

/// Of the whole matrix, of which it may have some.
fn whole_matrix(network: &Network, c: &ir::Connection) -> f64 {
    let [sources, targets] = ends(network, c).map(|neurons| f64::from(neurons.count));
    match c.rule.as_str() {
        "all_to_all" => sources * targets,
        "one_to_one" => sources,
        "explicit" => c.amount,
        "fixed_probability" => sources * targets * c.amount,
        "pairwise" => sources * targets * c.amount,
        "fixed_in_degree" => targets * c.amount,
        "fixed_total" => c.amount,
        "small_world" | "small_world_undirected" => targets * c.neighbours as f64,
        "scale_free" => c.amount * (2.0 * targets - c.amount - 1.0),
        "scale_free_triads" | "scale_free_dual" => 2.0 * targets * mean_edges(c),
        // The verifier has seen to it that it is about an earlier one.
        "transposed" | "source_to_synapse" | "synapse_to_source" | "target_to_synapse" | "synapse_to_target" => {
            let other = c.transposes.as_ref().or(c.synapses_of.as_ref());
            let of = network.connections.iter().find(|it| Some(&it.name) == other);
            of.map_or(0.0, |of| whole_matrix(network, of))
        }
        _ => sources * c.amount,
    }
}

/// Memory of an instance with one part, before it is built.
fn estimate(network: &Network, layout: &Layout) -> MemoryEstimate {
    let mut estimate = MemoryEstimate { state_bytes: layout.state_bytes, ..MemoryEstimate::default() };
    for c in &network.connections {
        let synapses = synapses(network, c);
        let delays = (c.max_delay - c.min_delay + 1) as f64;
        let size = |name: &str| network.population(name).size as f64;
        let rows = size(c.source.as_deref().unwrap_or(&c.target));
        let columns = if c.columns { 4.0 * size(&c.target) } else { 0.0 };
        estimate.synapses += synapses;
        estimate.synapse_bytes +=
            synapses * synapse_bytes(network, c, layout.real_bytes) as f64 + 4.0 * rows * delays + columns;
    }
    for (i, p) in network.populations.iter().enumerate() {
        estimate.ring_bytes =
            estimate.ring_bytes.saturating_add(4 * padded(p.size).saturating_mul(ring_slots(network, i)));
    }
    estimate
}

struct Clock {
    last: Instant,
    laps: Vec<(String, Duration)>,
}

impl Clock {
    fn lap(&mut self, name: &str) {
        let now = Instant::now();
        self.laps.push((name.to_string(), now - self.last));
        self.last = now;
    }
}
