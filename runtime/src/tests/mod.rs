//! Tests of whole networks, with a network "generated" by hand.

mod among;
mod chosen;
mod connectivity;
mod graphs;
mod interface;
mod of_synapses;
mod parts;
mod proportional;
mod rules;
mod saving;
mod stepping;
mod synapses;
mod toy;
