//! A tree as text, one declaration a line, so that a person can check it.

use bpc_syntax::ast::{
    Binding, Bound, Change, Clause, Comprehension, Data, DataSource, Extent, File, IndexRange, Item, Measured, Member,
    ModelUse, Name, NetworkMember, Path, Place, RuleKind, SimulationMember, Statement, Transition, Trigger,
};

use super::trees::{show, show_binding, show_place, show_unit};

fn list<T>(items: &[T], each: impl Fn(&T) -> String) -> String {
    items.iter().map(each).collect::<Vec<_>>().join(", ")
}

fn names(items: &[Name]) -> String {
    list(items, |name| name.node.clone())
}

fn usage(model: &ModelUse) -> String {
    format!("{}({})", model.name.node, list(&model.arguments, show_binding))
}

fn path(path: &Path) -> String {
    let range = path.range.as_ref().map_or(String::new(), |(from, to)| {
        format!("[{} .. {}]", show(from), to.as_ref().map_or("-".to_owned(), show))
    });
    format!("{}{range}", show_place(&path.place))
}

fn places(items: &[Place]) -> String {
    list(items, show_place)
}

fn index_range(range: &IndexRange) -> String {
    format!("{} in {} .. {}", range.name.node, show(&range.first), show(&range.last))
}

fn extent(extent: Option<&Extent>) -> String {
    match extent {
        None => String::new(),
        Some(Extent::Count(count)) => format!("[{}]", show(count)),
        Some(Extent::Named(range)) => format!("[{}]", index_range(range)),
    }
}

fn each(each: Option<&Comprehension>) -> String {
    each.map_or(String::new(), |each| {
        let filter = each.filter.as_ref().map_or(String::new(), |f| format!(" where {}", show(f)));
        format!(" for {}{filter}", list(&each.indices, index_range))
    })
}

fn statement(statement: &Statement) -> String {
    match statement {
        Statement::Assign { target, op, value, .. } => format!("{} {op:?} {}", target.node, show(value)),
        Statement::Let(b) => format!("let {}", show_binding(b)),
        Statement::If { branches, otherwise, .. } => {
            let branches: Vec<String> = branches
                .iter()
                .map(|(condition, body)| format!("if {} {{ {} }}", show(condition), block(body)))
                .collect();
            format!("{} else {{ {} }}", branches.join(" else "), block(otherwise))
        }
        Statement::For { each: range, body, .. } => format!("{} {{ {} }}", each(Some(range)).trim_start(), block(body)),
        Statement::Transmit { value, .. } => format!("transmit {}", show(value)),
        Statement::Refractory { duration, hold, clamp, .. } => {
            let clamp = clamp.iter().map(|(name, value)| format!(" clamp {} = {}", name.node, show(value)));
            format!("refractory {} hold {}{}", show(duration), names(hold), clamp.collect::<String>())
        }
    }
}

fn block(statements: &[Statement]) -> String {
    statements.iter().map(statement).collect::<Vec<_>>().join("; ")
}

/// A declaration of a model.
pub(crate) fn member(it: &Member) -> String {
    match it {
        Member::Parameter(b)
        | Member::Input(b)
        | Member::State(b)
        | Member::Weight(b)
        | Member::Let(b)
        | Member::Output(b) => show_binding(b),
        Member::Post(p) if p.state.node == p.binding.name.node => show_binding(&p.binding),
        Member::Post(p) | Member::Pre(p) => format!("{} as {}", p.state.node, show_binding(&p.binding)),
        Member::Bound(l) => format!("bound {} in {} .. {}", l.name.node, show(&l.low), show(&l.high)),
        Member::History(h) => format!("history {} = {}", h.state.node, show(&h.value)),
        Member::Recurrence(r) => format!("{}({}) = {}", r.state.node, list(&r.time, show), show(&r.value)),
        Member::Equation(e) => format!("{}' = {}", e.state.node, show(&e.derivative)),
        Member::Spike(rule) => {
            let word = match rule.kind {
                RuleKind::Spike => "spike when",
                RuleKind::When => "when",
                RuleKind::Every => "every",
                RuleKind::Recovery => "after refractory",
            };
            let name = rule.name.as_ref().map_or(String::new(), |name| format!("event {} ", name.node));
            format!("{name}{word} {} {{ {} }}", show(&rule.condition), block(&rule.actions))
        }
        Member::OnSpike(on) => {
            let weight = on.weight.as_ref().map_or("", |weight| &weight.node);
            let event = if on.trigger == Trigger::Post { "post" } else { "spike" };
            let after = on.after.as_ref().map_or(String::new(), |after| format!(" after {}", show(after)));
            format!("on {event}({weight}){after} {{ {} }}", block(&on.actions))
        }
        Member::Method(integrator) => format!("method {}", usage(integrator)),
        Member::Membrane(m) => {
            format!("membrane {} {{ {} }}", show_binding(&m.potential), list(&m.settings, show_binding))
        }
        Member::Gate(g) => format!("gate {} {{ {} }}", g.name.node, list(&g.entries, show_binding)),
        Member::Scheme(s) => format!("scheme {{ {} }}", list(&s.transitions, transition)),
        Member::NeedsIon(n) => format!("ion {} {{ {} }}", n.name.node, list(&n.reads, show_binding)),
        Member::Component(c) => format!("{:?} {} : {}", c.kind, c.name.node, usage(&c.model)),
        Member::Compartment(c) => {
            let extent = extent(c.extent.as_ref());
            format!("compartment {}{extent} {{ {} }}", c.name.node, list(&c.members, member))
        }
        Member::Array(a) => {
            format!("{} of {}", a.extents.iter().map(|one| extent(Some(one))).collect::<String>(), member(&a.member))
        }
        Member::Each(e) => format!("{}{}", member(&e.equation), each(Some(&e.each))),
        Member::Couple(c) => {
            let arrow = if c.reversible { "<->" } else { "->" };
            let each = each(c.each.as_ref());
            let [from, to] =
                [&c.from, &c.to].map(|end| show_place(&Place { parts: vec![end.clone()], span: end.span }));
            format!("couple {from} {arrow} {to} ({}){each}", list(&c.conductances, show))
        }
    }
}

fn transition(t: &Transition) -> String {
    let arrow = if t.reversible { "<->" } else { "->" };
    format!("{} {arrow} {} ({})", t.from.node, t.to.node, list(&t.rates, show))
}

fn clause(clause: &Clause) -> String {
    match clause {
        Clause::Connect { rule, arguments, named, .. } => {
            let named: String = named.iter().map(|b| format!("; {}", show_binding(b))).collect();
            format!("connect {}({}{named})", rule.node, list(arguments, show))
        }
        Clause::Weight { random, value, .. } => format!("weight random={random} {}", show(value)),
        Clause::Delay { random, value, .. } => format!("delay random={random} {}", show(value)),
        Clause::PostDelay { random, value, .. } => format!("post_delay random={random} {}", show(value)),
        Clause::Event { name, .. } => format!("event {}", name.node),
        Clause::PostEvent { name, .. } => format!("post_event {}", name.node),
        Clause::Normalise { end, to, value, .. } => format!("normalise {} {} {}", end.node, to.node, show(value)),
        Clause::Synapse(model) => format!("synapse {}", usage(model)),
        Clause::Receptor(model) => format!("receptor {}", usage(model)),
        Clause::Plasticity(model) => format!("plasticity {}", usage(model)),
        Clause::Method(model) => format!("method {}", usage(model)),
        Clause::Into { input, .. } => format!("into {}", show_place(input)),
        Clause::Poisson { rate, .. } => format!("poisson {}", show(rate)),
    }
}

fn data(data: &Data) -> String {
    let source = match &data.source {
        DataSource::File { path, array, .. } => {
            format!("file {} {}", path.node, array.as_ref().map_or("-", |name| &name.node))
        }
        DataSource::Vector(values) => format!("[{}]", list(values, show)),
        DataSource::Matrix(rows) => format!("[{}]", list(rows, |row| format!("[{}]", list(row, show)))),
    };
    let unit = data.unit.as_ref().map_or("-".to_owned(), show_unit);
    format!("data {} : {unit} = {source} // {}", data.name.node, data.doc)
}

fn network_member(member: &NetworkMember) -> String {
    let label = |label: &Option<Name>| label.as_ref().map_or("-".to_owned(), |name| name.node.clone());
    match member {
        NetworkMember::Let(b) => format!("let {}", show_binding(b)),
        NetworkMember::Data(d) => data(d),
        NetworkMember::Population(p) => {
            let method = p.method.as_ref().map_or(String::new(), |it| format!(" method {}", usage(it)));
            format!(
                "population {}[{}] : {}{method}",
                p.name.node,
                p.size.as_ref().map_or("-".to_owned(), show),
                usage(&p.model)
            )
        }
        NetworkMember::Instance(i) => {
            let extent = extent(i.extent.as_ref());
            format!("instance {}{extent} : {}", i.name.node, usage(&i.network))
        }
        NetworkMember::Init(i) => {
            let each = each(i.each.as_ref());
            format!("init {} random={} {}{each}", list(&i.targets, path), i.random, show(&i.value))
        }
        NetworkMember::Drive(d) => {
            format!("drive {} = {}{}", list(&d.targets, path), show(&d.value), each(d.each.as_ref()))
        }
        NetworkMember::Project(p) => {
            let (sources, targets) = (places(&p.sources), places(&p.targets));
            let (clauses, each) = (list(&p.clauses, clause), each(p.each.as_ref()));
            format!("project {}: {sources} -> {targets}{each} {{ {clauses} }}", label(&p.label))
        }
        NetworkMember::If(it) => {
            let branches =
                list(&it.branches, |(c, then)| format!("if {} {{ {} }}", show(c), list(then, network_member)));
            format!("{branches} else {{ {} }}", list(&it.otherwise, network_member))
        }
        NetworkMember::Stimulate(s) => {
            let (clauses, each) = (list(&s.clauses, clause), each(s.each.as_ref()));
            format!("stimulate {}: {}{each} {{ {clauses} }}", label(&s.label), places(&s.targets))
        }
    }
}

fn measured(measured: &Measured) -> String {
    match measured {
        Measured::Values(values) => path(values),
        Measured::Aggregate { name, path: values, .. } => format!("{}({})", name.node, path(values)),
        Measured::Statistic { name, population, .. } => format!("{}({})", name.node, show_place(population)),
    }
}

fn simulation_member(member: &SimulationMember) -> String {
    match member {
        SimulationMember::Setting { name, value, .. } => format!("{} {}", name.node, show(value)),
        SimulationMember::Record { targets, every, .. } => {
            format!("record {} every {}", list(targets, measured), every.as_ref().map_or("-".to_owned(), show))
        }
        SimulationMember::Expect { measured: of, bound, from, to, .. } => {
            let bound = match bound {
                Bound::Range(low, high) => format!("{} .. {}", show(low), show(high)),
                Bound::Compare(op, value) => format!("{op:?} {}", show(value)),
            };
            let from = from.as_ref().map_or("-".to_owned(), show);
            let to = to.as_ref().map_or(String::new(), |to| format!(" to {}", show(to)));
            format!("expect {} {bound} from {from}{to}", measured(of))
        }
        SimulationMember::Changes { time, changes, .. } => {
            let change = |c: &Change| format!("{} = {}", show_place(&c.target), show(&c.value));
            format!("at {} {{ {} }}", show(time), list(changes, change))
        }
    }
}

fn lines<T>(head: &str, members: &[T], each: fn(&T) -> String) -> String {
    members.iter().fold(head.to_owned(), |text, member| format!("{text}\n    {}", each(member)))
}

/// A whole file.
pub(crate) fn file(file: &File) -> String {
    let bindings = |list_of: &[Binding]| list(list_of, show_binding);
    let item = |item: &Item| match item {
        Item::Use(u) => {
            let taken = list(&u.names, |(name, renamed)| {
                renamed.as_ref().map_or(name.node.clone(), |new| format!("{} as {}", name.node, new.node))
            });
            format!("use {} : {taken}", names(&u.path))
        }
        Item::Data(d) => data(d),
        Item::Constant(b) => format!("const {} // {}", show_binding(b), b.doc),
        Item::Function(f) => {
            let unit = f.unit.as_ref().map_or(String::new(), |unit| format!(" : {}", show_unit(unit)));
            let lets: String = f.lets.iter().map(|b| format!("let {}; ", show_binding(b))).collect();
            format!("function {}({}){unit} = {lets}{}", f.name.node, bindings(&f.arguments), show(&f.body))
        }
        Item::Model(m) => lines(&format!("{:?} {} // {}", m.kind, m.name.node, m.doc), &m.members, member),
        Item::Network(n) => {
            lines(&format!("network {}({})", n.name.node, bindings(&n.parameters)), &n.members, network_member)
        }
        Item::Simulation(s) => lines(&format!("simulate {}", usage(&s.network)), &s.members, simulation_member),
    };
    file.items.iter().fold(format!("// {}\n", file.doc.replace('\n', " ")), |text, i| format!("{text}{}\n", item(i)))
}
