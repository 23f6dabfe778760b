//! Builders of one type each: what scalar results and records are written with.
use crate::array::{Array, Data};
use crate::buffer::{Buffer, Native, append};

/// Rows written per turn of a dense loop: the check that lets the host stop a guest sits on
/// the loop's edge, so a block pays it once.
const BLOCK: usize = 16;

/// Writes the values of one column, in order.
pub trait Builder: Sized {
    /// A builder with room for so many rows.
    fn with_capacity(rows: usize) -> Self;
    fn push_null(&mut self);
    /// Adds a value where none is read: below a null struct.
    fn push_filler(&mut self);
    fn finish(self) -> Array;
}

/// The validity of a column while it is written; nothing is stored until the first null.
#[derive(Debug, Default)]
pub struct Validity {
    bits: Vec<u8>,
    len: usize,
    nulls: usize,
}

impl Validity {
    #[inline(always)]
    pub fn push_valid(&mut self) {
        if self.nulls != 0 {
            self.set(true);
        }
        self.len += 1;
    }

    /// Notes so many values.
    pub fn push_valids(&mut self, count: usize) {
        if self.nulls == 0 {
            self.len += count;
        } else {
            (0..count).for_each(|_| self.push_valid());
        }
    }

    pub fn push_null(&mut self) {
        if self.nulls == 0 {
            self.bits = vec![0xff; self.len / 8];
            if !self.len.is_multiple_of(8) {
                self.bits.push((1 << (self.len % 8)) - 1);
            }
        }
        self.set(false);
        self.nulls += 1;
        self.len += 1;
    }

    fn set(&mut self, valid: bool) {
        if self.len.is_multiple_of(8) {
            self.bits.push(u8::from(valid));
        } else if let Some(last) = self.bits.last_mut() {
            *last |= u8::from(valid) << (self.len % 8);
        }
    }

    fn array(self, data: Data) -> Array {
        Array {
            len: self.len,
            nulls: self.nulls,
            validity: self.bits,
            data,
        }
    }

    /// Finishes a struct column from its children.
    pub fn structure(self, children: Vec<Array>) -> Array {
        self.array(Data::Struct(children))
    }
}

#[derive(Debug)]
pub struct PrimitiveBuilder<T> {
    bytes: Vec<u8>,
    validity: Validity,
    of: std::marker::PhantomData<T>,
}

impl<T: Native> PrimitiveBuilder<T> {
    #[inline(always)]
    pub fn push(&mut self, value: T) {
        value.append(&mut self.bytes);
        self.validity.push_valid();
    }

    /// Adds the numbers of rows 0 to `rows`, in blocks.
    #[inline(always)]
    pub fn fill(&mut self, rows: usize, mut of_row: impl FnMut(usize) -> T) {
        let width = size_of::<T>();
        self.bytes.reserve(rows * width);
        let room = self.bytes.spare_capacity_mut();
        let slots = room.get_mut(..rows * width).unwrap_or_default();
        let mut blocks = slots.chunks_exact_mut(BLOCK * width);
        let mut row = 0;
        for block in &mut blocks {
            for (within, slot) in block.chunks_exact_mut(width).enumerate() {
                of_row(row + within).put(slot);
            }
            row += BLOCK;
        }
        for (within, slot) in blocks.into_remainder().chunks_exact_mut(width).enumerate() {
            of_row(row + within).put(slot);
        }
        // SAFETY: there was room for so many bytes, and each slot of them has been written.
        unsafe { self.bytes.set_len(self.bytes.len() + rows * width) };
        self.validity.push_valids(rows);
    }
}

impl<T: Native> Builder for PrimitiveBuilder<T> {
    fn with_capacity(rows: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(rows * size_of::<T>()),
            validity: Validity::default(),
            of: std::marker::PhantomData,
        }
    }

    fn push_null(&mut self) {
        T::default().append(&mut self.bytes);
        self.validity.push_null();
    }

    fn push_filler(&mut self) {
        self.push(T::default());
    }

    fn finish(self) -> Array {
        self.validity
            .array(Data::Fixed(Buffer::of::<T>(self.bytes)))
    }
}

#[derive(Debug)]
pub struct BoolBuilder {
    bits: Vec<u8>,
    validity: Validity,
}

impl BoolBuilder {
    #[inline(always)]
    pub fn push(&mut self, value: bool) {
        self.put(value);
        self.validity.push_valid();
    }

    #[inline(always)]
    fn put(&mut self, value: bool) {
        let within = self.validity.len % 8;
        match self.bits.last_mut() {
            Some(last) if within != 0 => *last |= u8::from(value) << within,
            _ => self.bits.push(u8::from(value)),
        }
    }
}

impl Builder for BoolBuilder {
    fn with_capacity(rows: usize) -> Self {
        Self {
            bits: Vec::with_capacity(rows.div_ceil(8)),
            validity: Validity::default(),
        }
    }

    fn push_null(&mut self) {
        self.put(false);
        self.validity.push_null();
    }

    fn push_filler(&mut self) {
        self.push(false);
    }

    fn finish(self) -> Array {
        self.validity.array(Data::Bool(self.bits))
    }
}

/// The offsets of texts, bytes and lists while they are written.
#[derive(Debug)]
struct Offsets(Vec<u8>);

impl Offsets {
    fn with_capacity(rows: usize) -> Self {
        let mut bytes = Vec::with_capacity((rows + 1) * 4);
        bytes.extend_from_slice(&0_i32.to_le_bytes());
        Self(bytes)
    }

    /// Notes that a value ends here. A batch beyond 2 GiB is refused by its check on entry.
    #[inline(always)]
    fn push(&mut self, end: usize) {
        let end = i32::try_from(end).unwrap_or(i32::MAX);
        self.0.extend_from_slice(&end.to_le_bytes());
    }

    fn finish(self) -> Buffer {
        Buffer::of::<i32>(self.0)
    }
}

macro_rules! spans {
    ($($name:ident: $what:literal, $value:ty, |$data:ident| $finished:expr;)*) => {$(
        #[doc = concat!("Writes ", $what, ".")]
        #[derive(Debug)]
        pub struct $name {
            offsets: Offsets,
            bytes: Vec<u8>,
            validity: Validity,
            /// Rows that were announced.
            rows: usize,
        }

        impl $name {
            #[inline(always)]
            pub fn push(&mut self, value: &$value) {
                self.append(value);
                self.end();
            }

            /// Adds to the value that [`Self::end`] closes.
            #[inline(always)]
            pub(crate) fn append(&mut self, value: &$value) {
                let value: &[u8] = value.as_ref();
                if self.bytes.capacity() - self.bytes.len() < value.len() {
                    self.grow(value.len());
                }
                append(&mut self.bytes, value);
            }

            #[inline(always)]
            pub(crate) fn end(&mut self) {
                self.offsets.push(self.bytes.len());
                self.validity.push_valid();
            }

            /// Makes room for the rows to come as well, as long as those before them.
            #[cold]
            fn grow(&mut self, more: usize) {
                let done = self.validity.len + 1;
                let needed = self.bytes.len() + more;
                let remaining = self.rows.saturating_sub(done);
                self.bytes.reserve(more + (needed / done + 1).saturating_mul(remaining));
            }
        }

        impl Builder for $name {
            fn with_capacity(rows: usize) -> Self {
                Self {
                    offsets: Offsets::with_capacity(rows),
                    bytes: Vec::with_capacity(rows * 16),
                    validity: Validity::default(),
                    rows,
                }
            }

            fn push_null(&mut self) {
                self.offsets.push(self.bytes.len());
                self.validity.push_null();
            }

            fn push_filler(&mut self) {
                self.end();
            }

            fn finish(self) -> Array {
                let (offsets, $data) = (self.offsets.finish(), self.bytes);
                self.validity.array(($finished)(offsets))
            }
        }
    )*};
}
spans! {
    Utf8Builder: "texts", str, |bytes| |offsets| Data::Utf8 {
        offsets,
        // SAFETY: `append` takes texts, `cut` keeps whole ones, and nothing else writes the bytes.
        text: unsafe { String::from_utf8_unchecked(bytes) },
    };
    BinaryBuilder: "byte strings", [u8], |bytes| |offsets| Data::Binary { offsets, bytes };
}

impl Utf8Builder {
    /// Bytes of all texts so far.
    #[inline(always)]
    pub(crate) fn written_bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes since a place that [`Utf8Builder::written_bytes`] has named.
    #[inline(always)]
    pub(crate) fn since(&mut self, start: usize) -> &mut str {
        let bytes = self.bytes.get_mut(start..).unwrap_or_default();
        // SAFETY: `start` is where a text ended, and what follows was appended as texts.
        unsafe { std::str::from_utf8_unchecked_mut(bytes) }
    }

    /// Forgets what was appended since a place that [`Utf8Builder::written_bytes`] has named.
    pub(crate) fn cut(&mut self, start: usize) {
        self.bytes.truncate(start);
    }
}

/// Writes lists; `items` writes what is in them.
#[derive(Debug)]
pub struct ListBuilder<B> {
    /// Writes the items of the list that [`ListBuilder::end`] closes next.
    pub items: B,
    count: usize,
    offsets: Offsets,
    validity: Validity,
}

impl<B> ListBuilder<B> {
    /// Ends a list that `added` items were written for.
    pub fn end(&mut self, added: usize) {
        self.count += added;
        self.offsets.push(self.count);
        self.validity.push_valid();
    }

    pub(crate) fn around(items: B, rows: usize) -> Self {
        let offsets = Offsets::with_capacity(rows);
        Self {
            items,
            count: 0,
            offsets,
            validity: Validity::default(),
        }
    }
}

impl<B: Builder> Builder for ListBuilder<B> {
    fn with_capacity(rows: usize) -> Self {
        Self::around(B::with_capacity(rows), rows)
    }

    fn push_null(&mut self) {
        self.offsets.push(self.count);
        self.validity.push_null();
    }

    fn push_filler(&mut self) {
        self.end(0);
    }

    fn finish(self) -> Array {
        let (offsets, items) = (self.offsets.finish(), Box::new(self.items.finish()));
        self.validity.array(Data::List { offsets, items })
    }
}
