//! Memory without an allocator: fixed arrays, growing arrays, queues. All failures are errors.

use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use crate::error::Error;
use crate::sys;

/// Arrays start at multiples of this, so that generated loads are aligned.
const ALIGNMENT: usize = 64;

/// Types that may be made of zero bytes and need no drop.
///
/// # Safety
/// All bytes zero is a valid value, at an alignment of at most [`ALIGNMENT`].
pub unsafe trait Plain {}
// SAFETY: zero is a number.
unsafe impl Plain for u8 {}
// SAFETY: zero is a number.
unsafe impl Plain for u32 {}
// SAFETY: zero is a number.
unsafe impl Plain for u64 {}
// SAFETY: zero is a number.
unsafe impl Plain for f64 {}
// SAFETY: zero is the null pointer.
unsafe impl<T> Plain for *mut T {}

/// An array of fixed length, 64-byte aligned, zero at first. Pages are taken when written.
pub struct Buffer<T> {
    base: *mut u8,
    start: NonNull<T>,
    length: usize,
}

// SAFETY: a buffer owns its memory as a `Box<[T]>` does.
unsafe impl<T: Send> Send for Buffer<T> {}
// SAFETY: a shared buffer only gives shared elements.
unsafe impl<T: Sync> Sync for Buffer<T> {}

impl<T> Buffer<T> {
    /// No elements, no memory.
    pub const fn empty() -> Self {
        Buffer { base: core::ptr::null_mut(), start: NonNull::dangling(), length: 0 }
    }

    /// The first element's address.
    pub fn pointer(&self) -> *mut T {
        self.start.as_ptr()
    }
}

impl<T: Plain> Buffer<T> {
    /// So many zeros.
    pub fn zeroed(length: u64, what: &'static str) -> Result<Self, Error> {
        let refused = Error::Memory { bytes: length.saturating_mul(size_of::<T>() as u64), what };
        let length = usize::try_from(length).map_err(|_| refused)?;
        if length == 0 {
            return Ok(Buffer::empty());
        }
        let bytes = length
            .checked_mul(size_of::<T>())
            .and_then(|bytes| bytes.checked_add(ALIGNMENT))
            .filter(|&bytes| bytes <= isize::MAX as usize)
            .ok_or(refused)?;
        let base = sys::allocate_zeroed(bytes);
        if base.is_null() {
            return Err(refused);
        }
        // SAFETY: the block has ALIGNMENT bytes more than needed, and align_offset moves by less.
        let start = unsafe { base.add(base.align_offset(ALIGNMENT)) };
        let start = NonNull::new(start.cast()).ok_or(refused)?;
        Ok(Buffer { base, start, length })
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: `length` valid elements lie there, zero or written through this type.
        unsafe { core::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl<T> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and `self` is the only owner.
        unsafe { core::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        // SAFETY: `base` is null or from allocate_zeroed, and freed only here.
        unsafe { sys::release(self.base) }
    }
}

/// An array that grows.
pub struct Vector<T> {
    start: *mut T,
    length: usize,
    capacity: usize,
    owned: PhantomData<T>,
}

// SAFETY: a vector owns its memory as a `Vec<T>` does.
unsafe impl<T: Send> Send for Vector<T> {}
// SAFETY: a shared vector only gives shared elements.
unsafe impl<T: Sync> Sync for Vector<T> {}

impl<T> Vector<T> {
    /// No elements, no memory.
    pub const fn new() -> Self {
        Vector { start: core::ptr::null_mut(), length: 0, capacity: 0, owned: PhantomData }
    }

    /// Makes room for `more` elements.
    pub fn reserve(&mut self, more: usize, what: &'static str) -> Result<(), Error> {
        let needed = self.length.saturating_add(more);
        if needed <= self.capacity {
            return Ok(());
        }
        let capacity = needed.max(self.capacity.saturating_mul(2)).max(16);
        let bytes = capacity.saturating_mul(size_of::<T>());
        let refused = Error::Memory { bytes: bytes as u64, what };
        if bytes > isize::MAX as usize {
            return Err(refused);
        }
        // SAFETY: `start` is null or from this function; elements may be moved as bytes.
        let start = unsafe { sys::reallocate(self.start.cast(), bytes) };
        if start.is_null() {
            return Err(refused);
        }
        self.start = start.cast();
        self.capacity = capacity;
        Ok(())
    }

    /// Adds an element.
    pub fn push(&mut self, value: T, what: &'static str) -> Result<(), Error> {
        self.reserve(1, what)?;
        // SAFETY: there is room for one more, by reserve.
        unsafe { self.start.add(self.length).write(value) };
        self.length += 1;
        Ok(())
    }
}

impl<T> Vector<T> {
    /// Keeps the first `length` elements, and does not drop the others.
    pub fn forget_from(&mut self, length: usize) {
        self.length = self.length.min(length);
    }
}

impl<T: Copy> Vector<T> {
    /// Removes `count` elements from the front.
    pub fn remove_front(&mut self, count: usize) {
        let count = count.min(self.length);
        self.copy_within(count.., 0);
        self.length -= count;
    }

    /// Keeps the first `length` elements.
    pub fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
    }
}

impl<T> Deref for Vector<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        if self.start.is_null() {
            return &[];
        }
        // SAFETY: the first `length` elements were written.
        unsafe { core::slice::from_raw_parts(self.start, self.length) }
    }
}

impl<T> DerefMut for Vector<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        if self.start.is_null() {
            return &mut [];
        }
        // SAFETY: the first `length` elements were written, and `self` is the only owner.
        unsafe { core::slice::from_raw_parts_mut(self.start, self.length) }
    }
}

impl<T> Drop for Vector<T> {
    fn drop(&mut self) {
        // SAFETY: all elements are valid and not used again.
        unsafe { core::ptr::drop_in_place(&mut **self) };
        // SAFETY: null or from reallocate, and freed only here.
        unsafe { sys::release(self.start.cast()) };
    }
}

/// First in, first out.
pub struct Queue<T> {
    elements: Vector<T>,
    head: usize,
}

impl<T: Copy> Queue<T> {
    /// Nothing.
    pub const fn new() -> Self {
        Queue { elements: Vector::new(), head: 0 }
    }

    /// What waits, oldest first.
    pub fn waiting(&self) -> &[T] {
        self.elements.get(self.head..).unwrap_or(&[])
    }

    /// Adds at the end.
    pub fn push(&mut self, value: T, what: &'static str) -> Result<(), Error> {
        self.elements.push(value, what)
    }

    /// Makes room for `more`, giving up the room of what was taken.
    pub fn reserve(&mut self, more: usize, what: &'static str) -> Result<(), Error> {
        if self.head > self.elements.len() / 2 {
            self.elements.remove_front(self.head);
            self.head = 0;
        }
        self.elements.reserve(more, what)
    }

    /// Drops up to `count` from the front.
    pub fn skip(&mut self, count: usize) {
        self.head += count.min(self.waiting().len());
        if self.head == self.elements.len() {
            self.elements.truncate(0);
            self.head = 0;
        }
    }

    /// Drops up to `count` from the end.
    pub fn drop_last(&mut self, count: usize) {
        let count = count.min(self.waiting().len());
        self.elements.truncate(self.elements.len() - count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_aligned_and_zero() {
        for length in [1u64, 63, 4096, 1 << 20] {
            let buffer = Buffer::<u32>::zeroed(length, "test").unwrap();
            assert_eq!(buffer.pointer() as usize % ALIGNMENT, 0);
            assert!(buffer.len() as u64 == length && buffer.iter().all(|&it| it == 0));
        }
    }

    #[test]
    fn refused_memory_is_an_error() {
        for length in [u64::MAX, u64::MAX / 8, 1 << 60] {
            assert!(Buffer::<u64>::zeroed(length, "test").is_err());
        }
    }

    #[test]
    fn queues_keep_order() {
        let mut queue = Queue::new();
        let (mut next_in, mut next_out) = (0u32, 0);
        for round in 0..1000usize {
            queue.reserve(round % 7, "test").unwrap();
            for _ in 0..round % 7 {
                queue.push(next_in, "test").unwrap();
                next_in += 1;
            }
            let count = (round % 5).min(queue.waiting().len());
            for &value in &queue.waiting()[..count] {
                assert_eq!(value, next_out);
                next_out += 1;
            }
            queue.skip(count);
            assert_eq!(queue.waiting().len() as u32, next_in - next_out);
        }
    }
}
