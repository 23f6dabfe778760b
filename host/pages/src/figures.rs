//! Single figures, one a row: `label` and `value`, and below it `low` to `high` and a `note`.

use maud::{Markup, html};

use crate::words::Word;
use crate::{Block, Cell};
use tsugi_pipeline::project::pipeline::Language;

pub(crate) fn figures(block: &Block, language: Language) -> Markup {
    html! {
        dl.figures {
            @for row in &block.rows {
                div {
                    dt dir="auto" { (block.cell(row, "label").text(language)) }
                    dd.value dir="auto" { (shown(block.cell(row, "value"), language)) }
                    @let (low, high) = (block.cell(row, "low"), block.cell(row, "high"));
                    @if *low != Cell::Null && *high != Cell::Null {
                        dd { (low.text(language)) " " (Word::To.of(language)) " " (high.text(language)) }
                    }
                    @let note = block.cell(row, "note");
                    @if *note != Cell::Null {
                        dd dir="auto" { (note.text(language)) }
                    }
                }
            }
        }
    }
}

fn shown(value: &Cell, language: Language) -> String {
    match value {
        Cell::Null => Word::Missing.of(language).to_owned(),
        value => value.text(language),
    }
}
