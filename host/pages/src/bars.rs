//! Bars, one a row: `label` and `value`; with `low` and `high` a dot on its interval; `group` has a
//! colour and a sign of its own; `note` stands at the end.

use maud::{Markup, html};

use crate::axis::Axis;
use crate::number::tick;
use crate::{Block, Cell};
use tsugi_pipeline::project::page::Scale;
use tsugi_pipeline::project::pipeline::Language;
use unicode_width::UnicodeWidthStr as _;

/// Colours that people tell apart who see few, each dark enough for white paper (Okabe and Ito 2008).
pub(crate) const COLOURS: [&str; 6] = [
    "#b3261e", "#0072b2", "#6b5b00", "#00694a", "#8a3b75", "#4a4a4a",
];

const WIDTH: f64 = 760.0;
const ROW: f64 = 26.0;
const TOP: f64 = 12.0;
/// About as wide as a character of half width is drawn.
pub(crate) const CHARACTER: f64 = 7.8;
const LABEL_MAX: f64 = 330.0;
const NOTE_MAX: f64 = 160.0;

struct Bar {
    label: String,
    note: String,
    value: Option<f64>,
    interval: Option<(f64, f64)>,
    /// Which of the groups.
    group: usize,
    /// What a reader hears and a pointer shows.
    words: String,
}

pub(crate) fn bars(block: &Block, language: Language) -> Markup {
    let groups = groups(block, language);
    let bars: Vec<Bar> = block
        .rows
        .iter()
        .map(|row| bar(block, row, &groups, language))
        .collect();
    let width_of = |texts: &mut dyn Iterator<Item = &str>, most: f64| {
        let widest = texts.map(|text| text.width()).max().unwrap_or(0);
        (widest as f64 * CHARACTER + 12.0).min(most)
    };
    let left = width_of(&mut bars.iter().map(|bar| bar.label.as_str()), LABEL_MAX);
    let right = width_of(&mut bars.iter().map(|bar| bar.note.as_str()), NOTE_MAX);
    let values = bars.iter().flat_map(|bar| {
        let (low, high) = bar.interval.unzip();
        [bar.value, low, high].into_iter().flatten()
    });
    let is_dots = bars.iter().any(|bar| bar.interval.is_some());
    let zero = (!is_dots && block.scale == Scale::Linear).then_some(0.0);
    let values = values.chain(block.reference).chain(zero);
    let axis = Axis::over(values, block.scale, (left, WIDTH - right));
    let bottom = TOP + ROW * bars.len() as f64;
    let base = axis.place(zero.or(block.reference).unwrap_or(f64::NEG_INFINITY));
    html! {
        (legend(&groups))
        svg viewBox=(format!("0 0 {WIDTH} {}", bottom + 28.0)) role="img" aria-label=(block.title) {
            (scale(&axis, block.reference, bottom, language))
            @for (at, bar) in bars.iter().enumerate() {
                (bar_shape(bar, &axis, base, TOP + ROW * (at as f64 + 0.5), left))
            }
        }
    }
}

/// The groups in the order in which they come; none where there is one alone.
fn groups(block: &Block, language: Language) -> Vec<String> {
    let mut groups: Vec<String> = Vec::new();
    for row in &block.rows {
        let group = block.cell(row, "group").text(language);
        if !group.is_empty() && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

fn bar(block: &Block, row: &[Cell], groups: &[String], language: Language) -> Bar {
    let cell = |column| block.cell(row, column);
    let text = |column| cell(column).text(language);
    let interval = cell("low").number().zip(cell("high").number());
    let parts = ["label", "value", "note", "group"].map(text);
    let group = text("group");
    Bar {
        label: text("label"),
        note: text("note"),
        value: cell("value").number(),
        interval,
        group: groups.iter().position(|known| *known == group).unwrap_or(0),
        words: parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", "),
    }
}

/// What the colours mean, for groups of which there are several.
pub(crate) fn legend(groups: &[String]) -> Markup {
    html! {
        @if groups.len() > 1 {
            ul.legend {
                @for (at, group) in groups.iter().enumerate() {
                    li {
                        svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" { (mark(at, 7.0, 7.0)) }
                        " " (group)
                    }
                }
            }
        }
    }
}

/// A sign for each group, so that colour is not all that tells them apart.
pub(crate) fn mark(group: usize, x: f64, y: f64) -> Markup {
    let colour = colour(group);
    let (left, right, top, bottom) = (x - 5.0, x + 5.0, y - 5.0, y + 5.0);
    html! {
        @match group % 3 {
            0 => { circle cx=(place(x)) cy=(place(y)) r="5" fill=(colour) {} }
            1 => { rect x=(place(x - 4.5)) y=(place(y - 4.5)) width="9" height="9" fill=(colour) {} }
            _ => { path d=(format!("M{left:.1} {bottom:.1}L{x:.1} {top:.1}L{right:.1} {bottom:.1}Z")) fill=(colour) {} }
        }
    }
}

pub(crate) fn colour(group: usize) -> &'static str {
    COLOURS
        .get(group % COLOURS.len())
        .copied()
        .unwrap_or("#4a4a4a")
}

/// A coordinate, as short as it may be.
pub(crate) fn place(points: f64) -> String {
    format!("{points:.1}")
}

fn scale(axis: &Axis, reference: Option<f64>, bottom: f64, language: Language) -> Markup {
    html! {
        @for value in axis.ticks() {
            @let x = place(axis.place(value));
            line.grid x1=(x) y1=(TOP) x2=(x) y2=(bottom) {}
            text.tick x=(x) y=(bottom + 18.0) text-anchor="middle" { (tick(value, language)) }
        }
        @if let Some(reference) = reference {
            @let x = place(axis.place(reference));
            line.reference x1=(x) y1=(TOP) x2=(x) y2=(bottom) {}
        }
    }
}

fn bar_shape(bar: &Bar, axis: &Axis, base: f64, y: f64, left: f64) -> Markup {
    let colour = colour(bar.group);
    let x = bar.value.map(|value| axis.place(value));
    html! {
        g {
            title { (bar.words) }
            text x=(place(left - 8.0)) y=(place(y + 4.0)) text-anchor="end" { (fitting(&bar.label, LABEL_MAX)) }
            @match (bar.interval, x) {
                (Some((low, high)), x) => {
                    line x1=(place(axis.place(low))) y1=(place(y)) x2=(place(axis.place(high))) y2=(place(y))
                        stroke=(colour) stroke-width="3" {}
                    @if let Some(x) = x { (mark(bar.group, x, y)) }
                }
                (None, Some(x)) => {
                    rect x=(place(x.min(base))) y=(place(y - 8.0)) width=(place((x - base).abs())) height="16" fill=(colour) {}
                }
                (None, None) => {}
            }
            text.note x=(place(WIDTH)) y=(place(y + 4.0)) text-anchor="end" { (fitting(&bar.note, NOTE_MAX)) }
        }
    }
}

/// As much of a text as has room, with `…` for the rest; the whole of it is in the title.
pub(crate) fn fitting(text: &str, points: f64) -> String {
    let room = ((points - 12.0) / CHARACTER).max(1.0) as usize;
    if text.width() <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        let longer = format!("{kept}{character}");
        if longer.width() + 1 > room {
            break;
        }
        kept = longer;
    }
    kept + "…"
}
