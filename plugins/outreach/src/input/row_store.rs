//! Rows stored compactly by owner, and read again owner by owner.

use std::collections::HashMap;

use crate::input::cell::{Cell, Row, Sheet};

/// Texts that are stored as a number: names of channels, languages, templates, days.
const WORDS_MAX: usize = 1 << 16;
/// Longer texts seldom repeat.
const WORD_BYTES_MAX: usize = 64;
/// Size of a block of packed rows. Blocks never grow, so that no row is copied again.
const BLOCK_BYTES: usize = 1 << 20;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const WORD: u8 = 5;
const TEXT: u8 = 6;

/// Rows of one relation, by the number of their owner.
#[derive(Debug, Default)]
pub(crate) struct RowStore {
    columns: Vec<String>,
    words: HashMap<Box<str>, u16>,
    texts: Vec<Box<str>>,
    blocks: Vec<Vec<u8>>,
    /// Owner, block, offset in the block.
    rows: Vec<(u32, u32, u32)>,
}

impl RowStore {
    /// Adds the cells of a row in these columns, or in all of them.
    pub(crate) fn add(&mut self, owner: u32, row: &Row<'_>, wanted: &[&str]) {
        if self.columns.is_empty() {
            let names = row.pairs().map(|(name, _)| name);
            let names = names.filter(|name| wanted.is_empty() || wanted.contains(name));
            self.columns = names.map(str::to_string).collect();
        }
        let mut packed = Vec::with_capacity(64);
        for at in 0..self.columns.len() {
            let name = self.columns.get(at).map_or("", String::as_str);
            let cell = row.cell(name).clone();
            self.pack(&cell, &mut packed);
        }
        if !matches!(self.blocks.last(), Some(block) if block.len() + packed.len() <= BLOCK_BYTES) {
            self.blocks
                .push(Vec::with_capacity(BLOCK_BYTES.max(packed.len())));
        }
        let block = self.blocks.len() as u32 - 1;
        if let Some(last) = self.blocks.last_mut() {
            self.rows.push((owner, block, last.len() as u32));
            last.extend_from_slice(&packed);
        }
    }

    /// Ends the input and sorts the rows by owner.
    pub(crate) fn close(&mut self) {
        self.rows.sort_unstable();
        // Only needed for adding.
        self.words = HashMap::new();
    }

    /// The rows of an owner in the order in which they came.
    pub(crate) fn rows_of(&self, owner: u32) -> Sheet {
        let first = self.rows.partition_point(|row| row.0 < owner);
        let own = self
            .rows
            .iter()
            .skip(first)
            .take_while(|row| row.0 == owner);
        let rows = own.filter_map(|(_, block, at)| {
            let mut bytes = self.blocks.get(*block as usize)?.get(*at as usize..)?;
            let cells = self.columns.iter().map(|_| self.unpack(&mut bytes));
            Some(cells.collect())
        });
        Sheet {
            columns: self.columns.clone(),
            rows: rows.collect(),
        }
    }

    fn pack(&mut self, cell: &Cell, out: &mut Vec<u8>) {
        match cell {
            Cell::Null => out.push(NULL),
            Cell::Bool(false) => out.push(FALSE),
            Cell::Bool(true) => out.push(TRUE),
            Cell::Int(number) => {
                out.push(INT);
                out.extend(number.to_le_bytes());
            }
            Cell::Float(number) => {
                out.push(FLOAT);
                out.extend(number.to_le_bytes());
            }
            Cell::Text(text) => match self.word(text) {
                Some(word) => {
                    out.push(WORD);
                    out.extend(word.to_le_bytes());
                }
                None => {
                    out.push(TEXT);
                    out.extend((text.len() as u32).to_le_bytes());
                    out.extend(text.as_bytes());
                }
            },
        }
    }

    /// The number of a text; None when it is not stored as a number.
    fn word(&mut self, text: &str) -> Option<u16> {
        if let Some(word) = self.words.get(text) {
            return Some(*word);
        }
        if self.texts.len() >= WORDS_MAX || text.len() > WORD_BYTES_MAX {
            return None;
        }
        let word = self.texts.len() as u16;
        self.words.insert(text.into(), word);
        self.texts.push(text.into());
        Some(word)
    }

    fn unpack(&self, bytes: &mut &[u8]) -> Cell {
        let mut take = |count: usize| {
            let (head, rest) = bytes.split_at_checked(count).unwrap_or_default();
            *bytes = rest;
            head
        };
        let tag = take(1).first().copied().unwrap_or(NULL);
        match tag {
            FALSE => Cell::Bool(false),
            TRUE => Cell::Bool(true),
            INT => Cell::Int(i64::from_le_bytes(fixed(take(8)))),
            FLOAT => Cell::Float(f64::from_le_bytes(fixed(take(8)))),
            WORD => {
                let word = u16::from_le_bytes(fixed(take(2)));
                let text = self.texts.get(usize::from(word));
                text.map_or(Cell::Null, |text| Cell::Text(text.to_string()))
            }
            TEXT => {
                let length = u32::from_le_bytes(fixed(take(4)));
                let text = String::from_utf8_lossy(take(length as usize));
                Cell::Text(text.into_owned())
            }
            _ => Cell::Null,
        }
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap_or([0; N])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_unchanged_and_in_their_order() {
        let long = "x".repeat(100);
        let cells = |n: i64| {
            vec![
                Cell::Text(format!("C-{n}")),
                Cell::Int(n),
                Cell::Float(n as f64 / 3.0),
                Cell::Bool(n % 2 == 0),
                if n % 3 == 0 {
                    Cell::Null
                } else {
                    Cell::Text(format!("{long}{n}é"))
                },
                Cell::Text("email".to_string()),
            ]
        };
        let sheet = Sheet {
            columns: ["id", "n", "third", "even", "text", "channel"]
                .map(str::to_string)
                .to_vec(),
            rows: (0..100_000).map(cells).collect(),
        };
        let mut store = RowStore::default();
        for (n, row) in sheet.rows().enumerate() {
            store.add(
                n as u32 % 1_000,
                &row,
                &["n", "third", "even", "text", "channel"],
            );
        }
        store.close();
        let own = store.rows_of(7);
        assert_eq!(own.columns, ["n", "third", "even", "text", "channel"]);
        let expected: Vec<Vec<Cell>> = (0..100)
            .map(|n| cells(7 + 1_000 * n)[1..].to_vec())
            .collect();
        assert_eq!(own.rows, expected);
        assert!(store.rows_of(1_000).rows.is_empty());
    }
}
