//! `recent_share` and `changepoints`: da Vinci part 420179 before its recall, and the outbreak of
//! Broad Street (Snow 1855).

use super::data::{Sheet, agree, folder, parquet, texts};
use crate::{ChangepointsTable, RecentShareTable};
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
struct Share {
    rank: i64,
    unit: String,
    recent: i64,
    baseline: i64,
    recent_total: i64,
    baseline_total: i64,
    share_ratio: Option<f64>,
    p_value: Option<f64>,
    q_value: Option<f64>,
    units_tested: i64,
    verdict: String,
    reason: String,
}

fn shares(rows: Batch) -> TableRun<RecentShareTable> {
    table::<RecentShareTable>()
        .input("reports", rows)
        .option("as_of", "2013-05-07")
}

fn read_shares(answer: &Batch) -> Vec<Share> {
    answer
        .read::<Share>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn part_420179_is_first_of_71_on_the_eve_of_its_recall() {
    let Some(folder) = folder("davinci_maude") else {
        return;
    };
    let rows = parquet(&folder, "device_events.parquet");
    let (date, part) = (texts(&rows, "date_received"), texts(&rows, "part"));
    let known: Vec<usize> = (0..rows.len())
        .filter(|&at| part[at].is_some() && date[at].is_some())
        .collect();
    let reports = Batch::new([
        column("unit", known.iter().map(|&at| part[at].clone())),
        column("date", known.iter().map(|&at| date[at].clone())),
    ])
    .unwrap();
    let found = read_shares(&shares(reports).run_cut(8192).unwrap());
    let sheet = Sheet::read(&folder, "expected_pre_recall_share.csv");
    assert_eq!((found.len(), sheet.len()), (71, 71));
    let names = sheet.names("part");
    let columns = [
        "current",
        "baseline",
        "current_total",
        "baseline_total",
        "share_ratio",
        "p_greater",
        "bh_q",
    ]
    .map(|name| sheet.numbers(name));
    for (at, got) in found.iter().enumerate() {
        assert_eq!((got.rank, &got.unit), (at as i64 + 1, &names[at]));
        let counts = [
            got.recent,
            got.baseline,
            got.recent_total,
            got.baseline_total,
        ];
        for (count, wanted) in counts.iter().zip(&columns) {
            assert_eq!(*count as f64, wanted[at], "{got:?}");
        }
        assert!(agree(got.p_value.unwrap(), columns[5][at], 1e-8), "{got:?}");
        assert!(agree(got.q_value.unwrap(), columns[6][at], 1e-8), "{got:?}");
        match got.share_ratio {
            Some(ratio) => assert!(agree(ratio, columns[4][at], 1e-9), "{got:?}"),
            None => assert!(columns[4][at].is_infinite(), "{got:?}"),
        }
    }
    let first = &found[0];
    assert_eq!((first.unit.as_str(), first.units_tested), ("420179", 71));
    assert_eq!(first.verdict, "leading suspect");
    assert!(
        first
            .reason
            .starts_with("43 of 446 reports in the last 35 days"),
        "{}",
        first.reason
    );
}

#[test]
fn shares_that_cannot_be_compared_say_so() {
    let rows = |units: [&'static str; 3], dates: [&'static str; 3]| {
        Batch::new([column("unit", units), column("date", dates)]).unwrap()
    };
    let days = ["2013-05-07", "2013-03-01", "2013-05-08"];
    let alone = read_shares(&shares(rows(["a"; 3], days)).run().unwrap());
    // The report of the day after is not known yet.
    assert_eq!(
        (alone[0].recent, alone[0].baseline, alone[0].p_value),
        (1, 1, None)
    );
    assert!(
        alone[0].reason.starts_with("nothing to compare"),
        "{alone:?}"
    );
    let new = read_shares(
        &shares(rows(["a", "b", "b"], ["2013-05-07"; 3]))
            .run()
            .unwrap(),
    );
    assert!(
        new.iter()
            .all(|one| one.p_value.is_none() && one.verdict == "no evidence")
    );
    let error = table::<RecentShareTable>()
        .input("reports", rows(["a"; 3], days))
        .option("as_of", "May 2013")
        .run_cut(9)
        .unwrap_err();
    assert_eq!(error.code, "bad-option");
    let error = shares(rows(["a"; 3], ["2013-05-07", "2013-02-30", "x"]))
        .run_cut(9)
        .unwrap_err();
    assert_eq!(error.code, "wrong-type");
}

#[derive(Debug, Row)]
struct Segment {
    segment: i64,
    from_period: Option<String>,
    to_period: Option<String>,
    periods: i64,
    count: f64,
    rate: Option<f64>,
    low: Option<f64>,
    ratio_to_previous: Option<f64>,
    changes: i64,
    llr: Option<f64>,
    abstained: Option<String>,
}

fn segments(answer: &Batch) -> Vec<Segment> {
    answer
        .read::<Segment>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn levels(rows: Batch) -> TableRun<ChangepointsTable> {
    table::<ChangepointsTable>().input("series", rows)
}

#[test]
fn broad_street_changed_on_31_august_and_8_september_1854() {
    let Some(folder) = folder("snow_water_supplier") else {
        return;
    };
    let sheet = Sheet::read(&folder, "broad_street_daily.csv");
    let dated: Vec<(String, f64)> = sheet
        .names("date")
        .into_iter()
        .zip(sheet.numbers("attacks"))
        .filter(|day| !day.0.is_empty())
        .collect();
    assert_eq!(dated.len(), 43);
    let rows = Batch::new([
        column("series", dated.iter().map(|_| "attacks")),
        column("period", dated.iter().map(|day| day.0.clone())),
        column("count", dated.iter().map(|day| day.1)),
    ])
    .unwrap();
    let call = levels(rows.clone())
        .option("every", "day")
        .option("changes", 2_i64);
    let found = segments(&call.run().unwrap());
    let begins: Vec<&str> = found
        .iter()
        .filter_map(|one| one.from_period.as_deref())
        .collect();
    // The handle of the pump was removed on 8 September.
    assert_eq!(begins, ["1854-08-19", "1854-08-31", "1854-09-08"]);
    assert_eq!(found.iter().map(|one| one.count).sum::<f64>(), 571.0);
    assert!(
        found[1].ratio_to_previous.unwrap() > 20.0 && found[2].ratio_to_previous.unwrap() < 0.2
    );
    assert!(
        found
            .iter()
            .all(|one| one.changes == 2 && one.low < one.rate && one.abstained.is_none())
    );
    // Every other pair of days, tried one by one, is less likely.
    let counts: Vec<f64> = dated.iter().map(|day| day.1).collect();
    let own = |part: &[f64]| {
        let sum: f64 = part.iter().sum();
        if sum > 0.0 {
            sum * (sum / part.len() as f64).ln() - sum
        } else {
            0.0
        }
    };
    let best = (1..43)
        .flat_map(|one| (one + 1..43).map(move |two| (one, two)))
        .map(|(one, two)| own(&counts[..one]) + own(&counts[one..two]) + own(&counts[two..]))
        .fold(f64::NEG_INFINITY, f64::max);
    assert!(agree(found[0].llr.unwrap(), best - own(&counts), 1e-9));
}

#[test]
fn the_number_of_changes_is_chosen_or_nothing_is_said() {
    let rows = |counts: &[Option<i64>]| {
        Batch::new([
            column("series", counts.iter().map(|_| "s")),
            column("period", 0..counts.len() as i64),
            column("count", counts.to_vec()),
        ])
        .unwrap()
    };
    let steady: Vec<Option<i64>> = (0..60).map(|at| Some(9 + at * 7 % 4)).collect();
    assert_eq!(segments(&levels(rows(&steady)).run().unwrap()).len(), 1);
    let stepped: Vec<Option<i64>> = (0..60)
        .map(|at| Some(9 + at * 7 % 4 + if at >= 40 { 15 } else { 0 }))
        .collect();
    let found = segments(&levels(rows(&stepped)).run().unwrap());
    assert_eq!(
        (found.len(), found[1].from_period.as_deref()),
        (2, Some("40"))
    );
    assert_eq!(
        (
            found[0].segment,
            found[0].periods,
            found[0].to_period.as_deref()
        ),
        (1, 40, Some("39"))
    );
    for (counts, part) in [
        (vec![Some(0); 9], "nothing happened"),
        (vec![Some(3), None, Some(4)], "no count"),
    ] {
        let found = segments(&levels(rows(&counts)).run().unwrap());
        let why = found[0].abstained.as_deref().unwrap_or_default();
        assert!(
            found.len() == 1 && found[0].rate.is_none() && why.contains(part),
            "{why}"
        );
    }
    let asked = levels(rows(&[Some(1), Some(2)])).option("changes", 2_i64);
    assert!(
        segments(&asked.run().unwrap())[0]
            .abstained
            .as_deref()
            .unwrap()
            .contains("too few")
    );
    let error = levels(rows(&steady))
        .option("changes", -1_i64)
        .run_cut(9)
        .unwrap_err();
    assert_eq!(error.code, "bad-option");
}
