//! The bridge between what was promised and what is so: whole where they meet (100), broken where they
//! part. `label` and `value` of 0 to 100; `low` and `high`; `promise` and `fact` stand on the banks.

use maud::{Markup, html};

use crate::bars::{fitting, place};
use crate::words::Word;
use crate::{Block, Cell};
use tsugi_pipeline::project::pipeline::Language;

const WIDTH: f64 = 760.0;
const ROW: f64 = 78.0;
const TOP: f64 = 26.0;
/// How far the banks reach into the picture.
const BANK: f64 = 215.0;
/// Planks from bank to bank.
const PLANKS: usize = 20;
const DECK: &str = "#3f4a54";
/// The joint stays visible: gold, as where a bowl was mended.
const JOINT: &str = "#a87900";

pub(crate) fn bridge(block: &Block, language: Language) -> Markup {
    let height = TOP + ROW * block.rows.len() as f64;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label=(block.title) {
            text.tick x="8" y="14" { (Word::Promise.of(language)) }
            text.tick x=(WIDTH - 8.0) y="14" text-anchor="end" { (Word::Fact.of(language)) }
            @for (at, row) in block.rows.iter().enumerate() {
                (one(block, row, TOP + ROW * at as f64, language))
            }
        }
    }
}

fn one(block: &Block, row: &[Cell], top: f64, language: Language) -> Markup {
    let text = |column| block.cell(row, column).text(language);
    let value = block.cell(row, "value").number();
    let (low, high) = (block.cell(row, "low"), block.cell(row, "high"));
    let mut figure = match value {
        Some(_) => text("value"),
        None => Word::Missing.of(language).to_owned(),
    };
    if *low != Cell::Null && *high != Cell::Null {
        let to = Word::To.of(language);
        figure.push_str(&format!(
            " ({} {to} {})",
            low.text(language),
            high.text(language)
        ));
    }
    let (deck, ground) = (top + 30.0, top + ROW - 12.0);
    let right = WIDTH - BANK;
    let (promise, fact) = (text("promise"), text("fact"));
    html! {
        g {
            title { (text("label")) ": " (figure) }
            text.label x=(WIDTH / 2.0) y=(place(top + 16.0)) text-anchor="middle" { (fitting(&text("label"), 330.0)) }
            (bank(0.0, deck, ground))
            (bank(right, deck, ground))
            text x="8" y=(place(deck + 20.0)) { (fitting(&promise, BANK)) }
            text x=(WIDTH - 8.0) y=(place(deck + 20.0)) text-anchor="end" { (fitting(&fact, BANK)) }
            (planks(value, deck))
            text.note x=(WIDTH / 2.0) y=(place(deck + 28.0)) text-anchor="middle" { (figure) }
        }
    }
}

fn bank(left: f64, deck: f64, ground: f64) -> Markup {
    html! {
        rect.bank x=(place(left)) y=(place(deck)) width=(place(BANK)) height=(place(ground - deck)) {}
    }
}

/// The deck, laid from both banks; what is missing is missing in the middle, and the ends are golden.
fn planks(value: Option<f64>, deck: f64) -> Markup {
    let share = value.unwrap_or(0.0).clamp(0.0, 100.0) / 100.0;
    let stretch = WIDTH - 2.0 * BANK;
    let half = stretch * share / 2.0;
    let (left, right) = (BANK + half, WIDTH - BANK - half);
    let plank = stretch / PLANKS as f64;
    let starts = (0..PLANKS).map(|at| BANK + plank * at as f64);
    html! {
        @for start in starts {
            @for (from, to) in [(start, (start + plank - 1.5).min(left)), (start.max(right), start + plank - 1.5)] {
                @if to > from && (to <= left || from >= right) {
                    rect x=(place(from)) y=(place(deck)) width=(place(to - from)) height="7" fill=(DECK) {}
                }
            }
        }
        @if value.is_some() && share < 1.0 {
            @for (end, way) in [(left, 1.0), (right, -1.0)] {
                path d=(format!("M{:.1} {:.1}l{:.1} 3l{:.1} 2l{:.1} 4", end, deck - 1.0, 4.0 * way, -5.0 * way, 3.0 * way))
                    fill="none" stroke=(JOINT) stroke-width="2.5" {}
            }
        }
    }
}
