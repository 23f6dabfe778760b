//! Agreement with labelled texts and with VADER's own figures, on the measured data where it is present.

use std::io::Read;
use std::path::PathBuf;

use parquet_rows::file::reader::{FileReader, SerializedFileReader};
use parquet_rows::record::RowAccessor;
use tsugi_sentiment::english::polarity;
use tsugi_sentiment::score::score;

/// The file of labelled texts, or none with the reason printed.
fn labelled(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TSUGI_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = root.join("data/sentiment").join(name);
    if path.exists() {
        return Some(path);
    }
    let required =
        std::env::var("TSUGI_REQUIRE").is_ok_and(|list| list.split(',').any(|part| part == "data"));
    assert!(
        !required,
        "TSUGI_REQUIRE names data, but {} is not there",
        path.display()
    );
    println!(
        "skipped: {} is not there (set TSUGI_SHARED)",
        path.display()
    );
    None
}

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
    let Some(path) = labelled("jrte_pn_ja.parquet") else {
        return;
    };
    let file = std::fs::File::open(path).unwrap();
    let rows = SerializedFileReader::new(file).unwrap();
    let (mut dev, mut all) = (Vec::new(), Vec::new());
    for row in rows.get_row_iter(None).unwrap() {
        let row = row.unwrap();
        let (label, text, split) = (
            row.get_long(1).unwrap(),
            row.get_string(2).unwrap(),
            row.get_string(4).unwrap(),
        );
        if label != 0 {
            all.push((label as f64, text.clone()));
            if split == "dev" {
                dev.push((label as f64, text.clone()));
            }
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
    let (Some(path), Some(expected)) = (
        labelled("vader_ground_truth_en.parquet"),
        labelled("expected_vader_scores.csv.gz"),
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
    let rows = SerializedFileReader::new(std::fs::File::open(path).unwrap()).unwrap();
    let (mut tweets, mut worst, mut off) = (Vec::new(), 0.0_f64, 0);
    let mut compared = 0;
    for (row, expected) in rows.get_row_iter(None).unwrap().zip(&expected) {
        let row = row.unwrap();
        let (set, id, text) = (
            row.get_string(0).unwrap(),
            row.get_string(1).unwrap(),
            row.get_string(3).unwrap(),
        );
        assert_eq!((set.as_str(), id.as_str()), (expected[0], expected[1]));
        if set == "tweets" {
            tweets.push((row.get_double(2).unwrap(), text.clone()));
        }
        let wanted: Vec<f64> = expected[3..]
            .iter()
            .map(|figure| figure.parse().unwrap())
            .collect();
        let found = polarity(text);
        let compound = score(text, "en").unwrap_or(0.0);
        // VADER rounds the shares to three places and the compound to four.
        let gaps = [
            ((found.negative - wanted[0]).abs() - 4.5e-4).max(0.0),
            ((found.neutral - wanted[1]).abs() - 4.5e-4).max(0.0),
            ((found.positive - wanted[2]).abs() - 4.5e-4).max(0.0),
            (found.compound - wanted[3]).abs(),
            (compound - wanted[3]).abs(),
        ];
        let gap = gaps.into_iter().fold(0.0, f64::max);
        if gap > 1e-4 {
            off += 1;
            if off <= 5 {
                println!("off: {set} {id} {text:?}: {found:?}, {compound}, wanted {wanted:?}");
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
