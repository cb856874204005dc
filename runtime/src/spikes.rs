//! What is kept of spikes: counts, the hash, and lists that an application takes.

use crate::error::Error;
use crate::hash::SpikeHash;
use crate::layout::Layout;
use crate::memory::{Queue, Vector};

const WHAT: &str = "kept spikes (take them more often, or switch them off with keep_spikes)";

/// The spikes of one population.
pub struct Population {
    keep: bool,
    /// Spikes since creation.
    pub count: u64,
    kept: Queue<(u64, u32)>,
}

/// Counts the spikes of some neurons.
struct Counter {
    population: u32,
    first: u64,
    last: u64,
    count: u64,
}

/// The spikes of all populations.
pub struct Spikes {
    /// One for each.
    pub populations: Vector<Population>,
    /// What recorders count.
    counters: Vector<Counter>,
    /// Of all spikes since creation.
    pub hash: SpikeHash,
}

impl Spikes {
    /// None yet; all will be kept.
    pub fn new(populations: usize) -> Result<Spikes, Error> {
        let mut spikes = Spikes { populations: Vector::new(), counters: Vector::new(), hash: SpikeHash::START };
        for _ in 0..populations {
            let population = Population { keep: true, count: 0, kept: Queue::new() };
            spikes.populations.push(population, "populations")?;
        }
        Ok(spikes)
    }

    /// Takes in the spikes of a step just made, by population and neuron. If `log` is off they
    /// are counted and hashed but not kept.
    ///
    /// # Errors
    /// No memory to keep them; then no more are kept of this population.
    #[inline]
    pub fn collect(&mut self, layout: &Layout, step: u64, log: bool) -> Result<(), Error> {
        let mut result = Ok(());
        for (index, (ring, population)) in layout.rings.iter().zip(self.populations.iter_mut()).enumerate() {
            let index = index as u32;
            let slot = ring.slot(step);
            for part in 0..layout.parts {
                let list = ring.list(slot, part, layout.range(index, part).start);
                if list.is_empty() {
                    continue;
                }
                population.count += list.len() as u64;
                if log {
                    for counter in self.counters.iter_mut().filter(|it| it.population == index) {
                        counter.add(list);
                    }
                }
                for &neuron in list {
                    self.hash.add(step, index, neuron);
                }
                if log && population.keep {
                    result = result.and(population.append(step, list));
                }
            }
        }
        result
    }

    /// A new counter of the spikes of neurons `first .. last`; its number.
    pub fn counter(&mut self, population: usize, first: u64, last: u64) -> Result<usize, Error> {
        let population = u32::try_from(population).map_err(|_| Error::Argument("there is no such population"))?;
        self.counters.push(Counter { population, first, last, count: 0 }, "counters of spikes")?;
        Ok(self.counters.len() - 1)
    }

    /// What a counter has counted since it was asked last.
    pub fn take_count(&mut self, counter: usize) -> u64 {
        self.counters.get_mut(counter).map_or(0, |counter| core::mem::take(&mut counter.count))
    }

    /// Counters begin anew.
    pub fn reset_counters(&mut self) {
        for counter in self.counters.iter_mut() {
            counter.count = 0;
        }
    }

    /// Drops kept spikes of steps beyond this one.
    pub fn forget_after(&mut self, step: u64) {
        for population in self.populations.iter_mut() {
            let kept = population.kept.waiting();
            let late = kept.len() - kept.partition_point(|&(it, _)| it <= step);
            population.kept.drop_last(late);
        }
    }
}

impl Counter {
    /// Counts those of an ascending list.
    fn add(&mut self, list: &[u32]) {
        let below = |end: u64| list.partition_point(|&neuron| u64::from(neuron) < end);
        self.count += (below(self.last) - below(self.first)) as u64;
    }
}

impl Population {
    /// Whether spikes are kept from now on; what was kept stays.
    pub fn keep(&mut self, keep: bool) {
        self.keep = keep;
    }

    /// How many wait to be taken.
    pub fn waiting(&self) -> usize {
        self.kept.waiting().len()
    }

    /// Moves as many as both places hold, oldest first.
    pub fn take(&mut self, steps: &mut [u64], neurons: &mut [u32]) -> usize {
        let mut count = 0;
        for (&(step, neuron), (to_step, to_neuron)) in self.kept.waiting().iter().zip(steps.iter_mut().zip(neurons)) {
            (*to_step, *to_neuron) = (step, neuron);
            count += 1;
        }
        self.kept.skip(count);
        count
    }

    fn append(&mut self, step: u64, list: &[u32]) -> Result<(), Error> {
        if let Err(error) = self.kept.reserve(list.len(), WHAT) {
            self.keep = false;
            return Err(error);
        }
        for &neuron in list {
            self.kept.push((step, neuron), WHAT)?;
        }
        Ok(())
    }
}
