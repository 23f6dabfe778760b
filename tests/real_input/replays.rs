//! Cases put back to a day before their recall. The pipeline knows nothing but the day; what came of it is
//! known to these tests alone. Files that really end on that day must give the very same answers.

use std::collections::BTreeMap;
use std::path::Path;

use datafusion::prelude::SessionContext;

use super::{Case, Row, agree, expected, number};
use crate::support::{run, scratch, shared};

impl Case {
    /// Runs the case again as if it were this day.
    fn as_of(&self, day: &str) {
        let path = self.0.join("pipeline.toml");
        let text = std::fs::read_to_string(&path).expect("a case has a pipeline.toml");
        let lines: Vec<String> = text
            .lines()
            .map(|line| {
                if line.starts_with("as_of = ") {
                    format!("as_of = \"{day}\"")
                } else {
                    line.to_owned()
                }
            })
            .collect();
        std::fs::write(&path, lines.join("\n")).expect("a scratch folder can be written");
        run(&["run", self.dir()]).ended(0);
    }

    /// The case on a copy of its data that holds nothing received after this day.
    fn cut(name: &str, set: &str, file: &str, day: &str) -> Self {
        let data = shared(set).expect("the case ran on it");
        let folder = scratch(&format!("{name}-cut"));
        let (from, to) = (data.join(file), folder.join(file));
        let shown = |path: &Path| path.to_str().expect("a path in UTF-8").to_owned();
        let sql = format!(
            "COPY (SELECT * FROM whole WHERE CAST(date_received AS DATE) <= DATE '{day}') TO '{}' STORED AS PARQUET",
            shown(&to)
        );
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        let copied = async {
            let session = SessionContext::new();
            session
                .register_parquet("whole", shown(&from), Default::default())
                .await?;
            session.sql(&sql).await?.collect().await
        };
        runtime.block_on(copied).expect("a part of a Parquet file");
        Self::on(name, &folder)
    }
}

/// Every row of every model, in a fixed order.
fn answers(case: &Case, models: &[&str]) -> Vec<Vec<Row>> {
    let ask = |model: &&str| {
        let mut rows = case.rows(&format!("SELECT * FROM {model}"));
        assert!(!rows.is_empty(), "{model} has rows");
        rows.sort();
        rows
    };
    models.iter().map(ask).collect()
}

/// On the eve of the recall of part 420179.
#[test]
fn the_recalled_instrument_of_da_vinci_is_first_before_its_recall() {
    let set = "davinci_maude";
    let Some(case) = Case::run("davinci", set) else {
        return;
    };
    let found = case.rows("SELECT * FROM ceo.parts ORDER BY rank");
    let wanted = expected(set, "expected_pre_recall_share.csv");
    assert_eq!((found.len(), wanted.len()), (71, 71));
    for (row, wanted) in found.iter().zip(&wanted) {
        assert_eq!(row["unit"], wanted["part"]);
        let figures = [
            ("recent", "current"),
            ("baseline", "baseline"),
            ("recent_total", "current_total"),
            ("baseline_total", "baseline_total"),
            ("p_value", "p_greater"),
            ("q_value", "bh_q"),
        ];
        agree(row, wanted, &figures);
    }
    let truth = expected(set, "ground_truth.csv");
    let recall = truth.iter().find(|row| row["date_posted"] == "2013-05-08");
    let recall = recall.expect("the recall of the next day");
    let first = &found[0];
    println!("da vinci on 2013-05-07: {}", first["reason"]);
    assert_eq!(
        (&first["unit"], first["verdict"].as_str()),
        (&recall["part"], "leading suspect")
    );

    // All 43 reports of the last five weeks are on one version, and the recall names it.
    let versions = case.rows("SELECT * FROM ceo.versions");
    assert_eq!(versions.len(), 1, "{versions:?}");
    let version = &versions[0];
    assert_eq!(
        (version["version"].as_str(), version["reports"].as_str()),
        ("10", "43")
    );
    assert!(
        recall["versions"].split('|').any(|one| one == "10"),
        "{recall:?}"
    );

    let of_part = format!(
        "SELECT * FROM ceo.lots WHERE unit = '{}' ORDER BY llr DESC",
        first["unit"]
    );
    let lots = &case.rows(&of_part)[0];
    assert_eq!(
        (lots["from_period"].as_str(), lots["to_period"].as_str()),
        ("2013-01-01", "2013-04-01")
    );
    let scans = expected(set, "expected_lot_window_scan.csv");
    // The next month adds nothing: two windows are as likely, and the file has the longer one first.
    let wanted = scans
        .iter()
        .find(|row| row["as_of"] == "2013-05-08" && row["part"] == first["unit"])
        .expect("the part was scanned");
    assert_eq!(
        (wanted["from_month"].as_str(), wanted["to_month"].as_str()),
        ("2013-01", "2013-04")
    );
    let figures = [
        ("observed", "observed"),
        ("expected", "expected"),
        ("llr", "llr"),
    ];
    agree(lots, wanted, &figures);

    let models = ["ceo.parts", "ceo.versions", "ceo.lots"];
    let cut = Case::cut("davinci", set, "device_events.parquet", "2013-05-07");
    assert_eq!(
        answers(&cut, &models),
        answers(&case, &models),
        "the future is not seen"
    );
}

/// Six weeks before the recall of its family. Which lot had the six complaints, and when, is known to this test alone.
#[test]
fn six_reports_on_one_lot_of_bone_cement_need_a_person() {
    let set = "maude_bone_cement";
    let Some(case) = Case::run("bone_cement", set) else {
        return;
    };
    let wanted = expected(set, "expected_lot_attribution.csv");
    let truth = wanted
        .iter()
        .find(|row| row["lot"] == "507830")
        .expect("the lot with six complaints");
    let repeats = case.rows("SELECT * FROM ceo.repeats ORDER BY rank");
    assert_eq!(repeats.len(), 52);
    let first = &repeats[0];
    println!("bone cement on 2017-03-01: {}", first["reason"]);
    assert_eq!(first["value"], truth["lot"]);
    // Two of the six came on one day. 43 such days over 52 lots: P(X >= 5) of a binomial with 43 and 1/52.
    assert_eq!(
        (first["complaints"].as_str(), number(first, "shipped")),
        ("5", 1.0)
    );
    assert!((number(first, "p_value") - 0.001_377_899_969).abs() < 1e-9);
    assert!((number(first, "q_value") - 0.071_650_798_4).abs() < 1e-8);
    assert_eq!(first["verdict"], "suspect, needs a person");
    assert!(
        repeats[1..]
            .iter()
            .all(|row| row["verdict"] == "no evidence")
    );
    let dates = case.rows("SELECT * FROM ceo.dates ORDER BY reports DESC");
    let cells = |row: &Row, names: [&str; 5]| names.map(|name| row[name].clone());
    assert_eq!(
        cells(
            &dates[0],
            [
                "family",
                "lot_number",
                "malfunctions",
                "first_on",
                "last_on"
            ]
        ),
        cells(truth, ["family", "lot", "n11", "first", "last"])
    );
    // Every report of its family that names a lot is a malfunction: their share says nothing yet.
    let shares = case.rows("SELECT * FROM ceo.lots WHERE unit = '507830'");
    assert_eq!(
        (
            number(&shares[0], "fisher_p"),
            shares[0]["verdict"].as_str()
        ),
        (1.0, "no evidence")
    );
    let models = ["ceo.repeats", "ceo.dates", "ceo.lots"];
    let cut = Case::cut("bone_cement", set, "bone_cement_2017.parquet", "2017-03-01");
    assert_eq!(
        answers(&cut, &models),
        answers(&case, &models),
        "the future is not seen"
    );

    // At the end of the year the share stands out as well.
    case.as_of("2017-12-31");
    let found = case.rows(
        "SELECT *, a + b AS n, a + c AS marked, a + b + c + d AS alls FROM ceo.lots ORDER BY rank",
    );
    assert_eq!(found.len(), wanted.len());
    let key = |row: &Row, unit: &str| (row["family"].clone(), row[unit].clone());
    let named: BTreeMap<_, &Row> = wanted.iter().map(|row| (key(row, "lot"), row)).collect();
    for row in &found {
        let figures = [
            ("a", "n11"),
            ("n", "n1_"),
            ("marked", "n_1"),
            ("alls", "n"),
            ("expected", "expected"),
            ("ic025", "ic025"),
            ("fisher_p", "fisher_p_greater"),
            ("q_value", "bh_q"),
        ];
        agree(row, named[&key(row, "unit")], &figures);
    }
    let first = &found[0];
    println!("bone cement: {}", first["reason"]);
    assert_eq!(
        (first["unit"].as_str(), first["family"].as_str()),
        ("507830", "COBALT")
    );
    assert_eq!(first["verdict"], "suspect, needs a person");
    assert_eq!(format!("{:.3}", number(first, "q_value")), "0.067");
    assert!(found[1..].iter().all(|row| row["verdict"] == "no evidence"));
}
