//! Arrays as dense attributes, copied whole: one call for each array, not for each element.

use melior::Context;
use melior::ir::attribute::AttributeLike;
use melior::ir::{Attribute, Type, TypeLike};
use mlir_sys as sys;

/// A tensor of these numbers.
///
/// # Panics
/// If the shape does not fit the numbers: both come from one array.
#[must_use]
pub fn reals<'c>(context: &'c Context, shape: &[u64], values: &[f64]) -> Attribute<'c> {
    assert_eq!(shape.iter().product::<u64>(), values.len() as u64, "a shape of its numbers");
    raw(context, shape, Type::float64(context), values)
}

/// A tensor of these numbers in single precision.
///
/// # Panics
/// If the shape does not fit the numbers: both come from one array.
#[must_use]
pub fn singles<'c>(context: &'c Context, shape: &[u64], values: &[f32]) -> Attribute<'c> {
    assert_eq!(shape.iter().product::<u64>(), values.len() as u64, "a shape of its numbers");
    raw(context, shape, Type::float32(context), values)
}

/// A tensor of these numbers of 32 bits.
///
/// # Panics
/// If the shape does not fit the numbers: both come from one array.
#[must_use]
pub fn integers<'c>(context: &'c Context, shape: &[u64], values: &[i32]) -> Attribute<'c> {
    assert_eq!(shape.iter().product::<u64>(), values.len() as u64, "a shape of its numbers");
    raw(context, shape, melior::ir::r#type::IntegerType::new(context, 32).into(), values)
}

fn raw<'c, T>(context: &'c Context, shape: &[u64], element: Type<'c>, values: &[T]) -> Attribute<'c> {
    let shape: Vec<i64> = shape.iter().map(|length| length.cast_signed()).collect();
    // SAFETY: shape and values live during the calls, which copy them; an element of the type has
    // the size of T, and there are as many as the shape says (asserted by the callers).
    unsafe {
        let no_encoding = sys::mlirAttributeGetNull();
        let rank = shape.len().cast_signed();
        let unknown = sys::mlirLocationUnknownGet(context.to_raw());
        let ty = sys::mlirRankedTensorTypeGetChecked(unknown, rank, shape.as_ptr(), element.to_raw(), no_encoding);
        let bytes = size_of_val(values);
        Attribute::from_raw(sys::mlirDenseElementsAttrRawBufferGet(ty, bytes, values.as_ptr().cast()))
    }
}

/// The shape and the elements of a dense attribute whose elements have the type `element`.
#[must_use]
pub fn read<T: Copy>(attribute: Attribute, element: &str) -> Option<(Vec<u64>, Vec<T>)> {
    // SAFETY: the attribute is asked what it is before it is taken for that; the data behind a
    // dense attribute that is no splat are as many elements as it has, of the element type, and
    // one element behind a splat.
    unsafe {
        let raw = attribute.to_raw();
        if !sys::mlirAttributeIsADenseElements(raw) {
            return None;
        }
        let ty = sys::mlirAttributeGetType(raw);
        if Type::from_raw(sys::mlirShapedTypeGetElementType(ty)).to_string() != element {
            return None;
        }
        let rank = sys::mlirShapedTypeGetRank(ty);
        let length = |i| sys::mlirShapedTypeGetDimSize(ty, i).cast_unsigned();
        let shape: Vec<u64> = (0..rank as isize).map(length).collect();
        let count = usize::try_from(sys::mlirElementsAttrGetNumElements(raw)).ok()?;
        if count == 0 {
            return Some((shape, Vec::new()));
        }
        let data = sys::mlirDenseElementsAttrGetRawData(raw).cast::<T>();
        let values = if sys::mlirDenseElementsAttrIsSplat(raw) {
            vec![data.read_unaligned(); count]
        } else {
            let mut values: Vec<T> = Vec::with_capacity(count);
            std::ptr::copy_nonoverlapping(data.cast::<u8>(), values.as_mut_ptr().cast::<u8>(), count * size_of::<T>());
            values.set_len(count);
            values
        };
        Some((shape, values))
    }
}
