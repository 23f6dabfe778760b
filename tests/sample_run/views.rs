//! The views: what could have been known when, what changed before it, what a person confirms, and what
//! is in one customer's timeline.

use std::collections::BTreeSet;

use super::{planted, published};
use crate::sample_copy::{Project, SMALL, truth};

/// A run of an earlier day finds the period as far as it had come, and nothing else ever leads.
#[test]
fn the_replay_says_no_earlier_than_a_run_of_that_day() {
    let published = published();
    let period = planted(&published.exports).unwrap();
    let series = period.split_once(" 2025").unwrap().0;
    let times = published.project.rows(&format!(
        "SELECT noticed_on, cause_on, contacted_on, buyers FROM ceo.response_times WHERE incident = 'sole_crack: {period}'"
    ));
    let day = |column: &str| times[0][column].as_str().unwrap().to_owned();
    assert!(times[0]["contacted_on"].is_null(), "no message was sent");
    let bad = truth(&published.exports, "truth_bad_lots", &["finished_lot"]);
    for (as_of, verdicts) in [
        (
            day("noticed_on"),
            &["suspect, needs a person", "leading suspect"][..],
        ),
        (day("cause_on"), &["leading suspect"]),
    ] {
        let project = Project::committed("as-of");
        project.edit("pipeline.toml", "2026-03-31", &as_of);
        project.tsugi("run", &[]).ended(0);
        let first = &project.rows(
            "SELECT suspect_kind, suspect, verdict FROM ceo.suspects WHERE topic = 'sole_crack' ORDER BY rank LIMIT 1",
        )[0];
        assert_eq!(
            first["suspect_kind"], "supplier_period",
            "{as_of}: {first:?}"
        );
        assert!(
            first["suspect"].as_str().unwrap().starts_with(series),
            "{as_of}: {first:?}"
        );
        let verdict = first["verdict"].as_str().unwrap();
        assert!(verdicts.contains(&verdict), "{as_of}: {first:?}");
        let held =
            project.lines("SELECT finished_lot FROM coo.containment WHERE topic = 'sole_crack'");
        // Young lots beside the bad ones could not have shown it yet.
        let wrong = held.difference(&bad).count();
        assert!(
            wrong * 2 < held.len().max(1),
            "{as_of}: {held:?} are held, bad are {bad:?}"
        );
    }
}

#[test]
fn the_planted_change_stands_out_from_what_came_before_it() {
    let published = published();
    let planted = truth(&published.exports, "truth_suspects", &["change_id"]);
    let clear = published.project.lines(
        "SELECT change_id FROM coo.changes WHERE verdict = 'leading suspect' AND rate_ratio_low > 1",
    );
    assert_eq!(clear, planted);
    let changes = published
        .project
        .lines("SELECT suspect FROM ceo.suspects WHERE suspect_kind = 'material_change' AND verdict = 'leading suspect'");
    assert_eq!(changes, planted);
}

const PERIOD: &str = "SUP-03 MAT-01 2025-08-08 to 2025-09-21";
/// The cause in the words for customers.
const SAID: &str = "The sole was made of a weak mixture.,Die Sohle wurde aus einer schwachen Mischung gemacht.,靴底の配合に不備がありました。";

/// A line of seeds/confirmations.csv: the suspect, who confirms it, their note, words for customers.
fn confirmation(suspect: &str, by: &str, note: &str, said: &str) -> String {
    format!("sole_crack,{suspect},{by},2026-03-20,{note},{said}\n")
}

#[test]
fn a_cause_is_confirmed_by_name_and_note_only() {
    let project = Project::committed("unconfirmed");
    let seed = project.read("seeds/confirmations.csv");
    let (period, by, note) = (
        format!("supplier_period,{PERIOD}"),
        "Mika Hoshino",
        "It was measured.",
    );
    for (lines, trouble) in [
        (confirmation(&period, "", note, SAID), "no name"),
        (
            confirmation(&period, by, note, ",,"),
            "no words for customers",
        ),
        (confirmation(&period, by, "", SAID), "no note"),
        (
            confirmation("supplier,SUP-05", by, note, SAID),
            "no suspect",
        ),
        (confirmation(&period, by, note, SAID).repeat(2), "twice"),
    ] {
        project.write("seeds/confirmations.csv", &format!("{seed}{lines}"));
        let refused = project.tsugi("run", &[]).ended(1).stderr;
        let check = "causes_are_confirmed_by_name";
        assert!(refused.contains(check), "{trouble}: {refused}");
    }
}

/// What messages say of the cause: `open`, `confirmed`, or a whole message that says neither.
fn says(project: &Project) -> BTreeSet<String> {
    let rows = project.shown(
        "SELECT DISTINCT CASE WHEN body LIKE '%being investigated%' OR body LIKE '%wird noch untersucht%' OR body LIKE '%wird untersucht%' OR body LIKE '%調査中%' THEN 'open'
           WHEN body LIKE '%confirmed: The sole was made of a weak mixture. It%' OR body LIKE '%Cause: The sole was made of a weak mixture.%'
                OR body LIKE '%steht fest: Die Sohle wurde aus einer schwachen%' OR body LIKE '%Ursache: Die Sohle wurde aus einer schwachen%'
                OR body LIKE '%靴底の配合に不備がありました。%' THEN 'confirmed' ELSE body END AS says
         FROM outreach.messages WHERE body IS NOT NULL",
    );
    let says = rows
        .into_iter()
        .map(|row| row["says"].as_str().unwrap().to_owned());
    says.collect()
}

#[test]
fn until_a_person_confirms_a_cause_messages_name_neither_it_nor_a_supplier() {
    let project = Project::committed("open-cause");
    project.tsugi("run", &[]).ended(0);
    assert_eq!(says(&project), BTreeSet::from(["open".to_owned()]));
    let supplier = project
        .lines("SELECT name FROM erp.suppliers WHERE supplier_id = 'SUP-03'")
        .pop_first()
        .unwrap();
    let named = SAID.replace("a weak mixture", &format!("a weak mixture of {supplier}"));
    let suspect = format!("supplier_period,{PERIOD}");
    let line = confirmation(&suspect, "Mika Hoshino", "It was measured.", &named);
    let seed = project.read("seeds/confirmations.csv");
    project.write("seeds/confirmations.csv", &(seed + &line));
    let refused = project.tsugi("run", &[]).ended(1).stderr;
    assert!(refused.contains("no_message_names_a_supplier"), "{refused}");
}

/// Two buyers of the suspect lots: one whom the first message did not reach, and one whom the second did.
fn inform_two_buyers(project: &Project) {
    let buyers = published().project.rows(
        "SELECT DISTINCT customer_id FROM outreach.affected WHERE customer_id IS NOT NULL ORDER BY 1 LIMIT 2",
    );
    let [missed, reached] = [0, 1].map(|at| buyers[at]["customer_id"].as_str().unwrap().to_owned());
    let sends = project.read("exports/crm/sends.csv");
    let message = |id: &str, to: &str, day: &str, outcome: &str| {
        format!("{id},{to},email,safety_recall,sole-recall,{day},{outcome}\n")
    };
    project.write(
        "exports/crm/sends.csv",
        &(sends
            + &message("SD-X1", &missed, "2026-03-18", "bounced")
            + &message("SD-X2", &reached, "2026-03-22", "delivered")
            + &message("SD-X3", &reached, "2026-04-02", "delivered")),
    );
}

#[test]
fn a_confirmed_cause_stands_in_sentences_tables_times_and_messages() {
    let project = Project::committed("confirmed");
    let suspect = format!("supplier_period,{PERIOD}");
    let line = confirmation(&suspect, "Mika Hoshino", "The supplier admits it.", SAID);
    let seed = project.read("seeds/confirmations.csv");
    project.write("seeds/confirmations.csv", &(seed + &line));
    inform_two_buyers(&project);
    let sentences = project.tsugi("run", &["--lang", "en"]).ended(0).stdout;
    let confirmed = "Confirmed as the cause by Mika Hoshino on 2026-03-20.";
    assert!(sentences.contains(confirmed), "{sentences}");
    assert_eq!(says(&project), BTreeSet::from(["confirmed".to_owned()]));
    for (query, line) in [
        (
            "SELECT suspect, confirmed_by FROM ceo.suspects WHERE verdict = 'confirmed cause'",
            format!("{PERIOD}|Mika Hoshino"),
        ),
        (
            "SELECT cause FROM frontline.incident_brief WHERE topic = 'sole_crack'",
            "confirmed by Mika Hoshino on 2026-03-20: The supplier admits it.".to_owned(),
        ),
    ] {
        assert_eq!(project.lines(query), BTreeSet::from([line]), "{query}");
    }
    let times = &project.rows(&format!(
        "SELECT *, CAST(DATE '2026-03-22' AS INT) - CAST(first_complaint_on AS INT) AS contact, \
         CAST(cause_on AS INT) - CAST(first_complaint_on AS INT) AS cause, \
         CAST(noticed_on AS INT) - CAST(first_complaint_on AS INT) AS notice \
         FROM ceo.response_times WHERE incident = 'sole_crack: {PERIOD}'"
    ))[0];
    let found = ["confirmed_on", "contacted_on", "contacted"].map(|column| times[column].clone());
    assert_eq!(
        serde_json::json!(found),
        serde_json::json!(["2026-03-20", "2026-03-22", 1]),
        "{times:?}"
    );
    for (days, column) in [
        ("contact", "days_to_contact"),
        ("cause", "days_to_cause"),
        ("notice", "days_to_notice"),
    ] {
        assert!(times[days].as_i64() > Some(0), "{times:?}");
        assert_eq!(times[days], times[column], "{column}");
    }
}

/// Without any complaint elsewhere the ratio has no finite value: that is said, and no sentence is lost.
#[test]
fn a_cause_with_no_complaint_elsewhere_still_has_its_sentence() {
    let (project, exports) = Project::generated("nowhere-else", &SMALL);
    let period = planted(&exports).unwrap();
    let (from, last) = period.split_once(" to ").unwrap();
    let to = format!("{} {last}", from.rsplit_once(' ').unwrap().0);
    let model = "models/staging/complaints.sql";
    project.edit(
        model,
        "SELECT DISTINCT finished_lot, true AS traced FROM staging.lot_factors",
        &format!(
            "SELECT finished_lot, concat(series, ' ', step) BETWEEN '{from}' AND '{to}' AS bad, true AS traced \
             FROM staging.lot_series WHERE factor = 'outsole_period'"
        ),
    );
    project.edit(
        model,
        "l.finished_lot = c.finished_lot",
        "l.finished_lot = c.finished_lot AND (c.topic <> 'sole_crack' OR l.bad)",
    );
    project.tsugi("run", &[]).ended(0);
    let first = &project.rows("SELECT * FROM ceo.suspects ORDER BY rank LIMIT 1")[0];
    assert_eq!(
        (first["suspect"].as_str(), first["verdict"].as_str()),
        (Some(period.as_str()), Some("leading suspect"))
    );
    assert!(first["rate_ratio"].is_null() && first["rate_ratio_high"].is_null());
    assert!(first["rate_ratio_low"].as_f64() > Some(1.0), "{first:?}");
    let lines = project.rows("SELECT * FROM ceo.headlines ORDER BY position, language");
    let sentences = |language: &str| -> Vec<&str> {
        let of = lines.iter().filter(|line| line["language"] == language);
        of.map(|line| line["sentence"].as_str().expect("a sentence"))
            .collect()
    };
    assert!(
        sentences("en")[0].contains(" none elsewhere (at least "),
        "{:?}",
        sentences("en")
    );
    assert!(
        sentences("ja")[0].contains("ほかでは一件もありません"),
        "{:?}",
        sentences("ja")
    );
    assert!(
        sentences("de")[0].contains("anderswo keine (mindestens"),
        "{:?}",
        sentences("de")
    );
}

#[test]
fn open_tickets_with_a_day_ahead_are_escalated_before_it() {
    let published = published();
    let found = published
        .project
        .lines("SELECT ticket_id FROM coo.escalations WHERE escalate <> 'too late'");
    let expected = published.project.lines(
        "SELECT ticket_id FROM crm.tickets WHERE status <> 'closed' AND needed_by >= '2026-03-31'",
    );
    assert!(!expected.is_empty());
    assert_eq!(found, expected);
    let late = published
        .project
        .lines("SELECT ticket_id FROM coo.escalations WHERE escalate = 'now' AND days_left > 7");
    assert_eq!(late, BTreeSet::new());
}

#[test]
fn one_timeline_holds_sales_marketing_and_service() {
    let published = published();
    let counts = published.project.rows(
        "SELECT (SELECT count(*) FROM staging.timeline WHERE event = 'ordered') AS ordered, \
         (SELECT count(*) FROM staging.order_lines WHERE customer_id IS NOT NULL) AS lines, \
         (SELECT count(*) FROM staging.timeline WHERE event LIKE 'wrote a%' OR event = 'device signal') AS wrote, \
         (SELECT count(*) FROM staging.interactions WHERE customer_id IS NOT NULL) AS texts, \
         (SELECT count(*) FROM (SELECT customer_id FROM staging.timeline GROUP BY customer_id HAVING count(DISTINCT side) = 3)) AS all_three",
    );
    let row = &counts[0];
    assert_eq!(row["ordered"], row["lines"]);
    assert_eq!(row["wrote"], row["texts"]);
    assert!(row["all_three"].as_u64().unwrap() > 100, "{row:?}");
}

#[test]
fn planned_rules_show_whom_they_would_move_and_no_one_else() {
    let changes = "SELECT c.country, count(*) AS messages, sum(CASE WHEN r.decision_today <> r.decision_then THEN 1 ELSE 0 END) AS decided
         FROM outreach.rule_changes AS r JOIN crm.customers AS c ON c.customer_id = r.customer_id GROUP BY c.country";
    let published = published();
    let moved = published.project.lines(changes);
    assert_eq!(
        moved.len(),
        1,
        "the planned hours are those of one country: {moved:?}"
    );
    let line = moved.first().unwrap();
    assert!(line.starts_with("DE|") && line.ends_with("|0"), "{line}");

    let project = Project::committed("rules-of-today");
    project.edit(
        "pipeline.toml",
        "rules_on = 2026-05-01",
        "rules_on = 2026-03-31",
    );
    project.tsugi("run", &[]).ended(0);
    assert!(
        project.lines(changes).is_empty(),
        "the rules of today change nothing"
    );
}
