//! Real data through the host: each case under `tests/runs/` is a project, its SQL and its
//! plugins do the work, and published figures judge the result. `replays` puts a case back to a day.

mod replays;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::{copy, root, run, scratch, shared};

/// A row by the names of its columns.
pub type Row = BTreeMap<String, String>;

/// A case that has been run in a scratch folder.
pub struct Case(PathBuf);

impl Case {
    /// Runs the case of this name on a data set; none, with the reason printed, without the data.
    pub fn run(name: &str, set: &str) -> Option<Self> {
        let data = shared(set)?.canonicalize().expect("a folder that is there");
        Some(Self::on(name, &data))
    }

    /// Runs the case of this name, with a folder in the place of `@DATA@`.
    fn on(name: &str, data: &Path) -> Self {
        let folder = scratch(name);
        copy(&root().join("tests/runs").join(name), &folder);
        let path = folder.join("pipeline.toml");
        let text = std::fs::read_to_string(&path).expect("a case has a pipeline.toml");
        let plugins = root().join("plugins");
        let text = text
            .replace("@DATA@", data.to_str().expect("a path in UTF-8"))
            .replace("@PLUGINS@", plugins.to_str().expect("a path in UTF-8"));
        std::fs::write(&path, text).expect("a scratch folder can be written");
        let case = Self(folder);
        run(&["run", case.dir()]).ended(0);
        case
    }

    fn dir(&self) -> &str {
        self.0.to_str().expect("a path in UTF-8")
    }

    /// The rows of a query over what was published.
    pub fn rows(&self, sql: &str) -> Vec<Row> {
        let figure = run(&["query", self.dir(), sql, "--format", "csv"]).ended(0);
        read(figure.stdout.as_bytes())
    }
}

fn read(text: &[u8]) -> Vec<Row> {
    csv::Reader::from_reader(text)
        .deserialize()
        .map(|row| row.expect("CSV"))
        .collect()
}

/// The published figures that come with a data set.
fn expected(set: &str, file: &str) -> Vec<Row> {
    let folder = shared(set).expect("the case ran on it");
    read(&std::fs::read(Path::new(&folder).join(file)).expect("a file of the data set"))
}

fn number(row: &Row, column: &str) -> f64 {
    let text = row
        .get(column)
        .unwrap_or_else(|| panic!("no column {column}: {row:?}"));
    text.parse()
        .unwrap_or_else(|_| panic!("{column} is `{text}`: {row:?}"))
}

/// Checks named figures of a row against those of another, to a millionth part.
#[track_caller]
fn agree(found: &Row, wanted: &Row, figures: &[(&str, &str)]) {
    for (ours, theirs) in figures {
        let (a, b) = (number(found, ours), number(wanted, theirs));
        let near = (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1e-12);
        assert!(near, "{ours} is {a}, {theirs} is {b}: {found:?}");
    }
}

/// The case's own check compares every stream with its sample.
#[test]
fn the_samples_of_every_vendor_mapping_are_read() {
    let case = Case::on("exports", &root());
    let streams = case.rows("SELECT count(*) AS n FROM ceo.streams");
    assert_eq!(streams[0]["n"].as_str(), "45");
    let lots = case.rows("SELECT * FROM ceo.lots");
    assert_eq!(lots.len(), 1);
    assert_eq!(lots[0]["finished_lot"].as_str(), "FL-2601");
    assert_eq!(lots[0]["supplier"].as_str(), "0000300007");
    agree(
        &lots[0],
        &Row::from([("n".to_owned(), "195".to_owned())]),
        &[("consumed", "n")],
    );
}

#[test]
fn six_sellers_of_olist_draw_complaints() {
    let Some(case) = Case::run("olist", "olist_sample") else {
        return;
    };
    let found = case.rows("SELECT *, a + b AS n FROM ceo.sellers ORDER BY rank");
    let wanted = expected("olist_sample", "expected_sellers.csv");
    assert_eq!((found.len(), wanted.len()), (229, 229));
    let named: BTreeMap<&str, &Row> = wanted
        .iter()
        .map(|row| (row["seller_id"].as_str(), row))
        .collect();
    for row in &found {
        let wanted = named[row["unit"].as_str()];
        let figures = [
            ("n", "n"),
            ("a", "complaints"),
            ("expected", "expected"),
            ("ic025", "ic025"),
            ("fisher_p", "fisher_p_greater"),
            ("q_value", "bh_q"),
            ("g2", "g2"),
        ];
        agree(row, wanted, &figures);
        if number(row, "a") > 0.0 {
            agree(
                row,
                wanted,
                &[
                    ("prr", "prr"),
                    ("prr_low", "prr_lo"),
                    ("ror", "ror"),
                    ("ic", "ic"),
                ],
            );
        }
    }
    let clear = found.iter().filter(|row| number(row, "q_value") < 0.05);
    let clear: Vec<&str> = clear.map(|row| row["unit"].as_str()).collect();
    let six: Vec<&str> = wanted[..6]
        .iter()
        .map(|row| row["seller_id"].as_str())
        .collect();
    assert_eq!(clear, six);
    let leading = found
        .iter()
        .filter(|row| row["verdict"] == "leading suspect");
    assert_eq!(leading.count(), 6);

    let first = &found[0];
    println!(
        "olist: {} of 229 sellers below q 0.05; first: {}",
        clear.len(),
        first["reason"]
    );
    assert!(first["unit"].starts_with("2eb70248"));
    assert_eq!((first["a"].as_str(), first["n"].as_str()), ("24", "42"));
    let figure = |column: &str, digits: usize| format!("{:.digits$}", number(first, column));
    assert_eq!(
        (figure("prr", 3), figure("ic025", 3)),
        ("3.928".to_owned(), "1.247".to_owned())
    );
    let figure = |column: &str| format!("{:.3e}", number(first, column));
    assert_eq!(
        (figure("fisher_p"), figure("q_value")),
        ("2.046e-10".to_owned(), "4.685e-8".to_owned())
    );
}

/// Half a million rows to ranked pairs in one query.
#[test]
fn adverse_events_of_a_quarter_lead_to_the_known_pairs() {
    let set = "disproportionality";
    let Some(case) = Case::run("faers", set) else {
        return;
    };
    let counts = case
        .rows("SELECT count(*) AS rows_read, count(DISTINCT case_id) AS cases FROM staging.events");
    assert_eq!(
        (counts[0]["rows_read"].as_str(), counts[0]["cases"].as_str()),
        ("496312", "215867")
    );
    let pairs = case.rows("SELECT count(*) AS n FROM ceo.pairs");
    assert_eq!(pairs[0]["n"], "3689");
    let first = case.rows("SELECT unit, topic, ic025 FROM ceo.pairs ORDER BY ic025 DESC LIMIT 3");
    let top: Vec<(String, String, String)> = first
        .iter()
        .map(|row| {
            let limit = format!("{:.3}", number(row, "ic025"));
            (row["unit"].clone(), row["topic"].clone(), limit)
        })
        .collect();
    let known = [
        ("Elmiron", "Maculopathy", "7.952"),
        ("Risperdal", "Gynaecomastia", "7.454"),
        ("Ferric carboxymaltose", "Hypophosphataemia", "7.411"),
    ];
    assert_eq!(
        top,
        known.map(|(unit, topic, limit)| (unit.into(), topic.into(), limit.into()))
    );
}

#[test]
fn snow_finds_the_water_company() {
    let Some(case) = Case::run("snow", "snow_water_supplier") else {
        return;
    };
    let named = |rows: Vec<Row>, column: &str| -> BTreeMap<String, Row> {
        rows.into_iter()
            .map(|row| (row[column].clone(), row))
            .collect()
    };
    let wanted = named(
        expected("snow_water_supplier", "expected_table9_rates.csv"),
        "supplier",
    );
    let rates = named(case.rows("SELECT * FROM ceo.rates"), "company");
    let suspects = named(case.rows("SELECT * FROM ceo.suspects"), "value");
    let companies = [
        ("Southwark and Vauxhall Company", "SouthwarkVauxhall"),
        ("Lambeth Company", "Lambeth"),
        ("Rest of London", "Other"),
    ];
    assert_eq!((rates.len(), suspects.len()), (3, 3));
    for (company, supplier) in companies {
        let rate = [
            ("deaths", "deaths"),
            ("houses", "houses"),
            ("rate", "rate"),
            ("low", "rate_lo"),
            ("high", "rate_hi"),
        ];
        agree(&rates[company], &wanted[supplier], &rate);
        agree(
            &suspects[company],
            &wanted[supplier],
            &[("rate_ratio", "rate_ratio_vs_rest")],
        );
    }
    let of_ten_thousand = |company: &str| (number(&rates[company], "rate") * 1e4).floor();
    assert_eq!(
        (
            of_ten_thousand(companies[0].0),
            of_ten_thousand(companies[1].0)
        ),
        (315.0, 37.0)
    );
    let first = &suspects[companies[0].0];
    println!("snow: {}", first["reason"]);
    assert_eq!(
        (first["rank"].as_str(), first["verdict"].as_str()),
        ("1", "leading suspect")
    );
    for other in &companies[1..] {
        assert_eq!(suspects[other.0]["verdict"], "no evidence");
    }
    let ratio = &case.rows("SELECT * FROM ceo.ratio")[0];
    let figure = |column: &str| format!("{:.2}", number(ratio, column));
    assert_eq!(
        (figure("ratio"), figure("low"), figure("high")),
        ("8.40".into(), "6.84".into(), "10.32".into())
    );
}
