//! `disproportionality` against published or independently computed figures, in each of the three
//! forms its rows may have.

use super::data::{Sheet, agree, folder};
use crate::DisproportionalityTable;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
struct Found {
    rank: i64,
    family: Option<String>,
    unit: String,
    topic: Option<String>,
    a: i64,
    b: i64,
    c: i64,
    d: i64,
    expected: f64,
    prr: Option<f64>,
    ror: Option<f64>,
    ic025: Option<f64>,
    g2: f64,
    fisher_p: Option<f64>,
    q_value: Option<f64>,
    pairs_tested: i64,
    verdict: String,
    reason: String,
}

fn call(rows: Batch) -> TableRun<DisproportionalityTable> {
    table::<DisproportionalityTable>().input("reports", rows)
}

fn read(answer: &Batch) -> Vec<Found> {
    answer
        .read::<Found>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

fn close(got: f64, want: f64, relative: f64) {
    assert!(
        (got - want).abs() <= relative * want.abs(),
        "{got} is not {want}"
    );
}

/// Olist, Brazil 2017–2018: orders with a score of 1 or 2, of 20,836 seller orders. The seven most
/// notable of 229 sellers with at least 20 orders as they are; the others evened out to the same
/// totals, which changes neither p nor q of the first six.
fn sellers() -> (Vec<String>, Vec<i64>, Vec<i64>) {
    let first = [
        ("2eb70248", 24, 42),
        ("1ca7077d", 14, 24),
        ("710e3548", 13, 31),
        ("8444e55c", 12, 29),
        ("18a349e7", 10, 22),
        ("7c67e144", 49, 218),
        ("7040e82f", 15, 48),
    ];
    let mut rows: Vec<(String, i64, i64)> = first
        .iter()
        .map(|(id, hits, n)| ((*id).to_owned(), *hits, *n))
        .collect();
    rows.extend((0..222).map(|at| (format!("quiet-{at:03}"), 7, 55)));
    let (hits, n): (i64, i64) = rows
        .iter()
        .fold((0, 0), |sum, row| (sum.0 + row.1, sum.1 + row.2));
    let (mut hits_left, mut left) = (3049 - hits, 20836 - n);
    // The rest in sellers too small to be tested.
    let mut at = 0;
    while left > 0 {
        let n = left.min(19);
        let hits = hits_left.min(4).min(n);
        rows.push((format!("small-{at:04}"), hits, n));
        (left, hits_left, at) = (left - n, hits_left - hits, at + 1);
    }
    assert_eq!(hits_left, 0);
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for (id, hits, n) in rows {
        columns.0.push(id);
        columns.1.push(hits);
        columns.2.push(n);
    }
    columns
}

#[test]
fn six_sellers_of_olist_stand_out() {
    let (ids, hits, n) = sellers();
    let rows = Batch::new([
        column("seller_id", ids),
        column("hits", hits),
        column("orders", n),
    ])
    .unwrap();
    let answer = call(rows)
        .option("unit", "seller_id")
        .option("n", "orders")
        .option("minimum", 20_i64)
        .run()
        .unwrap();
    let found = read(&answer);
    assert_eq!((found.len(), found[0].pairs_tested), (229, 229));
    let first = &found[0];
    assert_eq!(
        (first.unit.as_str(), first.a, first.b, first.c + first.d),
        ("2eb70248", 24, 18, 20_794)
    );
    close(first.expected, 6.145_997_312, 1e-9);
    close(first.prr.unwrap(), 3.928_028_335, 1e-9);
    close(first.ic025.unwrap(), 1.247_307_189, 1e-8);
    close(first.g2, 40.704_045_88, 1e-9);
    close(first.fisher_p.unwrap(), 2.045_953_076e-10, 1e-8);
    close(first.q_value.unwrap(), 4.685_232_543e-8, 1e-8);
    let leaders: Vec<&str> = found
        .iter()
        .filter(|row| row.verdict == "leading suspect")
        .map(|row| row.unit.as_str())
        .collect();
    assert_eq!(
        leaders,
        [
            "2eb70248", "1ca7077d", "710e3548", "8444e55c", "18a349e7", "7c67e144"
        ]
    );
    close(found[5].q_value.unwrap(), 0.046_376_755_24, 1e-8);
    assert_eq!(
        (found[6].unit.as_str(), found[6].verdict.as_str()),
        ("7040e82f", "suspect, needs a person")
    );
    assert!(found.iter().zip(1..).all(|(row, rank)| row.rank == rank));
}

/// Bone cement reports of 2017 (FDA MAUDE): lots with at least three reports, malfunctions and
/// reports; then malfunctions and reports of each brand family.
const LOTS: &[(&str, &str, i64, i64)] = &[
    ("COBALT", "507830", 6, 6),
    ("COBALT", "668160", 0, 3),
    ("OTHER", "15FA52050", 4, 4),
    ("REFOBACIN", "A545AH1412", 9, 9),
    ("REFOBACIN", "A545AI2903", 7, 7),
    ("REFOBACIN", "A602AJ1903", 6, 6),
    ("REFOBACIN", "A501AL1501", 4, 4),
    ("REFOBACIN", "A551AL0104", 4, 4),
    ("REFOBACIN", "A618CF1307", 4, 4),
    ("REFOBACIN", "A507AA2801", 3, 3),
    ("REFOBACIN", "A552CK1626", 3, 3),
    ("REFOBACIN", "A609AF1307", 3, 3),
    ("REFOBACIN", "A624B03180", 3, 3),
    ("REFOBACIN", "A633A04240", 3, 3),
    ("REFOBACIN", "B432AG2901", 3, 3),
    ("REFOBACIN", "A625CG1101", 2, 3),
    ("SIMPLEX", "RAY012", 6, 6),
    ("SIMPLEX", "MHX076", 4, 4),
    ("SIMPLEX", "RLX162", 4, 4),
    ("SIMPLEX", "BGY023", 3, 3),
    ("SIMPLEX", "RAY003", 3, 3),
    ("SIMPLEX", "TLX042", 3, 3),
    ("OPTIPAC", "A705C05628", 4, 4),
    ("OPTIPAC", "B705B05128", 4, 4),
    ("OPTIPAC", "A707A05200", 2, 3),
    ("PALACOS", "65184053", 0, 3),
    ("PALACOS", "83194475", 0, 4),
    ("BIOMET", "A511AL1502", 3, 3),
    ("BIOMET", "A605DA1904", 3, 3),
    ("BIOMET", "A641AJ1702", 8, 8),
];
const FAMILIES: &[(&str, i64, i64)] = &[
    ("COBALT", 14, 34),
    ("OTHER", 18, 31),
    ("REFOBACIN", 131, 145),
    ("SIMPLEX", 76, 87),
    ("OPTIPAC", 40, 45),
    ("PALACOS", 13, 55),
    ("BIOMET", 23, 23),
];

/// One row a report: lot, family, whether it is a malfunction. What the lots above do not hold is
/// in lots of one report.
fn bone_cement() -> Batch {
    let mut rows: Vec<(String, &str, bool)> = Vec::new();
    let mut add = |lot: &str, family: &'static str, hits: i64, n: i64| {
        rows.extend((0..n).map(|at| (lot.to_owned(), family, at < hits)));
    };
    for (family, lot, hits, n) in LOTS {
        add(lot, family, *hits, *n);
    }
    for (family, hits, n) in FAMILIES {
        let known = LOTS
            .iter()
            .filter(|lot| lot.0 == *family)
            .fold((0, 0), |sum, lot| (sum.0 + lot.2, sum.1 + lot.3));
        for at in 0..n - known.1 {
            add(
                &format!("{family}-{at}"),
                family,
                i64::from(at < hits - known.0),
                1,
            );
        }
    }
    Batch::new([
        column("lot", rows.iter().map(|row| row.0.clone())),
        column("family", rows.iter().map(|row| row.1)),
        column("hit", rows.iter().map(|row| row.2)),
    ])
    .unwrap()
}

#[test]
fn lot_507830_of_bone_cement_needs_a_person() {
    let found = read(
        &call(bone_cement())
            .option("unit", "lot")
            .option("minimum", 3_i64)
            .run()
            .unwrap(),
    );
    assert_eq!((found.len(), found[0].pairs_tested), (30, 30));
    let first = &found[0];
    assert_eq!(
        (
            first.unit.as_str(),
            first.family.as_deref(),
            first.topic.as_deref()
        ),
        ("507830", Some("COBALT"), None)
    );
    assert_eq!((first.a, first.b, first.c, first.d), (6, 0, 8, 20));
    close(first.fisher_p.unwrap(), 0.002_232_873_127, 1e-9);
    close(first.q_value.unwrap(), 0.066_986_193_81, 1e-9);
    assert_eq!(
        (first.ror, first.verdict.as_str()),
        (None, "suspect, needs a person")
    );
    assert!(
        first.reason.contains("6 of 6") && first.reason.ends_with("so a person must judge."),
        "{}",
        first.reason
    );
    assert!(found[1..].iter().all(|row| row.verdict == "no evidence"));
}

#[test]
fn topics_are_compared_with_all_other_reports() {
    // Da Vinci part 420179 and cracks, MAUDE narratives of 2013: 7, 20, 9, 1238.
    let rows = Batch::new([
        column("unit", ["420179", "420179", "other", "other"]),
        column("topic", [Some("crack"), None, Some("crack"), Some("burn")]),
        column("n", [7_i64, 20, 9, 1238]),
    ])
    .unwrap();
    let found = read(&call(rows).run().unwrap());
    let crack = found
        .iter()
        .find(|row| row.unit == "420179" && row.topic.as_deref() == Some("crack"))
        .unwrap();
    assert_eq!((crack.a, crack.b, crack.c, crack.d), (7, 20, 9, 1238));
    close(crack.prr.unwrap(), 35.9218, 1e-5);
    close(crack.fisher_p.unwrap(), 8.42949e-9, 1e-5);
    // A pair that never occurs was asked about too.
    let none = found
        .iter()
        .find(|row| row.unit == "420179" && row.topic.as_deref() == Some("burn"))
        .unwrap();
    assert_eq!((none.a, none.prr, none.pairs_tested), (0, Some(0.0), 4));
    assert!(
        found
            .iter()
            .all(|row| !row.reason.contains("NaN") && !row.reason.contains("inf "))
    );
}

/// Each count with its expected count, in a family of its own whose margins make just that.
#[test]
fn fixed_priors_give_the_scores_of_openebgm() {
    let Some(folder) = folder("disproportionality") else {
        return;
    };
    let cases = Sheet::read(&folder, "expected_fixed_theta_cases.csv");
    assert_eq!(cases.len(), 7);
    let (mut family, mut unit, mut topic, mut n) = (vec![], vec![], vec![], vec![]);
    for (case, (count, expected)) in cases
        .numbers("N")
        .into_iter()
        .zip(cases.numbers("E"))
        .enumerate()
    {
        // E = 1,000 reports of the unit times those of the topic, over 1,000,000,000.
        let (own, marked, all) = (1e3, (expected * 1e6).round(), 1e9);
        let rows = [
            ("it", Some("t"), count),
            ("it", None, own - count),
            ("others", Some("t"), marked - count),
            ("others", None, all - own - marked + count),
        ];
        for (of, about, many) in rows {
            family.push(format!("case {case}"));
            unit.push(of);
            topic.push(about);
            n.push(many);
        }
    }
    let rows = Batch::new([
        column("family", family),
        column("unit", unit),
        column("topic", topic),
        column("n", n),
    ])
    .unwrap();
    let prior = format!("0.2,0.1,2,4,{}", 1.0 / 3.0);
    let answer = call(rows).option("prior", prior.as_str()).run().unwrap();
    for case in 0..cases.len() {
        let at = (0..answer.rows()).find(|at| {
            let text = |name: &str| answer.column(name).unwrap().text(*at).unwrap().into_owned();
            text("family") == format!("case {case}") && text("unit") == "it"
        });
        let number = |name: &str| answer.column(name).unwrap().number(at.unwrap()).unwrap();
        let want = |name: &str| cases.numbers(name)[case];
        assert!(agree(number("expected"), want("E"), 1e-12));
        assert!(
            agree(number("ebgm"), want("EBGM"), 1e-9),
            "{} {}",
            number("ebgm"),
            want("EBGM")
        );
        // Their limits are bisected to six places.
        for (ours, theirs) in [("eb05", "EB05"), ("eb95", "EB95")] {
            let (got, want) = (number(ours), want(theirs));
            assert!((got - want).abs() < 2e-6, "{ours} {got} {want}");
        }
    }
}

#[test]
fn rows_that_cannot_be_used_are_refused() {
    let rows = |hits: f64, n: f64| {
        Batch::new([
            column("unit", ["a", "b"]),
            column("hits", [1.0, hits]),
            column("n", [5.0, n]),
        ])
        .unwrap()
    };
    for (hits, n, code) in [
        (-1.0, 5.0, "bad-number"),
        (0.5, 5.0, "not-whole"),
        (6.0, 5.0, "more-hits-than-reports"),
        (0.0, f64::NAN, "bad-number"),
    ] {
        let error = call(rows(hits, n)).run_cut(9).unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains("row 2 (unit b)"), "{error}");
    }
    let nobody = Batch::new([column("unit", [None::<&str>]), column("hit", [true])]).unwrap();
    assert_eq!(call(nobody).run_cut(9).unwrap_err().code, "null-unit");
    let both = Batch::new([
        column("unit", ["a"]),
        column("hit", [true]),
        column("topic", ["x"]),
    ])
    .unwrap();
    assert_eq!(call(both).returns().unwrap_err().code, "two-forms");
    let neither = Batch::new([column("unit", ["a"])]).unwrap();
    assert_eq!(call(neither).returns().unwrap_err().code, "missing-column");
    let alone = Batch::new([column("unit", ["a", "a"]), column("hit", [true, false])]).unwrap();
    let found = read(&call(alone).run().unwrap());
    assert_eq!(
        (
            found[0].fisher_p,
            found[0].pairs_tested,
            found[0].verdict.as_str()
        ),
        (None, 0, "no evidence")
    );
}
