//! Rows put away small, by whose they are, and read again when that one is thought about.

use std::collections::HashMap;

use crate::cell::{Cell, Row, Sheet};

/// Texts that are put away as a number: names of channels, languages, templates, days.
const WORDS_MAX: usize = 1 << 16;
/// Longer texts are hardly said twice.
const WORD_BYTES_MAX: usize = 64;
/// Bytes that are taken from memory at a time, so that nothing is moved when there are more.
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
pub struct Shelf {
    columns: Vec<String>,
    words: HashMap<Box<str>, u16>,
    said: Vec<Box<str>>,
    blocks: Vec<Vec<u8>>,
    /// Owner, block and place in it.
    rows: Vec<(u32, u32, u32)>,
}

impl Shelf {
    /// Puts the cells of a row away that stand in these columns, or in all of them.
    pub fn add(&mut self, owner: u32, row: &Row<'_>, wanted: &[&str]) {
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

    /// Says that all rows are there.
    pub fn settle(&mut self) {
        self.rows.sort_unstable();
        // No more words are looked up.
        self.words = HashMap::new();
    }

    /// The rows of an owner, in the order in which they came.
    pub fn of(&self, owner: u32) -> Sheet {
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

    /// The number of a text; none when there are enough of them.
    fn word(&mut self, text: &str) -> Option<u16> {
        if let Some(word) = self.words.get(text) {
            return Some(*word);
        }
        if self.said.len() >= WORDS_MAX || text.len() > WORD_BYTES_MAX {
            return None;
        }
        let word = self.said.len() as u16;
        self.words.insert(text.into(), word);
        self.said.push(text.into());
        Some(word)
    }

    fn unpack(&self, bytes: &mut &[u8]) -> Cell {
        let mut take = |count: usize| {
            let (taken, rest) = bytes.split_at_checked(count).unwrap_or_default();
            *bytes = rest;
            taken
        };
        let tag = take(1).first().copied().unwrap_or(NULL);
        match tag {
            FALSE => Cell::Bool(false),
            TRUE => Cell::Bool(true),
            INT => Cell::Int(i64::from_le_bytes(fixed(take(8)))),
            FLOAT => Cell::Float(f64::from_le_bytes(fixed(take(8)))),
            WORD => {
                let word = u16::from_le_bytes(fixed(take(2)));
                let said = self.said.get(usize::from(word));
                said.map_or(Cell::Null, |text| Cell::Text(text.to_string()))
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
    fn what_is_put_away_comes_back_as_it_was_and_in_its_order() {
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
        let mut shelf = Shelf::default();
        for (n, row) in sheet.rows().enumerate() {
            shelf.add(
                n as u32 % 1_000,
                &row,
                &["n", "third", "even", "text", "channel"],
            );
        }
        shelf.settle();
        let own = shelf.of(7);
        assert_eq!(own.columns, ["n", "third", "even", "text", "channel"]);
        let expected: Vec<Vec<Cell>> = (0..100)
            .map(|n| cells(7 + 1_000 * n)[1..].to_vec())
            .collect();
        assert_eq!(own.rows, expected);
        assert!(shelf.of(1_000).rows.is_empty());
    }
}
