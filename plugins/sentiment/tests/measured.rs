//! Agreement with labelled texts and with VADER's own figures, on the measured data where it is present.

mod common;

use std::io::Read;

use common::{olist, rows, shared, text};
use parquet_rows::record::{Field, RowAccessor};
use tsugi_sentiment::english::polarity;
use tsugi_sentiment::score::score;

struct Measured {
    agreement: f64,
    coverage: f64,
    rows: usize,
}

/// Agreement in sign among the texts that got a score other than none, and the share of texts that did.
fn measure(rows: &[(f64, String)], lang: &str) -> Measured {
    let (mut covered, mut agreed) = (0_u32, 0_u32);
    for (truth, text) in rows {
        if let Some(score) = score(text, lang) {
            covered += 1;
            agreed += u32::from(score * truth > 0.0);
        }
    }
    let rows = rows.len();
    Measured {
        agreement: f64::from(agreed) / f64::from(covered),
        coverage: f64::from(covered) / rows as f64,
        rows,
    }
}

fn print(name: &str, m: &Measured) {
    println!(
        "{name}: agreement in sign {:.4} at coverage {:.4} of {} rows",
        m.agreement, m.coverage, m.rows
    );
}

#[test]
fn japanese_agrees_in_sign_with_the_judges_of_the_hotel_reviews() {
    let Some(read) = rows("sentiment/jrte_pn_ja.parquet") else {
        return;
    };
    let (mut dev, mut all) = (Vec::new(), Vec::new());
    for row in read {
        let label: f64 = text(&row, "label").unwrap().parse().unwrap();
        if label != 0.0 {
            let said = text(&row, "text").unwrap();
            if text(&row, "split").unwrap() == "dev" {
                dev.push((label, said.clone()));
            }
            all.push((label, said));
        }
    }
    for (name, rows) in [("JRTE pos/neg, all", all), ("JRTE pos/neg, dev", dev)] {
        let detected = measure(&rows, "");
        print(&format!("{name}, language found"), &detected);
        let given = measure(&rows, "ja");
        print(&format!("{name}, language given"), &given);
        assert!(detected.agreement >= 0.88 && given.agreement >= 0.88);
        assert!(detected.coverage >= 0.85 && given.coverage >= 0.85);
    }
}

#[test]
fn english_agrees_in_sign_with_people_and_to_four_places_with_vader() {
    let (Some(read), Some(expected)) = (
        rows("sentiment/vader_ground_truth_en.parquet"),
        shared("sentiment/expected_vader_scores.csv.gz"),
    ) else {
        return;
    };
    let mut scores = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(expected).unwrap())
        .read_to_string(&mut scores)
        .unwrap();
    let expected: Vec<Vec<&str>> = scores
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    let (mut tweets, mut worst, mut off) = (Vec::new(), 0.0_f64, 0);
    let mut compared = 0;
    for (row, expected) in read.iter().zip(&expected) {
        let cell = |at: usize| match row.get_column_iter().nth(at).unwrap().1 {
            Field::Str(text) => text,
            other => panic!("{other} is no text"),
        };
        let (set, id, text) = (cell(0), cell(1), cell(3));
        assert_eq!((set.as_str(), id.as_str()), (expected[0], expected[1]));
        if set == "tweets" {
            tweets.push((row.get_double(2).unwrap(), text.clone()));
        }
        let wanted: Vec<f64> = expected[3..]
            .iter()
            .map(|figure| figure.parse().unwrap())
            .collect();
        let found = polarity(text);
        // VADER rounds the shares to three places and the compound to four.
        let gaps = [
            ((found.negative - wanted[0]).abs() - 4.5e-4).max(0.0),
            ((found.neutral - wanted[1]).abs() - 4.5e-4).max(0.0),
            ((found.positive - wanted[2]).abs() - 4.5e-4).max(0.0),
            (found.compound - wanted[3]).abs(),
        ];
        let gap = gaps.into_iter().fold(0.0, f64::max);
        if gap > 1e-4 {
            off += 1;
            if off <= 5 {
                println!("off: {set} {id} {text:?}: {found:?}, wanted {wanted:?}");
            }
        }
        worst = worst.max(gap);
        compared += 1;
    }
    println!(
        "VADER's own figures: {compared} rows compared, {off} off by more than 1e-4, largest gap {worst:.2e}"
    );
    assert_eq!((off, compared), (0, expected.len()));
    for lang in ["", "en"] {
        let measured = measure(&tweets, lang);
        print(&format!("VADER tweets, language {lang:?}"), &measured);
        assert!(measured.agreement >= 0.90 && measured.coverage >= 0.90);
    }
}

#[test]
fn portuguese_agrees_in_sign_with_the_stars_of_olist() {
    let Some(splits) = olist() else {
        return;
    };
    let rows: Vec<(f64, String)> = splits
        .concat()
        .into_iter()
        .map(|(text, label)| (if label == "1" { 1.0 } else { -1.0 }, text))
        .collect();
    for lang in ["pt-BR", ""] {
        let measured = measure(&rows, lang);
        print(&format!("Olist comments, language {lang:?}"), &measured);
    }
    assert!(measure(&rows, "pt").agreement >= 0.80 && measure(&rows, "pt").coverage >= 0.80);
}
