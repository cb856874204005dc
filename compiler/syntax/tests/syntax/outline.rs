//! A tree as text, one declaration a line, so that a person can check it.

use bpc_syntax::ast::{
    Binding, Bound, Clause, File, Item, Member, ModelUse, Name, NetworkMember, Path, SimulationMember, Statement,
    Trigger,
};

use super::trees::{show, show_binding};

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
    format!("{}.{}{range}", path.owner.node, path.member.node)
}

fn statement(statement: &Statement) -> String {
    match statement {
        Statement::Assign { target, op, value, .. } => format!("{} {op:?} {}", target.node, show(value)),
        Statement::Transmit { value, .. } => format!("transmit {}", show(value)),
        Statement::Refractory { duration, hold, .. } => format!("refractory {} hold {}", show(duration), names(hold)),
    }
}

fn block(statements: &[Statement]) -> String {
    statements.iter().map(statement).collect::<Vec<_>>().join("; ")
}

/// A declaration of a model.
pub(crate) fn member(member: &Member) -> String {
    match member {
        Member::Parameter(b)
        | Member::Input(b)
        | Member::State(b)
        | Member::Post(b)
        | Member::Weight(b)
        | Member::Let(b)
        | Member::Output(b) => show_binding(b),
        Member::Pre(p) => format!("{} as {}", p.state.node, show_binding(&p.binding)),
        Member::Bound(l) => format!("bound {} in {} .. {}", l.name.node, show(&l.low), show(&l.high)),
        Member::Equation(e) => format!("{}' = {}", e.state.node, show(&e.derivative)),
        Member::Spike(rule) => format!("spike when {} {{ {} }}", show(&rule.condition), block(&rule.actions)),
        Member::OnSpike(on) => {
            let weight = on.weight.as_ref().map_or("", |weight| &weight.node);
            let event = if on.trigger == Trigger::Post { "post" } else { "spike" };
            format!("on {event}({weight}) {{ {} }}", block(&on.actions))
        }
        Member::Method(name) => format!("method {}", name.node),
    }
}

fn clause(clause: &Clause) -> String {
    match clause {
        Clause::Connect { rule, arguments, .. } => format!("connect {}({})", rule.node, list(arguments, show)),
        Clause::Weight { random, value, .. } => format!("weight random={random} {}", show(value)),
        Clause::Delay { random, value, .. } => format!("delay random={random} {}", show(value)),
        Clause::Synapse(model) => format!("synapse {}", usage(model)),
        Clause::Receptor(model) => format!("receptor {}", usage(model)),
        Clause::Plasticity(model) => format!("plasticity {}", usage(model)),
        Clause::Into { input, .. } => format!("into {}", input.node),
        Clause::Poisson { rate, .. } => format!("poisson {}", show(rate)),
    }
}

fn network_member(member: &NetworkMember) -> String {
    let label = |label: &Option<Name>| label.as_ref().map_or("-".to_owned(), |name| name.node.clone());
    match member {
        NetworkMember::Let(b) => format!("let {}", show_binding(b)),
        NetworkMember::Population(p) => {
            let method = p.method.as_ref().map_or(String::new(), |name| format!(" method {}", name.node));
            format!(
                "population {}[{}] : {}{method}",
                p.name.node,
                p.size.as_ref().map_or("-".to_owned(), show),
                usage(&p.model)
            )
        }
        NetworkMember::Init(i) => format!("init {} random={} {}", list(&i.targets, path), i.random, show(&i.value)),
        NetworkMember::Drive(d) => format!("drive {} = {}", list(&d.targets, path), show(&d.value)),
        NetworkMember::Project(p) => {
            let clauses = list(&p.clauses, clause);
            format!("project {}: {} -> {} {{ {clauses} }}", label(&p.label), names(&p.sources), names(&p.targets))
        }
        NetworkMember::Stimulate(s) => {
            format!("stimulate {}: {} {{ {} }}", label(&s.label), names(&s.targets), list(&s.clauses, clause))
        }
    }
}

fn simulation_member(member: &SimulationMember) -> String {
    match member {
        SimulationMember::Setting { name, value, .. } => format!("{} {}", name.node, show(value)),
        SimulationMember::Record { targets, every, .. } => {
            format!("record {} every {}", list(targets, path), every.as_ref().map_or("-".to_owned(), show))
        }
        SimulationMember::Expect { statistic, population, bound, from, .. } => {
            let bound = match bound {
                Bound::Range(low, high) => format!("{} .. {}", show(low), show(high)),
                Bound::Compare(op, value) => format!("{op:?} {}", show(value)),
            };
            let from = from.as_ref().map_or("-".to_owned(), show);
            format!("expect {}({}) {bound} from {from}", statistic.node, population.node)
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
        Item::Constant(b) => format!("const {} // {}", show_binding(b), b.doc),
        Item::Function(f) => format!("function {}({}) = {}", f.name.node, bindings(&f.arguments), show(&f.body)),
        Item::Model(m) => lines(&format!("{:?} {} // {}", m.kind, m.name.node, m.doc), &m.members, member),
        Item::Network(n) => {
            lines(&format!("network {}({})", n.name.node, bindings(&n.parameters)), &n.members, network_member)
        }
        Item::Simulation(s) => lines(&format!("simulate {}", usage(&s.network)), &s.members, simulation_member),
    };
    file.items.iter().fold(format!("// {}\n", file.doc.replace('\n', " ")), |text, i| format!("{text}{}\n", item(i)))
}
