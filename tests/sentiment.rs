//! How often `sentiment` agrees with people, called through the host as an analyst would.

use crate::real_input::Case;

/// Texts that got a score must agree in sign with people at least so often.
const AGREEMENT_MIN: f64 = 0.80;
/// At least so many texts must get a score.
const COVERAGE_MIN: f64 = 0.70;

#[test]
fn scores_agree_in_sign_with_people() {
    let Some(case) = Case::run("sentiment", "sentiment") else {
        return;
    };
    let rows = case.rows("SELECT * FROM cmo.agreement ORDER BY texts");
    let sets: Vec<&str> = rows.iter().map(|row| row["texts"].as_str()).collect();
    assert_eq!(sets, ["hotel reviews", "tweets"]);
    for row in &rows {
        let count = |column: &str| row[column].parse::<f64>().expect("a count");
        let (judged, covered, agreed) = (count("texts_judged"), count("covered"), count("agreed"));
        let (agreement, coverage) = (agreed / covered, covered / judged);
        println!(
            "{}: agreement in sign {agreement:.4} at coverage {coverage:.4} of {judged} rows",
            row["texts"]
        );
        assert!(judged > 3_000.0, "{row:?}");
        assert!(agreement >= AGREEMENT_MIN, "{row:?}");
        assert!(coverage >= COVERAGE_MIN, "{row:?}");
    }
}
