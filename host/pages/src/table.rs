//! Rows as a table: numbers to the right, nulls empty.

use maud::{Markup, html};

use crate::words::Word;
use crate::{Block, Cell};
use tsugi_pipeline::project::pipeline::Language;

/// All columns and rows of a block.
pub(crate) fn table(block: &Block, language: Language) -> Markup {
    let columns = block.columns.iter().enumerate();
    let is_number = |at: usize| {
        let mut cells = block.rows.iter().filter_map(|row| row.get(at));
        cells.any(|cell| cell.number().is_some())
    };
    let classes: Vec<Option<&str>> = columns
        .map(|(at, _)| is_number(at).then_some("n"))
        .collect();
    html! {
        div.wide tabindex="0" role="region" aria-label={ (block.title) ": " (Word::Numbers.of(language)) } {
            table {
                thead {
                    tr {
                        @for (name, class) in block.columns.iter().zip(&classes) {
                            th scope="col" class=[*class] { (name) }
                        }
                    }
                }
                tbody {
                    @for row in &block.rows {
                        tr {
                            @for (cell, class) in row.iter().zip(&classes) {
                                (value(cell, *class, language))
                            }
                        }
                    }
                }
            }
        }
        @if block.is_cut {
            p.note { (block.rows.len()) " " (Word::FirstRows.of(language)) }
        }
    }
}

fn value(cell: &Cell, class: Option<&str>, language: Language) -> Markup {
    match cell {
        Cell::Text(text) => html! { td class=[class] dir="auto" { (text) } },
        other => html! { td class=[class] { (other.text(language)) } },
    }
}
