//! The picture of the front page is drawn from a run of the sample.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::published;
use crate::support::root;

/// What a line of the picture says and shows.
struct Bar {
    label: String,
    complaints: i64,
    shipped: i64,
    ratio: [f64; 3],
    colour: &'static str,
}

const LEADING: &str = "#b3261e";
const EXPLAINED: &str = "#8a6d1d";
const NONE: &str = "#5f6b76";

const HEAD: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 416" width="960" height="416" font-family="system-ui, sans-serif" font-size="13" role="img" aria-labelledby="t">
<title id="t">Complaints about cracked soles: how many times the rate elsewhere, with 95 % intervals, by suspect</title>
<rect width="960" height="416" fill="#ffffff"/>
<text x="20" y="32" font-size="18" font-weight="600" fill="#1b1f23">Who is behind the cracked soles?</text>
<text x="20" y="54" fill="#57606a">Complaints per pair shipped, as a multiple of the rate elsewhere, with the 95 % interval. One compound and the lots made of it lead;</text>
<text x="20" y="72" fill="#57606a">its supplier as a whole, and other parts of the same shoes, only look guilty.</text>
"##;
const FOOT: &str = r##"<circle cx="26" cy="396" r="5.5" fill="#b3261e"/><text x="38" y="400" fill="#1b1f23">leading suspect</text>
<circle cx="183" cy="396" r="5.5" fill="#8a6d1d"/><text x="195" y="400" fill="#1b1f23">explained by its part, or another</text>
<circle cx="445" cy="396" r="5.5" fill="#5f6b76"/><text x="457" y="400" fill="#1b1f23">no evidence</text>
</svg>
"##;

/// Where a multiple stands: 60 points for each doubling.
fn place(ratio: f64) -> f64 {
    430.0 + 60.0 * ratio.log2()
}

fn bar(row: &Map<String, Value>) -> Bar {
    let number = |name: &str| row[name].as_f64().expect("a number");
    let suspect = row["suspect"].as_str().expect("a text");
    let label = match row["suspect_kind"].as_str().expect("a text") {
        "finished_lot" => format!("finished lot {suspect}, made of it"),
        "supplier" => format!("everything of {suspect}"),
        "product" => format!("product {suspect}"),
        _ => suspect.to_owned(),
    };
    let colour = match row["verdict"].as_str().expect("a text") {
        "leading suspect" | "part of a suspect" => LEADING,
        "explained by its part" | "explained by another" => EXPLAINED,
        _ => NONE,
    };
    Bar {
        label,
        complaints: number("complaints") as i64,
        shipped: number("shipped") as i64,
        ratio: ["rate_ratio_low", "rate_ratio", "rate_ratio_high"].map(number),
        colour,
    }
}

fn grouped(number: i64) -> String {
    match number {
        1000.. => format!("{},{:03}", number / 1000, number % 1000),
        _ => number.to_string(),
    }
}

fn draw(bars: &[Bar]) -> String {
    let mut svg = HEAD.to_owned();
    for (at, mark) in ["0.5", "1", "2", "4", "8", "16", "32", "64"]
        .iter()
        .enumerate()
    {
        let x = 370.0 + 60.0 * at as f64;
        let line = match at {
            1 => r##"stroke="#8c959f" stroke-dasharray="4 3""##,
            _ => r##"stroke="#e3e6e8""##,
        };
        writeln!(
            svg,
            r##"<line x1="{x:.1}" y1="90" x2="{x:.1}" y2="352" {line}/>
<text x="{x:.1}" y="370" text-anchor="middle" fill="#57606a">{mark}×</text>"##
        )
        .unwrap();
    }
    for (at, bar) in bars.iter().enumerate() {
        let y = 112.0 + 32.0 * at as f64;
        let ([low, ratio, high], text, colour) = (bar.ratio.map(place), y + 4.0, bar.colour);
        let (label, of) = (&bar.label, grouped(bar.shipped));
        writeln!(
            svg,
            r##"<text x="354" y="{text:.1}" text-anchor="end" fill="#1b1f23">{label}</text>
<line x1="{low:.1}" y1="{y:.1}" x2="{high:.1}" y2="{y:.1}" stroke="{colour}" stroke-width="3"/>
<circle cx="{ratio:.1}" cy="{y:.1}" r="5.5" fill="{colour}"/>
<text x="804" y="{text:.1}" fill="{colour}">{} of {of} pairs</text>"##,
            bar.complaints
        )
        .unwrap();
    }
    svg + FOOT
}

#[test]
fn the_picture_of_the_front_page_is_that_of_a_run() {
    let run = published();
    // The period that leads with three of its lots, its supplier, others of the same shoes, a product.
    let shown = |condition: &str, most: usize| {
        run.project.rows(&format!(
            "SELECT suspect_kind, suspect, complaints, shipped, rate_ratio, rate_ratio_low, rate_ratio_high, verdict
             FROM ceo.suspects WHERE topic = 'sole_crack' AND {condition} ORDER BY rank LIMIT {most}"
        ))
    };
    let leading = "verdict IN ('leading suspect', 'part of a suspect') AND suspect_kind";
    let explained = "verdict IN ('explained by its part', 'explained by another') AND suspect_kind";
    let rows = [
        shown(&format!("{leading} = 'supplier_period'"), 1),
        shown(&format!("{leading} = 'finished_lot'"), 3),
        shown(&format!("{explained} = 'supplier'"), 1),
        shown(&format!("{explained} = 'supplier_period'"), 2),
        shown("suspect_kind = 'product' AND verdict = 'no evidence'", 1),
    ];
    let bars: Vec<Bar> = rows.iter().flatten().map(bar).collect();
    assert_eq!(bars.len(), 8, "every line of the picture is in the run");
    let file = root().join("pipelines/great-disconnect/finding.svg");
    let drawn = draw(&bars);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, &drawn).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap();
    assert_eq!(committed, drawn, "UPDATE_EXPECT=1 draws it again");
}
