//! The arrays of a model, each under a name of its own in the dialect.

use crate::ir::{Data, Pairs, Precision, Symbol};
use crate::{Bug, CompileError};
use bpc_sema::model::{self, BinaryOp, Expr, Function};
use std::collections::HashSet;
use std::rc::Rc;

/// An index as it is computed. Quotients in it are proven to be whole; as what is rounded, they stay quotients in all that follows, for
/// products with reciprocals are not whole.
pub(super) fn index(expr: &Expr, rounded: bool) -> Expr {
    let part = |e: &Rc<Expr>| Rc::new(index(e, false));
    match expr {
        Expr::Binary(BinaryOp::Divide, a, b) => {
            let quotient = Expr::Binary(BinaryOp::Divide, Rc::new(index(a, true)), b.clone());
            if rounded { quotient } else { Expr::Call(Function::Round, vec![quotient]) }
        }
        Expr::Unary(op, x) => Expr::Unary(*op, part(x)),
        Expr::Binary(op, a, b) => {
            // What is added to a quotient is rounded with it.
            let part = |e: &Rc<Expr>| Rc::new(index(e, rounded));
            Expr::Binary(*op, part(a), part(b))
        }
        Expr::If(c, a, b) => Expr::If(c.clone(), part(a), part(b)),
        Expr::Call(f, arguments) => {
            let rounds = matches!(f, Function::Floor | Function::Ceil | Function::Round | Function::Trunc);
            Expr::Call(*f, arguments.iter().map(|a| index(a, rounds)).collect())
        }
        other => other.clone(),
    }
}

/// Refuses an index of the run in a precision that does not count to the end of its array.
pub(super) fn counts_to_the_end(element: &model::Element, real: Precision) -> Result<(), CompileError> {
    const EXACT: u32 = 1 << 24;
    let far = |place: &Expr| matches!(place, Expr::Within(_, last) if *last > EXACT);
    if real == Precision::F64 || !element.places.iter().any(far) {
        return Ok(());
    }
    let name = &element.data.name;
    let text = format!("`{name}` is too long for an index that changes during the run in f32: use --precision f64");
    let hint = Some("f32 counts to 2^24 = 16777216; a matrix with two indices goes further");
    Err(CompileError::Unsupported { text, span: element.span, hint })
}

/// What has been mentioned so far.
#[derive(Default)]
pub(super) struct Arrays {
    /// Arrays of numbers.
    pub(super) data: Vec<Data>,
    /// Lists of connections.
    pub(super) pairs: Vec<Pairs>,
    /// The model's arrays, as `data`.
    known: Vec<Rc<model::Data>>,
    /// The model's lists, as `pairs`.
    listed: Vec<Rc<model::Pairs>>,
    names: HashSet<String>,
}

impl Arrays {
    /// The name of an array. A dot sets it apart from whatever the user declares.
    pub(super) fn data(&mut self, data: &Rc<model::Data>, real: Precision) -> Result<Symbol, CompileError> {
        if let Some(at) = self.known.iter().position(|known| Rc::ptr_eq(known, data)) {
            return Ok(self.data[at].name.clone());
        }
        if real == Precision::F32 && data.values.iter().any(|value| (*value as f32).is_infinite()) {
            let text = format!("`{}` has a number that is too large for f32: use --precision f64", data.name);
            return Err(CompileError::Unsupported { text, span: data.span, hint: None });
        }
        let mut name = format!("data.{}", data.name);
        let mut count = 1;
        while !self.names.insert(name.clone()) {
            count += 1;
            name = format!("data.{}.{count}", data.name);
        }
        let name: Symbol = name.into();
        let shape = data.shape.iter().map(|&length| length as u64).collect();
        self.known.push(data.clone());
        self.data.push(Data { name: name.clone(), shape, values: data.values.as_slice().into() });
        Ok(name)
    }

    /// The name of a projection's list of connections, which another may have too.
    pub(super) fn pairs(&mut self, projection: &str, pairs: &Rc<model::Pairs>) -> Result<Symbol, CompileError> {
        if let Some(at) = self.listed.iter().position(|known| Rc::ptr_eq(known, pairs)) {
            return Ok(self.pairs[at].name.clone());
        }
        self.listed.push(pairs.clone());
        let name: Symbol = format!("pairs.{projection}").into();
        let narrow = |n: u32| i32::try_from(n).map_err(|_| Bug(format!("{n} is beyond 2^31 in {projection}")));
        let mut entries = Vec::with_capacity(3 * pairs.entries.len());
        for &(source, target, number) in &pairs.entries {
            entries.extend([narrow(source)?, narrow(target)?, narrow(number)?]);
        }
        self.pairs.push(Pairs { name: name.clone(), entries: entries.into() });
        Ok(name)
    }
}
