//! One use of a model: neurons, cells, synapses, receptors, plasticity, and populations of given spikes.

pub(crate) mod arrays;
pub(crate) mod block;
pub(crate) mod cell;
pub(crate) mod drawn_output;
pub(crate) mod elements;
pub(crate) mod events;
pub(crate) mod history;
pub(crate) mod initial;
pub(crate) mod instance;
pub(crate) mod integrator;
pub(crate) mod late_handlers;
pub(crate) mod listed;
pub(crate) mod members;
pub(crate) mod neuron;
pub(crate) mod neuron_value;
pub(crate) mod period;
pub(crate) mod plasticity;
pub(crate) mod recorded;
pub(crate) mod recurrence;
pub(crate) mod rule_block;
pub(crate) mod shared_noise;
pub(crate) mod sources;
pub(crate) mod spike_data;
pub(crate) mod synapse;
pub(crate) mod truth_state;
pub(crate) mod written_out;
