//! The recipe of the shipped models: a small one made again has the same bytes, and each shipped one is what was written.

use sha2::{Digest, Sha256};
use tsugi_sentiment::language::Language;
use tsugi_sentiment::learned::Model;
use tsugi_sentiment::score::lexicon_score;

#[path = "../examples/train_models/data.rs"]
#[allow(dead_code)] // The recipe reads files; here the texts are given.
mod data;
#[path = "../examples/train_models/fit.rs"]
#[allow(dead_code)] // Nothing is measured here.
mod fit;

use data::Text;
use fit::{Fit, Grams, fit};

fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn small() -> Vec<u8> {
    let lines = include_str!("phrases_ja.tsv").lines();
    let cases = lines.filter_map(|line| line.split_once('\t'));
    let text = |(label, text): (&str, &str)| {
        let (lexicon, turned) = lexicon_score("", Language::Japanese);
        Text {
            text: text.to_owned(),
            source: String::new(),
            label: match label {
                "negative" => -1,
                "positive" => 1,
                _ => 0,
            },
            may_train: true,
            counts: 1.0,
            lexicon,
            turned,
            fold: 0,
        }
    };
    let texts: Vec<Text> = cases.map(text).collect();
    let rows: Vec<usize> = (0..texts.len()).collect();
    let how = Fit {
        strength: 1.0,
        neutral: 0.5,
        lexicon: 1.0,
        lexicon_hold: 10.0,
        ratio: 1.0,
        bias: 0.0,
    };
    let grams = Grams::of(&texts, Language::Japanese);
    fit(&texts, &grams, &rows, how).quantised(0.01, 2.0)
}

#[test]
fn the_same_texts_give_the_same_bytes() {
    let file = small();
    let model = Model::parse(&file).expect("a model");
    assert!(model.weights() > 100, "{}", model.weights());
    assert_eq!(
        digest(&file),
        "e6555b17ae8836671c1bea33a99f94d6f3672302244ba2c99f6b35145b33b4a8"
    );
}

#[test]
fn shipped_models_are_those_that_were_written() {
    let written = include_str!("../src/learned/models/DIGESTS");
    for (name, file) in [
        (
            "en.bin",
            &include_bytes!("../src/learned/models/en.bin")[..],
        ),
        ("de.bin", include_bytes!("../src/learned/models/de.bin")),
        ("ja.bin", include_bytes!("../src/learned/models/ja.bin")),
        ("zh.bin", include_bytes!("../src/learned/models/zh.bin")),
        ("pt.bin", include_bytes!("../src/learned/models/pt.bin")),
    ] {
        let line = format!("{name} {}", digest(file));
        assert!(written.lines().any(|l| l == line), "{line}");
    }
}
