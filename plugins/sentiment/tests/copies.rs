//! Copies of texts: found but for a few words, and nothing else.
#![allow(clippy::unwrap_used)] // What a test prepares is not outside data.

use std::collections::BTreeMap;

use tsugi_plugin::{Batch, Collect, column, testing};
use tsugi_sentiment::NearDuplicatesTable;

fn find(texts: &[(&str, &str)]) -> BTreeMap<String, (String, i64)> {
    let batch = Batch::new([
        column("id", texts.iter().map(|(id, _)| *id)),
        column("text", texts.iter().map(|(_, text)| *text)),
    ])
    .unwrap();
    let found = testing::table::<Collect<NearDuplicatesTable>>()
        .input("texts", batch)
        .run_cut(3)
        .unwrap();
    let (ids, firsts) = (found.utf8("id").unwrap(), found.utf8("first_id").unwrap());
    let copies = found.i64("copies").unwrap();
    let row = |row: usize| {
        let group = (
            firsts.get(row).unwrap().to_owned(),
            copies.get(row).unwrap(),
        );
        (ids.get(row).unwrap().to_owned(), group)
    };
    (0..found.rows()).map(row).collect()
}

#[test]
fn copies_meet_but_for_a_few_words() {
    let texts = [
        (
            "a1",
            "The sole of my left shoe cracked after only two months of walking to work.",
        ),
        (
            "a2",
            "the SOLE of my left shoe cracked, after only 2 months of walking to work!!",
        ),
        (
            "a3",
            "Edit: The sole of my left shoe cracked after only two months of walking to work. Avoid",
        ),
        (
            "b1",
            "底が二か月で割れました。交換をお願いしたのに返事がありません。とても残念です。",
        ),
        (
            "b2",
            "底が二か月で割れました。交換をお願いしたのに返事がありません。とても残念です😢",
        ),
        (
            "c1",
            "The sole is fine, but the heel of my right shoe came off after three weeks of running.",
        ),
        ("d1", "Thanks!"),
        ("d2", "Thanks!"),
        ("e1", ""),
    ];
    let found = find(&texts);
    for (id, first, copies) in [
        ("a1", "a1", 3),
        ("a2", "a1", 3),
        ("a3", "a1", 3),
        ("b1", "b1", 2),
        ("b2", "b1", 2),
    ] {
        assert_eq!(found.get(id), Some(&(first.to_owned(), copies)), "{id}");
    }
    assert_eq!(found.len(), 5, "{found:?}");
    let mut turned = texts;
    turned.reverse();
    assert_eq!(find(&turned), found);
}

#[test]
fn bad_input_is_answered() {
    let long = "broken ".repeat(150_000);
    let word = "a".repeat(1_000_000);
    let found = find(&[
        ("1", &long),
        ("2", &word),
        ("3", "😀😀😀"),
        ("4", "12345"),
        ("5", "\u{202e}\u{fffd}\u{0}"),
        ("6", &word),
    ]);
    assert_eq!(
        found.keys().map(String::as_str).collect::<Vec<_>>(),
        ["2", "6"]
    );
}

#[test]
fn many_texts_are_compared_in_little_time() {
    let texts: Vec<(String, String)> = (0..4_000)
        .map(|at| {
            let mut random = fastrand::Rng::with_seed(at / 2);
            let word =
                |random: &mut fastrand::Rng| (0..6).map(|_| random.lowercase()).collect::<String>();
            let words: Vec<String> = (0..12).map(|_| word(&mut random)).collect();
            (format!("{at:05}"), words.join(" "))
        })
        .collect();
    let texts: Vec<(&str, &str)> = texts
        .iter()
        .map(|(id, text)| (id.as_str(), text.as_str()))
        .collect();
    let found = find(&texts);
    assert_eq!(found.len(), 4_000);
    assert!(found.values().all(|(_, copies)| *copies == 2));
}
