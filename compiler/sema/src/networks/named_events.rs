//! Named events of neurons, `event burst when …`, and the projections that listen to them: `event burst`.
//!
//! What comes of an event is a population, `E.burst`, that has the event for spikes, as many neurons as `E`, and nothing else.

use crate::expressions::checker::Checker;
use crate::model::{Population, PopulationId};
use crate::models::neuron_value::Kept;
use crate::models::synapse::Kinetics;
use crate::networks::clauses::Clauses;
use crate::networks::network::{Builder, Target};
use crate::program::modules::list;
use bpc_syntax::ast::Name;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;

impl Builder<'_> {
    /// Adds the populations of all named events of a population.
    pub(crate) fn add_events(&mut self, owner: PopulationId) {
        let names: Vec<String> = self.events(owner).into_iter().map(str::to_owned).collect();
        let population = &self.populations[owner.0];
        let (name, size, span) = (population.name.clone(), population.size, population.span);
        let known = self.targets[owner.0].size;
        for event in names {
            self.targets.push(Target {
                model: "event".to_owned(),
                span,
                size: known,
                states: Vec::new(),
                inputs: Vec::new(),
                lets: Vec::new(),
                population_lets: Vec::new(),
                geometry: None,
                first_parameter: 0,
                parameters: Vec::new(),
                declared: Vec::new(),
                synapses_of: None,
                kept: Kept::default(),
            });
            self.populations.push(Population {
                name: format!("{name}.{event}"),
                model: "event".to_owned(),
                size,
                states: Vec::new(),
                inputs: Vec::new(),
                lets: Vec::new(),
                rules: Vec::new(),
                spike_times: None,
                method: None,
                stands_for: None,
                events_of: Some(owner),
                span,
            });
        }
    }

    /// The population that has an event of a population's neurons for spikes.
    pub(crate) fn event(&self, owner: PopulationId, event: &str) -> Option<PopulationId> {
        let full = format!("{}.{event}", self.populations[owner.0].name);
        let is_it = |p: &Population| p.events_of == Some(owner) && p.name == full;
        self.populations.iter().position(is_it).map(PopulationId)
    }

    /// The names of a population's events.
    pub(crate) fn events(&self, owner: PopulationId) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for event in self.populations[owner.0].rules.iter().filter_map(|rule| rule.event.as_deref()) {
            if !names.contains(&event) {
                names.push(event);
            }
        }
        names
    }
}

impl Checker<'_> {
    /// The population that `E` or `E.burst` means in an expectation.
    pub(crate) fn find_population_or_event(&mut self, builder: &Builder<'_>, name: &Name) -> Option<PopulationId> {
        let (owner, event) = name.node.rsplit_once('.').unwrap_or_default();
        let owner = builder.owner(owner).and_then(|owner| owner.population());
        let Some(owner) = owner.filter(|_| builder.owner(&name.node).is_none()) else {
            return self.find_population(builder, name);
        };
        let found = builder.event(owner, event);
        if found.is_none() {
            self.no_event(builder, owner, &Name { node: event.to_owned(), span: name.span });
        }
        found
    }

    /// The events of source and target that take the place of their spikes in a projection.
    pub(crate) fn listened(
        &mut self,
        builder: &Builder<'_>,
        clauses: &Clauses<'_>,
        (source, target): (Option<PopulationId>, PopulationId),
        kinetics: &Kinetics,
    ) -> [Option<PopulationId>; 2] {
        let ends = [
            (clauses.event, source, kinetics.on_spike.is_empty(), ("event", "source", "on spike")),
            (clauses.post_event, Some(target), kinetics.on_post.is_empty(), ("post_event", "target", "on post")),
        ];
        ends.map(|(written, owner, silent, words)| {
            let ((name, span), owner) = (written?, owner?);
            if silent {
                if !kinetics.is_lost() {
                    self.nobody_listens(span, words);
                }
                return None;
            }
            let found = builder.event(owner, &name.node);
            if found.is_none() {
                self.no_event(builder, owner, name);
            }
            found
        })
    }

    fn nobody_listens(&mut self, span: Span, (clause, end, handler): (&str, &str, &str)) {
        let title = format!("nothing here happens at spikes of the {end}, so no event can take their place");
        let error = Diagnostic::error("E0519", title, span, "nothing responds to it");
        self.push(error.hint(format!("`{clause}` is for models with `{handler}`")));
    }

    fn no_event(&mut self, builder: &Builder<'_>, owner: PopulationId, name: &Name) {
        let target = &builder.targets[owner.0];
        let population = builder.local(&builder.populations[owner.0].name);
        let title = format!("neuron `{}` has no event `{}`", target.model, name.node);
        let error = Diagnostic::error("E0518", title, name.span, "no such event");
        let error = error.also(target.span, format!("`{population}` is a `{}`", target.model));
        let known = builder.events(owner);
        self.push(match (closest(&name.node, known.iter().copied()), known.as_slice()) {
            _ if matches!(name.node.as_str(), "spikes" | "spike") => {
                error.hint("leave the clause out: without it, synapses listen to spikes")
            }
            (Some(near), _) => error.hint(format!("did you mean `{near}`?")),
            (None, []) => error.hint(format!("declare it in the neuron: `event {} when … {{ }}`", name.node)),
            (None, known) => error.hint(format!("it has {}", list(known.iter().copied()))),
        });
    }
}
