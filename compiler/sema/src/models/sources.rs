//! Populations that spike at given times: `population S : spikes { [1 ms, 5 ms], [2 ms], [] }`.

use crate::expressions::checker::Checker;
use crate::expressions::units::Unit;
use crate::model::{Population, PopulationId};
use crate::models::neuron_value::Kept;
use crate::networks::network::{Builder, OwnerKind, Target};
use bpc_syntax::ast;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::collections::BTreeMap;

impl Checker<'_> {
    /// A population of lists of times; a time is the end of a step, as everywhere.
    pub(crate) fn spike_times(
        &mut self,
        builder: &mut Builder<'_>,
        population: &ast::Population,
        times: &[Vec<ast::Expr>],
        size: Option<u64>,
    ) {
        let name = &population.name;
        let lists = times.len() as u64;
        if let (Some(written), Some(size)) = (&population.size, size)
            && size != lists
        {
            let title = format!("`{}` has {size} neurons, but {lists} lists of spike times", name.node);
            let error = Diagnostic::error("E0448", title, population.model.span, "one list for each neuron");
            self.push(error.also(written.span, format!("this is {size}")).hint("an empty list is `[]`"));
        }
        let mut events: BTreeMap<(u64, u32), Span> = BTreeMap::new();
        for (neuron, list) in (0_u32..).zip(times) {
            for written in list {
                let Some(step) = self.spike_step(written, builder) else { continue };
                if let Some(first) = events.insert((step, neuron), written.span) {
                    let title = format!("neuron {neuron} of `{}` spikes twice in one step", name.node);
                    let error = Diagnostic::error("E0448", title, written.span, "again here");
                    self.push(error.also(first, "first here").hint("a neuron spikes at most once in a step"));
                }
            }
        }
        self.given_spikes(builder, population, lists, events.into_keys().collect());
    }

    /// A population whose spikes are known: steps and neurons, ascending.
    pub(crate) fn given_spikes(
        &mut self,
        builder: &mut Builder<'_>,
        population: &ast::Population,
        size: u64,
        events: Vec<(u64, u32)>,
    ) {
        let name = &population.name;
        let model = "spikes".to_owned();
        builder.scope.add(
            &format!("{}.size", name.node),
            #[allow(clippy::cast_precision_loss)] // below 2^31
            crate::expressions::scope::Typed::number(size as f64, Unit::none()),
            crate::expressions::scope::Role::Member,
            name.span,
        );
        let id = PopulationId(builder.populations.len());
        builder.targets.push(Target {
            model: model.clone(),
            span: population.span,
            size: Some(size),
            states: Vec::new(),
            geometry: None,
            inputs: Vec::new(),
            lets: Vec::new(),
            population_lets: Vec::new(),
            first_parameter: 0,
            parameters: Vec::new(),
            declared: Vec::new(),
            synapses_of: None,
            kept: Kept::default(),
        });
        builder.populations.push(Population {
            name: format!("{}{}", builder.prefix, name.node),
            model,
            size,
            states: Vec::new(),
            inputs: Vec::new(),
            lets: Vec::new(),
            rules: Vec::new(),
            spike_times: Some(events),
            stands_for: None,
            events_of: None,
            method: None,
            span: population.span,
        });
        if let Some(owner) = builder.owners.get_mut(&name.node) {
            owner.kind = OwnerKind::Population(Some(id));
        }
    }

    /// The step at whose end a spike is, counted from 0.
    fn spike_step(&mut self, written: &ast::Expr, builder: &Builder<'_>) -> Option<u64> {
        let value = self.top(written, &builder.scope);
        if !self.fits(&value, &Unit::named("ms"), written.span, "a spike time", None) {
            return None;
        }
        let number = self.fixed(&value, written.span, "a spike time")?;
        let what = format!("the spike time {}", Unit::named("ms").show(number));
        if number < self.dt / 2.0 {
            let error = Diagnostic::error(
                "E0448",
                format!("{what} is before the end of the first step"),
                written.span,
                "too early",
            );
            self.push(error.hint(format!("the first spike can be at {}", Unit::named("ms").show(self.dt))));
            return None;
        }
        self.steps_of(number, written.span, "E0448", &what, None)?.checked_sub(1)
    }
}
