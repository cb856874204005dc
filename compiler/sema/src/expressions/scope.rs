//! What names mean at a place: values with types, and what may be mentioned there.

use crate::expressions::units::Unit;
use crate::model::Expr;
use crate::models::elements::Ranges;
use crate::networks::place::Array;
use crate::program::data::Known;
use bpc_syntax::source::{FileId, Span};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The type of a value.
#[derive(Clone, Debug)]
pub enum Type {
    /// A mistake has been reported: fits everything.
    Unknown,
    /// `true` or `false`.
    Truth,
    /// The bare literal `0`, which fits any unit.
    Zero,
    /// A number.
    Number(Unit),
}

impl Type {
    /// A pure number.
    #[must_use]
    pub fn pure() -> Type {
        Type::Number(Unit::none())
    }

    /// Whether nothing more can be said about it: unknown, or in the unit of a weight not known yet.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Type::Unknown => true,
            Type::Number(unit) => unit.dimension.is_open(),
            Type::Truth | Type::Zero => false,
        }
    }

    /// Its unit; a zero or an unknown counts as a pure number.
    #[must_use]
    pub fn unit(&self) -> Unit {
        match self {
            Type::Number(unit) => unit.clone(),
            Type::Unknown | Type::Truth | Type::Zero => Unit::none(),
        }
    }

    /// For messages.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Type::Unknown => "unknown".to_owned(),
            Type::Truth => "a truth value".to_owned(),
            Type::Zero => "zero".to_owned(),
            Type::Number(unit) => unit.describe(),
        }
    }
}

/// A checked expression.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The expression, units erased.
    pub expr: Expr,
    /// Its type.
    pub kind: Type,
    /// Number of nodes, written out as a tree.
    pub nodes: u64,
    /// Height of that tree.
    pub height: u32,
}

impl Typed {
    /// A leaf.
    #[must_use]
    pub fn leaf(expr: Expr, kind: Type) -> Typed {
        Typed { expr, kind, nodes: 1, height: 1 }
    }

    /// A number with a unit, in internal units.
    #[must_use]
    pub fn number(value: f64, unit: Unit) -> Typed {
        Typed::leaf(Expr::Number(value), Type::Number(unit))
    }

    /// Stands where a mistake has been reported.
    #[must_use]
    pub fn unknown() -> Typed {
        Typed::leaf(Expr::Number(f64::NAN), Type::Unknown)
    }

    /// Whether a mistake has been reported for it.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self.kind, Type::Unknown)
    }
}

/// What a local name is, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A parameter of a model or a network.
    Parameter,
    /// A state of the model.
    State,
    /// An input of the model.
    Input,
    /// An algebraic equation.
    Let,
    /// A `let` of a block or a function.
    Local,
    /// A state of the target neuron.
    Post,
    /// An argument of a function.
    Argument,
    /// A state of the source neuron.
    Pre,
    /// The weight of an event.
    Weight,
    /// `E.size`, `E.tau`.
    Member,
    /// The index of a `for` or an array.
    Index,
}

impl Role {
    /// For messages.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Role::Parameter => "a parameter",
            Role::State => "a state",
            Role::Input => "an input",
            Role::Let | Role::Local => "a `let`",
            Role::Post => "a state of the target neuron",
            Role::Argument => "an argument",
            Role::Pre => "a state of the source neuron",
            Role::Weight => "the weight of the event",
            Role::Member => "a member",
            Role::Index => "an index",
        }
    }
}

/// One local name.
#[derive(Clone, Debug)]
pub struct Local {
    /// What it stands for.
    pub value: Typed,
    /// What it is.
    pub role: Role,
    /// Where it is declared.
    pub span: Span,
    /// Whether anything mentions it.
    pub used: Rc<Cell<bool>>,
}

/// What may be mentioned besides names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Permits {
    /// `normal(…)` and the like.
    pub random: bool,
    /// `t`
    pub time: bool,
    /// `xi`
    pub noise: bool,
    /// `i` as the index of the neuron.
    pub index: bool,
    /// `i` as the index of the neuron in what a model says of itself, where nothing else has that name.
    pub neuron: bool,
    /// `i` as the index of the source and `j` as that of the target.
    pub pair: bool,
    /// `a crosses b`
    pub crossing: bool,
    /// `x(t - d)`, and whether the step is known, of which `d` must be a multiple.
    pub delayed: Option<bool>,
    /// `k` as the number of the pair in the lists that say who is connected.
    pub number: bool,
}

/// The names visible at a place.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The file whose imports and declarations are visible.
    pub file: FileId,
    /// Local names; members of populations are spelt `E.tau`.
    pub locals: BTreeMap<String, Local>,
    /// Data of the network; `None` if it could not be read.
    pub(crate) data: BTreeMap<String, Option<Rc<Known>>>,
    /// Parameters of the network that are lists: their elements are `locals` with numbers in brackets.
    pub(crate) lists: Rc<BTreeMap<String, Ranges>>,
    /// In weights and delays: the matrix whose nonzero elements are connected, and row and column of a connection's element.
    pub(crate) connected: Option<(Rc<Known>, [Expr; 2])>,
    /// Whether the connections whose values are said could not be made out, which has been reported.
    pub(crate) lost: bool,
    /// Members of projections and of instances: `exc.weight`, `V1.E.tau`. There may be many, and a
    /// scope is copied often, so they are shared.
    pub members: Rc<BTreeMap<String, Local>>,
    /// Arrays of networks and of projections.
    pub arrays: Rc<BTreeMap<String, Array>>,
    /// Indices of the `for` or the array at hand; they go before `locals`.
    pub indices: BTreeMap<String, Local>,
    /// What else is allowed.
    pub permits: Permits,
    /// Whether `locals` are the names of a network, and not those of a model or a function.
    pub(crate) of_network: bool,
    /// Names that have a meaning of their own here besides that which `locals` or the file give them: what that is.
    pub(crate) also: BTreeMap<String, &'static str>,
    /// Names that exist but cannot be mentioned here, with the reason.
    pub hidden: BTreeMap<String, String>,
    /// Likewise, members of instances.
    pub hidden_members: Rc<BTreeMap<String, String>>,
}

impl Scope {
    /// Only what the file declares and imports.
    #[must_use]
    pub fn of_file(file: FileId) -> Scope {
        Scope {
            file,
            locals: BTreeMap::new(),
            data: BTreeMap::new(),
            lists: Rc::default(),
            connected: None,
            lost: false,
            members: Rc::default(),
            arrays: Rc::default(),
            indices: BTreeMap::new(),
            permits: Permits::default(),
            of_network: false,
            also: BTreeMap::new(),
            hidden: BTreeMap::new(),
            hidden_members: Rc::default(),
        }
    }

    /// The names of a network, before any is declared.
    #[must_use]
    pub(crate) fn of_network(file: FileId) -> Scope {
        Scope { of_network: true, ..Scope::of_file(file) }
    }

    /// The same names with other permits.
    #[must_use]
    pub fn permitting(&self, permits: Permits) -> Scope {
        Scope { permits, ..self.clone() }
    }

    /// Adds a name (duplicates are checked where declarations are collected).
    pub fn add(&mut self, name: &str, value: Typed, role: Role, span: Span) {
        let local = Local { value, role, span, used: Rc::new(Cell::new(false)) };
        self.locals.insert(name.to_owned(), local);
    }

    /// Adds a member of a projection or an instance.
    pub fn add_member(&mut self, name: &str, local: Local) {
        Rc::make_mut(&mut self.members).insert(name.to_owned(), local);
    }

    /// What a name with dots in it stands for.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Local> {
        self.locals.get(name).or_else(|| self.members.get(name))
    }

    /// Why a name with dots in it, or what it is a member of, cannot be mentioned.
    #[must_use]
    pub fn reason(&self, name: &str) -> Option<&String> {
        let known = |name: &str| self.hidden.get(name).or_else(|| self.hidden_members.get(name));
        let owners = name.match_indices('.').map(|(at, _)| &name[..at]);
        known(name).or_else(|| owners.filter_map(known).next())
    }

    /// All names that start like this, without that start.
    pub fn starting<'s>(&'s self, start: &'s str) -> impl Iterator<Item = &'s str> {
        self.locals.keys().chain(self.members.keys()).filter_map(move |name| name.strip_prefix(start))
    }

    /// Says why a name cannot be mentioned.
    pub fn hide(&mut self, name: &str, reason: impl Into<String>) {
        self.hidden.insert(name.to_owned(), reason.into());
    }
}
