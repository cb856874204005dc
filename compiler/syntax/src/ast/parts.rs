//! What an expression is made of: one place that knows it, for everything that looks at or rewrites whole trees.

use super::{Chosen, Comprehension, DataIndex, Expr, ExprKind, Index, IndexRange, Over, Part, Place, Table};

impl Expr {
    /// Calls `found` with every expression that this one is directly made of: operands, arguments, indices, and what
    /// says over which indices there are terms (behind these).
    pub fn for_each_part(&self, found: &mut dyn FnMut(&Expr)) {
        match &self.kind {
            ExprKind::Unary(_, x) => found(x),
            ExprKind::Binary(_, a, b) | ExprKind::Crosses(a, b) => [a, b].into_iter().for_each(|e| found(e)),
            ExprKind::If(c, a, b) => [c, a, b].into_iter().for_each(|e| found(e)),
            ExprKind::Call(_, arguments) => arguments.iter().for_each(found),
            ExprKind::Element(_, indices) => of_indices(indices, found),
            ExprKind::CallElement(_, indices, arguments) => {
                of_indices(indices, found);
                arguments.iter().for_each(found);
            }
            ExprKind::Over(over) => {
                over.terms.iter().for_each(&mut *found);
                if let Some(each) = &over.each {
                    each.for_each_part(found);
                }
            }
            ExprKind::Table(table) => {
                found(&table.argument);
                table.points.iter().for_each(|(x, y)| [x, y].into_iter().for_each(&mut *found));
            }
            ExprKind::Located(place) => place.for_each_part(found),
            ExprKind::List(values) => values.iter().for_each(found),
            ExprKind::Chosen(chosen) => chosen.parts().for_each(found),
            ExprKind::Number { .. }
            | ExprKind::Bool(_)
            | ExprKind::Name(_)
            | ExprKind::Member(..)
            | ExprKind::Error => {}
        }
    }

    /// The same expression of other parts: `new` makes each of them of the one at its place.
    #[must_use]
    pub fn with_parts(&self, new: &mut dyn FnMut(&Expr) -> Expr) -> Expr {
        let kind = match &self.kind {
            ExprKind::Unary(op, x) => ExprKind::Unary(*op, Box::new(new(x))),
            ExprKind::Binary(op, a, b) => ExprKind::Binary(*op, Box::new(new(a)), Box::new(new(b))),
            ExprKind::Crosses(a, b) => ExprKind::Crosses(Box::new(new(a)), Box::new(new(b))),
            ExprKind::If(c, a, b) => ExprKind::If(Box::new(new(c)), Box::new(new(a)), Box::new(new(b))),
            ExprKind::Call(f, arguments) => ExprKind::Call(f.clone(), arguments.iter().map(new).collect()),
            ExprKind::Element(data, indices) => {
                ExprKind::Element(data.clone(), indices.iter().map(|at| at.with_parts(new)).collect())
            }
            ExprKind::CallElement(name, indices, arguments) => {
                let indices = indices.iter().map(|at| at.with_parts(new)).collect();
                ExprKind::CallElement(name.clone(), indices, arguments.iter().map(new).collect())
            }
            ExprKind::Over(over) => {
                let terms = over.terms.iter().map(&mut *new).collect();
                let each = over.each.as_ref().map(|each| each.with_parts(new));
                ExprKind::Over(Box::new(Over { function: over.function.clone(), terms, each }))
            }
            ExprKind::Table(table) => {
                let argument = new(&table.argument);
                let points = table.points.iter().map(|(x, y)| (new(x), new(y))).collect();
                ExprKind::Table(Box::new(Table { argument, points, outside: table.outside.clone() }))
            }
            ExprKind::Located(place) => ExprKind::Located(Box::new(place.with_parts(new))),
            ExprKind::List(values) => ExprKind::List(values.iter().map(new).collect()),
            ExprKind::Chosen(chosen) => {
                let (index, among) = (new(&chosen.index), chosen.among.iter().map(&mut *new).collect());
                ExprKind::Chosen(Box::new(Chosen { index, first: chosen.first, among }))
            }
            ExprKind::Number { .. }
            | ExprKind::Bool(_)
            | ExprKind::Name(_)
            | ExprKind::Member(..)
            | ExprKind::Error => self.kind.clone(),
        };
        Expr { kind, span: self.span }
    }
}

impl DataIndex {
    /// See [`Expr::with_parts`].
    #[must_use]
    pub fn with_parts(&self, new: &mut dyn FnMut(&Expr) -> Expr) -> DataIndex {
        DataIndex { index: new(&self.index), every: self.every.as_ref().map(new), between: self.between.clone() }
    }
}

impl Comprehension {
    /// Calls `found` with every expression that says over which indices.
    pub fn for_each_part(&self, found: &mut dyn FnMut(&Expr)) {
        for range in &self.indices {
            found(&range.first);
            found(&range.last);
        }
        self.filter.iter().for_each(found);
    }

    /// See [`Expr::with_parts`].
    #[must_use]
    pub fn with_parts(&self, new: &mut dyn FnMut(&Expr) -> Expr) -> Comprehension {
        let mut range = |range: &IndexRange| IndexRange {
            name: range.name.clone(),
            first: new(&range.first),
            last: new(&range.last),
        };
        let indices = self.indices.iter().map(&mut range).collect();
        Comprehension { indices, filter: self.filter.as_ref().map(new), span: self.span }
    }
}

impl Place {
    /// Calls `found` with every expression in its brackets.
    pub fn for_each_part(&self, found: &mut dyn FnMut(&Expr)) {
        for part in &self.parts {
            match &part.index {
                None => {}
                Some(Index::At(list)) => list.iter().for_each(&mut *found),
                Some(Index::Range(first, last)) => [first, last].into_iter().for_each(|e| found(e)),
            }
        }
    }

    /// See [`Expr::with_parts`].
    #[must_use]
    pub fn with_parts(&self, new: &mut dyn FnMut(&Expr) -> Expr) -> Place {
        let mut index = |index: &Index| match index {
            Index::At(list) => Index::At(list.iter().map(&mut *new).collect()),
            Index::Range(first, last) => Index::Range(Box::new(new(first)), Box::new(new(last))),
        };
        let mut part = |part: &Part| Part { index: part.index.as_ref().map(&mut index), ..part.clone() };
        Place { parts: self.parts.iter().map(&mut part).collect(), span: self.span }
    }
}

fn of_indices(indices: &[DataIndex], found: &mut dyn FnMut(&Expr)) {
    for at in indices {
        found(&at.index);
        at.every.iter().for_each(&mut *found);
    }
}
