//! Tests of whole networks, with a network "generated" by hand.

mod connectivity;
mod rules;
mod interface;
mod saving;
mod stepping;
mod toy;
