//! Operations with the same code share it.
//!
//! Before: the areas of `instance area[k in 0..29] : Area(…)` have a `dynamics.deliver`, an update and derived
//!         scalars each, which differ only in where their arrays, scalars and streams are
//! After:  one private function for each kind of code, a constant table with those numbers, a row for each
//!         operation, and a loop that calls the function for every row
//!
//! Each operation is lowered once as a function whose numbers come from a row; equal text is equal code. What fewer
//! than [`LEAST`] operations of a step share is lowered where it stands instead, with its numbers as constants.
//! Operations that touch the same arrays keep their order, so every sum has the order of the text, and results
//! are the same to the bit either way.

use super::emitter::{Emitter, Val};
use super::functions::Lowering;
use crate::Bug;
use crate::ir::{Age, Symbol};
use melior::ir::attribute::{FlatSymbolRefAttribute, StringAttribute, TypeAttribute};
use melior::ir::operation::{Operation, OperationMutLike};
use melior::ir::r#type::FunctionType;
use melior::ir::{Attribute, Location, ValueLike};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

/// Fewer operations of a step than this keep code of their own, in which every number is a constant: the code of a few
/// costs little, and constants fold.
const LEAST: usize = 8;
/// What is done once, when a network is created, need not be the fastest.
const LEAST_CHOICES: usize = 2;

/// Predicates of `arith.cmpi`.
const EQUAL: i64 = 0;
const SIGNED_LESS: i64 = 2;

/// What a number of an operation is: the same in all that share code, whatever its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// The offset of an array in the state block.
    Array(Symbol),
    /// How many steps of an array are kept.
    Kept(Symbol),
    /// The bytes of a step of an array.
    Stride(Symbol),
    /// So many steps back in an array, counted forward round the ring.
    Ahead(Symbol, u64),
    /// The slots of an array less the least delay, and less what its elements are older.
    Shift(Symbol, Age),
    /// The offset of a derived scalar.
    Scalar(Symbol),
    /// The offset of a parameter.
    Parameter(Symbol),
    /// The offset of an input.
    Feed(Symbol),
    /// A stream of random numbers.
    Stream(u32),
    /// A real number of the text, by its bits.
    Constant(u64),
    /// Where a result of the operation goes.
    Result(usize),
    /// A number of the operation.
    Own(&'static str),
    /// A number of its source, or target, population.
    Of(Side, &'static str),
}

/// A population as an operation sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Side {
    /// The one that it is of, or of its target neurons.
    Target,
    /// The one of its source neurons.
    Source,
    /// The one that has its neurons' named event of this number for spikes.
    Event(usize),
}

/// Where the numbers of the operation at hand come from.
#[derive(Clone, Copy)]
pub(super) enum Numbers<'c, 'r> {
    /// They are constants.
    Constants,
    /// They are loaded from a row of a table.
    Row(&'r Row<'c>),
}

/// A row of a table, as it is being found out what must stand in it.
pub(super) struct Row<'c> {
    pointer: Val<'c>,
    entries: RefCell<Entries>,
}

#[derive(Default)]
struct Entries {
    places: HashMap<Slot, usize>,
    values: Vec<i64>,
}

impl<'c> Numbers<'c, '_> {
    /// A number as i64.
    pub(super) fn wide(self, e: Emitter<'c>, slot: Slot, value: u64) -> Val<'c> {
        let Numbers::Row(row) = self else { return e.i64(value) };
        let mut entries = row.entries.borrow_mut();
        let next = entries.values.len();
        let place = *entries.places.entry(slot).or_insert(next);
        if place == next {
            entries.values.push(value.cast_signed());
        }
        e.constant_element(row.pointer, place)
    }

    /// A number as i32.
    pub(super) fn narrow(self, e: Emitter<'c>, slot: Slot, value: u32) -> Val<'c> {
        match self {
            Numbers::Constants => e.i32(value),
            Numbers::Row(_) => e.op("arith.trunci", &[self.wide(e, slot, u64::from(value))], &[], e.integer(32)),
        }
    }

    /// A real number, if it is not part of the code.
    pub(super) fn real(self, e: Emitter<'c>, bits: u64) -> Option<Val<'c>> {
        match self {
            Numbers::Constants => None,
            Numbers::Row(_) => Some(e.op("arith.bitcast", &[self.wide(e, Slot::Constant(bits), bits)], &[], e.f64())),
        }
    }

    /// `pointer` and so many bytes.
    pub(super) fn offset(self, e: Emitter<'c>, pointer: Val<'c>, slot: Slot, bytes: u64) -> Val<'c> {
        match self {
            Numbers::Constants => e.offset(pointer, bytes),
            Numbers::Row(_) => e.element_pointer(pointer, self.wide(e, slot, bytes), e.integer(8)),
        }
    }
}

/// Operations of one kind, to be lowered.
pub(super) struct Operations<'i, 'c, I> {
    /// What functions and tables are called by.
    pub(super) what: &'static str,
    pub(super) items: &'i [I],
    /// What the code of an operation sees.
    pub(super) arguments: &'i [Val<'c>],
    /// Arrays that an operation reads or writes besides its own: operations on the same ones stay in order.
    pub(super) touches: &'i dyn Fn(&'i I) -> Vec<&'i Symbol>,
}

/// Lowers one operation, with the numbers that the lowering says, over the arguments.
type Work<'w, 'c, I> = dyn Fn(&Lowering<'c, '_>, Emitter<'c>, &[Val<'c>], &I) -> Result<(), Bug> + 'w;

/// Operations as functions of rows.
struct Drafts<'c> {
    /// The different functions, until they are part of the module.
    codes: Vec<Option<Operation<'c>>>,
    /// Which one each operation has.
    of: Vec<usize>,
    /// The row of each operation.
    rows: Vec<Vec<i64>>,
}

/// A function that operations share, with its table.
struct Shared {
    name: String,
    table: String,
    row_bytes: u64,
}

impl Shared {
    fn call<'c>(&self, e: Emitter<'c>, arguments: &[Val<'c>], row: Val<'c>) {
        let mut operands = arguments.to_vec();
        operands.push(row);
        let callee = FlatSymbolRefAttribute::new(e.context, &self.name).into();
        e.sink("func.call", &operands, &[("callee", callee)]);
    }
}

/// Operations that are lowered one after the other.
struct Run {
    code: usize,
    members: Vec<usize>,
}

impl<'c> Lowering<'c, '_> {
    /// Lowers operations, those with the same code by a loop over a table.
    ///
    /// # Errors
    /// What `work` finds wrong.
    pub(super) fn share<I>(
        &self,
        e: Emitter<'c>,
        operations: &Operations<'_, 'c, I>,
        work: &Work<'_, 'c, I>,
    ) -> Result<(), Bug> {
        let Operations { what, items, arguments, touches } = operations;
        if items.len() < LEAST {
            return items.iter().try_for_each(|item| work(self, e, arguments, item));
        }
        let Drafts { mut codes, of, rows } = self.draft(operations, work)?;
        let runs = runs(&of, |member| touches(&items[member]));
        let mut order: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for run in &runs {
            order.entry(run.code).or_default().extend(&run.members);
        }
        let shared = self.write((what, LEAST), &mut codes, &order, &rows);
        let mut done: HashMap<usize, u64> = HashMap::new();
        for Run { code, members } in &runs {
            let Some(shared) = shared.get(code) else {
                members.iter().try_for_each(|&member| work(self, e, arguments, &items[member]))?;
                continue;
            };
            let first = done.entry(*code).or_default();
            let begin = shared.row_bytes * *first;
            *first += members.len() as u64;
            let end = shared.row_bytes * *first;
            let table = e.address_of(&shared.table);
            let loops = (e.i64(begin), e.i64(end), e.i64(shared.row_bytes));
            e.for_loop(loops, &[], |e, row, _| {
                shared.call(e, arguments, e.element_pointer(table, row, e.integer(8)));
                vec![]
            });
        }
        Ok(())
    }

    /// Lowers operations of which one is done at a time: the one whose key, by `key_of` and below
    /// `keys`, is `key`.
    ///
    /// # Errors
    /// What `work` finds wrong.
    pub(super) fn choose<I>(
        &self,
        e: Emitter<'c>,
        operations: &Operations<'_, 'c, I>,
        (key, keys): (Val<'c>, u64),
        key_of: &dyn Fn(&I) -> u64,
        work: &Work<'_, 'c, I>,
    ) -> Result<(), Bug> {
        let Operations { what, items, arguments, .. } = operations;
        let Drafts { mut codes, of, rows } = self.draft(operations, work)?;
        let mut order: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (member, code) in of.iter().enumerate() {
            order.entry(*code).or_default().push(member);
        }
        let shared = self.write((what, LEAST_CHOICES), &mut codes, &order, &rows);
        for (code, members) in &order {
            let Some(shared) = shared.get(code) else {
                for &member in members {
                    let this = e.compare(EQUAL, key, e.i64(key_of(&items[member])));
                    let mut result = Ok(());
                    e.if_then(this, &[], |e| {
                        result = work(self, e, arguments, &items[member]);
                        vec![]
                    });
                    result?;
                }
                continue;
            };
            // Where the row of each key begins, if it has this code.
            let mut begins = vec![-1; usize::try_from(keys).map_err(|_| Bug("too many projections".into()))?];
            for (number, &member) in (0_u64..).zip(members) {
                begins[key_of(&items[member]) as usize] = (shared.row_bytes * number).cast_signed();
            }
            let places = format!("{}_places", shared.name);
            self.top.constant_array(&places, &begins);
            let begin = e.element_pointer(e.address_of(&places), key, e.integer(64));
            let begin = e.constant_element(begin, 0);
            let this = e.compare(SIGNED_LESS, e.int(e.integer(64), -1), begin);
            e.if_then(this, &[], |e| {
                let table = e.address_of(&shared.table);
                shared.call(e, arguments, e.element_pointer(table, begin, e.integer(8)));
                vec![]
            });
        }
        Ok(())
    }

    /// Writes the functions that enough operations share, and their tables, rows in the order of members.
    fn write(
        &self,
        (what, least): (&str, usize),
        codes: &mut [Option<Operation<'c>>],
        order: &BTreeMap<usize, Vec<usize>>,
        rows: &[Vec<i64>],
    ) -> HashMap<usize, Shared> {
        let mut shared = HashMap::new();
        for (&code, members) in order.iter().filter(|(_, members)| members.len() >= least) {
            let name = format!("{}_{what}_{code}", self.symbol);
            let table = format!("{name}_numbers");
            // A row has a number even if all that share the code are the same.
            let row_bytes = 8 * rows[members[0]].len().max(1) as u64;
            let row = |&member: &usize| if rows[member].is_empty() { vec![0] } else { rows[member].clone() };
            self.top.constant_array(&table, &members.iter().flat_map(row).collect::<Vec<i64>>());
            if let Some(mut function) = codes[code].take() {
                function.set_attribute("sym_name", StringAttribute::new(self.context, &name).into());
                self.top.append(function);
            }
            shared.insert(code, Shared { name, table, row_bytes });
        }
        shared
    }

    /// Lowers every operation as a function of a row.
    fn draft<I>(&self, operations: &Operations<'_, 'c, I>, work: &Work<'_, 'c, I>) -> Result<Drafts<'c>, Bug> {
        let location = Location::unknown(self.context);
        let mut types: Vec<_> = operations.arguments.iter().map(|v| v.r#type()).collect();
        types.push(self.top.pointer());
        let typed: Vec<_> = types.iter().map(|&t| (t, location)).collect();
        let mut drafts = Drafts { codes: vec![], of: vec![], rows: vec![] };
        let mut known: HashMap<String, usize> = HashMap::new();
        for item in operations.items {
            let mut result = Ok(());
            let mut values = Vec::new();
            let body = self.top.region(&typed, |e, arguments| {
                let (pointer, arguments) = arguments.split_last().expect("the row is an argument");
                let row = Row { pointer: *pointer, entries: RefCell::default() };
                result = work(&Lowering { numbers: Numbers::Row(&row), ..*self }, e, arguments, item);
                values = row.entries.into_inner().values;
                e.sink("func.return", &[], &[]);
            });
            result?;
            let attribute = |text: &str| Attribute::parse(self.context, text).expect("an attribute");
            let attributes = [
                ("sym_name", StringAttribute::new(self.context, "shared").into()),
                ("function_type", TypeAttribute::new(FunctionType::new(self.context, &types, &[]).into()).into()),
                ("sym_visibility", StringAttribute::new(self.context, "private").into()),
                ("llvm.linkage", attribute("#llvm.linkage<internal>")),
                ("passthrough", attribute("[\"noinline\"]")),
            ];
            let function = self.top.detached("func.func", &[], &attributes, &[], vec![body]);
            let code = *known.entry(function.to_string()).or_insert(drafts.codes.len());
            if code == drafts.codes.len() {
                drafts.codes.push(Some(function));
            }
            drafts.of.push(code);
            drafts.rows.push(values);
        }
        Ok(drafts)
    }
}

/// Puts operations with the same code together where that changes the order of none that touch the same arrays.
fn runs<'i>(of: &[usize], touches: impl Fn(usize) -> Vec<&'i Symbol>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut last: HashMap<usize, usize> = HashMap::new();
    let mut touched: HashMap<&Symbol, usize> = HashMap::new();
    for (member, &code) in of.iter().enumerate() {
        let arrays = touches(member);
        let after = arrays.iter().filter_map(|array| touched.get(array)).max().copied();
        let place = match last.get(&code) {
            Some(&place) if after.is_none_or(|after| after <= place) => place,
            _ => {
                runs.push(Run { code, members: vec![] });
                runs.len() - 1
            }
        };
        runs[place].members.push(member);
        last.insert(code, place);
        touched.extend(arrays.into_iter().map(|array| (array, place)));
    }
    runs
}
