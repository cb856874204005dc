//! How every equation advances: the one decision that both the pass and what is told of it follow.

use super::parts::Owner;
use super::settings::{self, Integrator, Kind};
use super::{Bug, System};
use crate::ir::{Graph, Method, Node};

/// Products of entries that one multiplication of a matrix of each neuron may take, if the compiler chooses its exponential:
/// that of four equations which all read each other, where a step takes about five times that of exponential Euler. What is
/// driven in one direction takes less: 19 for a membrane behind two alpha functions.
const MOST_PRODUCTS_FOR_EACH: usize = 64;

/// How one equation advances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// With a coefficient or a propagator that all neurons share.
    Shared,
    /// By itself, with a coefficient of each neuron.
    Lone,
    /// Driven by what decays, with coefficients of each neuron.
    Driven,
    /// With others, by the exponential of a matrix of each neuron.
    Exponential,
    /// By exponential Euler, what it reads being taken in the middle of the step.
    Middle,
    /// By exponential Euler, the others frozen.
    Frozen,
}

/// Why one method takes all equations.
pub(super) enum Why {
    /// The user named it.
    Named,
    /// So many equations are coupled, of which this is one.
    Cable(usize, usize),
    /// This one does not relax by itself.
    NoRelaxation(usize),
}

/// The decision.
pub(super) enum Choice {
    /// One method takes all.
    Together(&'static Integrator, Why),
    /// Each goes its own way.
    Each {
        /// That of every equation.
        ways: Vec<Way>,
        /// Those with one propagator.
        blocks: Vec<Vec<usize>>,
        /// Those with one exponential, what they read included.
        groups: Vec<Vec<usize>>,
        /// Whether the user named it.
        named: bool,
    },
}

impl System {
    /// How the equations of this system advance.
    pub(super) fn choice(&self, graph: &mut Graph, method: Option<&Method>, owner: Owner) -> Result<Choice, Bug> {
        let find = |name: &str| settings::find(name).ok_or_else(|| Bug(format!("there is no integrator {name}")));
        let named = method.map(|m| find(&m.name)).transpose()?;
        match named.map(|i| i.kind) {
            None | Some(Kind::Exact) => {}
            Some(Kind::ExponentialEuler) => {
                let ways = vec![Way::Frozen; self.len()];
                return Ok(Choice::Each { ways, blocks: vec![], groups: vec![], named: true });
            }
            Some(_) => {
                let integrator = named.ok_or_else(|| Bug("a kind without an integrator".into()))?;
                return Ok(Choice::Together(integrator, Why::Named));
            }
        }
        let exact = self.exact(graph);
        let (mut ways, groups) = self.ways(graph, &exact);
        if named.is_none() {
            let solved: Vec<bool> = ways.iter().map(|way| *way != Way::Frozen).collect();
            if owner == Owner::Neuron
                && let Some(cable) = self.cable(graph, &solved)
            {
                return Ok(Choice::Together(find(settings::HINES)?, Why::Cable(cable.len(), cable[0])));
            }
            if let Some(i) = self.needs_stages(graph, &solved) {
                return Ok(Choice::Together(find("rk4")?, Why::NoRelaxation(i)));
            }
            if owner == Owner::Synapse {
                self.in_the_middle(graph, &mut ways);
            }
        }
        Ok(Choice::Each { ways, blocks: self.blocks(&exact), groups, named: named.is_some() })
    }

    /// Which equations have a closed form, and those that have it together.
    fn ways(&self, graph: &mut Graph, exact: &[bool]) -> (Vec<Way>, Vec<Vec<usize>>) {
        let lone = self.lone(graph, exact);
        let linear = self.constant(graph);
        let mut ways = vec![Way::Frozen; self.len()];
        for i in 0..self.len() {
            ways[i] = match () {
                () if exact[i] => Way::Shared,
                () if lone[i] => Way::Lone,
                () if self.driven(graph, i, &linear) => Way::Driven,
                () => Way::Frozen,
            };
        }
        let open: Vec<usize> = (0..self.len()).filter(|&i| linear[i] && ways[i] == Way::Frozen).collect();
        let mut groups: Vec<Vec<usize>> = open.into_iter().map(|i| self.ancestors(i)).collect();
        groups.retain(|group| {
            let most = settings::find(settings::EXPONENTIAL).and_then(|i| i.most_states).unwrap_or(0);
            group.len() <= most && self.only(group).products() <= MOST_PRODUCTS_FOR_EACH
        });
        // The largest first: it has what the smaller ones are about.
        groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
        groups.retain(|group| {
            let new = group.iter().any(|&i| ways[i] == Way::Frozen);
            for &i in group {
                if ways[i] == Way::Frozen {
                    ways[i] = Way::Exponential;
                }
            }
            new
        });
        (ways, groups)
    }

    /// The equation that keeps the others from their own integrators, if the compiler chooses.
    fn needs_stages(&self, graph: &mut Graph, solved: &[bool]) -> Option<usize> {
        let zero = graph.constant(0.0);
        (0..self.len()).find(|&i| !solved[i] && !self.relaxes(graph, i, zero))
    }

    /// Equations that read, besides themselves, only states with a closed form of their own: their coefficients are known
    /// at every time of the step, and those in its middle make exponential Euler a method of order 2 (the exponential
    /// midpoint rule; Hochbruck and Ostermann 2010). Where an equation jumps with what it reads, it does so at the ends of
    /// steps, where a pulse that lasts some steps is exact.
    fn in_the_middle(&self, graph: &Graph, ways: &mut [Way]) {
        let reads = self.reads(graph);
        let known: Vec<bool> = ways.iter().map(|way| matches!(way, Way::Shared | Way::Lone)).collect();
        for i in 0..self.len() {
            let smooth = |j: usize| !matches!(self.jacobian[i].get(&j), Some(None));
            let mut others = reads[i].iter().filter(|&&j| j != i).peekable();
            if ways[i] == Way::Frozen && others.peek().is_some() && others.all(|&j| known[j] && smooth(j)) {
                ways[i] = Way::Middle;
            }
        }
    }

    /// The first equation that has no closed form.
    pub(super) fn without_closed_form(&self, graph: &mut Graph) -> Option<usize> {
        let exact = self.exact(graph);
        self.ways(graph, &exact).0.iter().position(|way| *way == Way::Frozen)
    }

    /// Linear equations that would be exact if their coefficients were the same for all neurons, or they were fewer.
    pub(super) fn too_many_for_each(&self, graph: &Graph, ways: &[Way]) -> Vec<usize> {
        let linear = self.constant(graph);
        (0..self.len()).filter(|&i| linear[i] && ways[i] == Way::Frozen).collect()
    }

    /// The new values of equations that each go their own way.
    pub(super) fn each(
        &self,
        graph: &mut Graph,
        dt: f64,
        ways: &[Way],
        blocks: &[Vec<usize>],
        groups: &[Vec<usize>],
    ) -> Result<Vec<(Node, &'static str)>, Bug> {
        let zero = graph.constant(0.0);
        let whole = self.over_the_step(graph);
        let mut new: Vec<Option<Node>> = vec![None; self.len()];
        let mut alone: Vec<bool> = ways.iter().map(|way| *way == Way::Lone).collect();
        for block in blocks {
            whole.advance_held(graph, block, dt, zero, &mut new);
            if let [i] = block[..] {
                alone[i] = true;
            }
        }
        for (i, way) in ways.iter().enumerate() {
            match way {
                Way::Lone => whole.advance_exactly(graph, &[i], dt, zero, &mut new),
                Way::Driven => new[i] = Some(whole.advance_driven(graph, i, dt)),
                _ => {}
            }
        }
        let mut middle: Vec<Option<Node>> = vec![None; self.len()];
        if ways.contains(&Way::Middle) {
            for block in blocks {
                whole.advance_part(graph, block, dt, 0.5, zero, &mut middle);
            }
            for i in (0..self.len()).filter(|&i| ways[i] == Way::Lone) {
                whole.advance_part(graph, &[i], dt, 0.5, zero, &mut middle);
            }
        }
        let mut values: Vec<(Node, &'static str)> = Vec::new();
        for (i, way) in ways.iter().enumerate() {
            let (value, name) = match (way, new[i]) {
                (_, Some(value)) => (value, "exact"),
                // Written below.
                (Way::Exponential, None) => (zero, settings::EXPONENTIAL),
                (Way::Middle, None) => (whole.exponential_midpoint(graph, i, dt, &middle), "exponential_euler"),
                (_, None) => (whole.exponential_euler(graph, i, dt), "exponential_euler"),
            };
            values.push((self.with_noise(graph, i, value, dt, alone[i]), name));
        }
        let integrator =
            settings::find(settings::EXPONENTIAL).ok_or_else(|| Bug("no exponential integrator".into()))?;
        let mut written = vec![false; self.len()];
        for group in groups {
            let together = self.only(group).together(graph, dt, integrator, None)?;
            for (&i, value) in group.iter().zip(together) {
                if ways[i] == Way::Exponential && !std::mem::replace(&mut written[i], true) {
                    values[i].0 = value;
                }
            }
        }
        Ok(values)
    }
}
