//! Read-only facts about equations that two or more passes need.

pub mod derivative;
