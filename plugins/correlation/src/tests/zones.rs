//! Times of day and their zones: what they are read as, and that nothing is accused or cleared by them.

use super::surge_real::{call, read};
use crate::TraceTable;
use tsugi_plugin::testing::table;
use tsugi_plugin::{Batch, Row, Timestamp, column};

#[derive(Debug, Row)]
struct Found {
    kind: String,
    name: String,
    score: Option<f64>,
    doubts: i64,
}

/// A parcel that came at half past midnight in Tokyo and left again an hour later, as two systems write it.
fn score_of_origin(arrived: &str, sent: &str) -> (Option<f64>, i64) {
    let rows = Batch::new([
        column("delivery", ["one", "two"]),
        column("sender", ["maker", "shop"]),
        column("recipient", ["shop", "buyer"]),
        column("lot", ["L1", "L1"]),
        column("sent", [None, Some(sent)]),
        column("arrived", [Some(arrived), None]),
        column("weight", [0.0, 1.0]),
    ])
    .unwrap();
    let answer = table::<TraceTable>()
        .input("deliveries", rows)
        .run()
        .unwrap();
    let found: Vec<Found> = answer
        .read::<Found>()
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let maker = found
        .iter()
        .find(|row| row.kind == "station" && row.name == "maker")
        .unwrap();
    (maker.score, maker.doubts)
}

#[test]
fn zones_order_what_local_days_would_not() {
    // By its local day the parcel came on 2 May and left on 1 May.
    let (came, left) = ("2026-05-02T00:30:00+09:00", "2026-05-01T16:30:00Z");
    assert_eq!(score_of_origin(came, left), (Some(1.0), 0));
    let (score, _) = score_of_origin("2026-05-02T00:30:00+09:00", "2026-05-01T14:30:00Z");
    assert_eq!(score, Some(0.0), "it left an hour before it came");
    // Without a zone only the day counts, and the same day is no contradiction.
    let (score, _) = score_of_origin("2026-05-02 23:30", "2026-05-02 01:00");
    assert_eq!(score, Some(1.0));
}

#[test]
fn a_timestamp_counts_for_its_day_in_utc() {
    const DAY: i64 = 86_400_000_000;
    // 20 days of two events each; the last of each day a microsecond before midnight.
    let at = (0..20).flat_map(|day| [Timestamp(day * DAY), Timestamp((day + 1) * DAY - 1)]);
    let times: Vec<Timestamp> = at.collect();
    let rows = |period: Vec<Timestamp>, count: f64| {
        let n = period.len();
        Batch::new([
            column("series", vec!["all"; n]),
            column("period", period),
            column("count", vec![count; n]),
        ])
        .unwrap()
    };
    let first_of_each: Vec<Timestamp> = times.iter().copied().step_by(2).collect();
    let last_of_each: Vec<Timestamp> = times.iter().copied().skip(1).step_by(2).collect();
    let judged = |period| {
        let answer = call(rows(period, 2.0), "ears_c1")
            .option("every", "day")
            .run()
            .unwrap();
        let found = read(&answer);
        assert_eq!(found.len(), 20);
        let told: Vec<String> = found.iter().map(|row| format!("{row:?}")).collect();
        told
    };
    assert_eq!(judged(first_of_each), judged(last_of_each));
}
