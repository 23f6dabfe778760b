//! What is suggested for a topic: planted texts and words, and how often labels of others agree.
#![allow(clippy::unwrap_used)] // What a test prepares is not outside data.

mod common;

use common::{rows, text};
use tsugi_plugin::{Batch, Collect, column, testing};
use tsugi_sentiment::SuggestTopicsTable;

type Labelled<'a> = (String, &'a str, Option<&'a str>);

fn suggest(texts: &[Labelled<'_>], lang: &str, limit: i64) -> Batch {
    let batch = Batch::new([
        column("id", texts.iter().map(|(id, ..)| id.as_str())),
        column("text", texts.iter().map(|(_, text, _)| *text)),
        column("topic", texts.iter().map(|(.., topic)| *topic)),
        column("lang", texts.iter().map(|_| lang)),
    ])
    .unwrap();
    let call = testing::table::<Collect<SuggestTopicsTable>>().input("texts", batch);
    call.option("limit", limit).run_cut(100).unwrap()
}

/// The ids or words of a kind.
fn of(found: &Batch, kind: &str, name: &str) -> Vec<String> {
    let (kinds, values) = (found.utf8("kind").unwrap(), found.utf8(name).unwrap());
    let rows = (0..found.rows()).filter(|row| kinds.get(*row) == Some(kind));
    rows.map(|row| values.get(row).unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn further_words_and_texts_are_proposed() {
    let accepted = [
        "The left shoe squeaks with every step I take",
        "Loud squeaking noise from the heel on tiles",
        "squeaky after a week, colleagues laugh at the noise",
        "My pair squeaks, the noise is embarrassing",
    ];
    let others = [
        "Lovely colour and a good fit",
        "The parcel came two weeks late",
        "Sole cracked after two months",
        "I want my money back please",
        "Very comfortable on long walks",
    ];
    let hidden = [
        "a squeaks noise when walking",
        "noise like a duck, it squeaks",
    ];
    let mut texts: Vec<Labelled<'_>> = Vec::new();
    texts.extend(
        (0..)
            .zip(accepted)
            .map(|(at, text): (usize, _)| (format!("a{at}"), text, Some("squeak"))),
    );
    texts.extend((0..60).map(|at| (format!("o{at:02}"), others[at % others.len()], None)));
    texts.extend(
        (0..)
            .zip(hidden)
            .map(|(at, text): (usize, _)| (format!("h{at}"), text, None)),
    );
    let found = suggest(&texts, "en", 5);
    let mut proposed = of(&found, "text", "id");
    proposed.truncate(2);
    proposed.sort();
    assert_eq!(proposed, ["h0", "h1"]);
    let words = of(&found, "word", "words").join(" ");
    assert!(
        words.contains("noise") && words.contains("squeaks"),
        "{words}"
    );
    texts.reverse();
    assert_eq!(
        format!("{:?}", of(&suggest(&texts, "en", 5), "text", "id")),
        format!("{:?}", of(&found, "text", "id"))
    );
}

#[test]
fn bad_input_is_answered() {
    let long = "x".repeat(1_000_000);
    for text in ["", "😀", "12", long.as_str(), "\u{202e}\u{fffd}"] {
        let texts = [
            ("1".to_owned(), text, Some("t")),
            ("2".to_owned(), text, Some("t")),
            ("3".to_owned(), text, None),
        ];
        suggest(&texts, "", 3);
    }
    assert_eq!(suggest(&[], "", 3).rows(), 0);
}

#[test]
fn half_of_the_proposals_or_more_are_right_on_labels_of_others() {
    let Some(read) = rows("texts/en.parquet") else {
        return;
    };
    let tweets: Vec<(String, String)> = read
        .iter()
        .filter(|row| text(row, "source").as_deref() == Some("airline_tweets"))
        .filter_map(|row| Some((text(row, "text")?, text(row, "topic")?)))
        .collect();
    for topic in [
        "Lost Luggage",
        "Cancelled Flight",
        "Late Flight",
        "Customer Service Issue",
    ] {
        let is_topic = |at: usize| tweets[at].1 == topic;
        let accepted: Vec<usize> = (0..tweets.len())
            .filter(|at| is_topic(*at))
            .take(30)
            .collect();
        let texts: Vec<Labelled<'_>> = (0..tweets.len())
            .map(|at| {
                (
                    format!("{at:06}"),
                    tweets[at].0.as_str(),
                    accepted.contains(&at).then_some(topic),
                )
            })
            .collect();
        let found = suggest(&texts, "en", 50);
        let ids = of(&found, "text", "id");
        let right = ids
            .iter()
            .filter(|id| is_topic(id.parse().unwrap()))
            .count();
        let share =
            (0..tweets.len()).filter(|at| is_topic(*at)).count() as f64 / tweets.len() as f64;
        println!(
            "{topic}: {right} of the first {} right ({share:.2} of all texts are)",
            ids.len()
        );
        assert!(right * 2 >= ids.len(), "{topic}");
    }
}
