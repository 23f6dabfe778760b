//! Texts a second of one processor: the rules of this plugin, natively, and Python's vaderSentiment on the same rows, in turns.
//! Processor time is counted, not the time on the clock, because other programs may run.
//!
//! `TSUGI_PYTHON=python3 cargo bench -p tsugi-sentiment`; the Python named must have vaderSentiment 3.3.2.
#![allow(clippy::unwrap_used)] // What a measurement prepares is not outside data.

#[path = "../tests/common/mod.rs"]
mod common;

use std::hint::black_box;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Instant;

use common::{rows, text};
use tsugi_sentiment::english::polarity;
use tsugi_sentiment::score::score;

const ROUNDS: usize = 5;
/// The native side is so fast that it reads the rows so many times a round.
const REPEATS: usize = 10;

/// The texts of a column, each as one line.
fn texts(file: &str, column: &str) -> Option<Vec<String>> {
    let read = rows(file)?;
    let lines = read.iter().filter_map(|row| text(row, column));
    Some(lines.map(|text| text.replace(['\n', '\r'], " ")).collect())
}

/// Seconds of processor time that this program has used (Linux, by its hundredths); elsewhere the time on the clock.
fn processor_seconds() -> f64 {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    let clock = BEGUN.get_or_init(Instant::now).elapsed().as_secs_f64();
    let used = std::fs::read_to_string("/proc/self/stat").ok();
    // Behind the name in brackets: state is field 3, user and system time are fields 14 and 15.
    let used = used.and_then(|stat| {
        let behind = stat.rsplit_once(')')?.1;
        let ticks = behind.split_whitespace().skip(11).take(2);
        let ticks: Option<Vec<f64>> = ticks.map(|ticks| ticks.parse().ok()).collect();
        Some(ticks?.iter().sum::<f64>() / 100.0)
    });
    used.unwrap_or(clock)
}

fn repeated(texts: &[String]) -> Vec<String> {
    (0..REPEATS).flat_map(|_| texts.to_vec()).collect()
}

/// The sum of VADER's own score by our rules.
fn vader(texts: &[String]) -> f64 {
    let scored = texts.iter().map(|text| polarity(text).compound);
    scored.sum()
}

/// Texts a second, and the sum of the scores, so that nothing is left out.
fn native(texts: &[String], lang: &str) -> (f64, f64) {
    let started = processor_seconds();
    let scored = texts.iter().filter_map(|text| score(black_box(text), lang));
    let sum = scored.sum();
    (texts.len() as f64 / (processor_seconds() - started), sum)
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
    let often = repeated(&english);
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let rate = native(&often, "en").0;
        own.push(rate);
        let (rate, their_sum) = python(&command, &file);
        theirs.push(rate);
        // The rules within ours are theirs: Python rounds each score to four places.
        assert!(
            (vader(&english) - their_sum).abs() < 1e-4 * english.len() as f64,
            "{their_sum}"
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
        if let Some(texts) = texts(file, column).map(|texts| repeated(&texts)) {
            shown(name, (0..ROUNDS).map(|_| native(&texts, lang).0).collect());
        }
    }
    let found = (0..ROUNDS).map(|_| native(&often, "").0).collect();
    shown("English, language found", found);
    if let Some(japanese) = texts("sentiment/jrte_pn_ja.parquet", "text") {
        let tweets = english.iter().take(4_200).cycle();
        let pairs = tweets.zip(japanese.iter().cycle()).take(100_000);
        let mixed: Vec<String> = pairs
            .flat_map(|(one, other)| [one.clone(), other.clone()])
            .collect();
        let rates = (0..ROUNDS).map(|_| native(&mixed, "").0).collect();
        shown(
            "tweets and Japanese reviews in turns, language found",
            rates,
        );
    }
}
