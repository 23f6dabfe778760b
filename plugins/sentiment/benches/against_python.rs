//! Texts a second on one core: the rules of this plugin, natively, and Python's vaderSentiment on the same rows, in turns.
//!
//! `TSUGI_PYTHON=python3 cargo bench -p tsugi-sentiment`; the Python named must have vaderSentiment 3.3.2.
#![allow(clippy::unwrap_used)] // What a measurement prepares is not outside data.

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;
use std::process::Command;
use std::time::Instant;

use common::{rows, text};
use tsugi_sentiment::score::score;

const ROUNDS: usize = 5;

/// The texts of a column, each as one line.
fn texts(file: &str, column: &str) -> Option<Vec<String>> {
    let read = rows(file)?;
    let lines = read.iter().filter_map(|row| text(row, column));
    Some(lines.map(|text| text.replace(['\n', '\r'], " ")).collect())
}

/// Texts a second, and the sum of the scores, so that nothing is left out.
fn native(texts: &[String], lang: &str) -> (f64, f64) {
    let started = Instant::now();
    let scored = texts.iter().filter_map(|text| score(black_box(text), lang));
    let sum = scored.sum();
    (texts.len() as f64 / started.elapsed().as_secs_f64(), sum)
}

fn python(command: &str, file: &std::path::Path) -> (f64, f64) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/vader_speed.py");
    let done = Command::new(command)
        .arg(script)
        .arg(file)
        .arg("1")
        .output()
        .unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let said = String::from_utf8(done.stdout).unwrap();
    let mut numbers = said
        .split_whitespace()
        .map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

fn shown(name: &str, mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    let median = rates[rates.len() / 2];
    println!(
        "{name}: {:.0} / {median:.0} / {:.0} texts a second (lowest, median, highest of {ROUNDS})",
        rates[0],
        rates[rates.len() - 1]
    );
    median
}

fn main() {
    let Some(english) = texts("sentiment/vader_ground_truth_en.parquet", "text") else {
        return;
    };
    let length: usize = english.iter().map(String::len).sum();
    println!(
        "{} English texts of {:.0} bytes on average",
        english.len(),
        length as f64 / english.len() as f64
    );
    let file = std::env::temp_dir().join(format!("tsugi-vader-{}.txt", std::process::id()));
    std::fs::write(&file, english.join("\n") + "\n").unwrap();
    let command = std::env::var("TSUGI_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    native(&english, "en");
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (rate, sum) = native(&english, "en");
        own.push(rate);
        let (rate, their_sum) = python(&command, &file);
        theirs.push(rate);
        // The same work was done: Python rounds each score to four places.
        assert!(
            (sum - their_sum).abs() < 1e-4 * english.len() as f64,
            "{sum} and {their_sum}"
        );
    }
    std::fs::remove_file(&file).unwrap();
    let ratio = shown("native", own) / shown("vaderSentiment", theirs);
    println!("ratio of the medians: {ratio:.1}");
    let others = [
        (
            "Japanese reviews",
            "sentiment/jrte_pn_ja.parquet",
            "text",
            "ja",
        ),
        (
            "Portuguese comments",
            "olist_sample/order_reviews.parquet",
            "review_comment_message",
            "pt",
        ),
    ];
    for (name, file, column, lang) in others {
        if let Some(texts) = texts(file, column) {
            shown(name, (0..ROUNDS).map(|_| native(&texts, lang).0).collect());
        }
    }
    let found = (0..ROUNDS).map(|_| native(&english, "").0).collect();
    shown("English, language found", found);
}
