//! How often answers are right, by source.

use std::collections::BTreeMap;

use tsugi_sentiment::language::Language;

use crate::data::Text;

pub(crate) struct Answer {
    pub row: usize,
    pub margin: f64,
}

/// Texts by label and answer: negative, neutral or none, positive.
#[derive(Default, Clone, Copy)]
struct Table([[u32; 3]; 3]);

impl Table {
    fn add(&mut self, label: i8, margin: f64, undecided: f64) {
        let said = if margin >= undecided {
            2
        } else if margin <= -undecided {
            0
        } else {
            1
        };
        self.0[(label + 1) as usize][said] += 1;
    }

    /// Macro-F1 of negative and positive texts, recall and precision of negative, recall of positive, and the share of
    /// neutral texts that are not taken for either. A neutral text counts for none of the first four.
    fn figures(&self) -> [f64; 5] {
        let [negative, neutral, positive] = self.0.map(|row| row.map(f64::from));
        let of = |part: f64, whole: f64| if whole == 0.0 { f64::NAN } else { part / whole };
        let f1 = |right: f64, is: f64, said: f64| of(2.0 * right, is + said);
        let sum = |row: [f64; 3]| row.iter().sum::<f64>();
        let bad = f1(negative[0], sum(negative), negative[0] + positive[0]);
        let good = f1(positive[2], sum(positive), positive[2] + negative[2]);
        let both: Vec<f64> = [bad, good].into_iter().filter(|f| !f.is_nan()).collect();
        [
            both.iter().sum::<f64>() / both.len() as f64,
            of(negative[0], sum(negative)),
            of(negative[0], negative[0] + positive[0]),
            of(positive[2], sum(positive)),
            of(neutral[1], sum(neutral)),
        ]
    }
}

pub(crate) fn print(
    language: Language,
    texts: &[Text],
    answers: &[Answer],
    (undecided, alone): (f64, f64),
) {
    let mut tables: BTreeMap<(bool, &str), [Table; 2]> = BTreeMap::new();
    for answer in answers {
        let text = &texts[answer.row];
        for key in [
            (text.may_train, text.source.as_str()),
            (
                text.is_customer(),
                if text.is_customer() {
                    "= customers"
                } else {
                    "= others"
                },
            ),
        ] {
            let [lexicon, model] = tables.entry(key).or_default();
            lexicon.add(text.label, text.lexicon.unwrap_or_default(), 0.05);
            let alone = if text.lexicon.is_none() { alone } else { 0.0 };
            model.add(text.label, answer.margin, undecided + alone);
        }
    }
    for ((_, source), [lexicon, model]) in tables {
        let texts: u32 = model.0.iter().flatten().sum();
        let shown = |table: Table| table.figures().map(|f| format!("{f:.3}")).join(" ");
        println!(
            "{} {source:36} {texts:6} | {} | {}",
            language.tag(),
            shown(lexicon),
            shown(model)
        );
    }
}

/// The margin below which `share` of the customers' texts with a side lie, and how fast margins beyond it become certain:
/// the slope at which the squared error of the scores is lowest.
pub(crate) fn calibrate(texts: &[Text], answers: &[Answer], share: f64) -> (f64, f64) {
    let sided = answers
        .iter()
        .filter(|a| texts[a.row].may_train && texts[a.row].label != 0);
    let sided: Vec<&Answer> = sided.collect();
    let mut sizes: Vec<f64> = sided.iter().map(|answer| answer.margin.abs()).collect();
    sizes.sort_unstable_by(f64::total_cmp);
    let undecided = sizes[(sizes.len() as f64 * share) as usize];
    let error = |slope: f64| {
        let errors = sided.iter().map(|answer| {
            let beyond = (answer.margin.abs() - undecided).max(0.0);
            let score = (beyond * slope).tanh().copysign(answer.margin);
            (score - f64::from(texts[answer.row].label)).powi(2)
        });
        errors.sum::<f64>()
    };
    let slopes = (1..=40).map(|step| f64::from(step) * 0.1);
    let best = slopes.min_by(|one, other| error(*one).total_cmp(&error(*other)));
    (undecided, best.unwrap_or(1.0))
}
