//! Convolutions between populations on grids: `connect convolution(K, stride = 2, padding = 1)`, its transpose, and pooling.
//!
//! Each neuron of the one grid has a window in the other:
//!
//! ```text
//! out[o, y, x] = sum over c, a, b of K[o, c, a, b] in[c, stride y + dilation a - padding, stride x + dilation b - padding]
//! ```
//!
//! which is the convention of deep learning (V. Dumoulin & F. Visin 2016, arXiv:1603.07285): the kernel is not turned round.
//! A transposed convolution goes the other way along the same connections.

use crate::expressions::checker::Checker;
use crate::expressions::scope::{Role, Scope, Type, Typed};
use crate::model::{Connect, Element, Expr, Pairs, Rule};
use crate::networks::connect::{Pair, Written};
use crate::networks::geometry::Grid;
use crate::program::data::Known;
use crate::program::modules::list;
use bpc_syntax::ast::{self, ExprKind, Item, Name};
use bpc_syntax::diagnostic::Diagnostic;
use bpc_syntax::source::Span;
use bpc_syntax::suggest::closest;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The most connections of one rule: each is listed.
const MOST: u128 = 1 << 25;

/// A rule that connects windows.
pub(crate) struct Map {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it may have in the brackets with a name.
    pub named: &'static [&'static str],
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Convolution,
    Transposed,
    Pooling,
}

/// The rules that connect windows.
pub(crate) const MAPS: &[Map] = &[
    Map {
        name: "convolution",
        usage: "convolution(K, stride = 1, padding = 0, dilation = 1)",
        named: &["stride", "padding", "dilation"],
        kind: Kind::Convolution,
    },
    Map {
        name: "transposed_convolution",
        usage: "transposed_convolution(K, stride = 1, padding = 0, dilation = 1)",
        named: &["stride", "padding", "dilation"],
        kind: Kind::Transposed,
    },
    Map {
        name: "pooling",
        usage: "pooling(size, stride = size, padding = 0)",
        named: &["stride", "padding"],
        kind: Kind::Pooling,
    },
];

/// Windows in one direction of a grid.
#[derive(Clone, Copy)]
struct Windows {
    length: u64,
    stride: u64,
    padding: u64,
    dilation: u64,
}

impl Windows {
    /// How many there are in so many places; `None` if not one fits in.
    fn count(self, places: u64) -> Option<u64> {
        let wide = |n: u64| u128::from(n);
        let reach = wide(self.dilation) * (wide(self.length) - 1) + 1;
        let room = (wide(places) + 2 * wide(self.padding)).checked_sub(reach)?;
        u64::try_from(room / wide(self.stride) + 1).ok()
    }

    /// The place of an element of a window, if it is one.
    fn place(self, window: u64, element: u64, places: u64, round: bool) -> Option<u64> {
        let wide = |n: u64| i128::from(n);
        let place = wide(self.stride) * wide(window) + wide(self.dilation) * wide(element) - wide(self.padding);
        let place = if round { place.rem_euclid(wide(places)) } else { place };
        u64::try_from(place).ok().filter(|&place| place < places)
    }
}

/// A kernel: which layers it joins, and where it is not zero.
struct Kernel {
    /// Layers of the grid that has windows, and of the one in which they are; of a pooling each has its own.
    layers: Option<[u64; 2]>,
    rows: u64,
    columns: u64,
    /// Its numbers; of a pooling there are none.
    known: Option<Rc<Known>>,
    /// Whether it has columns only.
    flat: bool,
}

impl Checker<'_> {
    /// The kernel that a rule connects, if it has one, and where it is named.
    pub(crate) fn kernel_of(
        &mut self,
        rule: &Name,
        arguments: &[ast::Expr],
        scope: &Scope,
    ) -> Option<(Rc<Known>, Span)> {
        let has_kernel = MAPS.iter().any(|map| map.name == rule.node && map.kind != Kind::Pooling);
        let [argument] = has_kernel.then_some(arguments)? else { return None };
        let ExprKind::Name(name) = &argument.kind else { return None };
        Some((self.data_named(name, scope)??, argument.span))
    }

    /// Makes `kernel` known where each connection has a value of its own: the element of the kernel to which it belongs.
    pub(crate) fn add_kernel(&mut self, (known, named): (&Rc<Known>, Span), each: bool, scope: &mut Scope) {
        let declared = self.program.find(scope.file, "kernel").map(|(_, declared)| declared.item.clone());
        let other = declared.is_some_and(|item| !matches!(&*item, Item::Data(_)));
        if other || scope.locals.contains_key("kernel") {
            // What the user has called so means that, where nothing else can be meant.
            if each {
                scope.also.insert("kernel".to_owned(), "the connection's element of the kernel");
            }
        } else if !each {
            scope.hide("kernel", "it differs from connection to connection: it is known behind `~`");
        } else if known.sparse.is_none() {
            let element = Element { data: known.flat(), places: vec![Expr::PairIndex], span: named };
            let (expr, kind) = (Expr::Element(Rc::new(element)), Type::Number(known.unit.clone()));
            scope.add("kernel", Typed { expr, kind, nodes: 2, height: 2 }, Role::Member, named);
        }
    }

    /// Reads one of the rules [`MAPS`] for one pair of populations.
    pub(crate) fn linear_map(&mut self, written: &Written<'_>, scope: &Scope, pair: &Pair<'_>) -> Option<Connect> {
        let Written { rule, arguments, span, .. } = *written;
        let map = MAPS.iter().find(|map| map.name == rule.node)?;
        let [argument] = arguments else {
            let what = if map.kind == Kind::Pooling { "one size" } else { "one kernel" };
            let title = format!("`{}` takes {what}, not {}", map.name, arguments.len());
            let error = Diagnostic::error("E0411", title, span, format!("{} given", arguments.len()));
            self.push(error.hint(format!("write `connect {}`", map.usage)));
            return None;
        };
        let numbers = self.window_numbers(map, written.named, scope)?;
        let [source, target] = self.grids(map, span, pair)?;
        // The grid that has a window for each neuron, and the one in which they are.
        let (owners, field) = if map.kind == Kind::Transposed { (source, target) } else { (target, source) };
        let kernel = match map.kind {
            Kind::Pooling => self.pool(argument, scope, source.rows == 1 && target.rows == 1)?,
            Kind::Convolution | Kind::Transposed => self.kernel(argument, scope)?,
        };
        let number = |name: &str, otherwise| numbers.get(name).copied().unwrap_or(otherwise);
        let columns = Windows {
            length: kernel.columns,
            stride: number("stride", if map.kind == Kind::Pooling { kernel.columns } else { 1 }),
            padding: number("padding", 0),
            dilation: number("dilation", 1),
        };
        let rows = match kernel.flat {
            true => Windows { length: 1, stride: 1, padding: 0, dilation: 1 },
            false => Windows { length: kernel.rows, ..columns },
        };
        self.layers_fit(map, &kernel, (argument, pair), owners, field)?;
        self.windows_fit(map, [rows, columns], (span, pair), owners, field)?;
        let kernel_layers = kernel.layers.map_or(u128::from(owners.layers), |l| u128::from(l[0]) * u128::from(l[1]));
        let windows = u128::from(owners.rows) * u128::from(owners.columns);
        let most = kernel_layers * windows * u128::from(kernel.rows) * u128::from(kernel.columns);
        if most > MOST {
            let title = format!("{most} connections are too many for `{}`", map.name);
            let error = Diagnostic::error("E0515", title, span, "too many");
            self.push(error.hint(format!("at most {MOST}, since each is listed: divide the populations")));
            return None;
        }
        let mut entries = connections(&kernel, [rows, columns], owners, field, map.kind == Kind::Transposed);
        // Of windows in the whole grids, what is between the parts.
        let ends = pair.extents().map(|(first, count)| first..first + count);
        entries.retain(|&(source, target, _)| ends[0].contains(&source.into()) && ends[1].contains(&target.into()));
        let length = kernel.known.as_ref().map_or(kernel.rows * kernel.columns, |k| k.data.values.len() as u64);
        self.pairs.push(Rc::new(Pairs { entries, length }));
        Some(Connect::of(Rule::Explicit { list: self.pairs.len() - 1 }, true))
    }

    /// Stride, padding and dilation.
    fn window_numbers(
        &mut self,
        map: &Map,
        named: &[ast::Binding],
        scope: &Scope,
    ) -> Option<BTreeMap<&'static str, u64>> {
        let mut numbers: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for binding in named {
            let name = &binding.name;
            let Some(known) = map.named.iter().find(|known| **known == name.node) else {
                let title = format!("`{}` has no argument `{}`", map.name, name.node);
                let error = Diagnostic::error("E0411", title, name.span, "not one of its arguments");
                self.push(match closest(&name.node, map.named.iter().copied()) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error.hint(format!("write `connect {}`", map.usage)),
                });
                return None;
            };
            if let Some(first) = seen.insert(&name.node, name.span) {
                let title = format!("`{}` is given twice", name.node);
                self.push(Diagnostic::error("E0411", title, name.span, "again here").also(first, "first here"));
                return None;
            }
            let value = binding.value.as_ref()?;
            let number = self.whole_expression(value, scope, &format!("the {known}"))?;
            if number == 0 && *known != "padding" {
                let title = format!("the {known} of `{}` is 0", map.name);
                let error = Diagnostic::error("E0514", title, value.span, "this is 0");
                self.push(error.hint("windows that are next to each other have a stride of 1, places a dilation of 1"));
                return None;
            }
            numbers.insert(known, number);
        }
        Some(numbers)
    }

    /// The grids of source and target.
    fn grids(&mut self, map: &Map, span: Span, pair: &Pair<'_>) -> Option<[Grid; 2]> {
        let names = [pair.source.0, pair.target.0];
        let missing: Vec<&str> = (0..2).filter(|&i| pair.grids[i].is_none()).map(|i| names[i]).collect();
        if let ([Some(source), Some(target)], []) = (pair.grids, missing.as_slice()) {
            return Some([source, target]);
        }
        // Without a size, its own mistake has been told.
        pair.source.1.and(pair.target.1)?;
        let have = if missing.len() == 1 { "has" } else { "have" };
        let title = format!("`{}` needs neurons on a grid, but {} {have} none", map.name, list(missing.iter()));
        let error = Diagnostic::error("E0513", title, span, "which neurons are neighbours?");
        self.push(error.hint(
            "say it: `population E[768] : LIF at grid(rows = 16, columns = 16, layers = 3, spacing = 1)`; layers are the channels",
        ));
        None
    }

    /// A kernel's shape: columns; rows and columns; out, in and columns; or out, in, rows and columns.
    fn kernel(&mut self, argument: &ast::Expr, scope: &Scope) -> Option<Kernel> {
        let ExprKind::Name(name) = &argument.kind else {
            let error = Diagnostic::error("E0512", "a kernel is the name of data", argument.span, "no name");
            self.push(error.hint("declare it: `data K = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]`"));
            return None;
        };
        let known = self.find_data(&Name { node: name.clone(), span: argument.span }, scope)?;
        if known.sparse.is_some() {
            let error = Diagnostic::error("E0512", format!("`{name}` is sparse"), argument.span, "no kernel");
            self.push(error.also(known.span, "declared here").hint("a kernel has all its elements, zeros included"));
            return None;
        }
        let lengths: Vec<u64> = known.data.shape.iter().map(|&length| length as u64).collect();
        let (layers, rows, columns, flat) = match lengths[..] {
            [columns] => ([1, 1], 1, columns, true),
            [rows, columns] => ([1, 1], rows, columns, false),
            [first, second, columns] => ([first, second], 1, columns, true),
            [first, second, rows, columns] => ([first, second], rows, columns, false),
            _ => return None,
        };
        Some(Kernel { layers: Some(layers), rows, columns, known: Some(known), flat })
    }

    /// The windows of a pooling.
    fn pool(&mut self, argument: &ast::Expr, scope: &Scope, flat: bool) -> Option<Kernel> {
        let size = self.whole_expression(argument, scope, "the size of a window")?;
        if size == 0 {
            self.error("E0514", "a window of size 0 has no neurons in it", argument.span, "this is 0");
            return None;
        }
        Some(Kernel { layers: None, rows: if flat { 1 } else { size }, columns: size, known: None, flat })
    }

    fn layers_fit(
        &mut self,
        map: &Map,
        kernel: &Kernel,
        (argument, pair): (&ast::Expr, &Pair<'_>),
        owners: Grid,
        field: Grid,
    ) -> Option<()> {
        let transposed = map.kind == Kind::Transposed;
        let [source, target] = if transposed { [owners, field] } else { [field, owners] };
        let count = |n: u64| if n == 1 { "1 layer".to_owned() } else { format!("{n} layers") };
        let Some([first, second]) = kernel.layers else {
            if source.layers == target.layers {
                return Some(());
            }
            let title = format!(
                "`pooling` keeps layers apart, but `{}` has {} and `{}` {}",
                pair.source.0,
                count(source.layers),
                pair.target.0,
                count(target.layers)
            );
            self.error("E0512", title, argument.span, "not equally many");
            return None;
        };
        if (first, second) == (owners.layers, field.layers) {
            return Some(());
        }
        let (from, to) = if transposed { (first, second) } else { (second, first) };
        let title = format!(
            "this kernel goes from {} to {}, but `{}` has {} and `{}` {}",
            count(from),
            count(to),
            pair.source.0,
            count(source.layers),
            pair.target.0,
            count(target.layers)
        );
        let shape: Vec<String> =
            kernel.known.iter().flat_map(|k| k.data.shape.iter()).map(ToString::to_string).collect();
        let label = format!("its shape is {}", shape.join(" x "));
        let error = Diagnostic::error("E0512", title, argument.span, label);
        let order = if transposed { "source, target" } else { "target, source" };
        self.push(error.hint(format!("a kernel has the dimensions layers of {order}, rows, columns")));
        None
    }

    fn windows_fit(
        &mut self,
        map: &Map,
        windows: [Windows; 2],
        (span, pair): (Span, &Pair<'_>),
        owners: Grid,
        field: Grid,
    ) -> Option<()> {
        let counted = [windows[0].count(field.rows), windows[1].count(field.columns)];
        let has = [owners.rows, owners.columns];
        if counted == has.map(Some) {
            return Some(());
        }
        let (owner, place) = match map.kind {
            Kind::Transposed => (pair.source.0, pair.target.0),
            Kind::Convolution | Kind::Pooling => (pair.target.0, pair.source.0),
        };
        let formula =
            "there are (rows + 2 padding - dilation (rows of the window - 1) - 1) / stride + 1 windows, rounded down; \
                       columns likewise"
                .to_owned();
        let (title, label, hint) = match counted {
            [Some(rows), Some(columns)] => (
                format!(
                    "there are {rows} x {columns} windows in `{place}`, but `{owner}` is a grid of {} x {}",
                    has[0], has[1]
                ),
                "not one window for each neuron of a layer".to_owned(),
                match map.kind {
                    Kind::Transposed => formula,
                    Kind::Convolution | Kind::Pooling => {
                        format!("give `{owner}` {rows} rows and {columns} columns, or change stride and padding")
                    }
                },
            ),
            _ => (
                format!("a window of `{}` is larger than `{place}` with its padding", map.name),
                format!("`{place}` is a grid of {} x {}", field.rows, field.columns),
                formula,
            ),
        };
        self.push(Diagnostic::error("E0513", title, span, label).hint(hint));
        None
    }
}

/// Source, target and number of each connection, ascending. What is zero in the kernel connects nothing.
fn connections(
    kernel: &Kernel,
    [rows, columns]: [Windows; 2],
    owners: Grid,
    field: Grid,
    transposed: bool,
) -> Vec<(u32, u32, u32)> {
    let values = kernel.known.as_ref().map(|known| known.data.values.as_slice());
    let layers: Vec<(u64, u64, u64)> = match kernel.layers {
        None => (0..owners.layers).map(|layer| (layer, layer, 0)).collect(),
        Some([first, second]) => (0..first).flat_map(|a| (0..second).map(move |b| (a, b, a * second + b))).collect(),
    };
    #[allow(clippy::cast_possible_truncation)] // indices of neurons, and of at most 2^25 elements
    let neuron =
        |grid: Grid, layer: u64, row: u64, column: u64| ((layer * grid.rows + row) * grid.columns + column) as u32;
    let mut entries = Vec::new();
    for (own_layer, other_layer, block) in layers {
        for (a, b) in (0..kernel.rows).flat_map(|a| (0..kernel.columns).map(move |b| (a, b))) {
            let number = (block * kernel.rows + a) * kernel.columns + b;
            #[allow(clippy::cast_possible_truncation)] // at most 2^25 elements
            let (at, number) = (number as usize, number as u32);
            if values.is_some_and(|values| values.get(at).is_none_or(|value| *value == 0.0)) {
                continue;
            }
            for y in 0..owners.rows {
                let Some(row) = rows.place(y, a, field.rows, field.round && !kernel.flat) else { continue };
                for x in 0..owners.columns {
                    let Some(column) = columns.place(x, b, field.columns, field.round) else { continue };
                    let (own, other) = (neuron(owners, own_layer, y, x), neuron(field, other_layer, row, column));
                    entries.push(if transposed { (own, other, number) } else { (other, own, number) });
                }
            }
        }
    }
    entries.sort_unstable();
    entries
}
