//! Texts written in bad faith: bounded time, and an answer.

use std::time::{Duration, Instant};

use tsugi_sentiment::model::{Examples, Method, Training};
use tsugi_sentiment::score::{read, score};
use tsugi_sentiment::topics::{RuleRow, Rules, Scratch};

const MEGABYTE: usize = 1 << 20;

fn hostile() -> Vec<String> {
    let repeat = |text: &str| text.repeat(MEGABYTE / text.len());
    let mut texts: Vec<String> = [
        "😡",
        "a",
        "crack ",
        "crack and ",
        "no crack, ",
        "割れ",
        "割れや",
        "ない",
        "もない",
        "お金も",
        "good but bad ",
        "nicht ",
        "gerissen nicht ",
        "sole ",
        "sole crack ",
        "aber ",
        "\u{3099}",
        "e\u{301}\u{301}\u{301}",
        "\u{0}",
        "!",
        "?",
        "\u{200d}",
        "ー",
        "\n",
        "ﾊﾟ",
        "ẞ",
        "ﷺ",
        "n't",
        "超",
        "けど",
        "came off ",
        "came ",
        "sohle",
        "donaudampfschifffahrt",
    ]
    .map(repeat)
    .into();
    texts.extend(
        [
            "",
            " ",
            "\u{0}\u{1}\u{2}",
            "\u{feff}",
            "۝",
            "𝒢𝑜𝑜𝒹",
            "良い good gut 好 👍 \u{202e}doog",
        ]
        .map(str::to_owned),
    );
    texts
}

#[test]
fn every_text_is_answered_in_time_linear_in_its_length() {
    let row = |topic, lang, part, defect| RuleRow {
        topic,
        lang,
        part,
        defect,
        exclude: "box|箱",
        ..RuleRow::default()
    };
    let rules = Rules::new([
        row("crack", "en", "sole", "crack|split"),
        row("off", "en", "", "came .. off|came off"),
        row("crack", "ja", "底|ソール", "割れ|ひび"),
        row("crack", "de", "*sohle*", "gerissen"),
        row("any", "", "", "good|割れ|bad"),
    ])
    .unwrap();
    let mut scratch = Scratch::default();
    for text in hostile() {
        let begin: String = text.chars().take(12).collect();
        for lang in ["", "ja", "en", "de", "pt", "日本"] {
            let started = Instant::now();
            let one = score(&text, lang);
            let all = read(&text, lang);
            assert_eq!(one, all.score);
            assert!(one.is_none_or(|score| (-1.0..=1.0).contains(&score)));
            assert!(
                (0.0..=1.0).contains(&all.coverage),
                "{begin:?} {}",
                all.coverage
            );
            assert_eq!(one.is_none(), all.label == "unknown");
            rules.find(&text, lang, &mut scratch);
            // Far above what it takes; a quadratic search would take hours.
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "{begin:?} in {lang:?}: {:?}",
                started.elapsed()
            );
        }
    }
}

#[test]
fn a_model_is_learned_from_them_in_bounded_time() {
    let mut examples = Examples::default();
    for (at, text) in hostile().iter().enumerate() {
        examples.push(text, ["1", "2"][at % 2], "").unwrap();
    }
    let started = Instant::now();
    let mut training = Training::new(examples, Method::Logistic, 8.0, 0).unwrap();
    let mut rows = 0;
    while let Some(more) = training.step() {
        assert!(more.iter().all(|row| row.value.is_finite()));
        rows += more.len();
    }
    assert!(rows > 20 && started.elapsed() < Duration::from_secs(10));
}
