//! Noise with a name: `let n = xi`, which several equations may share.
//!
//! What goes in: the `let`s of a neuron. What comes out: the same, of which those that are made of noise are known in equations
//! only. What may never happen: noise where nothing integrates it.

use crate::expressions::checker::Checker;
use crate::expressions::evaluate::{walk, walk_through};
use crate::model::{Expr, Let};
use crate::models::instance::Instance;
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;

const WHY: &str = "it is noise, which stands in equations `x' = …` only";

impl Instance {
    /// Leaves `let`s that are made of noise to what is checked already: the equations.
    pub(crate) fn hide_noise(&mut self) {
        let mut noisy: Vec<bool> = Vec::with_capacity(self.lets.len());
        // Each needs earlier ones only.
        for one in &self.lets {
            let mut found = false;
            walk(&one.value, &mut |e| {
                found |= match e {
                    Expr::Noise(_) => true,
                    Expr::Let(index) => noisy.get(*index).copied().unwrap_or(false),
                    _ => false,
                };
            });
            noisy.push(found);
        }
        for (one, _) in self.lets.iter().zip(noisy).filter(|(_, noisy)| *noisy) {
            self.scope.locals.remove(&one.name);
            self.scope.hide(&one.name, WHY);
        }
    }
}

impl Checker<'_> {
    /// Reports a `let` that is recorded and made of noise. Returns whether it is.
    pub(crate) fn records_noise(&mut self, index: usize, lets: &[Let], at: Span) -> bool {
        let mut found = false;
        walk_through(&Expr::Let(index), lets, &mut |e| found |= matches!(e, Expr::Noise(_)));
        if found {
            let error = Diagnostic::error("E0561", "white noise cannot be recorded", at, "made of `xi`");
            self.push(error.hint("it has no value at a time: let a state follow it, `x' = -x / tau + n`"));
        }
        found
    }
}
