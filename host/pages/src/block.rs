//! One part of a page: its heading, its picture, and the numbers behind it.

use maud::{Markup, html};

use crate::words::Word;
use crate::{Block, bars, bridge, figures, lines, table};
use tsugi_pipeline::project::page::Show;
use tsugi_pipeline::project::pipeline::Language;

/// A block as a section; `number` makes its names unique on a page.
pub(crate) fn section(block: &Block, number: usize, language: Language) -> Markup {
    let heading = format!("block-{number}");
    html! {
        section aria-labelledby=(heading) {
            h2 id=(heading) { (block.title) }
            @if let Some(about) = &block.about { p.about { (about) } }
            @if block.rows.is_empty() {
                p.note { (Word::NoRows.of(language)) }
            } @else {
                (content(block, language))
            }
            @if !block.masked.is_empty() {
                p.note { (Word::Masked.of(language)) " " (block.masked.join(", ")) }
            }
        }
    }
}

fn content(block: &Block, language: Language) -> Markup {
    let picture = match block.show {
        Show::Table => return table::table(block, language),
        Show::Sentences => {
            return html! {
                ul.sentences {
                    @for row in &block.rows {
                        li dir="auto" { (block.cell(row, "sentence").text(language)) }
                    }
                }
            };
        }
        Show::Figures => figures::figures(block, language),
        Show::Bars => bars::bars(block, language),
        Show::Lines => lines::lines(block, language),
        Show::Bridge => bridge::bridge(block, language),
    };
    html! {
        figure { (picture) }
        details {
            summary { (Word::Numbers.of(language)) }
            (table::table(block, language))
        }
    }
}
