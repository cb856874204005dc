//! Tests of whole networks, with a network "generated" by hand.

mod connectivity;
mod interface;
mod rules;
mod saving;
mod stepping;
mod synapses;
mod toy;
