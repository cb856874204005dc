//! The built-in functions and distributions: their names and what their arguments must be.

use crate::model::{Distribution, Function};

/// What a built-in function asks of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// One pure number to a pure number.
    Pure,
    /// One number of any unit; the result has it too.
    Same,
    /// Two numbers of one unit; the result has it too.
    Pair,
    /// One number of any unit; the result has the root of it.
    Root,
    /// One number of any unit to a pure number.
    Free,
    /// Two numbers of one unit to a pure number.
    Angle,
}

/// Name, function, signature.
pub const FUNCTIONS: &[(&str, Function, Signature)] = &[
    ("exp", Function::Exp, Signature::Pure),
    ("expm1", Function::Expm1, Signature::Pure),
    ("log", Function::Log, Signature::Pure),
    ("log1p", Function::Log1p, Signature::Pure),
    ("sqrt", Function::Sqrt, Signature::Root),
    ("sin", Function::Sin, Signature::Pure),
    ("cos", Function::Cos, Signature::Pure),
    ("tan", Function::Tan, Signature::Pure),
    ("sinh", Function::Sinh, Signature::Pure),
    ("cosh", Function::Cosh, Signature::Pure),
    ("tanh", Function::Tanh, Signature::Pure),
    ("erf", Function::Erf, Signature::Pure),
    ("exprel", Function::Exprel, Signature::Pure),
    ("sigmoid", Function::Sigmoid, Signature::Pure),
    ("abs", Function::Abs, Signature::Same),
    ("min", Function::Min, Signature::Pair),
    ("max", Function::Max, Signature::Pair),
    ("floor", Function::Floor, Signature::Pure),
    ("ceil", Function::Ceil, Signature::Pure),
    ("log10", Function::Log10, Signature::Pure),
    ("log2", Function::Log2, Signature::Pure),
    ("atan", Function::Atan, Signature::Pure),
    ("asin", Function::Asin, Signature::Pure),
    ("acos", Function::Acos, Signature::Pure),
    ("atan2", Function::Atan2, Signature::Angle),
    ("mod", Function::Mod, Signature::Pair),
    ("%", Function::Mod, Signature::Pair),
    ("round", Function::Round, Signature::Pure),
    ("trunc", Function::Trunc, Signature::Pure),
    ("sign", Function::Sign, Signature::Free),
];

/// Names of built-in functions that may be declared; then they mean what is declared.
const OPEN: &[&str] = &[
    "log10",
    "log2",
    "atan",
    "asin",
    "acos",
    "atan2",
    "mod",
    "round",
    "trunc",
    "sign",
    "clip",
    "poisson",
    "binomial",
    "bernoulli",
    "gamma",
    "beta",
    "truncated_normal",
];

/// What functions of other languages are called here.
const ELSEWHERE: &[(&str, &str)] = &[
    ("ln", "log(x)"),
    ("pow", "x^y"),
    ("power", "x^y"),
    ("fabs", "abs(x)"),
    ("arcsin", "asin(x)"),
    ("arccos", "acos(x)"),
    ("arctan", "atan(x)"),
    ("arctan2", "atan2(y, x)"),
    ("fmod", "mod(a, b)"),
    ("rint", "round(x)"),
    ("sum", "sum(x[k] for k in 0..4)"),
    ("prod", "product(x[k] for k in 0..4)"),
    ("product", "product(x[k] for k in 0..4)"),
    ("int", "trunc(x)`, and of a truth value `if c then 1 else 0"),
    ("heaviside", "if x > 0 then 1 else 0"),
    ("rand", "uniform(0, 1)"),
    ("random", "uniform(0, 1)"),
    ("randn", "normal(0, 1)"),
    ("random_normal", "normal(mean, standard_deviation)"),
    ("random_uniform", "uniform(low, high)"),
    ("random_poisson", "poisson(mean)"),
];

/// What to write instead of a function that other languages have.
#[must_use]
pub fn elsewhere(name: &str) -> Option<&'static str> {
    ELSEWHERE.iter().find(|f| f.0 == name).map(|f| f.1)
}

/// `clip(x, low, high)`, which is put together from others.
pub const CLIP: &str = "clip";

/// Name, distribution, the names of its arguments.
pub const DISTRIBUTIONS: &[(&str, Distribution, &[&str])] = &[
    ("uniform", Distribution::Uniform, &["low", "high"]),
    ("normal", Distribution::Normal, &["mean", "standard_deviation"]),
    ("exponential", Distribution::Exponential, &["mean"]),
    ("lognormal", Distribution::LogNormal, &["mu", "sigma"]),
    ("poisson", Distribution::Poisson, &["mean"]),
    ("binomial", Distribution::Binomial, &["n", "p"]),
    ("bernoulli", Distribution::Bernoulli, &["p"]),
    ("gamma", Distribution::Gamma, &["shape", "scale"]),
    ("beta", Distribution::Beta, &["a", "b"]),
    ("truncated_normal", Distribution::TruncatedNormal, &["mean", "standard_deviation", "low", "high"]),
];

/// Names that cannot be declared: they have one meaning everywhere.
pub const RESERVED: &[&str] = &["t", "dt", "pi", "xi"];

/// The built-in function of this name.
#[must_use]
pub fn function(name: &str) -> Option<(Function, Signature)> {
    FUNCTIONS.iter().find(|f| f.0 == name).map(|f| (f.1, f.2))
}

/// The distribution of this name.
#[must_use]
pub fn distribution(name: &str) -> Option<(Distribution, &'static [&'static str])> {
    DISTRIBUTIONS.iter().find(|d| d.0 == name).map(|d| (d.1, d.2))
}

/// Every name that can be called without being declared.
pub fn names() -> impl Iterator<Item = &'static str> {
    let functions = FUNCTIONS.iter().map(|f| f.0).filter(|name| *name != "%");
    functions.chain([CLIP]).chain(DISTRIBUTIONS.iter().map(|d| d.0))
}

/// Whether a built-in name may be declared.
#[must_use]
pub fn is_open(name: &str) -> bool {
    OPEN.contains(&name)
}
