//! Bytes that are aligned for the numbers read from them, and the only `unsafe` of the views.

use std::mem::MaybeUninit;

#[cfg(not(target_endian = "little"))]
compile_error!("batches are little-endian; tsugi-plugin reads them in place");

/// A number that is in an Arrow buffer as its own little-endian bytes.
///
/// # Safety
/// Every bit pattern of the type's size must be a valid value.
pub unsafe trait Native: Copy + Default + PartialEq + 'static {
    /// Writes the value into all of `slot`, which is as long as the type.
    fn put(self, slot: &mut [MaybeUninit<u8>]);
    /// Appends the value to `bytes`.
    fn append(self, bytes: &mut Vec<u8>);
}

macro_rules! native {
    ($($t:ty),*) => {$(
        // SAFETY: integers and floats have no invalid bit pattern.
        unsafe impl Native for $t {
            #[inline(always)]
            fn put(self, slot: &mut [MaybeUninit<u8>]) {
                slot.write_copy_of_slice(&self.to_le_bytes());
            }
            #[inline(always)]
            fn append(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}
native!(i8, i16, i32, i64, i128, u8, u16, u32, u64, f32, f64);

/// Bytes from which a copy goes through the engine's own: a copy of unknown length is a call out
/// of the sandbox, which costs more than a short text.
const FAR: usize = 256;

/// Appends bytes; short ones are copied in place, in steps of known length.
#[inline(always)]
pub(crate) fn append(to: &mut Vec<u8>, bytes: &[u8]) {
    let length = bytes.len();
    if length > FAR {
        return to.extend_from_slice(bytes);
    }
    to.reserve(length);
    // SAFETY: there is room for `length` more bytes, which `near` writes; a vector that is
    // borrowed to be changed does not overlap the slice.
    unsafe {
        near(bytes.as_ptr(), to.as_mut_ptr().add(to.len()), length);
        to.set_len(to.len() + length);
    }
}

/// # Safety
/// `from` is readable and `to` writable for `length` bytes, and they do not overlap.
#[inline(always)]
unsafe fn near(from: *const u8, to: *mut u8, length: usize) {
    /// # Safety
    /// `at + N` lies within both.
    #[inline(always)]
    unsafe fn step<const N: usize>(from: *const u8, to: *mut u8, at: usize) {
        // SAFETY: as promised by the caller.
        unsafe {
            let bytes = from.add(at).cast::<[u8; N]>().read_unaligned();
            to.add(at).cast::<[u8; N]>().write_unaligned(bytes);
        }
    }
    // SAFETY: each step ends at or before `length`; where the last one overlaps the one before
    // it, both write the same bytes.
    unsafe {
        if length >= 16 {
            let mut at = 0;
            while at + 64 <= length {
                step::<16>(from, to, at);
                step::<16>(from, to, at + 16);
                step::<16>(from, to, at + 32);
                step::<16>(from, to, at + 48);
                at += 64;
            }
            if at + 32 <= length {
                step::<16>(from, to, at);
                step::<16>(from, to, at + 16);
                at += 32;
            }
            if at + 16 <= length {
                step::<16>(from, to, at);
            }
            step::<16>(from, to, length - 16);
        } else if length >= 8 {
            step::<8>(from, to, 0);
            step::<8>(from, to, length - 8);
        } else if length >= 4 {
            step::<4>(from, to, 0);
            step::<4>(from, to, length - 4);
        } else if length > 0 {
            step::<1>(from, to, 0);
            step::<1>(from, to, length / 2);
            step::<1>(from, to, length - 1);
        }
    }
}

/// Bytes whose first byte of interest is aligned as `align` requires. Crossed lists are aligned by the
/// allocator's habit only, so that is looked at, and a misaligned one is moved once.
#[derive(Debug)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    align: usize,
}

impl Buffer {
    pub(crate) fn aligned(bytes: Vec<u8>, align: usize) -> Self {
        if bytes.as_ptr().addr().is_multiple_of(align) {
            return Self {
                bytes,
                start: 0,
                align,
            };
        }
        let mut moved: Vec<u8> = Vec::with_capacity(bytes.len() + align);
        let start = moved.as_ptr().addr().next_multiple_of(align) - moved.as_ptr().addr();
        moved.resize(start, 0);
        moved.extend_from_slice(&bytes);
        Self {
            bytes: moved,
            start,
            align,
        }
    }

    pub(crate) fn of<T: Native>(bytes: Vec<u8>) -> Self {
        Self::aligned(bytes, align_of::<T>())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// The bytes as numbers; what is too short for one at the end is dropped.
    pub(crate) fn typed<T: Native>(&self) -> &[T] {
        // SAFETY: `Native` promises that any bytes are a value of `T`.
        let (head, body, _) = unsafe { self.bytes().align_to::<T>() };
        debug_assert!(head.is_empty(), "the buffer was aligned for another type");
        body
    }

    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        if self.start > 0 {
            self.bytes.drain(..self.start);
        }
        self.bytes
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        Self::aligned(self.bytes().to_vec(), self.align)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appended_bytes_are_the_same_at_every_length() {
        let bytes: Vec<u8> = (0..300).map(|n| (n % 251) as u8).collect();
        let (mut together, mut expected) = (Vec::new(), Vec::new());
        for length in 0..bytes.len() {
            append(&mut together, &bytes[..length]);
            expected.extend_from_slice(&bytes[..length]);
        }
        assert_eq!(together, expected);
    }

    #[test]
    fn misaligned_bytes_are_moved_and_read_the_same() {
        let numbers = [7_i64, -1, i64::MAX];
        let plain: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        // An alignment no allocator grants by habit forces the move.
        let buffer = Buffer::aligned(plain.clone(), 4096);
        assert_eq!(buffer.bytes().as_ptr().addr() % 4096, 0);
        assert_eq!(buffer.typed::<i64>(), numbers);
        assert_eq!(buffer.clone().typed::<i64>(), numbers);
        assert_eq!(buffer.into_bytes(), plain);
    }
}
