//! One call of every table function on small generated rows, for what must hold of all of them.

use crate::{
    AttributeTable, ChangeEffectTable, ChangepointsTable, DisproportionalityTable,
    FalseDiscoveryTable, LotWindowScanTable, NearestTable, RecentShareTable, RegionScanTable,
    SurgeTable, TraceTable,
};
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Error, Table, column};

/// Ports and their rows.
pub(super) type Ports = Vec<(&'static str, Batch)>;

/// A function with its arguments, and rows for each of its ports.
pub(super) struct Call {
    /// The function, and what is special about this call.
    pub name: String,
    /// The ports and their rows.
    pub ports: Ports,
    run: Box<dyn Fn(Ports, usize) -> Result<Batch, Error>>,
}

impl Call {
    fn of<T: Table + 'static>(
        name: impl Into<String>,
        ports: Ports,
        with: impl Fn(TableRun<T>) -> TableRun<T> + 'static,
    ) -> Self {
        let run = move |ports: Ports, rows| {
            let inputs = |run: TableRun<T>, (port, batch)| run.input(port, batch);
            with(ports.into_iter().fold(table::<T>(), inputs)).run_cut(rows)
        };
        Self {
            name: name.into(),
            ports,
            run: Box::new(run),
        }
    }

    /// The answer for these rows, cut to so many a batch.
    pub(super) fn ask(&self, ports: Ports, rows: usize) -> Result<Batch, Error> {
        (self.run)(ports, rows)
    }
}

fn batch<const N: usize>(columns: [(tsugi_plugin::Field, tsugi_plugin::Array); N]) -> Batch {
    Batch::new(columns).unwrap()
}

/// Every function, at least once.
pub(super) fn all(seed: u64) -> Vec<Call> {
    let dice = &mut fastrand::Rng::with_seed(seed);
    let mut calls = comparing(dice);
    calls.extend(in_time(dice));
    calls.extend(in_space(dice));
    calls.extend(tracing(dice));
    calls
}

fn comparing(dice: &mut fastrand::Rng) -> Vec<Call> {
    let cells = cells(dice);
    let tests = tests(dice);
    let reports = reports(dice);
    let named = named_reports(dice);
    let effects = effects(dice);
    let inputs = vec![
        ("cells", cells),
        ("factors", factors()),
        ("nested", nested()),
        ("series", steps()),
        ("ages", ages()),
    ];
    vec![
        Call::of::<AttributeTable>("attribute", inputs, |run| run),
        Call::of::<FalseDiscoveryTable>("false_discovery", vec![("rows", tests)], |run| {
            run.option("p", "p")
                .option("groups", "family")
                .option("tested", "tested")
                .option("only", "returned")
        }),
        Call::of::<DisproportionalityTable>(
            "disproportionality",
            vec![("reports", reports)],
            |run| run,
        ),
        Call::of::<DisproportionalityTable>(
            "disproportionality of named reports",
            vec![("reports", named)],
            |run| run.option("prior", "none"),
        ),
        Call::of::<ChangeEffectTable>("change_effect", vec![("units", effects)], |run| run),
    ]
}

/// Complaints and shipped units by topic, lot and region.
fn cells(dice: &mut fastrand::Rng) -> Batch {
    let lots: Vec<usize> = (0..80).map(|_| dice.usize(0..20)).collect();
    batch([
        column("topic", lots.iter().map(|lot| ["crack", "glue"][lot % 2])),
        column("lot", lots.iter().map(|lot| format!("L{lot:02}"))),
        column("region", lots.iter().map(|lot| format!("R{}", lot % 3))),
        column(
            "shipped",
            lots.iter().map(|_| f64::from(dice.u32(0..400)) / 3.0),
        ),
        column(
            "complaints",
            lots.iter()
                .map(|lot| f64::from(dice.u32(0..if lot % 4 == 1 { 9 } else { 2 }))),
        ),
    ])
}

/// Supplier and product of each lot.
fn factors() -> Batch {
    let of_lots: Vec<usize> = (0..40).collect();
    batch([
        column("lot", of_lots.iter().map(|at| format!("L{:02}", at / 2))),
        column(
            "factor",
            of_lots.iter().map(|at| ["supplier", "product"][at % 2]),
        ),
        column(
            "value",
            of_lots
                .iter()
                .map(|at| format!("V{}", at / 2 % (4 + at % 2))),
        ),
    ])
}

/// Months that each lot has been out, and complaints in the first of them.
fn ages() -> Batch {
    let rows = || (0..60).map(|at| (at % 20, at / 20));
    batch([
        column("lot", rows().map(|(lot, _)| format!("L{lot:02}"))),
        column(
            "topic",
            rows().map(|(lot, age)| (age == 2).then_some(["crack", "glue"][lot % 2])),
        ),
        column("age", rows().map(|(_, age)| ["0", "1", "0"][age])),
        column(
            "at_risk",
            rows().map(|(lot, age)| [9.0, lot as f64 / 3.0, 0.0][age]),
        ),
        column(
            "complaints",
            rows().map(|(lot, age)| [0.0, 0.0, (lot % 3) as f64][age]),
        ),
    ])
}

/// When the upper of each lot was received.
fn steps() -> Batch {
    batch([
        column("lot", (0..20).map(|at| format!("L{at:02}"))),
        column("factor", (0..20).map(|_| "upper_period")),
        column("series", (0..20).map(|at| format!("S{}", at % 2))),
        column("step", (0..20).map(|at| format!("2025-{:02}", 1 + at / 3))),
    ])
}

/// What is made into what.
fn nested() -> Batch {
    batch([
        column("factor", ["supplier", "product", "upper", "heel"]),
        column("made_into", [Some("lot"), None, Some("lot"), None]),
        column("position", [1.0, 2.0, 3.0, 4.0]),
    ])
}

/// Tests of two families, some without a p.
fn tests(dice: &mut fastrand::Rng) -> Batch {
    batch([
        column("id", (0..60).map(|at| format!("R{at:02}"))),
        column("family", (0..60).map(|_| ["a", "b"][dice.usize(0..2)])),
        column(
            "p",
            (0..60).map(|at| (at % 9 > 0).then(|| dice.f64().powi(3))),
        ),
        column("tested", (0..60).map(|_| f64::from(dice.u32(0..900)))),
        column("returned", (0..60).map(|at| at % 5 > 0)),
    ])
}

/// Counted reports, some without a topic.
fn reports(dice: &mut fastrand::Rng) -> Batch {
    let units: Vec<u32> = (0..300).map(|_| dice.u32(0..30)).collect();
    batch([
        column("unit", units.iter().map(|unit| format!("U{unit:02}"))),
        column(
            "topic",
            units.iter().map(|unit| match dice.u32(0..8) {
                0 => None,
                1 => Some(format!("T{}", unit % 9)),
                topic => Some(format!("T{topic}")),
            }),
        ),
        column("n", units.iter().map(|_| f64::from(dice.u32(0..5)))),
    ])
}

/// Reports that are distinguished by name.
fn named_reports(dice: &mut fastrand::Rng) -> Batch {
    batch([
        column("report", (0..200).map(|_| format!("R{}", dice.u32(0..90)))),
        column("unit", (0..200).map(|_| format!("U{}", dice.u32(0..9)))),
        column("topic", (0..200).map(|_| format!("T{}", dice.u32(0..7)))),
    ])
}

/// Two comparisons before and after a change.
fn effects(dice: &mut fastrand::Rng) -> Batch {
    let changed: Vec<u32> = (0..40).map(|_| dice.u32(0..4)).collect();
    batch([
        column("comparison", (0..40).map(|at| format!("C{}", at % 2))),
        column("treated", changed.iter().map(|cell| cell % 2 == 1)),
        column("after", changed.iter().map(|cell| cell / 2 == 1)),
        column("events", changed.iter().map(|_| f64::from(dice.u32(0..20)))),
        column("exposure", (0..40).map(|_| 1.0 + dice.f64() * 900.0)),
    ])
}

/// Periods 0 to 59 of three series.
fn series(dice: &mut fastrand::Rng, with_population: bool) -> Batch {
    let rows: Vec<(usize, i64)> = (0..3)
        .flat_map(|at| (0..60).map(move |t| (at, t)))
        .collect();
    let level = |at: usize| [2, 5, 12][at];
    let mut columns = vec![
        column("series", rows.iter().map(|row| ["a", "b", "c"][row.0])),
        column("period", rows.iter().map(|row| row.1)),
        column(
            "count",
            rows.iter()
                .map(|row| f64::from(dice.u32(0..2 * level(row.0)) + u32::from(row.1 == 59) * 9)),
        ),
    ];
    if with_population {
        let people = rows.iter().map(|_| 100.0 + dice.f64());
        columns.push(column("population", people));
    }
    Batch::new(columns).unwrap()
}

fn in_time(dice: &mut fastrand::Rng) -> Vec<Call> {
    let mut calls = Vec::new();
    for method in ["ears_c1", "ears_c2", "ears_c3"] {
        let rows = series(dice, false);
        let with = move |run: TableRun<SurgeTable>| run.option("method", method);
        calls.push(Call::of(method, vec![("series", rows)], with));
    }
    for method in ["cusum", "glr"] {
        let rows = series(dice, false);
        let with = move |run: TableRun<SurgeTable>| {
            let run = run.option("method", method).option("baseline", 24_i64);
            match method {
                "glr" => run.option("year_length", 12_i64),
                _ => run,
            }
        };
        calls.push(Call::of(method, vec![("series", rows)], with));
    }
    for method in ["farrington", "farrington_flexible", "rki", "bayes"] {
        let rows = series(dice, method.starts_with("farr"));
        let with = move |run: TableRun<SurgeTable>| {
            let run = run
                .option("method", method)
                .option("years", 2_i64)
                .option("year_length", 12_i64)
                .option("half_window", 2_i64);
            if method == "farrington_flexible" {
                run.option("seasons", 2_i64).option("past_excluded", 2_i64)
            } else {
                run
            }
        };
        calls.push(Call::of(method, vec![("series", rows)], with));
    }
    let day =
        |dice: &mut fastrand::Rng| format!("2026-{:02}-{:02}", dice.u32(1..6), dice.u32(1..29));
    let reports = batch([
        column("unit", (0..150).map(|_| format!("U{}", dice.u32(0..6)))),
        column("date", (0..150).map(|_| day(dice)).collect::<Vec<_>>()),
        column("n", (0..150).map(|_| f64::from(dice.u32(0..3)))),
    ]);
    let lots = batch([
        column("unit", (0..150).map(|_| format!("U{}", dice.u32(0..4)))),
        column("made", (0..150).map(|_| day(dice)).collect::<Vec<_>>()),
        column("n", (0..150).map(|_| f64::from(dice.u32(0..3)))),
    ]);
    calls.extend([
        Call::of::<ChangepointsTable>(
            "changepoints",
            vec![("series", series(dice, false))],
            |run| run.option("changes_max", 3_i64),
        ),
        Call::of::<RecentShareTable>("recent_share", vec![("reports", reports)], |run| {
            run.option("as_of", "2026-05-20")
        }),
        Call::of::<LotWindowScanTable>("lot_window_scan", vec![("complaints", lots)], |run| {
            run.option("simulations", 99_i64)
        }),
    ]);
    calls
}

fn in_space(dice: &mut fastrand::Rng) -> Vec<Call> {
    let mut place = || [dice.f64() * 10.0, dice.f64() * 10.0];
    let regions: Vec<[f64; 2]> = (0..25).map(|_| place()).collect();
    let wells: Vec<[f64; 2]> = (0..4).map(|_| place()).collect();
    let regions = batch([
        column("region", (0..25).map(|at| format!("R{at:02}"))),
        column("cases", (0..25).map(|_| f64::from(dice.u32(0..8)))),
        column("population", (0..25).map(|_| 1.0 + dice.f64() * 90.0)),
        column("x", regions.iter().map(|at| at[0])),
        column("y", regions.iter().map(|at| at[1])),
    ]);
    let events: Vec<[f64; 2]> = (0..60)
        .map(|_| [dice.f64() * 10.0, dice.f64() * 10.0])
        .collect();
    let events = batch([
        column("x", events.iter().map(|at| at[0])),
        column("y", events.iter().map(|at| at[1])),
        column("n", (0..60).map(|_| f64::from(dice.u32(0..4)))),
    ]);
    let sources = batch([
        column("source", ["north", "south", "east", "west"]),
        column("x", wells.iter().map(|at| at[0])),
        column("y", wells.iter().map(|at| at[1])),
    ]);
    vec![
        Call::of::<RegionScanTable>("region_scan", vec![("regions", regions)], |run| {
            run.option("simulations", 99_i64)
        }),
        Call::of::<NearestTable>(
            "nearest",
            vec![("events", events), ("sources", sources)],
            |run| run,
        ),
    ]
}

fn tracing(dice: &mut fastrand::Rng) -> Vec<Call> {
    let station = |at: u32| format!("station {at:02}");
    let deliveries: Vec<[u32; 3]> = (0..60)
        .map(|_| [dice.u32(0..12), dice.u32(0..12), dice.u32(1..29)])
        .collect();
    let deliveries = batch([
        column("delivery", (0..60).map(|at| format!("D{at:02}"))),
        column("sender", deliveries.iter().map(|row| station(row[0]))),
        column("recipient", deliveries.iter().map(|row| station(row[1]))),
        column(
            "lot",
            deliveries.iter().map(|row| format!("lot {}", row[0] % 5)),
        ),
        column(
            "sent",
            deliveries
                .iter()
                .map(|row| format!("2026-01-{:02}", row[2])),
        ),
        column("quantity", (0..60).map(|_| dice.f64() * 50.0)),
        column(
            "weight",
            (0..60).map(|at| f64::from(u8::from(at % 9 == 0)) * (1.0 + dice.f64())),
        ),
    ]);
    let links = batch([
        column("lot", (0..8).map(|_| format!("lot {}", dice.u32(0..5)))),
        column(
            "into_lot",
            (0..8).map(|_| format!("lot {}", dice.u32(0..5))),
        ),
    ]);
    let stations = batch([
        column("station", (0..12).map(station)),
        column("weight", (0..12).map(|at| f64::from(at % 3) / 2.0)),
        column("mixes", (0..12).map(|at| at % 4 == 0)),
    ]);
    let reports = ["scores", "paths", "doubts"];
    let call = |report: &'static str| {
        let ports = vec![
            ("deliveries", deliveries.clone()),
            ("links", links.clone()),
            ("stations", stations.clone()),
        ];
        Call::of::<TraceTable>(format!("trace, {report}"), ports, move |run| {
            run.option("report", report)
        })
    };
    reports.map(call).into()
}
