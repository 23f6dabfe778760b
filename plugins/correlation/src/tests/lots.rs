//! `lot_window_scan` and `nearest`: the lots of da Vinci part 420179, and the pumps of Broad Street.

use super::data::{Sheet, agree, folder, parquet, texts};
use crate::{LotWindowScanTable, NearestTable};
use std::path::Path;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
struct Window {
    unit: String,
    window_rank: i64,
    from_period: Option<String>,
    to_period: Option<String>,
    observed: i64,
    expected: Option<f64>,
    llr: Option<f64>,
    total: i64,
    p_value: Option<f64>,
    q_value: Option<f64>,
    verdict: String,
    reason: String,
}

fn windows(answer: &Batch) -> Vec<Window> {
    answer
        .read::<Window>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// Part and production date of every report received before a day.
fn lots(folder: &Path, before: &str) -> Batch {
    let rows = parquet(folder, "device_events.parquet");
    let (received, part, made) = (
        texts(&rows, "date_received"),
        texts(&rows, "part"),
        texts(&rows, "lot_date"),
    );
    let kept: Vec<usize> = (0..rows.len())
        .filter(|&at| received[at].as_deref().is_some_and(|day| day < before))
        .collect();
    Batch::new([
        column(
            "unit",
            kept.iter()
                .map(|&at| part[at].clone().unwrap_or_else(|| "unknown".into())),
        ),
        column("made", kept.iter().map(|&at| made[at].clone())),
    ])
    .unwrap()
}

#[test]
fn the_lots_of_part_420179_stand_out() {
    let Some(folder) = folder("davinci_maude") else {
        return;
    };
    let sheet = Sheet::read(&folder, "expected_lot_window_scan.csv");
    let (part, as_of) = (sheet.names("part"), sheet.names("as_of"));
    let (from, to) = (sheet.names("from_month"), sheet.names("to_month"));
    let (observed, total) = (sheet.numbers("observed"), sheet.numbers("total"));
    let (expected, llr) = (sheet.numbers("expected"), sheet.numbers("llr"));
    for (day, first, last) in [
        ("2013-05-08", "2010-06-01", "2013-04-30"),
        ("2014-10-01", "2011-01-01", "2014-06-30"),
    ] {
        let answer = table::<LotWindowScanTable>()
            .input("complaints", lots(&folder, day))
            .option("made_from", first)
            .option("made_to", last)
            .option("windows", 10_i64)
            .run_cut(8192)
            .unwrap();
        let found = windows(&answer);
        let mut compared = 0;
        for at in (0..sheet.len()).filter(|&at| as_of[at] == day) {
            let (start, end) = (format!("{}-01", from[at]), format!("{}-01", to[at]));
            let same = |one: &&Window| {
                one.unit == part[at]
                    && one.from_period.as_deref() == Some(&start)
                    && one.to_period.as_deref() == Some(&end)
            };
            let got = found
                .iter()
                .find(same)
                .unwrap_or_else(|| panic!("{} {start}", part[at]));
            assert_eq!(
                (got.observed as f64, got.total as f64),
                (observed[at], total[at])
            );
            assert!(agree(got.expected.unwrap(), expected[at], 1e-6), "{got:?}");
            assert!(agree(got.llr.unwrap(), llr[at], 1e-9), "{got:?}");
            compared += 1;
        }
        assert_eq!(compared, if day == "2013-05-08" { 5 } else { 30 });
        let best = found
            .iter()
            .find(|one| one.unit == "420179" && one.window_rank == 1)
            .unwrap();
        let window = (best.from_period.as_deref(), best.to_period.as_deref());
        let months = if day == "2013-05-08" {
            (Some("2013-01-01"), Some("2013-04-01"))
        } else {
            (Some("2013-06-01"), Some("2013-07-01"))
        };
        assert_eq!((window, best.verdict.as_str()), (months, "leading suspect"));
        assert_eq!(best.p_value, Some(0.001));
        assert!(
            best.q_value.unwrap() < 0.05 && best.reason.starts_with("made 2013-"),
            "{best:?}"
        );
    }
}

#[test]
fn production_dates_that_cannot_be_scanned_say_why() {
    let rows = |units: [&'static str; 8]| {
        let made = [
            "2013-01-05",
            "2013-01-09",
            "2013-02-01",
            "2013-01-30",
            "2013-02-02",
            "2013-03-05",
            "2013-03-06",
            "2013-03-31",
        ];
        Batch::new([column("unit", units), column("made", made)]).unwrap()
    };
    let run = |rows: Batch| {
        windows(
            &table::<LotWindowScanTable>()
                .input("complaints", rows)
                .run()
                .unwrap(),
        )
    };
    let alone = run(rows(["a"; 8]));
    assert_eq!((alone.len(), alone[0].observed, alone[0].llr), (1, 0, None));
    assert!(alone[0].reason.starts_with("no other unit"), "{alone:?}");
    let few = run(rows(["a", "a", "a", "a", "a", "b", "b", "b"]));
    assert_eq!(few.len(), 1, "b has fewer than the minimum: {few:?}");
    let window = table::<LotWindowScanTable>()
        .input("complaints", rows(["a", "a", "b", "a", "a", "b", "b", "a"]))
        .option("every", "week")
        .run()
        .unwrap();
    assert_eq!(
        windows(&window)[0].from_period.as_deref(),
        Some("2012-12-31")
    );
    let wrong = table::<LotWindowScanTable>()
        .input("complaints", rows(["a"; 8]))
        .option("made_from", "last year")
        .run_cut(9)
        .unwrap_err();
    assert_eq!(wrong.code, "bad-option");
}

#[derive(Debug, Row)]
struct Source {
    rank: i64,
    source: String,
    events: i64,
    share: Option<f64>,
    events_total: i64,
    tied: i64,
    distance_mean: Option<f64>,
    distance_max: Option<f64>,
}

fn sources(answer: &Batch) -> Vec<Source> {
    answer
        .read::<Source>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn most_deaths_lie_nearest_to_the_broad_street_pump() {
    let Some(folder) = folder("snow_water_supplier") else {
        return;
    };
    let deaths = Sheet::read(&folder, "broad_street_deaths_xy.csv");
    let pumps = Sheet::read(&folder, "expected_broad_street_nearest_pump.csv");
    let places = |sheet: &Sheet| {
        [
            column("x", sheet.numbers("x")),
            column("y", sheet.numbers("y")),
        ]
    };
    let [x, y] = places(&pumps);
    let answer = table::<NearestTable>()
        .input("events", Batch::new(places(&deaths)).unwrap())
        .input(
            "sources",
            Batch::new([column("source", pumps.names("label")), x, y]).unwrap(),
        )
        .run()
        .unwrap();
    let found = sources(&answer);
    for (label, wanted) in pumps
        .names("label")
        .iter()
        .zip(pumps.numbers("nearest_deaths"))
    {
        let got = found.iter().find(|one| one.source == *label).unwrap();
        assert_eq!(got.events as f64, wanted, "{got:?}");
        assert_eq!((got.events_total, got.tied), (578, 0));
        assert_eq!(got.events == 0, got.distance_mean.is_none());
        assert!(got.distance_max.unwrap_or(0.0) >= got.distance_mean.unwrap_or(0.0));
    }
    let first = (found[0].rank, found[0].source.as_str(), found[0].events);
    assert_eq!(first, (1, "Broad St", 359));
    assert!(agree(found[0].share.unwrap(), 359.0 / 578.0, 1e-12));
}

#[test]
fn ties_and_places_that_are_none() {
    let events =
        |x: f64| Batch::new([column("x", [x]), column("y", [0.0]), column("n", [3_i64])]).unwrap();
    let wells = |names: [&'static str; 2]| {
        Batch::new([
            column("source", names),
            column("x", [-1.0, 1.0]),
            column("y", [0.0, 0.0]),
        ])
        .unwrap()
    };
    let run = |events: Batch, wells: Batch| {
        table::<NearestTable>()
            .input("events", events)
            .input("sources", wells)
    };
    let even = sources(&run(events(0.0), wells(["west", "east"])).run().unwrap());
    assert_eq!(
        (even[0].source.as_str(), even[0].events, even[0].tied),
        ("east", 3, 3)
    );
    let code = |run: TableRun<NearestTable>| run.run_cut(9).unwrap_err().code.clone();
    assert_eq!(
        code(run(events(f64::INFINITY), wells(["west", "east"]))),
        "not-finite"
    );
    assert_eq!(code(run(events(0.0), wells(["west", "west"]))), "twice");
    let globe = Batch::new([column("latitude", [91.0]), column("longitude", [0.0])]).unwrap();
    assert_eq!(
        code(run(globe.clone(), wells(["west", "east"]))),
        "two-forms"
    );
    let sites = Batch::new([
        column("source", ["pole"]),
        column("latitude", [90.0]),
        column("longitude", [0.0]),
    ])
    .unwrap();
    assert_eq!(code(run(globe, sites)), "not-finite");
}
