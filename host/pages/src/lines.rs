//! Lines over time or another measure: `x` and `value`, one line a `series`; `low` and `high` are a band.

use std::collections::BTreeMap;

use chrono::{Datelike as _, Months, NaiveDate};
use maud::{Markup, html};

use crate::axis::Axis;
use crate::bars::{CHARACTER, colour, legend, mark, place};
use crate::number::tick;
use crate::{Block, Cell};
use tsugi_pipeline::project::page::Scale;
use tsugi_pipeline::project::pipeline::Language;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 280.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = HEIGHT - 30.0;
/// Lines that an eye can follow; those with the largest values are drawn, all are in the table.
const SERIES_MAX: usize = 6;
/// Marks of days below a picture.
const DAYS_MAX: usize = 8;
/// Half the width of the mark of a month.
const MARK: f64 = 28.0;
/// Dashes beside colours, for a print without them.
const DASHES: [&str; 3] = ["none", "8 4", "2 4"];

struct Point {
    x: f64,
    value: f64,
    band: Option<(f64, f64)>,
}

pub(crate) fn lines(block: &Block, language: Language) -> Markup {
    let (series, are_days) = series(block, language);
    let names: Vec<String> = series.iter().map(|(name, _)| name.clone()).collect();
    let points = || series.iter().flat_map(|(_, points)| points);
    let values = points().flat_map(|point| {
        let (low, high) = point.band.unzip();
        [Some(point.value), low, high].into_iter().flatten()
    });
    let vertical = Axis::over(values.chain(block.reference), block.scale, (BOTTOM, TOP));
    let stretch = points().map(|point| point.x);
    let (first, last) = (
        stretch.clone().fold(f64::INFINITY, f64::min),
        stretch.fold(f64::NEG_INFINITY, f64::max),
    );
    let marks = vertical
        .ticks()
        .into_iter()
        .map(|value| (vertical.place(value), tick(value, language)));
    let marks: Vec<(f64, String)> = marks.collect();
    let widest = marks
        .iter()
        .map(|(_, words)| words.len())
        .max()
        .unwrap_or(0);
    let left = widest as f64 * CHARACTER + 20.0;
    let across = Across::new(first, last, left);
    html! {
        (legend(&names))
        svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(block.title) {
            @for (y, words) in &marks {
                line.grid x1=(place(left)) y1=(place(*y)) x2=(WIDTH - RIGHT) y2=(place(*y)) {}
                text.tick x=(place(left - 8.0)) y=(place(y + 4.0)) text-anchor="end" { (words) }
            }
            @if let Some(reference) = block.reference {
                @let y = place(vertical.place(reference));
                line.reference x1=(place(left)) y1=(y) x2=(WIDTH - RIGHT) y2=(y) {}
            }
            @for (x, words) in across.ticks(are_days, language) {
                text.tick x=(place(x)) y=(BOTTOM + 18.0) text-anchor="middle" { (words) }
            }
            @for (at, (name, points)) in series.iter().enumerate() {
                (line(at, name, points, &across, &vertical))
            }
        }
    }
}

/// The lines that are drawn, each from left to right, and whether they go over days.
fn series(block: &Block, language: Language) -> (Vec<(String, Vec<Point>)>, bool) {
    let mut series: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    let mut are_days = true;
    for row in &block.rows {
        let x = block.cell(row, "x");
        let day = day(x);
        are_days &= day.is_some();
        let at = day
            .map(|day| f64::from(day.num_days_from_ce()))
            .or(x.number());
        let value = block.cell(row, "value").number();
        if let Some((x, value)) = at.zip(value) {
            let band = (block.cell(row, "low").number()).zip(block.cell(row, "high").number());
            let name = block.cell(row, "series").text(language);
            series
                .entry(name)
                .or_default()
                .push(Point { x, value, band });
        }
    }
    let mut series: Vec<(String, Vec<Point>)> = series.into_iter().collect();
    let most = |points: &[Point]| {
        points
            .iter()
            .map(|point| point.value)
            .fold(f64::MIN, f64::max)
    };
    series.sort_by(|(_, one), (_, other)| most(other).total_cmp(&most(one)));
    series.truncate(SERIES_MAX);
    for (_, points) in &mut series {
        points.sort_by(|one, other| one.x.total_cmp(&other.x));
    }
    (series, are_days)
}

/// The day that a cell writes.
fn day(cell: &Cell) -> Option<NaiveDate> {
    let Cell::Text(text) = cell else {
        return None;
    };
    text.get(..10)?.parse().ok()
}

fn line(at: usize, name: &str, points: &[Point], across: &Across, vertical: &Axis) -> Markup {
    let colour = colour(at);
    let dash = DASHES.get(at % DASHES.len()).copied().unwrap_or("none");
    let spot = |x: f64, value: f64| format!("{:.1} {:.1}", across.place(x), vertical.place(value));
    let path: Vec<String> = points
        .iter()
        .map(|point| spot(point.x, point.value))
        .collect();
    let banded = || {
        points
            .iter()
            .filter_map(|point| Some((point.x, point.band?)))
    };
    let above = banded().map(|(x, (_, high))| spot(x, high));
    let below: Vec<String> = banded().map(|(x, (low, _))| spot(x, low)).collect();
    let band: Vec<String> = above.chain(below.into_iter().rev()).collect();
    html! {
        g {
            @if !name.is_empty() { title { (name) } }
            @if !band.is_empty() {
                path d=(format!("M{}Z", band.join("L"))) fill=(colour) fill-opacity="0.12" {}
            }
            path d=(format!("M{}", path.join("L"))) fill="none" stroke=(colour) stroke-width="2" stroke-dasharray=(dash) {}
            @if let Some(last) = points.last() {
                (mark(at, across.place(last.x), vertical.place(last.value)))
            }
        }
    }
}

/// The stretch from left to right, without a margin of its own.
struct Across {
    first: f64,
    last: f64,
    left: f64,
}

impl Across {
    /// One point, or none, stands in the middle.
    fn new(first: f64, last: f64, left: f64) -> Self {
        let (first, last) = match first.is_finite() && last > first {
            true => (first, last),
            false if first.is_finite() => (first - 0.5, first + 0.5),
            false => (0.0, 1.0),
        };
        Self { first, last, left }
    }

    fn place(&self, x: f64) -> f64 {
        let share = (x - self.first) / (self.last - self.first);
        let share = if share.is_finite() {
            share.clamp(0.0, 1.0)
        } else {
            0.0
        };
        self.left + share * (WIDTH - RIGHT - self.left)
    }

    /// Marks from left to right: first days of months for days, round numbers for numbers.
    fn ticks(&self, are_days: bool, language: Language) -> Vec<(f64, String)> {
        match are_days {
            true => self.months(),
            false => {
                let range = [self.first, self.last].into_iter();
                let axis = Axis::over(range, Scale::Linear, (0.0, 1.0));
                let within = |value: &f64| (self.first..=self.last).contains(value);
                let ticks = axis.ticks().into_iter().filter(within);
                ticks
                    .map(|value| (self.place(value), tick(value, language)))
                    .collect()
            }
        }
    }

    fn months(&self) -> Vec<(f64, String)> {
        let day = |number: f64| NaiveDate::from_num_days_from_ce_opt(number as i32);
        let (Some(first), Some(last)) = (day(self.first), day(self.last)) else {
            return Vec::new();
        };
        let months = (last.year() - first.year()) * 12 + last.month() as i32 - first.month() as i32;
        let every = u32::try_from(months).unwrap_or(0) / DAYS_MAX as u32 + 1;
        let mut marks = Vec::new();
        // A few weeks have no two first days of months to go by.
        if months < 2 {
            return [first, last]
                .map(|day| {
                    (
                        self.place(f64::from(day.num_days_from_ce())),
                        day.to_string(),
                    )
                })
                .into();
        }
        let mut next = first
            .with_day(1)
            .and_then(|day| day.checked_add_months(Months::new(1)));
        while let Some(month) = next.filter(|month| *month <= last) {
            let words = month.format("%Y-%m").to_string();
            let x = self.place(f64::from(month.num_days_from_ce()));
            // A mark at the very end would be cut.
            if x < WIDTH - MARK {
                marks.push((x, words));
            }
            next = month.checked_add_months(Months::new(every));
        }
        marks
    }
}
