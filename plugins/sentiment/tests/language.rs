//! The language of texts: our own short ones in many languages, and the measured ones where they are present.

mod common;

use std::collections::BTreeMap;

use common::{rows, text};
use tsugi_sentiment::language::{Language, detect};

/// Texts of so many letters must be recognised.
const LETTERS_MIN: usize = 20;

fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}

#[test]
fn the_measured_texts_are_in_the_language_that_people_say() {
    let mut sets: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let mut sums = BTreeMap::from([("sentences in 19 languages", [0; 3]), ("texts", [0; 3])]);
    for name in ["langid", "en", "de", "ja", "zh", "pt", "fr", "it", "es"] {
        let Some(read) = rows(&format!("texts/{name}.parquet")) else {
            return;
        };
        for row in read {
            let said = text(&row, "text").unwrap_or_default();
            if said.chars().filter(|c| c.is_alphabetic()).count() < LETTERS_MIN {
                continue;
            }
            let tag = text(&row, "language").unwrap_or_default();
            let is_ours = Language::ALL.iter().any(|language| language.tag() == tag);
            let wanted = if is_ours { tag.as_str() } else { "und" };
            let found = detect(&said).tag();
            let all = if name == "langid" {
                "sentences in 19 languages"
            } else {
                "texts"
            };
            let source = format!("{tag} {}", text(&row, "source").unwrap_or_default());
            let sums = sums.get_mut(all).into_iter();
            for count in sums.chain([sets.entry(source).or_default()]) {
                count[0] += 1;
                count[1] += usize::from(found == wanted);
                count[2] += usize::from(found != wanted && found != "und");
            }
        }
    }
    for (source, [all, right, wrong]) in &sets {
        println!(
            "{source}: {all} texts, right {:.3}, another language {:.3}",
            share(*right, *all),
            share(*wrong, *all)
        );
    }
    for (name, [all, right, wrong]) in sums {
        println!(
            "{name}: {all}, right {:.4}, another language {:.4}",
            share(right, all),
            share(wrong, all)
        );
        assert!(
            share(right, all) >= 0.97 && share(wrong, all) <= 0.02,
            "{name}"
        );
    }
}

#[test]
fn short_complaints_are_in_their_own_language() {
    let cases = include_str!("languages.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let (mut all, mut taken, mut off) = (0, 0, Vec::new());
    for (tag, said) in cases.filter_map(|line| line.split_once('\t')) {
        all += 1;
        let found = detect(said).tag();
        if found != tag {
            taken += usize::from(found != "und");
            off.push(format!("{tag} as {found}: {said}"));
        }
    }
    println!(
        "{} of {all} short complaints right, {taken} as another language\n{}",
        all - off.len(),
        off.join("\n")
    );
    assert!(
        all >= 100 && off.len() * 20 <= all && taken * 25 <= all,
        "{off:#?}"
    );
}
