//! Parts of networks under a condition: `if n > 100 { … } else { … }`.
//!
//! What goes in is a network with its parameters; what comes out is the same network with the branch that is meant in the place of each
//! `if`, before anything else of it is looked at. So what stands in a branch is as if it had been written without the `if`, and
//! what stands in the others is not there.

use crate::expressions::checker::Checker;
use crate::models::instance::mentioned;
use crate::networks::network::Builder;
use crate::networks::structural::split_lets;
use bpc_syntax::ast::{self, Binding, Conditional, NetworkMember};
use bpc_syntax::diagnostic::Diagnostic;
use std::collections::BTreeSet;

/// Whether parts of a network stand under a condition.
pub(crate) fn has_conditions(members: &[NetworkMember]) -> bool {
    members.iter().any(|member| matches!(member, NetworkMember::If(_)))
}

/// Calls `found` with every condition that a part of a network stands under.
pub(crate) fn conditions(members: &[NetworkMember], found: &mut dyn FnMut(&ast::Expr)) {
    for member in members {
        if let NetworkMember::If(Conditional { branches, otherwise, .. }) = member {
            for (condition, then) in branches {
                found(condition);
                conditions(then, found);
            }
            conditions(otherwise, found);
        }
    }
}

/// The names by which something would be reached that is not there.
fn names(members: &[NetworkMember], found: &mut dyn FnMut(&ast::Name)) {
    for member in members {
        match member {
            NetworkMember::Let(b) => found(&b.name),
            NetworkMember::Data(d) => found(&d.name),
            NetworkMember::Population(p) => found(&p.name),
            NetworkMember::Instance(i) => found(&i.name),
            NetworkMember::Project(p) => p.label.iter().for_each(&mut *found),
            NetworkMember::Stimulate(s) => s.label.iter().for_each(&mut *found),
            NetworkMember::Init(_) | NetworkMember::Drive(_) => {}
            NetworkMember::If(conditional) => {
                conditional.branches.iter().for_each(|branch| names(&branch.1, found));
                names(&conditional.otherwise, found);
            }
        }
    }
}

impl Checker<'_> {
    /// The network with the branches that are meant. Its parameters are known; so are its data and those of its `let`s whose names are in
    /// `done` afterwards.
    pub(crate) fn without_conditions(
        &mut self,
        builder: &mut Builder<'_>,
        network: &ast::Network,
        structural: &BTreeSet<String>,
        done: &mut BTreeSet<String>,
    ) -> ast::Network {
        let mut whole = network.clone();
        while has_conditions(&whole.members) {
            self.network_data(builder, &whole, done);
            let outermost = |member: &NetworkMember| match member {
                NetworkMember::If(conditional) => conditional.branches.iter().map(|b| b.0.clone()).collect(),
                _ => Vec::new(),
            };
            let written: Vec<ast::Expr> = whole.members.iter().flat_map(outermost).collect();
            self.lets_of_conditions(builder, &whole, &written, structural, done);
            self.conditions_read_members(builder, &whole, &written);
            let members = std::mem::take(&mut whole.members);
            for member in members {
                match member {
                    NetworkMember::If(conditional) => {
                        whole.members.extend(self.branch(builder, conditional));
                    }
                    member => whole.members.push(member),
                }
            }
        }
        whole
    }

    /// The `let`s that conditions read, as far as they are not known yet.
    fn lets_of_conditions(
        &mut self,
        builder: &mut Builder<'_>,
        whole: &ast::Network,
        written: &[ast::Expr],
        structural: &BTreeSet<String>,
        done: &mut BTreeSet<String>,
    ) {
        let scope = builder.scope.clone();
        let is_data = |name: &str| self.is_data(&scope, name);
        let (early, late) = split_lets(whole, &is_data);
        drop(scope);
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        let mut open: Vec<String> = Vec::new();
        written.iter().for_each(|e| mentioned(e, &mut |name, _| open.push(name.to_owned())));
        while let Some(name) = open.pop() {
            if wanted.insert(name.clone()) {
                let values = early.iter().filter(|b| b.name.node == name).filter_map(|b| b.value.as_ref());
                values.for_each(|value| mentioned(value, &mut |inner, _| open.push(inner.to_owned())));
            }
        }
        for binding in late.iter().filter(|b| wanted.contains(&b.name.node)) {
            builder
                .scope
                .hide(&binding.name.node, "conditions decide which populations there are, so it is made after them");
        }
        let now: Vec<&Binding> =
            early.into_iter().filter(|b| wanted.contains(&b.name.node) && !done.contains(&b.name.node)).collect();
        self.network_lets(builder, &now, structural);
        done.extend(now.iter().map(|b| b.name.node.clone()));
    }

    /// Reports conditions that read what only populations, projections and instances have, which they decide on.
    fn conditions_read_members(&mut self, builder: &mut Builder<'_>, whole: &ast::Network, written: &[ast::Expr]) {
        let mut owners = BTreeSet::new();
        for member in whole.members_of_all_branches() {
            if !matches!(member, NetworkMember::Let(_) | NetworkMember::Data(_)) {
                names(std::slice::from_ref(member), &mut |name| {
                    owners.insert(name.node.clone());
                });
            }
        }
        for condition in written {
            let mut read = None;
            mentioned(condition, &mut |name, member| {
                let member = member.filter(|member| !member.is_empty() && owners.contains(name));
                read = read.take().or_else(|| member.map(|member| format!("{name}.{member}")));
            });
            let Some(read) = read else { continue };
            let title = format!("`if` decides what is in the network, before there is a `{read}`");
            let error = Diagnostic::error("E0557", title, condition.span, "not known yet");
            self.push(error.hint("conditions of parts of a network read its parameters, constants and data"));
            builder.undecided.insert(condition.span);
        }
    }

    /// What stands in the branch that is meant.
    fn branch(&mut self, builder: &mut Builder<'_>, conditional: Conditional) -> Vec<NetworkMember> {
        self.mentioned_in_branches(builder, &conditional);
        let Conditional { branches, otherwise, .. } = conditional;
        let mut chosen = None;
        let mut left_out = Vec::new();
        for (condition, then) in branches {
            // One that could not be made out has been told; what is behind it is looked at.
            let known = !builder.undecided.contains(&condition.span);
            let holds =
                chosen.is_none() && (!known || self.decided(&condition, &builder.scope, "`if`").unwrap_or(true));
            if holds { chosen = Some(then) } else { left_out.push((condition.span, then)) }
        }
        let end = conditional.span;
        let chosen = match chosen {
            Some(chosen) => {
                left_out.push((end, otherwise));
                chosen
            }
            None => otherwise,
        };
        for (span, members) in left_out {
            names(&members, &mut |name| {
                builder.left_out.entry(format!("{}{}", builder.prefix, name.node)).or_insert(span);
            });
        }
        chosen
    }

    /// What a branch mentions is used, also if the branch is not taken.
    fn mentioned_in_branches(&self, builder: &Builder<'_>, conditional: &Conditional) {
        let text = self.text(conditional.span);
        for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()) {
            if let Some(local) = builder.scope.locals.get(word) {
                local.used.set(true);
            }
            // Marks what is imported.
            let _ = self.program.find(builder.scope.file, word);
        }
    }

    /// An error about a name that is not known, with the condition under which it would be, if there is one.
    pub(crate) fn with_condition(&self, builder: &Builder<'_>, name: &str, error: Diagnostic) -> Diagnostic {
        match builder.left_out.get(&format!("{}{name}", builder.prefix)) {
            Some(span) => error.also(*span, "it stands in a branch that is not taken, by this condition"),
            None => error,
        }
    }
}
