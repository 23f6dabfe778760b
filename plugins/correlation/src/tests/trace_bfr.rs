//! `trace` against the scores of FoodChain-Lab on the German institute's own test flows: 381
//! stations, 648 deliveries, 735 links, in and out of time order, with collapsed stations, different
//! weights and mixed deliveries.

use super::data::{Sheet, folder};
use crate::TraceTable;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
struct Found {
    kind: String,
    name: String,
    score: Option<f64>,
    score_positive: Option<f64>,
    score_negative: Option<f64>,
    normalized: Option<f64>,
    doubts: i64,
}

#[derive(Debug, Row)]
struct Step {
    path: i64,
    origin: String,
    destination: String,
    step: i64,
    steps: i64,
    delivery: String,
    sender: String,
    recipient: String,
    because: String,
}

/// One flow: the deliveries and links of all, the settings of its own expected files.
struct Flow {
    deliveries: Batch,
    links: Batch,
    stations: Batch,
    expected: Sheet,
    expected_deliveries: Sheet,
}

/// Stations that the expected file no longer has were collapsed into one, named by their country.
fn flow(folder: &Path, name: &str) -> Flow {
    let read =
        |part: &str| Sheet::read(folder, &format!("Tracing_Test_{name}.expected_{part}.csv"));
    let (expected, expected_deliveries) = (read("stations"), read("deliveries"));
    let links = Sheet::read(folder, "lot_links.csv");
    let links = Batch::new([
        column("delivery", links.names("ID")),
        column("next", links.names("Next")),
    ])
    .unwrap();
    let stations = Batch::new([
        column("station", expected.names("ID")),
        column("weight", expected.numbers("Weight")),
        column("mixes", expected.flags("CrossContamination")),
    ])
    .unwrap();
    let given = Sheet::read(folder, "deliveries.csv");
    let has_arrival = name.contains("CC");
    Flow {
        deliveries: deliveries(&given, &expected, &expected_deliveries, has_arrival),
        links,
        stations,
        expected,
        expected_deliveries,
    }
}

/// The flow may have edited weights, mixing and dates; deliveries inside the collapsed station are
/// no longer listed, but still carry what they carried.
fn deliveries(
    given: &Sheet,
    expected: &Sheet,
    expected_deliveries: &Sheet,
    has_arrival: bool,
) -> Batch {
    let kept: HashSet<String> = expected.names("ID").into_iter().collect();
    let station = |id: &String| match kept.contains(id) {
        true => id.clone(),
        false => "CH".to_owned(),
    };
    let ids = expected_deliveries.names("ID");
    let at: HashMap<&String, usize> = ids.iter().zip(0..).collect();
    let weights = expected_deliveries.numbers("Weight");
    let mixes = expected_deliveries.flags("CrossContamination");
    let expected_sent = expected_deliveries.texts("Date Delivery");
    let arrived = match has_arrival {
        true => expected_deliveries.texts("Date Delivery Arrival"),
        false => vec![None; ids.len()],
    };
    let all = given.names("ID");
    let placed: Vec<Option<usize>> = all.iter().map(|id| at.get(id).copied()).collect();
    let old_sent = given.texts("Date Delivery");
    let sent = placed.iter().zip(old_sent);
    let sent = sent.map(|(place, old)| place.map_or(old, |at| expected_sent[at].clone()));
    let arrived = placed
        .iter()
        .map(|place| place.and_then(|at| arrived[at].clone()));
    let weights = placed
        .iter()
        .map(|place| place.map_or(0.0, |at| weights[at]));
    let mixes = placed.iter().map(|place| place.is_some_and(|at| mixes[at]));
    Batch::new([
        column("delivery", all.clone()),
        column("sender", given.names("from").iter().map(station)),
        column("recipient", given.names("to").iter().map(station)),
        column("sent", sent),
        column("arrived", arrived),
        column("weight", weights),
        column("mixes", mixes),
    ])
    .unwrap()
}

impl Flow {
    fn call(&self) -> TableRun<TraceTable> {
        table::<TraceTable>()
            .input("deliveries", self.deliveries.clone())
            .input("links", self.links.clone())
            .input("stations", self.stations.clone())
    }
}

/// How many stations and deliveries there are, all of whose four scores are equal.
fn equal(flow: &Flow, ordered: bool) -> (usize, usize) {
    let answer = flow
        .call()
        .option("ordered", ordered)
        .run_cut(1000)
        .unwrap();
    let found: HashMap<(String, String), Found> = answer
        .read::<Found>()
        .unwrap()
        .map(Result::unwrap)
        .map(|row| ((row.kind.clone(), row.name.clone()), row))
        .collect();
    let count = |kind: &str, sheet: &Sheet| {
        let expected = [
            "Score",
            "Normalized Score",
            "Positive Score",
            "Negative Score",
        ]
        .map(|name| sheet.numbers(name));
        let ids = sheet.names("ID");
        for (at, id) in ids.iter().enumerate() {
            let row = &found[&(kind.to_owned(), id.clone())];
            let got = [
                row.score,
                row.normalized,
                row.score_positive,
                row.score_negative,
            ];
            assert_eq!(row.doubts, 0);
            for (got, want) in got.iter().zip(&expected) {
                // Without a weight below 0 there is nothing to divide by: null, where theirs is 0.
                let got = got.unwrap_or(0.0);
                assert!(
                    (got - want[at]).abs() < 1e-12,
                    "{kind} {id}: {row:?} is not {}",
                    want[at]
                );
            }
        }
        ids.len()
    };
    (
        count("station", &flow.expected),
        count("delivery", &flow.expected_deliveries),
    )
}

#[test]
fn in_time_order_all_scores_are_those_of_foodchain_lab() {
    let Some(folder) = folder("foodchain_tracing") else {
        return;
    };
    let flow = flow(&folder, "with_Temporal_Order");
    assert_eq!(equal(&flow, true), (381, 648));
    let scores = flow.expected.numbers("Score");
    assert_eq!(scores.iter().filter(|score| **score > 0.0).count(), 274);
    assert_eq!(scores.iter().copied().fold(0.0, f64::max), 0.5);
}

#[test]
fn out_of_time_order_station_30_leads() {
    let Some(folder) = folder("foodchain_tracing") else {
        return;
    };
    let flow = flow(&folder, "without_Temporal_Order");
    assert_eq!(equal(&flow, false), (381, 648));
    let answer = flow.call().option("ordered", false).run().unwrap();
    let found = answer.read::<Found>().unwrap().map(Result::unwrap);
    let stations: Vec<Found> = found.filter(|row| row.kind == "station").collect();
    // Station 30, and no other as high.
    assert_eq!(
        (stations[0].name.as_str(), stations[0].score),
        ("1112007951", Some(0.75))
    );
    assert!(stations[1..].iter().all(|row| row.score < Some(0.75)));
}

#[test]
fn collapsed_stations_different_weights_and_mixed_deliveries_too() {
    let Some(folder) = folder("foodchain_tracing") else {
        return;
    };
    for name in [
        "with_Collapse_and_Different_Weights",
        "with_Join_Deliveries",
        "with_CC_on_Deliveries",
    ] {
        assert_eq!(equal(&flow(&folder, name), true), (371, 635), "{name}");
    }
}

#[test]
fn every_score_above_0_has_its_path_and_no_other_has() {
    let Some(folder) = folder("foodchain_tracing") else {
        return;
    };
    let flow = flow(&folder, "with_Temporal_Order");
    let answer = flow
        .call()
        .option("report", "paths")
        .run_cut(usize::MAX)
        .unwrap();
    let steps: Vec<Step> = answer.read::<Step>().unwrap().map(Result::unwrap).collect();
    let mut paths: BTreeMap<i64, Vec<&Step>> = BTreeMap::new();
    for step in &steps {
        paths.entry(step.path).or_default().push(step);
    }
    // Each path is a chain from its origin to what is marked.
    let mut proven: HashMap<&str, HashSet<&str>> = HashMap::new();
    for path in paths.values() {
        let (first, last) = (path[0], path[path.len() - 1]);
        assert_eq!(first.sender, first.origin);
        assert!(last.recipient == last.destination || last.delivery == last.destination);
        for (step, number) in path.iter().zip(1..) {
            assert_eq!((step.step, step.steps), (number, path.len() as i64));
        }
        for pair in path.windows(2) {
            assert_eq!(pair[0].recipient, pair[1].sender);
            assert!(
                pair[1].because == "recorded link" || pair[1].because.ends_with("mixes its lots")
            );
        }
        proven
            .entry(first.origin.as_str())
            .or_default()
            .insert(last.destination.as_str());
    }
    // The marks that are proven give the score: four of weight 1, the station's own included.
    let (ids, scores, weights) = (
        flow.expected.names("ID"),
        flow.expected.numbers("Score"),
        flow.expected.numbers("Weight"),
    );
    for ((id, score), weight) in ids.iter().zip(scores).zip(weights) {
        let mut marks = proven.get(id.as_str()).cloned().unwrap_or_default();
        if weight > 0.0 {
            marks.insert(id);
        }
        assert!(
            (marks.len() as f64 / 4.0 - score).abs() < 1e-12,
            "{id}: {marks:?} {score}"
        );
    }
}
