//! The integrators that can be named, and the settings of those that have some.

use super::runge_kutta::{Embedded, TABLEAUX, Tableau};
use super::{adaptive, runge_kutta};
use crate::ir::{Method, Network, Precision, Symbol};

/// How an integrator makes a step.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Propagators where equations are linear.
    Exact,
    /// Every equation by itself, the others frozen.
    ExponentialEuler,
    /// A fixed number of stages.
    Explicit(&'static Tableau),
    /// Sub-steps under error control.
    Adaptive(&'static Embedded),
    /// Backward Euler.
    ImplicitEuler,
    /// Linearly implicit, third order.
    Rosenbrock,
    /// The exponential of the Jacobian.
    ExponentialRosenbrock,
    /// Potentials that are coupled by one linear system, all else by exponential Euler, in a symmetric order.
    Hines,
    /// Itô noise to strong order 1.
    Milstein,
    /// Stratonovich noise.
    StratonovichHeun,
}

impl Kind {
    /// Whether it has stages, or takes equations together, so that what a refractory neuron holds must be told to stand
    /// still within a step too.
    pub fn holds(self) -> bool {
        !matches!(self, Kind::Exact | Kind::ExponentialEuler)
    }
}

/// An integrator.
pub struct Integrator {
    /// As it is written.
    pub name: &'static str,
    /// Its order where there is no noise; 0 if it makes no error.
    pub order: u32,
    /// How it makes a step.
    pub kind: Kind,
    /// The most equations that it takes, if there is a bound.
    pub most_states: Option<usize>,
}

/// Products that the linear system of a step may take: they are written out, and all of them compiled. A tree of
/// compartments takes a dozen for each equation, a system without zeros a third of the third power of its size.
pub const MOST_PRODUCTS: usize = 20_000;
/// Equations in one propagator, a full matrix with a product for each of its entries in every step.
pub const MOST_EXACT: usize = 16;
/// A full matrix of this size is multiplied several times.
const MOST_EXPONENTIATED: usize = 6;

/// What the compiler takes for cells of several compartments.
pub const HINES: &str = "hines";

/// What it takes for a few linear equations with coefficients of each neuron.
pub const EXPONENTIAL: &str = "exponential_rosenbrock";

const fn integrator(name: &'static str, order: u32, kind: Kind) -> Integrator {
    Integrator { name, order, kind, most_states: None }
}

const fn bounded(name: &'static str, order: u32, kind: Kind, most_states: usize) -> Integrator {
    Integrator { name, order, kind, most_states: Some(most_states) }
}

/// All of them.
pub const INTEGRATORS: &[Integrator] = &[
    integrator("exact", 0, Kind::Exact),
    integrator("exponential_euler", 1, Kind::ExponentialEuler),
    integrator("euler", 1, Kind::Explicit(&TABLEAUX[0])),
    integrator("midpoint", 2, Kind::Explicit(&TABLEAUX[1])),
    integrator("heun", 2, Kind::Explicit(&TABLEAUX[2])),
    integrator("rk4", 4, Kind::Explicit(&TABLEAUX[3])),
    integrator("dormand_prince", 5, Kind::Adaptive(&runge_kutta::DORMAND_PRINCE)),
    integrator("rkf45", 5, Kind::Adaptive(&runge_kutta::FEHLBERG)),
    integrator("implicit_euler", 1, Kind::ImplicitEuler),
    integrator("rosenbrock", 3, Kind::Rosenbrock),
    bounded(EXPONENTIAL, 2, Kind::ExponentialRosenbrock, MOST_EXPONENTIATED),
    integrator(HINES, 2, Kind::Hines),
    integrator("milstein", 1, Kind::Milstein),
    integrator("stratonovich_heun", 2, Kind::StratonovichHeun),
];

/// The integrator of a name.
pub fn find(name: &str) -> Option<&'static Integrator> {
    INTEGRATORS.iter().find(|i| i.name == name)
}

/// Relative tolerance where none is given.
const TOLERANCE: f64 = 1e-6;
/// The smallest relative tolerance that single precision can hold.
const LEAST_TOLERANCE_F32: f64 = 1e-6;
/// Iterations of Newton's method where no limit is given.
const NEWTON_LIMIT: u32 = 20;

/// What the user may set, with what holds otherwise.
pub struct Settings<'m> {
    /// Relative tolerance of an error, or of the last correction of Newton's method.
    pub tolerance: f64,
    /// The most sub-steps or iterations in a step.
    pub limit: u32,
    method: Option<&'m Method>,
}

impl<'m> Settings<'m> {
    /// Those of a method of this kind.
    pub fn of(kind: Kind, method: Option<&'m Method>) -> Settings<'m> {
        let written = |name: &str| method?.settings.iter().find(|s| s.0 == name).map(|s| s.2);
        let limit = if let Kind::Adaptive(_) = kind { adaptive::LIMIT } else { NEWTON_LIMIT };
        Settings {
            tolerance: written("tolerance").unwrap_or(TOLERANCE),
            // whole and in range, as the front end and the dialect's verifier see to
            limit: written("limit").map_or(limit, |l| l.clamp(1.0, f64::from(u32::MAX >> 1)) as u32),
            method,
        }
    }

    /// At what size a state's error is measured as absolute, in its unit; 1 if nothing is said.
    pub fn scale(&self, state: &Symbol) -> f64 {
        let mut settings = self.method.iter().flat_map(|m| &m.settings);
        settings.find(|s| s.0 == "scale" && s.1.as_ref() == Some(state)).map_or(1.0, |s| s.2)
    }
}

/// A tolerance that the network's real numbers cannot hold.
pub fn too_fine(network: &Network, method: &Method) -> Option<String> {
    let tolerance = method.settings.iter().find(|s| s.0 == "tolerance")?.2;
    (network.real == Precision::F32 && tolerance < LEAST_TOLERANCE_F32).then(|| {
        format!("`method {}`: a tolerance of {tolerance:e} cannot be held in single precision, only {LEAST_TOLERANCE_F32:e}; use `--precision f64`", method.name)
    })
}
