//! `tsugi plugins --functions`: how each function is called, and what it returns, without any SQL of the project.

use crate::sample_copy::{Project, objects};

#[test]
fn functions_are_listed_with_their_calls_and_columns_although_the_sql_is_wrong() {
    let project = Project::committed("described");
    project.write("models/ceo/broken.sql", "SELECT nothing FROM nowhere\n");
    let text = project.tsugi("plugins", &["--functions"]).ended(0).stdout;
    let after = |start: &str| {
        let at = text
            .find(start)
            .unwrap_or_else(|| panic!("no {start} in {text}"));
        text[at..].lines().take(3).collect::<Vec<_>>()
    };
    let [call, doc, returns] = after("attribute(cells => (")[..] else {
        panic!("three lines");
    };
    assert!(
        call.contains("[ages => (…)]") && call.contains("[min_ratio => DOUBLE]"),
        "{call}"
    );
    assert!(call.ends_with("(table of correlation)"), "{call}");
    assert!(doc.contains("excess of complaints"), "{doc}");
    assert!(
        returns.contains("DESCRIBE SELECT * FROM attribute(…)"),
        "{returns}"
    );
    assert!(
        after("sentiment(text VARCHAR, lang VARCHAR)")[2].contains("returns: DOUBLE"),
        "{text}"
    );
    let ratio = after("rate_ratio(")[2];
    assert!(
        ratio.contains("low DOUBLE") && ratio.contains("p DOUBLE"),
        "{ratio}"
    );

    let listed = objects(
        &project
            .tsugi("plugins", &["--functions", "--json"])
            .ended(0)
            .stdout,
    );
    assert_eq!(listed.len(), text.matches("  returns: ").count());
    let kinds: Vec<_> = listed
        .iter()
        .filter_map(|one| one["kind"].as_str())
        .collect();
    for kind in ["scalar", "aggregate", "table"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
}
