//! What one number is made of: aggregates of recorded values, `mean(E.V)`, rates of populations, and what is expected of these.

use crate::expressions::checker::Checker;
use crate::expressions::scope::Scope;
use crate::expressions::units::{Ratio, Unit};
use crate::model::{Aggregate, Aggregated, BinaryOp, Expectation, Expected, Quantity, Record, RecordTarget, Statistic};
use crate::networks::network::Builder;
use crate::networks::simulation::Settings;
use crate::networks::subgroup::Chosen;
use crate::program::modules::list;
use bpc_syntax::ast::{self, AGGREGATES, Bound, Measured, Name, SimulationMember};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::suggest::closest;

/// Statistics of spikes.
const STATISTICS: &[(&str, Statistic)] = &[
    ("rate", Statistic::Rate),
    ("spike_count", Statistic::SpikeCount),
    ("cv_isi", Statistic::CvIsi),
    ("synchrony", Statistic::Synchrony),
    ("silent", Statistic::Silent),
];

/// What is made of many values, in the order of [`AGGREGATES`].
const HOW: [Aggregate; 6] =
    [Aggregate::Mean, Aggregate::Sum, Aggregate::Min, Aggregate::Max, Aggregate::Std, Aggregate::Variance];

/// The least and the greatest value that pass, and whether they pass themselves.
type Bounds = (Option<(f64, bool)>, Option<(f64, bool)>);

/// From which step on, and up to which, something is expected.
#[derive(Clone, Copy)]
struct Window {
    from: u64,
    to: Option<u64>,
}

impl Checker<'_> {
    /// A target of `record`.
    pub(crate) fn measured(
        &mut self,
        measured: &Measured,
        every: u64,
        scope: &Scope,
        builder: &Builder<'_>,
        records: &mut Vec<Record>,
    ) {
        match measured {
            Measured::Values(path) => self.record(path, every, scope, builder, records),
            Measured::Aggregate { name, path, .. } => {
                records.extend(self.aggregate(name, path, every, scope, builder));
            }
            Measured::Statistic { name, population, .. } => {
                let Some(rate) = self.recorded_statistic(name) else { return };
                for Chosen { name: owner, neurons } in self.chosen_populations(population, builder, scope) {
                    let Some(id) = self.find_population_or_event(builder, &owner) else { continue };
                    if !self.has_neurons(builder, id, neurons) {
                        continue;
                    }
                    let Some(size) = builder.targets[id.0].size else { continue };
                    let part = neurons.map_or(String::new(), |n| format!("[{}..{}]", n.first, n.last));
                    let (first, last) = neurons.map_or((0, size), |n| (n.first, n.last));
                    records.push(Record {
                        target: RecordTarget::SpikeCount { population: id, first, last, rate },
                        aggregate: None,
                        every,
                        name: format!("{}({}{part})", name.node, owner.node),
                    });
                }
            }
        }
    }

    /// One number of the values of a path, for each population or projection that it names.
    fn aggregate(
        &mut self,
        name: &Name,
        path: &ast::Path,
        every: u64,
        scope: &Scope,
        builder: &Builder<'_>,
    ) -> Vec<Record> {
        let mut records = Vec::new();
        self.record(path, every, scope, builder, &mut records);
        let Some(aggregate) = AGGREGATES.iter().position(|known| *known == name.node).and_then(|i| HOW.get(i)) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for record in records {
            let Some(quantity) = quantity(&record.target, builder) else {
                self.aggregate_of_spikes(name, path, &record);
                continue;
            };
            let quantity = match aggregate {
                Aggregate::Variance => squared(&quantity),
                _ => Some(quantity),
            };
            let Some(quantity) = quantity else {
                // As of a unit that is written like this.
                let title = "the exponents of this unit are too large";
                let error = Diagnostic::error("E0310", title, path.span, "its square");
                self.push(error.hint(format!("take `std({})`", record.name)));
                continue;
            };
            found.push(Record {
                aggregate: Some(Aggregated { aggregate: *aggregate, quantity }),
                name: format!("{}({})", name.node, record.name),
                ..record
            });
        }
        found
    }

    fn aggregate_of_spikes(&mut self, name: &Name, path: &ast::Path, record: &Record) {
        let title = format!("`{}` are events, and `{}` is made of values", record.name, name.node);
        let owner = record.name.rsplit_once('.').map_or("", |(owner, _)| owner);
        let error = Diagnostic::error("E0564", title, path.span, "no values");
        self.push(error.hint(format!("how many spikes there are is `rate({owner})`, or `spike_count({owner})`")));
    }

    /// Whether a statistic that is recorded is a rate (or a count).
    fn recorded_statistic(&mut self, name: &Name) -> Option<bool> {
        match self.statistic(name)? {
            Statistic::Rate => Some(true),
            Statistic::SpikeCount => Some(false),
            Statistic::CvIsi | Statistic::Synchrony | Statistic::Silent => {
                let title = format!("`{}` is a number for a whole run, and no course in time", name.node);
                let error = Diagnostic::error("E0564", title, name.span, "not recorded");
                self.push(error.hint(format!(
                    "`expect {}(…)` measures it; `record` has `rate` and `spike_count`, in bins of its interval",
                    name.node
                )));
                None
            }
        }
    }

    /// `expect rate(E) in 18 Hz .. 26 Hz from 200 ms`, `expect mean(E.V) < -50 mV`
    pub(crate) fn expectation(
        &mut self,
        member: &SimulationMember,
        scope: &Scope,
        builder: &Builder<'_>,
        settings: Settings,
        expectations: &mut Vec<Expectation>,
    ) {
        let SimulationMember::Expect { measured, bound, from, to, span } = member else { return };
        let Ok(window) = self.window(from.as_ref(), to.as_ref(), scope, settings) else { return };
        let found: Vec<(Expected, String)> = match measured {
            // The grammar has none of these.
            Measured::Values(_) => return,
            Measured::Aggregate { name, path, .. } => {
                let records = self.aggregate(name, path, 1, scope, builder);
                records
                    .into_iter()
                    .map(|record| {
                        let name = record.name.clone();
                        (Expected::Values(record), name)
                    })
                    .collect()
            }
            Measured::Statistic { name, population, .. } => {
                let statistic = self.statistic(name);
                let mut found = Vec::new();
                for Chosen { name, neurons } in self.chosen_populations(population, builder, scope) {
                    let population = self.find_population_or_event(builder, &name);
                    let (Some(statistic), Some(population)) = (statistic, population) else { continue };
                    if self.has_neurons(builder, population, neurons) {
                        let neurons = neurons.map(|n| (n.first, n.last));
                        found.push((Expected::Spikes { statistic, population, neurons }, name.node));
                    }
                }
                found
            }
        };
        let Some(window) = window else { return };
        let several = found.len() > 1;
        for (measured, name) in found {
            let unit = match &measured {
                Expected::Spikes { statistic: Statistic::Rate, .. } => Some(Unit::named("Hz")),
                Expected::Spikes { .. } => Some(Unit::none()),
                Expected::Values(record) => record.aggregate.as_ref().and_then(|of| Unit::of(&of.quantity)),
            };
            let Some((low, high)) = unit.and_then(|unit| self.bound(bound, &unit, scope)) else { continue };
            let mut text = self.text(*span);
            if several {
                text = format!("{text} ({name})");
            }
            let Window { from: from_step, to: to_step } = window;
            expectations.push(Expectation { measured, low, high, from_step, to_step, text, span: *span });
        }
    }

    /// From when to when something is expected; `None` if that cannot be told.
    ///
    /// # Errors
    /// If it begins behind a run that the command line has cut short, which cannot answer then: no mistake of the file.
    fn window(
        &mut self,
        from: Option<&ast::Expr>,
        to: Option<&ast::Expr>,
        scope: &Scope,
        settings: Settings,
    ) -> Result<Option<Window>, ()> {
        let from_step = from.map_or(Some(0), |f| self.time_steps(f, scope, "the start"));
        if let (Some(step), Some(at)) = (from_step, from)
            && step >= settings.steps
        {
            if settings.other_duration {
                return Err(());
            }
            self.error("E0509", "nothing is left to count", at.span, "not before the end of the simulation");
        }
        let to = match to {
            None => Some(None),
            Some(to) => self.end_of_window(to, from_step, scope, settings).map(Some),
        };
        Ok(from_step.zip(to).map(|(from, to)| Window { from, to }))
    }

    /// The end of what is counted, behind its start and not behind the end of the run.
    fn end_of_window(
        &mut self,
        written: &ast::Expr,
        from: Option<u64>,
        scope: &Scope,
        settings: Settings,
    ) -> Option<u64> {
        let to = self.time_steps(written, scope, "the end")?;
        if from.is_some_and(|from| to <= from) {
            self.error("E0509", "nothing is left to count", written.span, "not after the start");
            return None;
        }
        if to > settings.steps && !settings.other_duration {
            self.error("E0509", "this is after the last step", written.span, "after the end of the simulation");
            return None;
        }
        Some(to)
    }

    fn statistic(&mut self, name: &Name) -> Option<Statistic> {
        let found = STATISTICS.iter().find(|s| s.0 == name.node).map(|s| s.1);
        if found.is_none() {
            let error = Diagnostic::error(
                "E0506",
                format!("there is no statistic `{}`", name.node),
                name.span,
                "not a statistic",
            );
            let of_spikes = || STATISTICS.iter().map(|s| s.0);
            let of_values = || AGGREGATES.iter().copied();
            self.push(match closest(&name.node, of_spikes().chain(of_values())) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!(
                    "the statistics of spikes, as in `rate(E)`, are {}; of values, as in `mean(E.V)`, {}",
                    list(of_spikes()),
                    list(of_values())
                )),
            });
        }
        found
    }

    fn bound(&mut self, bound: &Bound, unit: &Unit, scope: &Scope) -> Option<Bounds> {
        let number = |checker: &mut Self, written: &ast::Expr| {
            let value = checker.top(written, scope);
            if !checker.fits(&value, unit, written.span, "the statistic", None) {
                return None;
            }
            checker.fixed(&value, written.span, "a bound")
        };
        match bound {
            Bound::Range(low, high) => {
                let (a, b) = (number(self, low), number(self, high));
                let (a, b) = (a?, b?);
                if a > b {
                    let error =
                        Diagnostic::error("E0509", "no value can satisfy this", low.span, "the lower bound is above");
                    self.push(error.also(high.span, "the upper bound"));
                    return None;
                }
                Some((Some((a, true)), Some((b, true))))
            }
            Bound::Compare(op, value) => {
                let x = number(self, value)?;
                Some(match op {
                    BinaryOp::Less => (None, Some((x, false))),
                    BinaryOp::LessEqual => (None, Some((x, true))),
                    BinaryOp::Greater => (Some((x, false)), None),
                    BinaryOp::GreaterEqual => (Some((x, true)), None),
                    BinaryOp::Equal => (Some((x, true)), Some((x, true))),
                    _ => {
                        let error = Diagnostic::error(
                            "E0420",
                            "this comparison is not supported in `expect`",
                            value.span,
                            "compared with this",
                        );
                        self.push(error.hint("use `in a .. b`, `<`, `<=`, `>`, `>=` or `==`"));
                        return None;
                    }
                })
            }
        }
    }
}

/// The unit of what a record keeps; none of spikes.
fn quantity(target: &RecordTarget, builder: &Builder<'_>) -> Option<Quantity> {
    match target {
        RecordTarget::Spikes { .. } | RecordTarget::SpikeCount { .. } => None,
        RecordTarget::PopulationState { population, state, .. } => {
            Some(builder.populations.get(population.0)?.states.get(*state)?.quantity.clone())
        }
        RecordTarget::PopulationValue { value, .. } | RecordTarget::ProjectionLet { value, .. } => {
            Some(value.quantity.clone())
        }
        RecordTarget::ProjectionState { projection, state, .. } => {
            Some(builder.projections.get(*projection)?.states.get(*state)?.quantity.clone())
        }
        RecordTarget::ProjectionOutput { projection, output, .. } => {
            Some(builder.projections.get(*projection)?.output_names.get(*output)?.1.clone())
        }
        RecordTarget::Weight { projection, .. } => Some(builder.projections.get(*projection)?.weight_quantity.clone()),
    }
}

fn squared(quantity: &Quantity) -> Option<Quantity> {
    Some(Unit::of(quantity)?.power(Ratio::new(2, 1)?)?.quantity())
}
