//! The promises of `bpc-math`: bounds, special values, identities, random numbers, cost.

mod bounds_f32;
mod bounds_f64;
mod cost;
mod counts;
mod random;
mod special;

/// The bound of one function in one of the precisions, by position in the table's entry.
fn bounds(name: &str) -> (f64, f64) {
    bpc_math::BOUNDS.iter().find(|b| b.0 == name).map(|b| (b.1, b.2)).unwrap_or_else(|| panic!("{name} has no bound"))
}
