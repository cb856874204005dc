//! `data W : nS = file("weights.npz", "W")` and `data x = [1 mV, 2 mV]`: from a declaration to
//! numbers in internal units. Files are read here and by nobody else, through the loader.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Scope, Type};
use crate::expressions::units::Unit;
use crate::model;
use crate::program::loader::LoadError;
use crate::program::modules::{Declared, ItemId, list};
use bpc_data::{Array, ReadError};
use bpc_syntax::ast::{self, DataSource, Item, Name};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::{FileId, Span};
use bpc_syntax::suggest::closest;
use std::cell::OnceCell;
use std::rc::Rc;

/// Data of which everything is known.
#[derive(Debug)]
pub(crate) struct Known {
    /// Its numbers; of a sparse matrix, those that are given, in the order of the file.
    pub data: Rc<model::Data>,
    /// Their unit.
    pub unit: Unit,
    /// Of a sparse matrix: where they stand.
    pub sparse: Option<Sparse>,
    /// Its numbers one after another, once something asks for them in this form.
    pub flat: OnceCell<Rc<model::Data>>,
    /// Where it is declared.
    pub span: Span,
}

/// The places of a sparse matrix's numbers.
#[derive(Debug)]
pub(crate) struct Sparse {
    /// How many rows it has.
    pub rows: usize,
    /// How many columns it has.
    pub columns: usize,
    /// Row and column of each number.
    pub places: Vec<(u32, u32)>,
}

impl Known {
    /// Its numbers one after another.
    pub(crate) fn flat(&self) -> Rc<model::Data> {
        let make = || {
            let model::Data { name, values, low, high, span, .. } = &*self.data;
            let shape = vec![values.len()];
            let (name, values) = (name.clone(), values.clone());
            Rc::new(model::Data { name, shape, values, low: *low, high: *high, span: *span })
        };
        let vector = self.data.shape.len() == 1;
        if vector { self.data.clone() } else { self.flat.get_or_init(make).clone() }
    }

    /// Whether it has more than two dimensions, so that it can be a kernel and nothing else.
    pub(crate) fn is_tensor(&self) -> bool {
        self.data.shape.len() > 2
    }

    /// How many rows (or elements, of a vector) and columns it has; of more dimensions, all but the first are columns.
    pub(crate) fn lengths(&self) -> (usize, Option<usize>) {
        match (&self.sparse, self.data.shape.as_slice()) {
            (Some(sparse), _) => (sparse.rows, Some(sparse.columns)),
            (None, [rows, columns]) => (*rows, Some(*columns)),
            (None, [first, rest @ ..]) if !rest.is_empty() => (*first, Some(rest.iter().product())),
            (None, shape) => (shape.first().copied().unwrap_or(0), None),
        }
    }

    /// The value of `x.size`, `W.rows`, `W.columns`; of more dimensions, `K.size` is the number of all elements.
    pub(crate) fn member(&self, name: &str) -> Option<usize> {
        match (name, self.lengths()) {
            ("size", _) if self.is_tensor() => Some(self.data.values.len()),
            _ if self.is_tensor() => None,
            ("size", (size, None)) | ("rows", (size, Some(_))) => Some(size),
            ("columns", (_, Some(columns))) => Some(columns),
            _ => None,
        }
    }

    /// The members that it has.
    pub(crate) fn members(&self) -> &'static [&'static str] {
        if self.lengths().1.is_some() && !self.is_tensor() { &["rows", "columns"] } else { &["size"] }
    }
}

impl Checker<'_> {
    /// The data of a name, if there is some; otherwise nothing is said.
    pub(crate) fn data_named(&mut self, name: &str, scope: &Scope) -> Option<Option<Rc<Known>>> {
        if let Some(known) = scope.data.get(name) {
            return Some(known.clone());
        }
        if scope.locals.contains_key(name) {
            return None;
        }
        let found = self.program.find(scope.file, name).map(|(id, declared)| (id, declared.item.clone()));
        match found {
            Some((id, item)) if matches!(&*item, Item::Data(_)) => Some(self.data_item(id)),
            _ => None,
        }
    }

    /// The data of a name; reports it if there is none.
    pub(crate) fn find_data(&mut self, name: &Name, scope: &Scope) -> Option<Rc<Known>> {
        if let Some(found) = self.data_named(&name.node, scope) {
            return found;
        }
        if self.program.is_missing(scope.file, &name.node) {
            return None;
        }
        let other = self.program.find(scope.file, &name.node).is_some();
        let error = if scope.locals.contains_key(&name.node) || other {
            Diagnostic::error("E0465", format!("`{}` has no elements", name.node), name.span, "this is no data")
                .hint("elements belong to `data`")
        } else {
            let title = format!("there is no data `{}`", name.node);
            let error = Diagnostic::error("E0201", title, name.span, "not declared");
            let declared = self.program.names(scope.file, |item| matches!(item, Item::Data(_)));
            match closest(&name.node, scope.data.keys().map(String::as_str).chain(declared)) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error.hint(format!("declare it: `data {} = file(\"…\")`", name.node)),
            }
        };
        self.push(error);
        None
    }

    /// The data of a declaration at file level.
    pub(crate) fn data_item(&mut self, id: ItemId) -> Option<Rc<Known>> {
        if let Some(known) = self.data.get(&id) {
            return known.clone();
        }
        let Declared { file, item } = self.program.items[id.0].clone();
        let Item::Data(declared) = &*item else { return None };
        let because = std::mem::take(&mut self.because);
        // A list that mentions its own data finds nothing.
        self.data.insert(id, None);
        let known = self.read_data(declared, file, &Scope::of_file(file));
        self.because = because;
        self.data.insert(id, known.clone());
        known
    }

    /// The data of a declaration in a network. What comes from a file is the same in all instances.
    pub(crate) fn data_of_network(&mut self, declared: &ast::Data, scope: &Scope) -> Option<Rc<Known>> {
        let key = std::ptr::from_ref(declared);
        if let Some(known) = self.files.get(&key) {
            return known.clone();
        }
        let known = self.read_data(declared, scope.file, scope);
        if matches!(declared.source, DataSource::File { .. }) {
            self.files.insert(key, known.clone());
        }
        known
    }

    /// Reads what a declaration says.
    pub(crate) fn read_data(&mut self, declared: &ast::Data, file: FileId, scope: &Scope) -> Option<Rc<Known>> {
        let unit = match &declared.unit {
            None => None,
            Some(unit) => Some(self.unit(unit, None)?),
        };
        let (array, unit) = match &declared.source {
            DataSource::File { path, array, span } => {
                let read = self.read_file(file, path, array.as_ref(), *span)?;
                let unit = unit.unwrap_or_else(Unit::none);
                let array = self.with_unit(read, &unit, *span)?;
                (array, unit)
            }
            DataSource::Vector(values) => {
                let (values, unit) = self.written(values.iter(), declared, unit, scope)?;
                (Array::Vector(values), unit)
            }
            DataSource::Matrix(rows) => {
                let columns = rows.first().map_or(0, Vec::len);
                if let Some(row) = rows.iter().find(|row| row.len() != columns) {
                    let title = format!("a row has {} numbers, but the first has {columns}", row.len());
                    let span = row.first().map_or(declared.name.span, |first| first.span);
                    self.error("E0460", title, span, "this row");
                    return None;
                }
                let (values, unit) = self.written(rows.iter().flatten(), declared, unit, scope)?;
                (Array::Matrix { rows: rows.len(), columns, values }, unit)
            }
        };
        let (shape, values, sparse) = match array {
            Array::Vector(values) => (vec![values.len()], values, None),
            Array::Matrix { rows, columns, values } => (vec![rows, columns], values, None),
            Array::Tensor { shape, values } => (shape, values, None),
            Array::Sparse { rows, columns, entries } => {
                let places = entries.iter().map(|entry| (entry.0, entry.1)).collect();
                let values: Vec<f64> = entries.iter().map(|entry| entry.2).collect();
                (vec![values.len()], values, Some(Sparse { rows, columns, places }))
            }
        };
        if values.is_empty() {
            self.error("E0460", format!("`{}` is empty", declared.name.node), declared.name.span, "no numbers");
            return None;
        }
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let name = declared.name.node.clone();
        let data = model::Data { name, shape, values, low, high, span: declared.name.span };
        Some(Rc::new(Known { data: Rc::new(data), unit, sparse, flat: OnceCell::new(), span: declared.name.span }))
    }

    /// The numbers of a list, all of one unit.
    fn written<'e>(
        &mut self,
        values: impl Iterator<Item = &'e ast::Expr>,
        declared: &ast::Data,
        unit: Option<Unit>,
        scope: &Scope,
    ) -> Option<(Vec<f64>, Unit)> {
        let what = format!("an element of `{}`", declared.name.node);
        let mut unit = unit;
        let place = declared.unit.as_ref().map(|unit| unit.span);
        let (mut numbers, mut fine) = (Vec::new(), true);
        for written in values {
            // In a list with a declared unit, a number without one is in that unit.
            if let (Some(unit), Some(text)) = (&unit, bare(written).filter(|_| place.is_some())) {
                numbers.push(unit.convert(&text));
                continue;
            }
            let value = self.top(written, scope);
            if value.is_unknown() {
                fine = false;
                continue;
            }
            if unit.is_none() && matches!(value.kind, Type::Number(_)) {
                unit = Some(value.kind.unit());
            }
            if let Some(unit) = &unit {
                fine &= self.fits(&value, unit, written.span, &what, place);
            }
            match self.fixed(&value, written.span, &what) {
                Some(number) => numbers.push(number),
                None => fine = false,
            }
        }
        fine.then(|| (numbers, unit.unwrap_or_else(Unit::none)))
    }

    /// Numbers of a file in internal units.
    fn with_unit(&mut self, mut array: Array, unit: &Unit, span: Span) -> Option<Array> {
        if unit.convert("1") == 1.0 {
            return Some(array);
        }
        let mut finite = true;
        // As if each had been written out with the unit: one rounding, the same as of a list.
        let mut convert = |value: &mut f64| {
            *value = unit.convert(&format!("{value:e}"));
            finite &= value.is_finite();
        };
        match &mut array {
            Array::Vector(values) | Array::Matrix { values, .. } | Array::Tensor { values, .. } => {
                values.iter_mut().for_each(&mut convert)
            }
            Array::Sparse { entries, .. } => entries.iter_mut().for_each(|entry| convert(&mut entry.2)),
        }
        if !finite {
            self.error("E0462", format!("a number in {} is too large", unit.describe()), span, "not finite");
            return None;
        }
        Some(array)
    }

    /// Reads an array of a file; says at the `file(…)` what is wrong with it.
    fn read_file(&mut self, file: FileId, path: &Name, array: Option<&Name>, span: Span) -> Option<Array> {
        let name = &path.node;
        let known = |ending: &&str| name.to_ascii_lowercase().ends_with(&format!(".{ending}"));
        if !bpc_data::ENDINGS.iter().any(known) {
            let title = format!("`{name}` is of no kind that is known");
            let error = Diagnostic::error("E0457", title, path.span, "not known by its ending");
            self.push(error.hint(format!("data comes from files that end in .{}", bpc_data::ENDINGS.join(", ."))));
            return None;
        }
        let from = self.program.ids.get(&file).map_or("", String::as_str);
        let bytes = match self.loader.read(from, name) {
            Ok(read) => read.bytes,
            Err(error) => {
                self.push(load_error(&error, name, span));
                return None;
            }
        };
        match bpc_data::read(name, &bytes, array.map(|array| array.node.as_str())) {
            Ok(array) => Some(array),
            Err(error) => {
                self.push(read_error(&error, name, array, span));
                None
            }
        }
    }
}

/// A number without a unit as it is written, with its sign.
fn bare(written: &ast::Expr) -> Option<String> {
    match &written.kind {
        ast::ExprKind::Number { text, unit: None } => Some(text.clone()),
        ast::ExprKind::Unary(ast::UnaryOp::Negate, inner) => match &inner.kind {
            ast::ExprKind::Number { text, unit: None } => Some(format!("-{text}")),
            _ => None,
        },
        _ => None,
    }
}

fn load_error(error: &LoadError, name: &str, span: Span) -> Diagnostic {
    match error {
        LoadError::NotFound(tried) => Diagnostic::error("E0455", format!("there is no file `{name}`"), span, "not found")
            .hint(format!("looked for {}", list(tried))),
        LoadError::Outside(_) => Diagnostic::error(
            "E0456",
            format!("`{name}` is outside the project"),
            span,
            "leads out of it",
        )
        .hint("paths start at the folder of the file that has them; the project is the folder of the entry file, or the nearest parent folder with a `bp.toml`"),
        LoadError::Ambiguous(path, _) => {
            Diagnostic::error("E0455", format!("`{name}` could be two things"), span, format!("`{path}` exists twice"))
        }
        LoadError::Unreadable(path, why) => {
            Diagnostic::error("E0455", format!("`{name}` cannot be read"), span, format!("`{path}` {why}"))
        }
    }
}

fn read_error(error: &ReadError, name: &str, array: Option<&Name>, span: Span) -> Diagnostic {
    let of = array.map_or_else(|| format!("`{name}`"), |array| format!("`{}` of `{name}`", array.node));
    let told = |code, what: &str| Diagnostic::error(code, format!("{of} {what}"), span, error.to_string());
    match error {
        ReadError::Damaged(_) => told("E0457", "is no file of numbers"),
        ReadError::Element(_) => told("E0459", "does not consist of real numbers"),
        ReadError::Shape(_) => told("E0460", "has a shape that data cannot have"),
        ReadError::TooLarge(_) => told("E0461", "is too large"),
        ReadError::NotFinite(_) => told("E0462", "has an element that is not finite"),
        ReadError::NoArray { present, .. } => {
            let at = array.map_or(span, |array| array.span);
            let empty = present.is_empty() && name.ends_with(".npz");
            let title = match array {
                Some(array) => format!("`{name}` has no array `{}`", array.node),
                None if empty => format!("`{name}` has no arrays"),
                None => format!("`{name}` has several arrays"),
            };
            let label = match array {
                Some(_) => "not in the file",
                None if empty => "this is empty",
                None => "which?",
            };
            let error = Diagnostic::error("E0458", title, at, label);
            if empty {
                return error.hint("there is nothing in it");
            }
            let near = array.and_then(|array| closest(&array.node, present.iter().map(String::as_str)));
            match near {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None if present.is_empty() => error.hint("it has one array without a name: leave the name out"),
                None => error.hint(format!("it has {}", list(present.iter().take(12)))),
            }
        }
    }
}
