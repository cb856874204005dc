//! Emitting operations of func, scf, arith and llvm into blocks.
//!
//! Memory is reached through llvm pointers: the state block is one array of bytes in which every
//! offset is known, so a memref would only wrap a pointer and a constant.

use melior::Context;
use melior::ir::RegionLike;
use melior::ir::attribute::{
    DenseElementsAttribute, DenseI32ArrayAttribute, FlatSymbolRefAttribute, FloatAttribute, IntegerAttribute,
    StringAttribute, TypeAttribute,
};
use melior::ir::block::BlockLike;
use melior::ir::operation::{OperationBuilder, OperationLike};
use melior::ir::r#type::IntegerType;
use melior::ir::{
    Attribute, Block, BlockRef, Identifier, Location, Operation, Region, Type, TypeLike, Value, ValueLike,
};

/// A value of the module under construction.
pub type Val<'c> = Value<'c, 'c>;

/// A constant index of `llvm.getelementptr` that stands for an operand.
const DYNAMIC_INDEX: i32 = i32::MIN;

/// Appends operations to the end of one block.
#[derive(Clone, Copy)]
pub struct Emitter<'c> {
    /// The MLIR context.
    pub context: &'c Context,
    block: BlockRef<'c, 'c>,
    location: Location<'c>,
}

impl<'c> Emitter<'c> {
    /// An emitter at the end of a block that the module under construction will own.
    #[must_use]
    pub fn new(context: &'c Context, block: BlockRef<'c, '_>) -> Self {
        // SAFETY: the block is (or is about to be) part of the module that the caller builds, and
        // emitters do not outlive that construction; MLIR keeps blocks at their addresses.
        let block = unsafe { BlockRef::from_raw(block.to_raw()) };
        Emitter { context, block, location: Location::unknown(context) }
    }

    /// An operation with one result.
    pub fn op(
        &self,
        name: &str,
        operands: &[Val<'c>],
        attributes: &[(&str, Attribute<'c>)],
        result: Type<'c>,
    ) -> Val<'c> {
        self.many(name, operands, attributes, &[result], vec![])[0]
    }

    /// An operation without results.
    pub fn sink(&self, name: &str, operands: &[Val<'c>], attributes: &[(&str, Attribute<'c>)]) {
        self.many(name, operands, attributes, &[], vec![]);
    }

    /// Any operation.
    ///
    /// # Panics
    /// If MLIR cannot build it: a bug of the lowering, which chooses names and operands.
    pub fn many(
        &self,
        name: &str,
        operands: &[Val<'c>],
        attributes: &[(&str, Attribute<'c>)],
        results: &[Type<'c>],
        regions: Vec<Region<'c>>,
    ) -> Vec<Val<'c>> {
        self.append(self.detached(name, operands, attributes, results, regions))
    }

    /// An operation that is in no block yet.
    ///
    /// # Panics
    /// See [`Emitter::many`].
    pub fn detached(
        &self,
        name: &str,
        operands: &[Val<'c>],
        attributes: &[(&str, Attribute<'c>)],
        results: &[Type<'c>],
        regions: Vec<Region<'c>>,
    ) -> Operation<'c> {
        let attributes: Vec<_> = attributes.iter().map(|(n, a)| (Identifier::new(self.context, n), *a)).collect();
        OperationBuilder::new(name, self.location)
            .add_operands(operands)
            .add_attributes(&attributes)
            .add_results(results)
            .add_regions_vec(regions)
            .build()
            .expect("the lowering builds well-formed operations")
    }

    /// Puts an operation to the end of the block, and gives its results.
    ///
    /// # Panics
    /// Never: results are counted.
    pub fn append(&self, operation: Operation<'c>) -> Vec<Val<'c>> {
        let operation = self.block.append_operation(operation);
        (0..operation.result_count())
            .map(|i| adopt(operation.result(i).expect("a result that was counted").into()))
            .collect()
    }

    /// The pointer type.
    #[must_use]
    pub fn pointer(&self) -> Type<'c> {
        melior::dialect::llvm::r#type::pointer(self.context, 0)
    }

    /// An integer type.
    #[must_use]
    pub fn integer(&self, bits: u32) -> Type<'c> {
        IntegerType::new(self.context, bits).into()
    }

    /// f64
    #[must_use]
    pub fn f64(&self) -> Type<'c> {
        Type::float64(self.context)
    }

    /// An integer constant, the same in every lane if the type is a vector.
    #[must_use]
    pub fn int(&self, ty: Type<'c>, value: i64) -> Val<'c> {
        let attribute = IntegerAttribute::new(element(ty), value).into();
        self.constant(ty, attribute)
    }

    /// A real constant, the same in every lane if the type is a vector.
    #[must_use]
    pub fn float(&self, ty: Type<'c>, value: f64) -> Val<'c> {
        let attribute = FloatAttribute::new(self.context, element(ty), value).into();
        self.constant(ty, attribute)
    }

    /// An i64 constant.
    #[must_use]
    pub fn i64(&self, value: u64) -> Val<'c> {
        self.int(self.integer(64), value.cast_signed())
    }

    /// An i32 constant.
    #[must_use]
    pub fn i32(&self, value: u32) -> Val<'c> {
        self.int(self.integer(32), i64::from(value.cast_signed()))
    }

    fn constant(&self, ty: Type<'c>, value: Attribute<'c>) -> Val<'c> {
        let value = if is_vector(ty) { DenseElementsAttribute::splat(ty, value).into() } else { value };
        self.op("arith.constant", &[], &[("value", value)], ty)
    }

    /// 0, 1, 2, … in the lanes of an i32 vector.
    #[must_use]
    pub fn lane_numbers(&self, ty: Type<'c>, lanes: u32) -> Val<'c> {
        if !is_vector(ty) {
            return self.int(ty, 0);
        }
        let values: Vec<i32> = (0..lanes.cast_signed()).collect();
        let value = DenseElementsAttribute::i32_values(ty, &values);
        self.op("arith.constant", &[], &[("value", value.into())], ty)
    }

    /// `pointer + index * size of element`
    #[must_use]
    pub fn element_pointer(&self, pointer: Val<'c>, index: Val<'c>, element: Type<'c>) -> Val<'c> {
        let indices = DenseI32ArrayAttribute::new(self.context, &[DYNAMIC_INDEX]).into();
        let attributes = [("rawConstantIndices", indices), ("elem_type", TypeAttribute::new(element).into())];
        self.op("llvm.getelementptr", &[pointer, index], &attributes, self.pointer())
    }

    /// `pointer + bytes`
    #[must_use]
    pub fn offset(&self, pointer: Val<'c>, bytes: u64) -> Val<'c> {
        if bytes == 0 {
            return pointer;
        }
        self.element_pointer(pointer, self.i64(bytes), self.integer(8))
    }

    /// Loads a value.
    #[must_use]
    pub fn load(&self, pointer: Val<'c>, ty: Type<'c>) -> Val<'c> {
        self.op("llvm.load", &[pointer], &self.alignment(ty), ty)
    }

    /// Stores a value.
    pub fn store(&self, value: Val<'c>, pointer: Val<'c>) {
        self.sink("llvm.store", &[value, pointer], &self.alignment(value.r#type()));
    }

    /// Vectors need no more than their elements' alignment: what is not aligned costs nothing
    /// where the address is, and needs no proof.
    fn alignment(&self, ty: Type<'c>) -> Vec<(&'static str, Attribute<'c>)> {
        if !is_vector(ty) {
            return vec![];
        }
        let bytes = if matches!(element(ty).to_string().as_str(), "f64" | "i64") { 8 } else { 4 };
        vec![("alignment", IntegerAttribute::new(self.integer(64), bytes).into())]
    }

    /// A field of a structure of pointers and integers.
    #[must_use]
    pub fn field(&self, pointer: Val<'c>, bytes: usize, ty: Type<'c>) -> Val<'c> {
        let at = self.offset(pointer, bytes as u64);
        self.load(at, ty)
    }

    /// An element of a constant array of numbers of 64 bits.
    #[must_use]
    pub fn constant_element(&self, pointer: Val<'c>, place: usize) -> Val<'c> {
        let at = self.offset(pointer, 8 * place as u64);
        let invariant = [("invariant", Attribute::unit(self.context))];
        self.op("llvm.load", &[at], &invariant, self.integer(64))
    }

    /// The address of a global.
    #[must_use]
    pub fn address_of(&self, name: &str) -> Val<'c> {
        let name = FlatSymbolRefAttribute::new(self.context, name).into();
        self.op("llvm.mlir.addressof", &[], &[("global_name", name)], self.pointer())
    }

    /// A private constant array of numbers of 64 bits, where globals stand.
    ///
    /// # Panics
    /// Never: the attributes and types are well formed.
    pub fn constant_array(&self, name: &str, values: &[i64]) {
        let parse = |text: &str| Attribute::parse(self.context, text).expect("an attribute of the llvm dialect");
        let shape = |text: String| Type::parse(self.context, &text).expect("a type of the llvm dialect");
        let array = shape(format!("!llvm.array<{} x i64>", values.len()));
        let tensor = shape(format!("tensor<{}xi64>", values.len()));
        let attributes = [
            ("sym_name", StringAttribute::new(self.context, name).into()),
            ("global_type", TypeAttribute::new(array).into()),
            ("value", DenseElementsAttribute::i64_values(tensor, values).into()),
            ("linkage", parse("#llvm.linkage<internal>")),
            ("constant", Attribute::unit(self.context)),
            ("addr_space", parse("0 : i32")),
        ];
        self.many("llvm.mlir.global", &[], &attributes, &[], vec![Region::new()]);
    }

    /// Integer comparison (predicates of `arith.cmpi`).
    #[must_use]
    pub fn compare(&self, predicate: i64, a: Val<'c>, b: Val<'c>) -> Val<'c> {
        let predicate = IntegerAttribute::new(self.integer(64), predicate).into();
        self.op("arith.cmpi", &[a, b], &[("predicate", predicate)], mask_type(self.context, a.r#type()))
    }

    /// An operation whose result has the type of its first operand.
    #[must_use]
    pub fn same(&self, name: &str, operands: &[Val<'c>]) -> Val<'c> {
        self.op(name, operands, &[], operands[0].r#type())
    }

    /// `for i in low..high step { body }` over i64 or i32, with values carried along.
    pub fn for_loop(
        &self,
        (low, high, step): (Val<'c>, Val<'c>, Val<'c>),
        carried: &[Val<'c>],
        body: impl FnOnce(Emitter<'c>, Val<'c>, &[Val<'c>]) -> Vec<Val<'c>>,
    ) -> Vec<Val<'c>> {
        let types: Vec<Type> = carried.iter().map(|v| v.r#type()).collect();
        let mut arguments = vec![(low.r#type(), self.location)];
        arguments.extend(types.iter().map(|&t| (t, self.location)));
        let region = self.region(&arguments, |inner, values| {
            let next = body(inner, values[0], &values[1..]);
            inner.sink("scf.yield", &next, &[]);
        });
        let mut operands = vec![low, high, step];
        operands.extend(carried);
        self.many("scf.for", &operands, &[], &types, vec![region])
    }

    /// `while condition { body }` with values carried along; `condition` sees them too.
    pub fn while_loop(
        &self,
        carried: &[Val<'c>],
        condition: impl FnOnce(Emitter<'c>, &[Val<'c>]) -> Val<'c>,
        body: impl FnOnce(Emitter<'c>, &[Val<'c>]) -> Vec<Val<'c>>,
    ) -> Vec<Val<'c>> {
        let types: Vec<Type> = carried.iter().map(|v| v.r#type()).collect();
        let arguments: Vec<_> = types.iter().map(|&t| (t, self.location)).collect();
        let before = self.region(&arguments, |inner, values| {
            let mut operands = vec![condition(inner, values)];
            operands.extend(values);
            inner.sink("scf.condition", &operands, &[]);
        });
        let after = self.region(&arguments, |inner, values| {
            let next = body(inner, values);
            inner.sink("scf.yield", &next, &[]);
        });
        self.many("scf.while", carried, &[], &types, vec![before, after])
    }

    /// `if condition { then } else { carried }`
    pub fn if_then(
        &self,
        condition: Val<'c>,
        carried: &[Val<'c>],
        then: impl FnOnce(Emitter<'c>) -> Vec<Val<'c>>,
    ) -> Vec<Val<'c>> {
        let types: Vec<Type> = carried.iter().map(|v| v.r#type()).collect();
        let yes = self.region(&[], |inner, _| {
            let values = then(inner);
            inner.sink("scf.yield", &values, &[]);
        });
        let no = self.region(&[], |inner, _| inner.sink("scf.yield", carried, &[]));
        self.many("scf.if", &[condition], &[], &types, vec![yes, no])
    }

    /// A region of one block.
    pub fn region(
        &self,
        arguments: &[(Type<'c>, Location<'c>)],
        fill: impl FnOnce(Emitter<'c>, &[Val<'c>]),
    ) -> Region<'c> {
        let region = Region::new();
        let block = region.append_block(Block::new(arguments));
        let inner = Emitter::new(self.context, block);
        let values: Vec<Val> = (0..arguments.len())
            .map(|i| adopt(inner.block.argument(i).expect("an argument that was declared").into()))
            .collect();
        fill(inner, &values);
        region
    }
}

/// A value with the lifetime of the module under construction.
fn adopt<'c>(value: Value<'c, '_>) -> Val<'c> {
    // SAFETY: MLIR keeps operations and block arguments at their addresses while the module is
    // built, and values are only used during that construction.
    unsafe { Value::from_raw(value.to_raw()) }
}

/// Whether a type is a vector.
#[must_use]
pub fn is_vector(ty: Type) -> bool {
    // SAFETY: the type is valid, and the call only asks.
    unsafe { mlir_sys::mlirTypeIsAVector(ty.to_raw()) }
}

/// The type of a vector's lanes; any other type is its own.
#[must_use]
pub fn element<'c>(ty: Type<'c>) -> Type<'c> {
    if is_vector(ty) {
        // SAFETY: a vector is a shaped type, and its element type lives as long as the context.
        unsafe { Type::from_raw(mlir_sys::mlirShapedTypeGetElementType(ty.to_raw())) }
    } else {
        ty
    }
}

/// How many lanes a type has.
#[must_use]
pub fn lanes(ty: Type) -> u64 {
    if is_vector(ty) {
        // SAFETY: a vector has at least one dimension.
        unsafe { mlir_sys::mlirShapedTypeGetDimSize(ty.to_raw(), 0) }.cast_unsigned() as u64
    } else {
        1
    }
}

/// The type with this element and as many lanes as `like`.
#[must_use]
pub fn with_lanes<'c>(element: Type<'c>, count: u64) -> Type<'c> {
    if count == 1 { element } else { Type::vector(&[count], element) }
}

/// The type of a comparison's result.
fn mask_type<'c>(context: &'c Context, ty: Type<'c>) -> Type<'c> {
    with_lanes(IntegerType::new(context, 1).into(), lanes(ty))
}
