//! The diagnostics that only the back end can give.

use bpc_syntax::codes::Code;

/// What the model means is clear, but this compiler cannot build it yet.
pub const UNSUPPORTED: &str = "E0900";

/// See [`crate::frontend::codes`].
pub const CODES: &[Code] =
    &[Code { code: UNSUPPORTED, title: "not supported yet", explanation: include_str!("codes/E0900.md") }];
