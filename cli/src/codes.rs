//! The diagnostics that only the back end can give.

use bpc_syntax::codes::Code;

/// What the model means is clear, but this compiler cannot build it yet.
pub const UNSUPPORTED: &str = "E0900";

/// See [`crate::frontend::codes`].
pub const CODES: &[Code] = &[Code {
    code: UNSUPPORTED,
    title: "not supported yet",
    explanation: "The model is valid, but this version of the compiler cannot build code for it. It refuses\n\
                  rather than simulate something else.\n\n\
                  The message names the construct and points at it. Write it in another way if you can, and\n\
                  tell the people who maintain `bpc` that you need it.\n",
}];
