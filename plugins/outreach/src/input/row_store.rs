//! Rows stored compactly by owner, and read again owner by owner.

use std::collections::HashMap;

use tsugi_plugin::Error;

use crate::input::values::{Trimmed, Truth};

/// Texts that are stored as a number: names of channels, languages, templates, days.
const WORDS_MAX: usize = 1 << 16;
/// Longer texts seldom repeat.
const WORD_BYTES_MAX: usize = 64;
/// Size of a block of packed rows. Blocks never grow, so that no row is copied again.
const BLOCK_BYTES: usize = 1 << 20;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const WORD: u8 = 3;
const TEXT: u8 = 4;

/// A struct that [`RowStore`] holds: its values in a fixed order.
pub(crate) trait Stored<'a>: Sized {
    fn pack(&self, packer: &mut Packer<'_>);
    /// Reads the values in the order of [`Stored::pack`].
    fn unpack(unpacker: &mut Unpacker<'a>) -> Result<Self, Error>;
}

/// Implements [`Stored`] for a struct of `Option<Trimmed>` and `Option<Truth>`.
macro_rules! stored {
    ($row:ident { $($text:ident),* $(; $truth:ident)* }) => {
        impl<'a> $crate::input::row_store::Stored<'a> for $row<'a> {
            fn pack(&self, packer: &mut $crate::input::row_store::Packer<'_>) {
                $(packer.text(self.$text.as_deref());)*
                $(packer.truth(self.$truth);)*
            }

            fn unpack(
                unpacker: &mut $crate::input::row_store::Unpacker<'a>,
            ) -> Result<Self, tsugi_plugin::Error> {
                Ok(Self {
                    $($text: unpacker.text()?,)*
                    $($truth: unpacker.truth()?,)*
                })
            }
        }
    };
}
pub(crate) use stored;

/// Rows by the number of their owner.
#[derive(Debug, Default)]
pub(crate) struct RowStore {
    words: Words,
    blocks: Vec<Vec<u8>>,
    /// Owner, block, offset in the block.
    rows: Vec<(u32, u32, u32)>,
    /// The row being packed.
    packed: Vec<u8>,
}

/// Texts by number, and their numbers.
#[derive(Debug, Default)]
struct Words {
    numbers: HashMap<Box<str>, u16>,
    texts: Vec<Box<str>>,
}

impl Words {
    /// The number of a text; None when it is not stored as a number.
    fn number(&mut self, text: &str) -> Option<u16> {
        if let Some(number) = self.numbers.get(text) {
            return Some(*number);
        }
        if self.texts.len() >= WORDS_MAX || text.len() > WORD_BYTES_MAX {
            return None;
        }
        let number = u16::try_from(self.texts.len()).ok()?;
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
        Some(number)
    }
}

/// Appends values to a row.
pub(crate) struct Packer<'s> {
    words: &'s mut Words,
    bytes: &'s mut Vec<u8>,
}

impl Packer<'_> {
    pub(crate) fn text(&mut self, text: Option<&str>) {
        let Some(text) = text else {
            return self.bytes.push(NULL);
        };
        match self.words.number(text) {
            Some(word) => {
                self.bytes.push(WORD);
                self.bytes.extend(word.to_le_bytes());
            }
            None => {
                self.bytes.push(TEXT);
                self.bytes.extend((text.len() as u32).to_le_bytes());
                self.bytes.extend(text.as_bytes());
            }
        }
    }

    pub(crate) fn count(&mut self, count: u32) {
        self.bytes.extend(count.to_le_bytes());
    }

    pub(crate) fn truth(&mut self, truth: Option<Truth>) {
        self.bytes.push(match truth {
            None => NULL,
            Some(Truth(false)) => FALSE,
            Some(Truth(true)) => TRUE,
        });
    }
}

/// Reads the values of a row.
pub(crate) struct Unpacker<'s> {
    texts: &'s [Box<str>],
    bytes: &'s [u8],
}

impl<'s> Unpacker<'s> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (head, rest) = self.bytes.split_first_chunk::<N>().ok_or_else(broken)?;
        self.bytes = rest;
        Ok(*head)
    }

    pub(crate) fn text(&mut self) -> Result<Option<Trimmed<'s>>, Error> {
        let [tag] = self.take()?;
        let text: &'s str = match tag {
            NULL => return Ok(None),
            WORD => {
                let word = usize::from(u16::from_le_bytes(self.take()?));
                self.texts.get(word).ok_or_else(broken)?
            }
            TEXT => {
                let length = u32::from_le_bytes(self.take()?) as usize;
                let (text, rest) = self.bytes.split_at_checked(length).ok_or_else(broken)?;
                self.bytes = rest;
                str::from_utf8(text).map_err(|_| broken())?
            }
            _ => return Err(broken()),
        };
        Ok(Trimmed::new(text.into()))
    }

    pub(crate) fn count(&mut self) -> Result<u32, Error> {
        Ok(u32::from_le_bytes(self.take()?))
    }

    pub(crate) fn truth(&mut self) -> Result<Option<Truth>, Error> {
        match self.take()? {
            [NULL] => Ok(None),
            [FALSE] => Ok(Some(Truth(false))),
            [TRUE] => Ok(Some(Truth(true))),
            _ => Err(broken()),
        }
    }
}

fn broken() -> Error {
    Error::defect("broken-row", "a stored row is not as it was packed")
}

impl RowStore {
    pub(crate) fn add<'a>(&mut self, owner: u32, row: &impl Stored<'a>) -> Result<(), Error> {
        self.packed.clear();
        row.pack(&mut Packer {
            words: &mut self.words,
            bytes: &mut self.packed,
        });
        let length = self.packed.len();
        let fits = |block: &Vec<u8>| block.len() + length <= BLOCK_BYTES;
        if !self.blocks.last().is_some_and(fits) {
            self.blocks
                .push(Vec::with_capacity(BLOCK_BYTES.max(length)));
        }
        let block = self.blocks.len() as u32 - 1;
        let last = self.blocks.last_mut().ok_or_else(broken)?;
        self.rows.push((owner, block, last.len() as u32));
        last.extend_from_slice(&self.packed);
        Ok(())
    }

    /// Ends the input and sorts the rows by owner.
    pub(crate) fn close(&mut self) {
        self.rows.sort_unstable();
        // Only needed for adding.
        self.words.numbers = HashMap::new();
    }

    /// The rows of an owner in the order in which they came.
    pub(crate) fn rows_of<'s, R: Stored<'s>>(
        &'s self,
        owner: u32,
    ) -> impl Iterator<Item = Result<R, Error>> {
        let first = self.rows.partition_point(|row| row.0 < owner);
        let own = self.rows.iter().skip(first);
        own.take_while(move |row| row.0 == owner)
            .map(|(_, block, at)| {
                let block = self.blocks.get(*block as usize);
                let bytes = block.and_then(|block| block.get(*at as usize..));
                R::unpack(&mut Unpacker {
                    texts: &self.words.texts,
                    bytes: bytes.ok_or_else(broken)?,
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Sample<'a> {
        id: Option<Trimmed<'a>>,
        note: Option<Trimmed<'a>>,
        channel: Option<Trimmed<'a>>,
        even: Option<Truth>,
    }
    stored!(Sample { id, note, channel; even });

    fn sample(number: usize) -> Sample<'static> {
        let text = |text: String| Trimmed::new(text.into());
        Sample {
            id: text(format!("C-{number}")),
            note: match number % 3 {
                0 => None,
                _ => text(format!("{}{number}é", "x".repeat(100))),
            },
            channel: text("email".to_string()),
            even: (number > 4).then_some(Truth(number.is_multiple_of(2))),
        }
    }

    #[test]
    fn rows_come_back_unchanged_and_in_their_order() {
        let mut store = RowStore::default();
        for number in 0..100_000 {
            store.add(number as u32 % 1_000, &sample(number)).unwrap();
        }
        store.close();
        let own: Vec<Sample<'_>> = store.rows_of(7).map(Result::unwrap).collect();
        let expected: Vec<Sample<'_>> = (0..100).map(|n| sample(7 + 1_000 * n)).collect();
        assert_eq!(own, expected);
        assert_eq!(store.rows_of::<Sample<'_>>(1_000).count(), 0);
    }

    #[test]
    fn a_row_that_is_cut_short_is_an_error() {
        let mut store = RowStore::default();
        store.add(0, &sample(1)).unwrap();
        store.close();
        if let Some(block) = store.blocks.last_mut() {
            block.pop();
        }
        let error = store.rows_of::<Sample<'_>>(0).next().unwrap().unwrap_err();
        assert_eq!(error.code, "broken-row");
    }
}
