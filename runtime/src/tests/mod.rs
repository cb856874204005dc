//! Tests of whole networks, with a network "generated" by hand.

mod among;
mod connectivity;
mod graphs;
mod interface;
mod parts;
mod rules;
mod saving;
mod stepping;
mod synapses;
mod toy;
