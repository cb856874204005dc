//! Networks inside networks. An instance is expanded where it is written: its populations, then its
//! projections, then its initial values and drives stand in the place of the `instance` among those
//! of the network around it. So a network with instances is the same as one written flat in that
//! order, with the same random numbers.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Local, Role, Scope};
use crate::models::elements::array_of;
use crate::networks::network::{Builder, Owner, OwnerKind};
use crate::networks::place::{Array, of_comprehension};
use crate::program::modules::list;
use bpc_syntax::ast::{self, Extent, Item, Name, NetworkMember};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, Span};
use bpc_syntax::suggest::closest;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// How many networks may stand inside one another.
const DEEPEST: usize = 64;

/// A network inside the one at hand, between the phases of its expansion.
pub(crate) struct Inner {
    /// Which member of the network around it.
    member: usize,
    /// `V1`, `area[3]`
    name: String,
    /// Its declaration.
    item: Rc<Item>,
    /// Where it is used, for messages.
    because: (Span, String),
    /// It with the branches that are meant, if parts of it stand under conditions.
    decided: Option<Rc<ast::Network>>,
    /// What it has of its own.
    level: Level,
}

/// What each network of a hierarchy has of its own.
pub(crate) struct Level {
    /// Its names.
    pub scope: Scope,
    /// What has members in it.
    pub owners: BTreeMap<String, Owner>,
    /// What its names start with in the whole: nothing, or `area[3].`.
    pub prefix: String,
    /// The networks inside it.
    pub inner: Vec<Inner>,
}

impl Level {
    /// A level with nothing in it.
    fn new(file: FileId, prefix: String) -> Level {
        Level { scope: Scope::of_network(file), owners: BTreeMap::new(), prefix, inner: Vec::new() }
    }
}

impl Checker<'_> {
    /// One `instance`: parameters and populations of the network, once for each index.
    pub(crate) fn instance(&mut self, builder: &mut Builder<'_>, member: usize, instance: &ast::Instance) {
        let name = &instance.name;
        let owner = Owner { span: name.span, kind: OwnerKind::Network { broken: true }, projections: Vec::new() };
        builder.owners.insert(name.node.clone(), owner);
        let Some((item, file)) = self.find_network(&instance.network.name, builder.scope.file) else { return };
        let Item::Network(network) = &*item else { return };
        if self.contains_itself(&item, network, instance) {
            return;
        }
        if self.expanding.len() > DEEPEST {
            let error = Diagnostic::error("E0531", "networks are nested too deeply", instance.span, "this is one more");
            self.push(error.hint(format!("a network may have others in it {DEEPEST} levels deep")));
            return;
        }
        self.twice_given(&instance.network.arguments);
        let Some((first, last, index)) = self.extent(instance, &builder.scope) else { return };
        // What is inside is counted before it is written out, as far as its sizes are written as numbers.
        let inside = self.written_copies(&item, file);
        if !self.room((last - first).saturating_mul(inside.saturating_add(1)), instance.span) {
            return;
        }
        let array = instance.extent.is_some();
        let kind = OwnerKind::Network { broken: false };
        builder.owners.insert(name.node.clone(), Owner { span: name.span, kind, projections: Vec::new() });
        if array {
            Rc::make_mut(&mut builder.scope.arrays).insert(name.node.clone(), Array::Networks(first, last));
        }
        let structural = self.structural_names(&item, network, file);
        self.expanding.push((item.clone(), instance.network.span));
        for number in first..last {
            self.copies += 1;
            let own = if array { format!("{}[{number}]", name.node) } else { name.node.clone() };
            let because = format!("in instance `{}{own}` of `{}`", builder.prefix(), network.name.node);
            let mut inner = Inner {
                member,
                level: Level::new(file, format!("{}{own}.", builder.prefix())),
                name: own,
                item: item.clone(),
                decided: None,
                because: (instance.network.span, because),
            };
            let caller = self.with_index(&builder.scope, index, number);
            let mut decided = None;
            self.inside(builder, &mut inner, &mut |checker, builder, network| {
                decided =
                    checker.network_populations(builder, network, Some((&instance.network, &caller)), &structural);
            });
            inner.decided = decided.map(Rc::new);
            // Its copy of what is exported to must not be alive.
            drop(caller);
            if self.overfull {
                // What is missing is missing everywhere: no more can be told.
                break;
            }
            builder.export(&inner);
            builder.inner.push(inner);
        }
        self.expanding.pop();
    }

    /// How many instances a network has in it at least, those inside them included: arrays whose size is written as a
    /// number have as many elements, others one.
    fn written_copies(&mut self, item: &Rc<Item>, file: FileId) -> u64 {
        let key = Rc::as_ptr(item);
        if let Some(known) = self.inside.get(&key) {
            return *known;
        }
        let Item::Network(network) = &**item else { return 0 };
        // A network that contains itself, or others too deeply, is reported elsewhere.
        self.inside.insert(key, 0);
        if self.structural_depth > DEEPEST {
            return 0;
        }
        self.structural_depth += 1;
        let mut all = 0_u64;
        for member in &network.members {
            let NetworkMember::Instance(instance) = member else { continue };
            let found = self.program.find(file, &instance.network.name.node);
            let found = found.map(|(_, declared)| (declared.item.clone(), declared.file));
            let Some((item, file)) = found else { continue };
            let copies = self.written_copies(&item, file).saturating_add(1);
            all = all.saturating_add(copies.saturating_mul(written_size(instance)));
        }
        self.structural_depth -= 1;
        self.inside.insert(key, all);
        all
    }

    /// The indices of an array, and their name; 0 to 1 for a single instance.
    fn extent<'i>(&mut self, instance: &'i ast::Instance, scope: &Scope) -> Option<(u64, u64, Option<&'i Name>)> {
        let (first, last, name, span) = match &instance.extent {
            None => return Some((0, 1, None)),
            Some(Extent::Count(count)) => {
                let what = format!("the size of `{}`", instance.name.node);
                (0, self.whole_expression(count, scope, &what)?, None, count.span)
            }
            Some(Extent::Named(range)) => {
                let (first, last) = self.index_values(range, scope)?;
                (first, last, Some(&range.name), range.first.span.to(range.last.span))
            }
        };
        if first == last {
            self.error("E0488", format!("the array `{}` is empty", instance.name.node), span, "no element");
            return None;
        }
        Some((first, last, name))
    }

    /// Reports a network that is being expanded already.
    fn contains_itself(&mut self, item: &Rc<Item>, network: &ast::Network, instance: &ast::Instance) -> bool {
        let Some(at) = self.expanding.iter().position(|(open, _)| Rc::ptr_eq(open, item)) else { return false };
        // One way around is enough, whichever network of it is looked at first.
        let known = self.expanding[at..].iter().any(|(open, _)| self.cyclic.contains(&Rc::as_ptr(open)));
        self.cyclic.extend(self.expanding[at..].iter().map(|(open, _)| Rc::as_ptr(open)));
        if known {
            return true;
        }
        let mut names: Vec<String> = Vec::new();
        let mut places = Vec::new();
        for (open, span) in &self.expanding[at..] {
            if let Item::Network(open) = &**open {
                names.push(format!("`{}`", open.name.node));
            }
            places.push(*span);
        }
        names.push(format!("`{}`", network.name.node));
        let title = format!("network `{}` contains itself: {}", network.name.node, names.join(" → "));
        let mut error = Diagnostic::error("E0485", title, instance.network.span, "this closes the cycle");
        for span in places.into_iter().skip(1) {
            error = error.also(span, "reached through this instance");
        }
        self.push(error.hint("a network cannot be a part of itself"));
        true
    }

    /// Reports arguments of one name.
    pub(crate) fn twice_given<'a>(&mut self, arguments: impl IntoIterator<Item = &'a ast::Binding>) {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for argument in arguments {
            let name = &argument.name;
            if let Some(first) = seen.insert(&name.node, name.span) {
                let title = format!("`{}` is given twice", name.node);
                let error = Diagnostic::error("E0214", title, name.span, "given again here");
                self.push(error.also(first, "first given here"));
            }
        }
    }

    /// Does something with the network inside in place of the one around it.
    fn inside(
        &mut self,
        builder: &mut Builder<'_>,
        inner: &mut Inner,
        work: &mut dyn FnMut(&mut Self, &mut Builder<'_>, &ast::Network),
    ) {
        let (item, decided) = (inner.item.clone(), inner.decided.clone());
        let Item::Network(network) = &*item else { return };
        let network = decided.as_deref().unwrap_or(network);
        builder.swap(&mut inner.level);
        self.within.push(inner.because.clone());
        work(self, builder, network);
        self.within.pop();
        builder.swap(&mut inner.level);
    }

    /// Does something in all instances of one member.
    pub(crate) fn each_inner(
        &mut self,
        builder: &mut Builder<'_>,
        member: usize,
        work: &mut dyn FnMut(&mut Self, &mut Builder<'_>, &ast::Network),
    ) {
        let mut all = std::mem::take(&mut builder.inner);
        for inner in all.iter_mut().filter(|inner| inner.member == member) {
            self.inside(builder, inner, work);
            builder.export(inner);
        }
        builder.inner = all;
    }

    /// Names that change a size or a structure of a network that is used in others.
    fn structural_names(&mut self, item: &Rc<Item>, network: &ast::Network, file: FileId) -> Rc<BTreeSet<String>> {
        let key = Rc::as_ptr(item);
        if let Some(known) = self.structural.get(&key) {
            return known.clone();
        }
        // A network that contains itself, or others too deeply, is reported elsewhere.
        self.structural.insert(key, Rc::default());
        if self.structural_depth > DEEPEST {
            return Rc::default();
        }
        self.structural_depth += 1;
        let names = Rc::new(self.structural_of(network, file, None));
        self.structural_depth -= 1;
        self.structural.insert(key, names.clone());
        names
    }

    /// Calls `add` with the expressions of a member that are known before the run: how often it stands, and
    /// arguments that change a size or a structure inside.
    pub(crate) fn structural_parts(&mut self, member: &NetworkMember, file: FileId, add: &mut dyn FnMut(&ast::Expr)) {
        let place = |p: &ast::Place, add: &mut dyn FnMut(&ast::Expr)| crate::networks::place::indices(p, add);
        let path = |p: &ast::Path, add: &mut dyn FnMut(&ast::Expr)| {
            place(&p.place, add);
            // Behind the name of an array these are its elements.
            if let Some((first, last)) = &p.range {
                add(first);
                last.iter().for_each(&mut *add);
            }
        };
        match member {
            NetworkMember::Project(p) => {
                of_comprehension(p.each.as_ref(), add);
                p.sources.iter().chain(&p.targets).for_each(|p| place(p, add));
            }
            NetworkMember::Stimulate(s) => {
                of_comprehension(s.each.as_ref(), add);
                s.targets.iter().for_each(|p| place(p, add));
            }
            NetworkMember::Init(i) => {
                of_comprehension(i.each.as_ref(), add);
                i.targets.iter().for_each(|p| path(p, add));
            }
            NetworkMember::Drive(d) => {
                of_comprehension(d.each.as_ref(), add);
                d.targets.iter().for_each(|p| path(p, add));
            }
            NetworkMember::Instance(instance) => {
                match &instance.extent {
                    None => {}
                    Some(Extent::Count(count)) => add(count),
                    Some(Extent::Named(range)) => {
                        add(&range.first);
                        add(&range.last);
                    }
                }
                let found = self.program.find(file, &instance.network.name.node);
                let found = found.map(|(_, declared)| (declared.item.clone(), declared.file));
                let Some((item, file)) = found else { return };
                let Item::Network(network) = &*item else { return };
                let names = self.structural_names(&item, network, file);
                for argument in instance.network.arguments.iter().filter(|a| names.contains(array_of(&a.name.node))) {
                    argument.value.iter().for_each(&mut *add);
                }
            }
            // What stands in branches is looked at one by one.
            NetworkMember::Let(_) | NetworkMember::Data(_) | NetworkMember::Population(_) | NetworkMember::If(_) => {}
        }
    }

    /// A population that an instance lacks, or an instance where a population is needed.
    pub(crate) fn not_in_instance(&mut self, builder: &Builder<'_>, name: &Name) -> bool {
        let populations = || builder.populations_here();
        if let Some(Owner { kind: OwnerKind::Network { broken }, span, .. }) = builder.owner(&name.node) {
            if !broken {
                let title = format!("`{}` is a network, but a population is needed here", name.node);
                let error = Diagnostic::error("E0490", title, name.span, "which population of it?");
                let error = error.also(*span, "declared here");
                let start = format!("{}.", name.node);
                let inside: Vec<&str> = populations().filter(|p| p.starts_with(&start)).take(12).collect();
                self.push(if inside.is_empty() { error } else { error.hint(format!("it has {}", list(inside))) });
            }
            return true;
        }
        let Some((instance, last)) = name.node.rsplit_once('.') else { return false };
        match builder.owner(instance).map(|o| &o.kind) {
            Some(OwnerKind::Network { broken: true }) => true,
            Some(OwnerKind::Network { broken: false }) => {
                let start = format!("{instance}.");
                let inside: Vec<&str> = populations().filter_map(|p| p.strip_prefix(&start)).collect();
                let title = format!("`{instance}` has no population `{last}`");
                let error = Diagnostic::error("E0207", title, name.span, "not declared there");
                let error = self.with_condition(builder, &name.node, error);
                self.push(match closest(last, inside.iter().copied()) {
                    Some(near) => error.hint(format!("did you mean `{instance}.{near}`?")),
                    None => error.hint(format!("it has {}", list(inside.iter().take(12)))),
                });
                true
            }
            _ => false,
        }
    }
}

/// How many elements an array has, if that is written as a number; else 1.
fn written_size(instance: &ast::Instance) -> u64 {
    let number = |written: &ast::Expr| match &written.kind {
        ast::ExprKind::Number { text, unit: None } => text.parse::<u64>().ok(),
        _ => None,
    };
    let size = match &instance.extent {
        None => None,
        Some(Extent::Count(count)) => number(count),
        Some(Extent::Named(range)) => {
            number(&range.first).zip(number(&range.last)).map(|(first, last)| last.saturating_sub(first))
        }
    };
    size.unwrap_or(1)
}

impl Builder<'_> {
    /// What the names of the network at hand start with in the whole.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What has members, by its name in the network at hand.
    pub(crate) fn owner(&self, name: &str) -> Option<&Owner> {
        if let Some(owner) = self.owners.get(name) {
            return Some(owner);
        }
        // An element of an array is as whole or broken as the array.
        let array = name.strip_suffix(']').and_then(|n| n.rsplit_once('[')).map(|n| n.0)?;
        self.owners.get(array).filter(|o| matches!(o.kind, OwnerKind::Network { .. }))
    }

    /// The names of all populations, those of instances included.
    pub(crate) fn populations_here(&self) -> impl Iterator<Item = &str> {
        let population = |o: &Owner| matches!(o.kind, OwnerKind::Population(_));
        self.owners.iter().filter(move |(_, o)| population(o)).map(|(name, _)| name.as_str())
    }

    /// Makes what a network inside has known to the one around it: `E.tau` as `V1.E.tau`.
    fn export(&mut self, inner: &Inner) {
        let Inner { name, level, .. } = inner;
        let visible = |local: &&Local| matches!(local.role, Role::Parameter | Role::Member);
        let members = Rc::make_mut(&mut self.scope.members);
        for (own, local) in level.scope.locals.iter().chain(level.scope.members.iter()) {
            if visible(&local) {
                members.insert(format!("{name}.{own}"), Local { role: Role::Member, ..local.clone() });
            }
        }
        let arrays = Rc::make_mut(&mut self.scope.arrays);
        arrays.extend(level.scope.arrays.iter().map(|(own, array)| (format!("{name}.{own}"), *array)));
        let hidden =
            level.scope.hidden.iter().filter(|(own, _)| own.contains('.')).chain(level.scope.hidden_members.iter());
        let hidden = hidden.map(|(own, reason)| (format!("{name}.{own}"), reason.clone()));
        Rc::make_mut(&mut self.scope.hidden_members).extend(hidden);
        let owners = level.owners.iter().map(|(own, owner)| (format!("{name}.{own}"), owner.clone()));
        self.owners.extend(owners);
    }

    /// Puts one level in the place of the other.
    fn swap(&mut self, level: &mut Level) {
        std::mem::swap(&mut self.scope, &mut level.scope);
        std::mem::swap(&mut self.owners, &mut level.owners);
        std::mem::swap(&mut self.prefix, &mut level.prefix);
        std::mem::swap(&mut self.inner, &mut level.inner);
    }
}
