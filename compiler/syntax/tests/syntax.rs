//! The crate's tests: all go through the public door, and most are data.

mod syntax {
    mod diagnostics;
    mod outline;
    mod robust;
    mod tokens;
    mod trees;
}
