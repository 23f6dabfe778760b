//! `disproportionality` against the outputs of R openEBGM and PhViD, and against 496,312 rows of
//! the FDA's adverse events.

use super::data::{Sheet, agree, folder, parquet, texts};
use crate::DisproportionalityTable;
use crate::disproportionality::reports::{Counting, Report, ReportReader, Statement};
use crate::disproportionality::{Options, disproportionality};
use std::collections::HashMap;
use std::time::Instant;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
struct Found {
    unit: String,
    topic: Option<String>,
    a: i64,
    expected: f64,
    prr: Option<f64>,
    prr_low: Option<f64>,
    ror: Option<f64>,
    ror_low: Option<f64>,
    ic: f64,
    ic025: Option<f64>,
    bcpnn025: Option<f64>,
    ebgm: Option<f64>,
    eb05: Option<f64>,
    eb95: Option<f64>,
    g2: f64,
    chi2: f64,
    fisher_p: Option<f64>,
    q_value: Option<f64>,
    pairs_tested: i64,
    prior_alpha1: Option<f64>,
    prior_beta1: Option<f64>,
    prior_alpha2: Option<f64>,
    prior_beta2: Option<f64>,
    prior_share: Option<f64>,
}

type Key = (String, String);

/// Reads a number of a row.
type Number = fn(&Found) -> Option<f64>;

fn call(rows: Batch) -> TableRun<DisproportionalityTable> {
    table::<DisproportionalityTable>().input("reports", rows)
}

fn read(run: &TableRun<DisproportionalityTable>) -> HashMap<Key, Found> {
    let answer = run.run_cut(8192).unwrap();
    let rows = answer.read::<Found>().unwrap().map(Result::unwrap);
    rows.map(|row| ((row.unit.clone(), row.topic.clone().unwrap()), row))
        .collect()
}

fn prior(row: &Found) -> [f64; 5] {
    [
        row.prior_alpha1,
        row.prior_beta1,
        row.prior_alpha2,
        row.prior_beta2,
        row.prior_share,
    ]
    .map(Option::unwrap)
}

fn keys(sheet: &Sheet, unit: &str, topic: &str) -> Vec<Key> {
    sheet
        .names(unit)
        .into_iter()
        .zip(sheet.names(topic))
        .collect()
}

#[test]
fn dietary_supplements_are_shrunk_as_openebgm_shrinks_them() {
    let Some(folder) = folder("disproportionality") else {
        return;
    };
    let given = Sheet::read(&folder, "caers.csv.gz");
    let rows = Batch::new([
        column("report", given.names("id")),
        column("product", given.names("var1")),
        column("event", given.names("var2")),
    ])
    .unwrap();
    let run = call(rows)
        .option("unit", "product")
        .option("topic", "event")
        .option("minimum_together", 1_i64);
    let found = read(&run);
    let expected = Sheet::read(&folder, "expected_caers_ebgm.csv.gz");
    assert_eq!((found.len(), expected.len()), (17_189, 17_189));
    // The likelihood is flat along a ridge: R stops 0.4 % from the lowest point, which is 6e-5 lower.
    let hyper = Sheet::read(&folder, "expected_caers_hyperparameters.csv").numbers("value");
    let first = found.values().next().unwrap();
    for (got, want) in prior(first).into_iter().zip(hyper) {
        assert!(agree(got, want, 5e-3), "{got} is not {want}");
    }
    let numbers =
        ["N", "E", "PRR", "EBGM", "QUANT_05", "QUANT_95"].map(|name| expected.numbers(name));
    let (mut worst, mut signals) = (0.0_f64, 0);
    for (at, key) in keys(&expected, "var1", "var2").iter().enumerate() {
        let row = &found[key];
        let [n, e, prr, ebgm, low, high] = [0, 1, 2, 3, 4, 5].map(|column| numbers[column][at]);
        assert_eq!(row.a as f64, n);
        assert!(agree(row.expected, e, 1e-9), "{row:?} {e}");
        match row.prr {
            Some(got) => assert!((got - prr).abs() <= 0.005 + 1e-9, "{row:?} {prr}"),
            None => assert!(prr.is_infinite(), "{row:?} {prr}"),
        }
        // Theirs are rounded to two places, the limits after bisecting to half of the second, and
        // their prior is the one above.
        for (got, want, place) in [
            (row.ebgm, ebgm, 0.005),
            (row.eb05, low, 0.01),
            (row.eb95, high, 0.01),
        ] {
            let gap = (got.unwrap() - want).abs();
            assert!(gap <= place + 3e-3 * want, "{row:?} {want}");
            worst = worst.max((gap - place).max(0.0) / want);
        }
        signals += usize::from((row.eb05.unwrap() * 100.0).round() / 100.0 > 2.0);
    }
    println!("largest gap beyond rounding {worst:e}; {signals} pairs with EB05 above 2");
    assert_eq!(signals, 131);
    let top = found
        .values()
        .max_by(|l, r| l.ebgm.unwrap().total_cmp(&r.ebgm.unwrap()))
        .unwrap();
    assert_eq!(
        (top.unit.as_str(), top.topic.as_deref()),
        ("REUMOFAN PLUS", Some("WEIGHT INCREASED"))
    );
    let scores = [top.ebgm, top.eb05, top.eb95].map(|score| format!("{:.2}", score.unwrap()));
    println!("{scores:?} where R prints 23.26, 15.68 and 33.48");
}

#[test]
fn with_the_prior_of_openebgm_every_score_is_equal() {
    let Some(folder) = folder("disproportionality") else {
        return;
    };
    let given = Sheet::read(&folder, "caers.csv.gz");
    let rows = Batch::new([
        column("report", given.names("id")),
        column("unit", given.names("var1")),
        column("topic", given.names("var2")),
    ])
    .unwrap();
    let hyper = Sheet::read(&folder, "expected_caers_hyperparameters.csv")
        .names("value")
        .join(",");
    let run = call(rows)
        .option("minimum_together", 1_i64)
        .option("prior", hyper.as_str());
    let found = read(&run);
    let expected = Sheet::read(&folder, "expected_caers_ebgm.csv.gz");
    let numbers = ["EBGM", "QUANT_05", "QUANT_95"].map(|name| expected.numbers(name));
    for (at, key) in keys(&expected, "var1", "var2").iter().enumerate() {
        let row = &found[key];
        for (got, want) in [row.ebgm, row.eb05, row.eb95].into_iter().zip(&numbers) {
            // Half a unit of the second place; limits were also bisected to half of it.
            assert!(
                (got.unwrap() - want[at]).abs() <= 0.0101,
                "{row:?} {}",
                want[at]
            );
        }
    }
}

#[test]
fn drug_events_of_phvid_give_its_counts_and_its_prior() {
    let Some(folder) = folder("disproportionality") else {
        return;
    };
    let given = Sheet::read(&folder, "phvid.csv.gz");
    let rows = Batch::new([
        column("unit", given.names("Drug lab")),
        column("topic", given.names("AE lab")),
        column("n", given.numbers("n11")),
    ])
    .unwrap();
    let run = call(rows)
        .option("minimum_together", 1_i64)
        .option("prior", "fit all");
    let found = read(&run);
    assert_eq!(found.len(), 102_483);
    let three: Vec<&Found> = found.values().filter(|row| row.a >= 3).collect();
    let above = |value: Option<f64>, limit: f64| value.is_some_and(|value| value > limit);
    let count = |rows: &[&Found], test: &dyn Fn(&Found) -> bool| {
        rows.iter().filter(|row| test(row)).count()
    };
    assert_eq!(three.len(), 46_790);
    assert_eq!(count(&three, &|row| above(row.prr_low, 1.0)), 13_565);
    assert_eq!(count(&three, &|row| above(row.ror_low, 1.0)), 13_546);
    let all: Vec<&Found> = found.values().collect();
    assert_eq!(count(&all, &|row| above(row.bcpnn025, 0.0)), 10_067);
    // Zeros were put into bins here and not there.
    let wanted = [0.7324, 0.2290, 1.7411, 2.2125, 0.0976];
    for (got, want) in prior(all[0]).into_iter().zip(wanted) {
        assert!(agree(got, want, 3e-3), "{got} is not {want}");
    }
    let signals = count(&all, &|row| above(row.eb05, 2.0));
    println!("{:?}; {signals} pairs with EB05 above 2", prior(all[0]));
    assert_eq!(signals, 3_540);
    for (file, unit, topic, name, read) in [
        (
            "PRR",
            "drug code",
            "event effect",
            "LB95(log(PRR))",
            (|row: &Found| row.prr_low.unwrap().ln()) as fn(&Found) -> f64,
        ),
        (
            "ROR",
            "drug code",
            "event effect",
            "LB95(log(ROR))",
            |row| row.ror_low.unwrap().ln(),
        ),
        (
            "BCPNN",
            "drug code",
            "event effect",
            "Q_0.025(log(IC))",
            |row| row.bcpnn025.unwrap(),
        ),
        ("GPS", "drug", "event", "Q_0.05(lambda)", |row| {
            row.eb05.unwrap()
        }),
    ] {
        let sheet = Sheet::read(&folder, &format!("expected_phvid_{file}.csv.gz"));
        let (values, keys) = (sheet.numbers(name), keys(&sheet, unit, topic));
        // PhViD stops its search for a quantile at four places of the probability.
        let tolerance = if file == "GPS" { 2e-3 } else { 1e-8 };
        for (key, want) in keys.iter().zip(values) {
            let got = read(&found[key]);
            assert!(
                agree(got, want, tolerance),
                "{file} {key:?}: {got} is not {want}"
            );
        }
    }
}

/// The adverse events of the third quarter of 2022: case, drug and event.
fn faers() -> Option<Batch> {
    let rows = parquet(&folder("disproportionality")?, "faers22q3.parquet");
    let batch = Batch::new(["CASEID", "DRUG", "AE"].map(|name| column(name, texts(&rows, name))));
    Some(batch.unwrap())
}

fn faers_call(rows: Batch, prior: &str) -> TableRun<DisproportionalityTable> {
    call(rows)
        .option("report", "CASEID")
        .option("unit", "DRUG")
        .option("topic", "AE")
        .option("minimum_together", 20_i64)
        .option("prior", prior)
}

#[test]
fn half_a_million_adverse_events_give_every_expected_pair() {
    let (Some(folder), Some(rows)) = (folder("disproportionality"), faers()) else {
        return;
    };
    let found = read(&faers_call(rows, "fit"));
    let expected = Sheet::read(&folder, "expected_faers22q3_pairs_n11_ge_20.csv.gz");
    assert_eq!((found.len(), expected.len()), (3_689, 3_689));
    let columns: [(&str, Number); 10] = [
        ("n11", |row| Some(row.a as f64)),
        ("expected", |row| Some(row.expected)),
        ("prr", |row| row.prr),
        ("prr_lo", |row| row.prr_low),
        ("ror", |row| row.ror),
        ("chi2_yates", |row| Some(row.chi2)),
        ("g2", |row| Some(row.g2)),
        ("ic", |row| Some(row.ic)),
        ("ic025", |row| row.ic025),
        ("fisher_p_greater", |row| row.fisher_p),
    ];
    let keys = keys(&expected, "DRUG", "AE");
    for (name, read) in columns {
        for (key, want) in keys.iter().zip(expected.numbers(name)) {
            let row = &found[key];
            match read(row) {
                // The file holds eight figures, and what is below the smallest float is 0.
                Some(got) => assert!(agree(got, want, 1e-6), "{name}: {row:?} is not {want}"),
                None => assert!(want.is_infinite(), "{name}: {row:?} is not {want}"),
            }
        }
    }
    for (key, want) in keys.iter().zip(expected.numbers("bh_q")) {
        let row = &found[key];
        assert_eq!(row.pairs_tested, 3_689);
        assert!(
            agree(row.q_value.unwrap(), want, 1e-6),
            "{row:?} is not {want}"
        );
        assert!(row.eb05 < row.ebgm && row.ebgm < row.eb95, "{row:?}");
    }
    let mut by_ic: Vec<&Found> = found.values().collect();
    by_ic.sort_by(|left, right| right.ic025.unwrap().total_cmp(&left.ic025.unwrap()));
    let top: Vec<(&str, &str)> = by_ic[..3]
        .iter()
        .map(|row| (row.unit.as_str(), row.topic.as_deref().unwrap()))
        .collect();
    assert_eq!(
        top,
        [
            ("Elmiron", "Maculopathy"),
            ("Risperdal", "Gynaecomastia"),
            ("Ferric carboxymaltose", "Hypophosphataemia"),
        ]
    );
}

/// How long reading, the tests and the rows take, without SQL and sandbox:
/// `cargo test --release -p tsugi-correlation faers_is_fast -- --ignored --nocapture`
#[test]
#[ignore = "measures time"]
fn faers_is_fast() {
    let Some(folder) = folder("disproportionality") else {
        return;
    };
    let rows = parquet(&folder, "faers22q3.parquet");
    let [cases, drugs, events] = ["CASEID", "DRUG", "AE"].map(|name| texts(&rows, name));
    for prior in ["none", "fit"] {
        for _ in 0..3 {
            let begun = Instant::now();
            let mut reader = ReportReader::new(Counting::Named);
            for ((case, drug), event) in cases.iter().zip(&drugs).zip(&events) {
                let statement = Statement::Topic(event.as_deref());
                let (unit, id) = (drug.as_deref(), case.as_deref());
                let report = Report {
                    family: None,
                    unit,
                    statement,
                    n: None,
                    id,
                };
                reader.push(report).unwrap();
            }
            let read = begun.elapsed();
            let reports = reader.finish();
            let counted = begun.elapsed();
            let options = Options::check(0.05, 0.1, 1, 20, 5, Some(prior)).unwrap();
            let answer = disproportionality(reports, options).unwrap();
            let tested = begun.elapsed();
            assert_eq!(answer.count(), 3_689);
            let all = begun.elapsed();
            println!(
                "prior {prior}: {all:.3?} (reading {read:.3?}, counting {:.3?}, prior and tests {:.3?}, rows {:.3?})",
                counted - read,
                tested - counted,
                all - tested
            );
        }
    }
}
