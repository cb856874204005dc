//! What must be known before the run: names that change a size or a structure of a network.

use crate::expressions::checker::Checker;
use crate::expressions::units::is_count;
use crate::models::instance::mentioned;
use crate::networks::conditional::conditions;
use crate::networks::place::indices;
use bpc_syntax::ast::{self, Binding, Clause, ExprKind, Extent, Measured, NetworkMember, SimulationMember};
use bpc_syntax::source::FileId;
use std::collections::BTreeSet;

impl Checker<'_> {
    /// Names that change a size or a structure, directly or through lets and defaults.
    pub(crate) fn structural_of(
        &mut self,
        network: &ast::Network,
        file: FileId,
        simulation: Option<&ast::Simulation>,
    ) -> BTreeSet<String> {
        let mut names: BTreeSet<String> = BTreeSet::new();
        let mut add = |e: &ast::Expr| {
            mentioned(e, &mut |name, _| {
                names.insert(name.to_owned());
            })
        };
        // What stands in a branch decides of it whether it is taken or not.
        let members = network.members_of_all_branches();
        conditions(&network.members, &mut add);
        for &member in &members {
            self.structural_parts(member, file, &mut add);
            match member {
                NetworkMember::Population(p) => {
                    p.size.iter().for_each(&mut add);
                    p.synapses_of.iter().for_each(|place| indices(place, &mut add));
                    p.geometry.iter().flat_map(|g| &g.arguments).filter_map(|a| a.value.as_ref()).for_each(&mut add);
                    p.times.iter().flatten().flatten().for_each(&mut add);
                }
                NetworkMember::Project(ast::Project { clauses, .. })
                | NetworkMember::Stimulate(ast::Stimulate { clauses, .. }) => {
                    for clause in clauses {
                        match clause {
                            Clause::Connect { arguments, named, .. } => {
                                arguments
                                    .iter()
                                    .chain(named.iter().filter_map(|b| b.value.as_ref()))
                                    .for_each(&mut add);
                            }
                            Clause::Delay { value, .. } | Clause::PostDelay { value, .. } => add(value),
                            Clause::Into { input, .. } => indices(input, &mut add),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
        elements(network, &mut add);
        for member in simulation.iter().flat_map(|s| &s.members) {
            match member {
                SimulationMember::Setting { .. } => {}
                SimulationMember::Record { targets, every, .. } => {
                    targets.iter().for_each(|t| measured(t, &mut add));
                    every.iter().for_each(&mut add);
                }
                SimulationMember::Changes { time, changes, .. } => {
                    add(time);
                    for change in changes {
                        indices(&change.target, &mut add);
                        add(&change.value);
                    }
                }
                SimulationMember::Expect { measured: of, bound, from, to, .. } => {
                    measured(of, &mut add);
                    match bound {
                        ast::Bound::Range(low, high) => {
                            add(low);
                            add(high);
                        }
                        ast::Bound::Compare(_, value) => add(value),
                    }
                    from.iter().chain(to).for_each(&mut add);
                }
            }
        }
        let lets = members.iter().filter_map(|m| if let NetworkMember::Let(b) = m { Some(b) } else { None });
        let bindings: Vec<&Binding> = network.parameters.iter().chain(lets).collect();
        names.extend(bindings.iter().filter(|b| b.unit.as_ref().is_some_and(is_count)).map(|b| b.name.node.clone()));
        let mut open: Vec<String> = names.iter().cloned().collect();
        while let Some(name) = open.pop() {
            for value in bindings.iter().filter(|b| b.name.node == name).filter_map(|b| b.value.as_ref()) {
                mentioned(value, &mut |inner, _| {
                    if names.insert(inner.to_owned()) {
                        open.push(inner.to_owned());
                    }
                });
            }
        }
        self.delays(network, file, &mut names);
        names
    }
}

/// What decides which element is meant, and what stands in lists of data.
fn elements(network: &ast::Network, add: &mut dyn FnMut(&ast::Expr)) {
    let mut look = |e: &ast::Expr| elements_in(e, add);
    for binding in &network.parameters {
        binding.value.iter().for_each(&mut look);
    }
    for extent in network.extents.iter().flatten() {
        match extent {
            Extent::Count(count) => add(count),
            Extent::Named(range) => [&range.first, &range.last].into_iter().for_each(&mut *add),
        }
    }
    let mut look = |e: &ast::Expr| elements_in(e, add);
    let members = network.members_of_all_branches();
    for &member in &members {
        match member {
            NetworkMember::Let(b) => b.value.iter().for_each(&mut look),
            NetworkMember::Population(p) => {
                p.model.arguments.iter().filter_map(|a| a.value.as_ref()).for_each(&mut look)
            }
            NetworkMember::Instance(instance) => {
                instance.network.arguments.iter().filter_map(|a| a.value.as_ref()).for_each(&mut look)
            }
            NetworkMember::Init(init) => look(&init.value),
            NetworkMember::Drive(drive) => look(&drive.value),
            NetworkMember::Project(ast::Project { clauses, .. })
            | NetworkMember::Stimulate(ast::Stimulate { clauses, .. }) => {
                for clause in clauses {
                    match clause {
                        Clause::Weight { value, .. }
                        | Clause::Delay { value, .. }
                        | Clause::PostDelay { value, .. }
                        | Clause::Normalise { value, .. } => look(value),
                        Clause::Poisson { rate, .. } => look(rate),
                        Clause::Synapse(used) | Clause::Receptor(used) | Clause::Plasticity(used) => {
                            used.arguments.iter().filter_map(|a| a.value.as_ref()).for_each(&mut look);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    for &member in &members {
        match member {
            NetworkMember::Data(ast::Data { source: ast::DataSource::Vector(values), .. }) => {
                values.iter().for_each(&mut *add)
            }
            NetworkMember::Data(ast::Data { source: ast::DataSource::Matrix(rows), .. }) => {
                rows.iter().flatten().for_each(&mut *add)
            }
            _ => {}
        }
    }
}

/// Calls `found` with everything in brackets in an expression.
fn elements_in(expr: &ast::Expr, found: &mut dyn FnMut(&ast::Expr)) {
    match &expr.kind {
        ExprKind::Element(_, places) => {
            for place in places {
                found(&place.index);
                place.every.iter().for_each(&mut *found);
            }
        }
        ExprKind::Located(place) => indices(place, found),
        ExprKind::CallElement(_, places, arguments) => {
            places.iter().for_each(|place| found(&place.index));
            arguments.iter().for_each(|e| elements_in(e, found));
        }
        ExprKind::Over(over) => {
            // How many terms there are changes what is computed.
            crate::networks::place::of_comprehension(over.each.as_ref(), found);
            over.terms.iter().for_each(|e| elements_in(e, found));
        }
        ExprKind::List(values) => values.iter().for_each(|e| elements_in(e, found)),
        ExprKind::Chosen(chosen) => chosen.parts().for_each(|e| elements_in(e, found)),
        ExprKind::Unary(_, x) => elements_in(x, found),
        ExprKind::Binary(_, a, b) | ExprKind::Crosses(a, b) => [a, b].iter().for_each(|e| elements_in(e, found)),
        ExprKind::If(a, b, c) => [a, b, c].iter().for_each(|e| elements_in(e, found)),
        ExprKind::Call(_, arguments) => arguments.iter().for_each(|e| elements_in(e, found)),
        ExprKind::Table(table) => {
            elements_in(&table.argument, found);
            table.points.iter().for_each(|(x, y)| [x, y].iter().for_each(|e| elements_in(e, found)));
        }
        ExprKind::Number { .. } | ExprKind::Bool(_) | ExprKind::Name(_) | ExprKind::Member(..) | ExprKind::Error => {}
    }
}

/// The lets of a network: those that can be known before its populations are, and the rest.
pub(crate) fn split_lets<'n>(
    network: &'n ast::Network,
    is_data: &dyn Fn(&str) -> bool,
) -> (Vec<&'n Binding>, Vec<&'n Binding>) {
    let lets: Vec<&Binding> =
        network.members.iter().filter_map(|m| if let NetworkMember::Let(b) = m { Some(b) } else { None }).collect();
    let owner = |name: &str| {
        network.members.iter().any(|m| match m {
            NetworkMember::Population(p) => p.name.node == name,
            NetworkMember::Instance(i) => i.name.node == name,
            _ => false,
        })
    };
    let mut late: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = late.len();
        for binding in &lets {
            let mut needs = false;
            if let Some(value) = &binding.value {
                mentioned(value, &mut |name, member| {
                    // An element without a member is one of data, unless it is meant to be of something else.
                    let inside = member.is_some_and(|m| !m.is_empty() && !is_data(name) || owner(name));
                    needs |= inside || late.contains(name);
                });
            }
            if needs {
                late.insert(&binding.name.node);
            }
        }
        if late.len() == before {
            break;
        }
    }
    lets.into_iter().partition(|b| !late.contains(b.name.node.as_str()))
}

/// Calls `found` with every expression in the brackets of what is recorded or expected.
fn measured(of: &Measured, found: &mut dyn FnMut(&ast::Expr)) {
    match of {
        Measured::Values(path) | Measured::Aggregate { path, .. } => in_path(path, found),
        Measured::Statistic { population, .. } => indices(population, found),
    }
}

fn in_path(path: &ast::Path, found: &mut dyn FnMut(&ast::Expr)) {
    if let Some((first, last)) = &path.range {
        found(first);
        last.iter().for_each(&mut *found);
    }
    indices(&path.place, found);
}
