//! What all checks share: the program, the report, and the parameters made so far.

use crate::expressions::evaluate::{evaluate, is_fixed};
use crate::expressions::scope::{Scope, Type, Typed};
use crate::expressions::units::{self, Unit, UnitError};
use crate::model::{Expr, Pairs, Parameter, ParameterId};
use crate::program::data::Known;
use crate::program::loader::Loader;
use crate::program::modules::{ItemId, Program};
use crate::program::options::Override;
use crate::program::report::Report;
use bpc_syntax::ast;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::foreign::foreign_type;
use bpc_syntax::source::Span;
use bpc_syntax::{unit_words, units_table};
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// The state of a check.
pub struct Checker<'p> {
    /// What was read.
    pub program: &'p Program,
    /// Where files come from.
    pub loader: &'p dyn Loader,
    /// What was found wrong.
    pub report: &'p mut Report,
    /// The run-time scalars made so far.
    pub parameters: Vec<Parameter>,
    /// Values that `--set` gives, by name.
    pub overrides: Vec<Override>,
    /// The step in ms.
    pub dt: f64,
    /// Number of places that draw random numbers so far.
    pub draws: u32,
    /// The units of what they draw.
    pub(crate) drawn_units: HashMap<u32, Unit>,
    /// Constants that are known, or being evaluated (`None`).
    pub(crate) constants: HashMap<ItemId, Option<Typed>>,
    /// Data of files, read.
    pub(crate) data: HashMap<ItemId, Option<Rc<Known>>>,
    /// Data of networks that comes from files, read, by its declaration.
    pub(crate) files: HashMap<*const ast::Data, Option<Rc<Known>>>,
    /// Lists of connections of the network.
    pub(crate) pairs: Vec<Rc<Pairs>>,
    /// Functions being inlined and constants being evaluated, innermost last.
    pub(crate) active: Vec<ItemId>,
    /// Nesting of expressions, through calls.
    pub(crate) depth: u32,
    /// Calls inlined in the expression at hand.
    pub(crate) inlined: u32,
    /// Terms of sums written out in the expression at hand.
    pub(crate) terms: u64,
    /// The expression at hand.
    pub(crate) outermost: Span,
    /// Why a model is being checked with the types at hand: added to messages about its body.
    pub(crate) because: Vec<(Span, String)>,
    /// The instances that are being expanded, outermost first: added to messages about their text.
    pub(crate) within: Vec<(Span, String)>,
    /// The networks that are being expanded, outermost first, each with its use.
    pub(crate) expanding: Vec<(Rc<ast::Item>, Span)>,
    /// Networks that contain themselves, which has been reported.
    pub(crate) cyclic: Vec<*const ast::Item>,
    /// What is written once and stands many times in the network at hand.
    pub(crate) copies: u64,
    /// Whether these became too many, which has been reported.
    pub(crate) overfull: bool,
    /// Combinations of indices that every `for` of the network at hand has tried.
    pub(crate) tried: u64,
    /// Names that change a size or a structure, of networks that are used in others.
    pub(crate) structural: HashMap<*const ast::Item, Rc<BTreeSet<String>>>,
    /// How many instances networks have in them at least.
    pub(crate) inside: HashMap<*const ast::Item, u64>,
    /// How many networks deep such names are being looked for.
    pub(crate) structural_depth: usize,
    /// The units of `parameters`.
    pub(crate) parameter_units: Vec<Unit>,
    /// Names that `--set` can give values to, once a network is put together.
    pub(crate) settable: Vec<String>,
    /// Names of parameters, populations and projections that are taken.
    pub(crate) taken: BTreeSet<String>,
}

impl<'p> Checker<'p> {
    /// A check of `program`.
    pub fn new(program: &'p Program, loader: &'p dyn Loader, report: &'p mut Report) -> Checker<'p> {
        Checker {
            program,
            loader,
            report,
            parameters: Vec::new(),
            overrides: Vec::new(),
            dt: 0.1,
            draws: 0,
            drawn_units: HashMap::new(),
            constants: HashMap::new(),
            data: HashMap::new(),
            files: HashMap::new(),
            pairs: Vec::new(),
            active: Vec::new(),
            depth: 0,
            inlined: 0,
            terms: 0,
            outermost: Span::default(),
            because: Vec::new(),
            within: Vec::new(),
            expanding: Vec::new(),
            cyclic: Vec::new(),
            copies: 0,
            overfull: false,
            tried: 0,
            structural: HashMap::new(),
            inside: HashMap::new(),
            structural_depth: 0,
            parameter_units: Vec::new(),
            settable: Vec::new(),
            taken: BTreeSet::new(),
        }
    }

    /// Forgets what belongs to one network.
    pub(crate) fn reset(&mut self) {
        self.parameters.clear();
        self.parameter_units.clear();
        self.taken.clear();
        self.pairs.clear();
        self.because.clear();
        self.within.clear();
        self.expanding.clear();
        self.copies = 0;
        self.overfull = false;
        self.tried = 0;
        self.draws = 0;
    }

    /// Reports a mistake, with the use of the model that led to it.
    pub(crate) fn push(&mut self, mut diagnostic: Diagnostic) {
        // Of a chain of calls, both ends are enough.
        let last = self.because.len().saturating_sub(1);
        for (_, (span, text)) in self.because.iter().enumerate().filter(|(i, _)| *i == 0 || *i == last) {
            if !diagnostic.labels.iter().any(|l| l.span == *span) {
                diagnostic = diagnostic.also(*span, text.clone());
            }
        }
        let outermost = self.within.first().into_iter();
        for (span, text) in self.within.iter().skip(1).next_back().into_iter().chain(outermost) {
            if !diagnostic.labels.iter().any(|l| l.span == *span) {
                diagnostic = diagnostic.also(*span, text.clone());
            }
        }
        // What is wrong in std is the user's use of it.
        let foreign = |span: Span| self.program.is_std(span.file);
        if diagnostic.labels.first().is_some_and(|l| foreign(l.span))
            && let Some(own) = diagnostic.labels.iter().position(|l| !foreign(l.span))
        {
            diagnostic.labels[..=own].rotate_right(1);
        }
        self.report.push(diagnostic);
    }

    /// Reports an error with one label.
    pub(crate) fn error(&mut self, code: &'static str, title: impl Into<String>, span: Span, label: impl Into<String>) {
        self.push(Diagnostic::error(code, title, span, label));
    }

    /// The text of a span on one line.
    pub(crate) fn text(&self, span: Span) -> String {
        self.program.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Reads a written unit.
    pub(crate) fn unit(&mut self, unit: &ast::Unit, weight: Option<&Unit>) -> Option<Unit> {
        let diagnostic = match units::read(unit, weight) {
            Ok(unit) => return Some(unit),
            Err(UnitError::Unknown { symbol, span }) => {
                let error = Diagnostic::error("E0305", format!("there is no unit `{symbol}`"), span, "not a unit");
                match units_table::meant(&symbol) {
                    _ if unit_words::is_celsius(&symbol) => error.hint(unit_words::CELSIUS),
                    _ if let Some(instead) = foreign_type(&symbol) => error.hint(instead),
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint("units are SI symbols with prefixes: mV, ms, pA, nS, uF/cm^2"),
                }
            }
            Err(UnitError::NoWeight(span)) => Diagnostic::error(
                "E0308",
                "`unit(w)` means nothing here",
                span,
                "there is no weight here",
            )
            .hint(
                "`unit(w)` is for synapses and receptors: it is the unit of the weight in the `project` that uses them",
            ),
            Err(UnitError::Count(span)) => {
                Diagnostic::error("E0305", "`count` stands alone", span, "not a factor of a unit")
                    .hint("write `: count`")
            }
            Err(UnitError::Exponent(span)) => {
                Diagnostic::error("E0310", "the exponents of this unit are too large", span, "too large")
            }
        };
        self.push(diagnostic);
        None
    }

    /// The unit of a declaration: as declared, else as its value has it. Reports it if both differ.
    pub(crate) fn declared_unit(
        &mut self,
        binding: &ast::Binding,
        value: Option<&Typed>,
        weight: Option<&Unit>,
    ) -> Option<Unit> {
        let declared = match &binding.unit {
            Some(unit) => Some(self.unit(unit, weight)?),
            None => None,
        };
        match (declared, value) {
            (Some(unit), Some(value)) => {
                let place = binding.unit.as_ref().map_or(binding.name.span, |u| u.span);
                let at = binding.value.as_ref().map_or(binding.span, |v| v.span);
                self.fits(value, &unit, at, &format!("`{}`", binding.name.node), Some(place));
                Some(unit)
            }
            (Some(unit), None) => Some(unit),
            (None, Some(value)) => (!value.is_unknown()).then(|| value.kind.unit()),
            (None, None) => Some(Unit::none()),
        }
    }

    /// Whether a value has a unit; reports it if not. `what` is what takes the value, `declared` where its unit stands.
    pub(crate) fn fits(&mut self, value: &Typed, unit: &Unit, at: Span, what: &str, declared: Option<Span>) -> bool {
        let given = match &value.kind {
            Type::Unknown | Type::Zero => return true,
            Type::Truth => {
                self.error("E0307", format!("{what} needs a number, not a truth value"), at, "this is true or false");
                return false;
            }
            Type::Number(given) => given,
        };
        if given.dimension == unit.dimension || given.dimension.is_open() || unit.dimension.is_open() {
            return true;
        }
        let title = format!("{what} is in {}, but the value is in {}", unit.describe(), given.describe());
        let title = title.replace("is in a pure number", "is a pure number");
        let mut error = Diagnostic::error("E0302", title, at, given_label(given));
        if let Some(declared) = declared.filter(|d| *d != at) {
            error = error.also(declared, given_label(unit));
        }
        self.push(error);
        false
    }

    /// The number a value must be at compile time; reports it if it is not one.
    pub(crate) fn fixed(&mut self, value: &Typed, at: Span, what: &str) -> Option<f64> {
        if value.is_unknown() {
            return None;
        }
        if matches!(value.kind, Type::Truth) {
            self.error("E0307", format!("{what} must be a number, not a truth value"), at, "this is true or false");
            return None;
        }
        let number = if is_fixed(&value.expr) { evaluate(&value.expr, &self.parameters) } else { None };
        match number {
            Some(number) if number.is_finite() => Some(number),
            Some(number) => {
                self.error("E0306", format!("{what} is not a finite number"), at, format!("this is {number}"));
                None
            }
            None => {
                let title = format!("{what} must be known before the run");
                let mut differs = false;
                crate::expressions::evaluate::walk(&value.expr, &mut |e| {
                    differs |= matches!(
                        e,
                        Expr::Index | Expr::SourceIndex | Expr::PairIndex | Expr::NeuronDraw { .. } | Expr::Random(..)
                    );
                });
                let (label, hint) = match differs {
                    true => (
                        "this differs from neuron to neuron",
                        "it is one number for all of them; what differs from connection to connection is the `delay ~ …` of a `project`",
                    ),
                    false => ("this can change at run time", "use constants and parameters of the network here"),
                };
                self.push(Diagnostic::error("E0210", title, at, label).hint(hint));
                None
            }
        }
    }

    /// Makes a run-time scalar; what `--set` says about its name comes first.
    pub(crate) fn parameter(&mut self, new: NewParameter<'_>) -> ParameterId {
        let NewParameter { name, unit, mut value, doc, mut span } = new;
        let name = self.unique(&name);
        if let Some((given, at)) = self.overridden(&name, &unit, span) {
            if is_fixed(&value) {
                value = Expr::Number(given);
                span = at;
            } else {
                let error = Diagnostic::error("E0211", format!("`{name}` cannot be set"), at, "given here");
                self.report.push(error.also(span, "it follows from other parameters").hint("set those instead"));
            }
        }
        if is_fixed(&value) && !matches!(value, Expr::Number(_)) {
            value = Expr::Number(evaluate(&value, &self.parameters).unwrap_or(f64::NAN));
        }
        let default = evaluate(&value, &self.parameters).unwrap_or(f64::NAN);
        let settable = matches!(value, Expr::Number(_));
        let quantity = unit.quantity();
        self.parameters.push(Parameter {
            name,
            quantity,
            value,
            default,
            settable,
            nonzero: false,
            doc: doc.to_owned(),
            span,
        });
        self.parameter_units.push(unit);
        ParameterId(self.parameters.len() - 1)
    }

    /// What `--set` gives for a name, in internal units.
    pub(crate) fn overridden(&mut self, name: &str, unit: &Unit, declared: Span) -> Option<(f64, Span)> {
        let found = self.overrides.iter_mut().find(|o| o.name == name)?;
        found.used = true;
        let (value, span) = (found.value.clone(), found.span);
        self.fits(&value, unit, span, &format!("`{name}`"), Some(declared)).then_some(())?;
        match value.expr {
            Expr::Number(number) => Some((number, span)),
            _ => None,
        }
    }

    /// The truth value that was given for a parameter from outside.
    pub(crate) fn overridden_truth(&mut self, name: &str) -> Option<Typed> {
        let found = self.overrides.iter_mut().find(|o| o.name == name)?;
        found.used = true;
        let (value, span) = (found.value.clone(), found.span);
        self.truth(&value, span, &format!("`{name}`")).then_some(value)
    }

    /// The name, with a number behind it if it is taken; taken from now on.
    pub(crate) fn unique(&mut self, name: &str) -> String {
        let mut candidate = name.to_owned();
        let mut count = 1;
        while !self.taken.insert(candidate.clone()) {
            count += 1;
            candidate = format!("{name}_{count}");
        }
        candidate
    }

    /// Checks an expression that stands on its own in a file.
    pub(crate) fn top(&mut self, expr: &ast::Expr, scope: &Scope) -> Typed {
        (self.inlined, self.terms) = (0, 0);
        self.outermost = expr.span;
        self.expression(expr, scope)
    }
}

/// What [`Checker::parameter`] needs.
pub(crate) struct NewParameter<'a> {
    /// Its name; made unique.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// Its value.
    pub value: Expr,
    /// Its documentation.
    pub doc: &'a str,
    /// Where it got its value.
    pub span: Span,
}

/// `this is mV`
pub(crate) fn given_label(unit: &Unit) -> String {
    format!("this is {}", unit.describe())
}
