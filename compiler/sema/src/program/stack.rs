//! Stack for what recurses over expressions.
//!
//! The height of expressions is bounded, and so is the need of a recursion; but in a debug build it is
//! more than a thread of the caller may have.

/// Many times what the deepest expressions need, in bytes: 4.2 MiB were measured in a debug build. What is not
/// touched is no memory.
const AMPLE: usize = 64 << 20;

/// Runs `work` with ample stack: on the thread's own, if there is as much, else on one for the occasion.
pub fn ample<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(AMPLE, AMPLE, work)
}

/// What one level of a recursion needs at most, and what is added when there is less, in bytes.
const LEVEL: usize = 128 << 10;
const SEGMENT: usize = 8 << 20;

/// One level of a recursion over expressions whose height nothing bounds: those that the compiler writes itself.
pub fn deeper<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(LEVEL, SEGMENT, work)
}
