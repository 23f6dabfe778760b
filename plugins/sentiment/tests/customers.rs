//! How often the label is right where customers speak: texts that nothing shipped was learned from.

mod common;

use std::collections::BTreeMap;

use common::{rows, text};
use tsugi_sentiment::score::{label, score};

/// Of each language: sources, and the least macro-F1 over bad and good texts, recall and precision of bad ones.
const BARS: [(&str, &[&str], [f64; 3]); 5] = [
    ("en", &["airline_tweets"], [0.76, 0.76, 0.96]),
    (
        "de",
        &["germeval2017_bahn", "hotel_aspects_de"],
        [0.80, 0.62, 0.88],
    ),
    ("ja", &["amazon_reviews_ja"], [0.88, 0.86, 0.88]),
    (
        "zh",
        &[
            "amazon_reviews_zh",
            "car_complaints_zh",
            "hotels_zh",
            "shopping_zh",
            "waimai_zh",
        ],
        [0.86, 0.88, 0.87],
    ),
    ("pt", &["olist_reviews"], [0.87, 0.84, 0.86]),
];

/// Bad and good texts by what was said of them: negative, positive, neither.
#[derive(Default, Clone, Copy)]
struct Counts([[f64; 3]; 2]);

impl Counts {
    fn figures(&self) -> [f64; 4] {
        let [bad, good] = self.0;
        let f1 =
            |right: f64, is: [f64; 3], said: f64| 2.0 * right / (is.iter().sum::<f64>() + said);
        let (said_bad, said_good) = (bad[0] + good[0], bad[1] + good[1]);
        [
            (f1(bad[0], bad, said_bad) + f1(good[1], good, said_good)) / 2.0,
            bad[0] / bad.iter().sum::<f64>(),
            bad[0] / said_bad,
            good[1] / good.iter().sum::<f64>(),
        ]
    }
}

#[test]
fn labels_are_right_where_customers_speak() {
    let mut low = Vec::new();
    for (tag, sources, bars) in BARS {
        let Some(read) = rows(&format!("texts/{tag}.parquet")) else {
            return;
        };
        let mut tables: BTreeMap<String, Counts> = BTreeMap::new();
        for row in read {
            let source = text(&row, "source").unwrap_or_default();
            let truth = text(&row, "label").unwrap_or_default();
            if !sources.contains(&source.as_str()) || truth == "0" {
                continue;
            }
            let said = label(score(&text(&row, "text").unwrap_or_default(), tag));
            let at = match said {
                "negative" => 0,
                "positive" => 1,
                _ => 2,
            };
            for name in [source.as_str(), "all"] {
                let counts = tables.entry(name.to_owned()).or_default();
                counts.0[usize::from(truth == "1")][at] += 1.0;
            }
        }
        for (name, counts) in &tables {
            let shown = counts
                .figures()
                .map(|figure| format!("{figure:.3}"))
                .join(" ");
            println!(
                "{tag} {name}: macro-F1, recall and precision of bad, recall of good: {shown}"
            );
        }
        let figures = tables.get("all").copied().unwrap_or_default().figures();
        if figures.iter().zip(bars).any(|(figure, bar)| *figure < bar) {
            low.push(format!("{tag}: {figures:?}, wanted {bars:?}"));
        }
    }
    assert!(low.is_empty(), "{low:#?}");
}
