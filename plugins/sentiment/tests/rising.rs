//! Terms that rise: what was planted is found, and chance alone is not.
#![allow(clippy::unwrap_used)] // What a test prepares is not outside data.

mod common;

use tsugi_plugin::{Batch, Collect, column, testing};
use tsugi_sentiment::RisingTermsTable;

const WORDS: [&str; 24] = [
    "shoe", "sole", "box", "colour", "nice", "late", "price", "small", "large", "soft", "hard",
    "red", "blue", "lace", "heel", "run", "walk", "gift", "son", "wife", "rain", "snow", "city",
    "trail",
];

struct Rows {
    texts: Vec<String>,
    segments: Vec<&'static str>,
    recent: Vec<bool>,
}

/// Texts of eight words at random, a quarter of them recent, in two segments.
fn chance(seed: u64, count: usize) -> Rows {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut rows = Rows {
        texts: Vec::new(),
        segments: Vec::new(),
        recent: Vec::new(),
    };
    for _ in 0..count {
        let words: Vec<&str> = (0..8).map(|_| WORDS[random.usize(..WORDS.len())]).collect();
        rows.texts.push(words.join(" "));
        rows.segments.push(["Alps", "Coast"][random.usize(..2)]);
        rows.recent.push(random.u8(..4) == 0);
    }
    rows
}

fn find(rows: &Rows) -> Batch {
    let batch = Batch::new([
        column("text", rows.texts.iter().map(String::as_str)),
        column("segment", rows.segments.iter().copied()),
        column("recent", rows.recent.iter().copied()),
    ])
    .unwrap();
    testing::table::<Collect<RisingTermsTable>>()
        .input("texts", batch)
        .run_cut(500)
        .unwrap()
}

#[test]
fn a_planted_rise_is_found_where_it_is() {
    let mut rows = chance(4, 2_000);
    let mut planted = 0;
    for at in 0..rows.texts.len() {
        if rows.segments[at] == "Alps" && rows.recent[at] && planted < 24 {
            rows.texts[at].push_str(" the sole has cracked");
            planted += 1;
        }
        if at % 100 == 0 {
            rows.texts[at].push_str(" sole cracked");
        }
    }
    let found = find(&rows);
    let terms: Vec<&str> = found.utf8("term").unwrap().iter().flatten().collect();
    assert!(terms.contains(&"sole has cracked"), "{terms:?}");
    // "has" is only ever said inside longer terms, which say more.
    assert!(!terms.contains(&"has"), "{terms:?}");
    let segments: Vec<&str> = found.utf8("segment").unwrap().iter().flatten().collect();
    assert!(segments.iter().all(|segment| *segment == "Alps"));
    let at = terms
        .iter()
        .position(|term| *term == "sole has cracked")
        .unwrap();
    assert_eq!(found.i64("recent_hits").unwrap().get(at), Some(24));
    assert_eq!(found.i64("earlier_hits").unwrap().get(at), Some(0));
    assert_eq!(found.f64("ratio").unwrap().get(at), None);
    assert!(found.f64("q_value").unwrap().get(at).unwrap() < 1e-6);
    assert!(found.i64("tested").unwrap().get(at).unwrap() > 100);
    assert!(
        found
            .utf8("example")
            .unwrap()
            .get(at)
            .unwrap()
            .contains("sole has cracked")
    );
}

#[test]
fn chance_alone_is_rarely_named() {
    let trials = 200;
    let named = (0..trials)
        .filter(|&seed| find(&chance(1_000 + seed, 300)).rows() > 0)
        .count();
    println!("{named} of {trials} samples without any rise name a term; 5 % are accepted");
    assert!(named <= 16, "{named} of {trials}");
}

#[test]
fn japanese_terms_are_found_without_blanks() {
    let mut rows = chance(7, 0);
    for at in 0..400 {
        let recent = at % 4 == 0;
        let said = if recent && at % 8 == 0 {
            "つま先で加水分解しました"
        } else {
            "とても良い靴です"
        };
        rows.texts.push(format!("{said}{}", ["。", "！"][at % 2]));
        rows.segments.push("東北");
        rows.recent.push(recent);
    }
    let found = find(&rows);
    let terms: Vec<&str> = found.utf8("term").unwrap().iter().flatten().collect();
    assert!(terms.contains(&"加水分解"), "{terms:?}");
}

/// Brazil's lorry drivers were on strike from 21 to 31 May 2018; Olist's customers wrote about it in the weeks after.
#[test]
fn the_strike_of_2018_is_found_in_olists_comments() {
    let Some(read) = common::rows("olist_sample/order_reviews.parquet") else {
        return;
    };
    let mut rows = chance(0, 0);
    for row in read {
        let day = common::text(&row, "review_creation_date").unwrap();
        let comment = common::text(&row, "review_comment_message");
        if let Some(comment) = comment.filter(|_| day.as_str() < "2018-07-01") {
            rows.recent.push(day.as_str() >= "2018-05-21");
            rows.segments.push("Brasil");
            rows.texts.push(comment);
        }
    }
    let found = find(&rows);
    let terms: Vec<&str> = found.utf8("term").unwrap().iter().flatten().collect();
    println!(
        "{} terms rose of {:?} tested: {terms:?}",
        terms.len(),
        found.i64("tested").unwrap().get(0)
    );
    assert!(terms.iter().any(|term| term.contains("greve")), "{terms:?}");
}

#[test]
fn wrong_input_is_refused() {
    let ask = |recent, alpha: f64| {
        let rows = Batch::new([column("text", ["a"]), recent]).unwrap();
        let run = testing::table::<Collect<RisingTermsTable>>().input("texts", rows);
        run.option("alpha", alpha).run_cut(10)
    };
    assert_eq!(
        ask(column("recent", ["yes"]), 0.05).unwrap_err().code,
        "wrong-type"
    );
    assert_eq!(
        ask(column("recent", [true]), 2.0).unwrap_err().code,
        "bad-option"
    );
    assert_eq!(
        ask(column("recent", [None::<bool>]), 0.05).unwrap().rows(),
        0
    );
    assert!(ask(column("when", [true]), 0.05).is_err());
}
