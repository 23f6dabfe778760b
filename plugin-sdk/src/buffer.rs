//! Bytes that are aligned for the numbers read from them, and the only `unsafe` of the views.

#[cfg(not(target_endian = "little"))]
compile_error!("batches are little-endian; tsugi-plugin reads them in place");

/// A number that stands in an Arrow buffer as its own little-endian bytes.
///
/// # Safety
/// Every bit pattern of the type's size must be a valid value.
pub unsafe trait Native: Copy + Default + PartialEq + 'static {
    /// Writes the value into `slot`, which is as long as the type.
    fn put(self, slot: &mut [u8]);
    /// Appends the value to `bytes`.
    fn append(self, bytes: &mut Vec<u8>);
}

macro_rules! native {
    ($($t:ty),*) => {$(
        // SAFETY: integers and floats have no invalid bit pattern.
        unsafe impl Native for $t {
            #[inline(always)]
            fn put(self, slot: &mut [u8]) {
                slot.copy_from_slice(&self.to_le_bytes());
            }
            #[inline(always)]
            fn append(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}
native!(i8, i16, i32, i64, i128, u8, u16, u32, u64, f32, f64);

/// Bytes whose first byte of interest is aligned as asked. Crossed lists are aligned by the
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
        &self.bytes[self.start..]
    }

    /// The bytes as numbers; what is too short for one at the end is left out.
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
