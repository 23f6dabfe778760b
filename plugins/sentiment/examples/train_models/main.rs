//! Makes the shipped models of sentiment from labelled texts, and measures them.
//!
//! `cargo run --release -p tsugi-sentiment --example train_models -- measure|write TAG …`
#![allow(clippy::unwrap_used, clippy::panic)] // A recipe stops where its data is not as it must be.

mod data;
mod fit;
mod measure;

use std::error::Error;
use std::path::Path;

use data::{Text, texts};
use fit::{Fit, Grams, fit};
use measure::{Answer, calibrate, print};
use sha2::{Digest, Sha256};
use tsugi_sentiment::language::Language;
use tsugi_sentiment::learned::{Model, alone};

/// How each language is fitted, found by the texts held out. Where no customer's text may be learned from, the lexicon is
/// held to its weight.
fn how(language: Language) -> Fit {
    let fit = |strength, ratio, lexicon, lexicon_hold, bias| Fit {
        strength: number("STRENGTH", strength),
        ratio: number("RATIO", ratio),
        neutral: number("NEUTRAL", 0.5),
        lexicon: number("LEXICON", lexicon),
        lexicon_hold: number("HOLD", lexicon_hold),
        bias: number("BIAS", bias),
    };
    match language {
        Language::English => fit(1.0, 0.5, 1.0, 10.0, 0.0),
        Language::Chinese => fit(1.0, 1.0, 1.0, 10.0, 0.0),
        Language::Japanese => fit(0.6, 1.0, 1.0, 10.0, 0.0),
        Language::Portuguese => fit(0.3, 1.0, 2.0, 30.0, 0.0),
        // Tweets about a debate of politicians are mostly angry.
        Language::German => fit(0.2, 1.0, 2.0, 100.0, 0.15),
        _ => fit(0.3, 1.0, 2.0, 100.0, 0.0),
    }
}

/// A setting that is tried out by a variable of the environment.
fn number(name: &str, otherwise: f64) -> f64 {
    let tried = std::env::var(name).ok();
    tried.and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// SHA-256 of a file.
fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Margins of the texts of `fold` by a model that was learned without them; the first fold also answers the texts that
/// nothing may be learned from.
fn hold_out(texts: &[Text], grams: &Grams, how: Fit, fold: u64) -> Vec<Answer> {
    let (mut rows, mut answered) = (Vec::new(), Vec::new());
    for (row, text) in texts.iter().enumerate() {
        match (text.may_train, text.fold == fold) {
            (true, false) => rows.push(row),
            (true, true) => answered.push(row),
            (false, _) if fold == 0 => answered.push(row),
            (false, _) => {}
        }
    }
    let weights = fit(texts, grams, &rows, how);
    println!("fold {fold}: lexicon {:?}", weights.lexicon);
    let margin = |row: usize| weights.margin(grams.places(row), &texts[row]);
    let answers = answered.into_iter();
    answers
        .map(|row| Answer {
            row,
            margin: margin(row),
        })
        .collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let write = args.first().is_some_and(|verb| verb == "write");
    for language in Language::ALL {
        if !args.iter().skip(1).any(|tag| tag == language.tag()) {
            continue;
        }
        let (texts, how) = (texts(language)?, how(language));
        println!("{} {how:?}", language.tag());
        let grams = Grams::of(&texts, language);
        let mut answers = Vec::new();
        for fold in 0..number("FOLDS", 5.0) as u64 {
            answers.extend(hold_out(&texts, &grams, how, fold));
        }
        let (undecided, slope) = calibrate(&texts, &answers, number("UNDECIDED", 0.01));
        println!("undecided {undecided:.4}, slope {slope:.2}");
        print(
            language,
            &texts,
            &answers,
            (undecided, number("ALONE", alone(language))),
        );
        if !write {
            continue;
        }
        let rows: Vec<usize> = (0..texts.len())
            .filter(|&row| texts[row].may_train)
            .collect();
        let file = fit(&texts, &grams, &rows, how).quantised(undecided, slope);
        let model = Model::parse(&file).ok_or("what was written is no model")?;
        println!(
            "{} texts, {} of the weights are not 0",
            rows.len(),
            model.weights()
        );
        for name in data::files(language) {
            let path = tsugi_plugin::testing::measured(&name).ok_or("the data is gone")?;
            println!("{name} {}", digest(&std::fs::read(path)?));
        }
        println!("{}.bin {}", language.tag(), digest(&file));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/learned/models");
        std::fs::write(folder.join(format!("{}.bin", language.tag())), &file)?;
    }
    Ok(())
}
