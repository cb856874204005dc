//! Populations whose spikes are data: `population S[100] : spikes { neurons = who, times = moments }`.
//!
//! Times are ends of steps, or are refused; with `rounded = true` they become the nearest one. A neuron spikes once in a step, or it is
//! refused; with `merged = true` what falls into one step is one spike. Nothing is left out unasked.

use crate::expressions::checker::Checker;
use crate::expressions::units::Unit;
use crate::networks::network::Builder;
use crate::program::data::Known;
use bpc_syntax::ast::{self, ExprKind, Name};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use std::rc::Rc;

impl Checker<'_> {
    /// A spike for each element of two vectors: the neuron, and when.
    pub(crate) fn spikes_of_data(
        &mut self,
        builder: &mut Builder<'_>,
        population: &ast::Population,
        size: Option<u64>,
    ) -> Option<()> {
        let used = &population.model;
        let argument = |word: &str| used.arguments.iter().find(|argument| argument.name.node == word);
        let (neurons, times, steps) = (argument("neurons"), argument("times"), argument("steps"));
        let options: Vec<&ast::Binding> = ["rounded", "merged"].into_iter().filter_map(argument).collect();
        let count = used.arguments.len() - options.len();
        let (Some(neurons), Some(when), 2) = (neurons, times.or(steps), count) else {
            let title = format!("the spikes of `{}` are not said by these", population.name.node);
            let error = Diagnostic::error("E0467", title, used.span, "needs `neurons`, and `times` or `steps`");
            self.push(
                error.hint("write `spikes { neurons = who, times = moments }`, where `who` and `moments` are data"),
            );
            return None;
        };
        let Some(written) = &population.size else {
            let title = format!("`{}` needs a size", population.name.node);
            let error = Diagnostic::error("E0467", title, population.name.span, "how many neurons?");
            self.push(error.hint(format!("write `population {}[100] : spikes {{ … }}`", population.name.node)));
            return None;
        };
        let size = size?;
        let mut chosen = [false; 2];
        for option in options {
            chosen[usize::from(option.name.node == "merged")] = self.chosen_option(option)?;
        }
        let [rounded, merged] = chosen;
        if rounded && times.is_none() {
            let title = "numbers of steps are not rounded";
            let error = Diagnostic::error("E0467", title, used.span, "`rounded` is for times");
            self.push(error.hint("leave `rounded` out, or give the `times` of the spikes"));
            return None;
        }
        let (neurons, neurons_name) = self.named_data(neurons, builder)?;
        let (when, when_name) = self.named_data(when, builder)?;
        let (population_name, place) = (population.name.node.as_str(), written.span);
        let indices = self.neurons((&neurons, &neurons_name), (population_name, Some(size)), None)?;
        let steps = self.spike_steps((&when, &when_name), times.is_some(), rounded)?;
        if indices.len() != steps.len() {
            let title = format!("{} neurons cannot spike at {} times", indices.len(), steps.len());
            self.error("E0467", title, used.span, "not equally many");
            return None;
        }
        let mut events: Vec<(u64, u32)> = steps.into_iter().zip(indices).collect();
        events.sort_unstable();
        if merged {
            events.dedup();
        }
        if let Some(twice) = events.windows(2).find(|pair| pair[0] == pair[1]) {
            let (step, neuron) = twice[0];
            let at = Unit::named("ms").show((step + 1) as f64 * self.dt);
            let title = format!("neuron {neuron} of `{population_name}` spikes twice in the step that ends at {at}");
            let error = Diagnostic::error("E0467", title, used.span, "a neuron spikes at most once in a step");
            let error = error.also(when.span, "declared here").also(place, "of these neurons");
            self.push(error.hint("shorten the step, or let them be one spike: `merged = true`"));
            return None;
        }
        self.given_spikes(builder, population, size, events);
        Some(())
    }

    /// Whether an option is said to hold.
    fn chosen_option(&mut self, option: &ast::Binding) -> Option<bool> {
        if let Some(ExprKind::Bool(chosen)) = option.value.as_ref().map(|value| &value.kind) {
            return Some(*chosen);
        }
        let name = &option.name.node;
        let error = Diagnostic::error("E0467", format!("`{name}` is true or false"), option.span, "neither of them");
        self.push(error.hint(format!("write `{name} = true`, or leave it out")));
        None
    }

    /// The data that an argument names.
    fn named_data(&mut self, argument: &ast::Binding, builder: &Builder<'_>) -> Option<(Rc<Known>, Name)> {
        let name = argument.value.as_ref().and_then(|value| match &value.kind {
            ExprKind::Name(name) => Some(Name { node: name.clone(), span: value.span }),
            _ => None,
        });
        let Some(name) = name else {
            let title = format!("`{}` is the name of data", argument.name.node);
            self.error("E0467", title, argument.span, "not a name");
            return None;
        };
        Some((self.find_data(&name, &builder.scope)?, name))
    }

    /// The steps at whose ends spikes are, from these numbers or from times, which may be rounded.
    fn spike_steps(&mut self, (known, name): (&Known, &Name), times: bool, rounded: bool) -> Option<Vec<u64>> {
        const MOST: f64 = 9e15;
        const OFF: &str = "no step ends there";
        let (ms, dt) = (Unit::named("ms"), self.dt);
        let unit = if times { ms.clone() } else { Unit::none() };
        let mut refuse = |title: String, label: &str, span: Span| {
            let error = Diagnostic::error("E0467", title, span, label);
            let error = error.also(known.span, "declared here");
            let hint = "times that are no ends of steps become the nearest one by `rounded = true`";
            self.push(if label == OFF && times && !rounded { error.hint(hint) } else { error });
        };
        if known.lengths().1.is_some() || known.unit.dimension != unit.dimension {
            let title = format!("`{}` is no list of {}", name.node, if times { "times" } else { "steps" });
            refuse(title, "not one dimension, or in another unit", name.span);
            return None;
        }
        let mut steps = Vec::with_capacity(known.data.values.len());
        for (place, &value) in known.data.values.iter().enumerate() {
            // A spike at the end of step k has the time (k + 1) dt.
            let exact = if times { value / dt - 1.0 } else { value };
            let (exact, step) = match rounded && value >= 0.0 {
                // No step ends at 0: the first end is the nearest.
                true => [((value / dt).round_ties_even() - 1.0).max(0.0); 2].into(),
                false => (exact, exact.round()),
            };
            let tolerance = if times { 1e-6 * step.max(1.0) } else { 0.0 };
            if (exact - step).abs() > tolerance || !(0.0..MOST).contains(&step) {
                let title = if times {
                    let (shown, dt) = (ms.show(value), ms.show(dt));
                    format!("element {place} of `{}` is {shown}, not the end of a step of {dt}", name.node)
                } else {
                    format!("element {place} of `{}` is {value}, not the number of a step", name.node)
                };
                refuse(title, OFF, name.span);
                return None;
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a whole number below 2^53
            steps.push(step as u64);
        }
        Some(steps)
    }
}
