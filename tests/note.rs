//! What staff note at the counter: bounded by their role, read in the next brief, counted by the next run.

use crate::sample_copy::{Project, SMALL};
use crate::support::assert_printed;

/// A note by somebody; standard output and standard error.
#[track_caller]
fn note(
    project: &Project,
    customer: &str,
    words: &[&str],
    by: &str,
    code: i32,
) -> (String, String) {
    let words = [&["--customer", customer][..], words, &["--by", by]].concat();
    let outcome = project.tsugi("note", &words).ended(code);
    (outcome.stdout, outcome.stderr)
}

#[test]
fn staff_note_what_they_gave_promised_and_know_and_it_outranks_every_score() {
    let (project, _) = Project::generated("note", &SMALL);
    project.tsugi("run", &[]).ended(0);
    // Buyers of one affected line each, of whom the second sounded angry.
    let buyers = project.rows(
        "SELECT m.customer_id, min(a.order_id || '-' || a.order_line) AS serial FROM outreach.messages AS m
         JOIN outreach.affected AS a ON a.customer_id = m.customer_id WHERE m.decision IN ('send', 'review')
         GROUP BY m.customer_id HAVING count(*) = 1 ORDER BY 1 LIMIT 3",
    );
    let text = |at: usize, name: &str| buyers[at][name].as_str().unwrap().to_owned();
    let (first, serial) = (text(0, "customer_id"), text(0, "serial"));
    let (second, third) = (text(1, "customer_id"), text(2, "customer_id"));

    let done = ["--done", "a new pair over the counter", "--serial", &serial];
    let given = |value: &'static str| [&done[..], &["--value", value]].concat();
    let (_, error) = note(&project, &first, &given("180"), "Jonas Abderhalde", 1);
    assert_printed!(error, @"
    error: `Jonas Abderhalde` may not note this: pipeline.toml has no such name under [people]
    hint: did you mean `Jonas Abderhalden`?
    ");
    let (_, error) = note(&project, &first, &given("400"), "Jonas Abderhalden", 1);
    assert_printed!(error, @"
    error: `Jonas Abderhalden` may not note this: care may give a remedy worth 250, and this is 400
    hint: pipeline.toml says who may give what: [roles] with remedy_max, [people]
    ");
    let (_, error) = note(&project, &first, &done, "Jonas Abderhalden", 1);
    assert!(error.contains("and this one has no --value"), "{error}");
    let (_, error) = note(&project, "C-999999", &["--fact", "x"], "Mika Sato", 1);
    assert!(
        error.contains("nothing is known of the customer `C-999999`"),
        "{error}"
    );
    let (_, error) = note(&project, &second, &given("180"), "Mika Sato", 1);
    assert!(
        error.contains(&format!("`{serial}` is no pair of `{second}`")),
        "{error}"
    );
    let (_, error) = note(&project, &second, &["--release", "done"], "Mika Sato", 1);
    assert!(error.contains("no hold of theirs is open"), "{error}");
    let (_, error) = note(
        &project,
        &second,
        &["--fact", "x", "--until", "2026-05-01"],
        "Mika Sato",
        2,
    );
    assert!(error.contains("--until"), "{error}");

    let (said, _) = note(&project, &first, &given("180"), "Jonas Abderhalden", 0);
    assert_eq!(
        said.trim(),
        format!("noted: done for {first}; `brief` shows it now, the next run counts it")
    );
    let hold = [
        "--hold",
        "is in hospital, her son will call",
        "--until",
        "2026-04-30",
    ];
    note(&project, &second, &hold, "Jonas Abderhalden", 0);
    let promise = ["--promise", "insoles by post", "--value", "20"];
    note(&project, &third, &promise, "Jonas Abderhalden", 0);
    note(
        &project,
        &third,
        &["--fact", "calm on the phone"],
        "Mika Sato",
        0,
    );

    // At once, without a run.
    let who = ["--by", "Nora Lindqvist", "--why", "at the counter"];
    let brief = |customer: &str| {
        let words = [&["--customer", customer][..], &who].concat();
        project.tsugi("brief", &words).ended(0).stdout
    };
    let shown = brief(&first);
    assert!(
        shown.contains(&format!(
            "done by Jonas Abderhalden for {serial} worth 180: a new pair over the counter"
        )),
        "{shown}"
    );
    assert!(brief(&second).contains("until 2026-04-30: is in hospital"));

    project.tsugi("run", &[]).ended(0);
    let one = |sql: &str| project.lines(sql).into_iter().next().unwrap_or_default();
    let ending = |customer: &str| {
        one(&format!(
            "SELECT ends_in FROM outreach.endings WHERE customer_id = '{customer}'"
        ))
    };
    assert_eq!(ending(&first), "already remedied");
    let composed = project.lines(&format!(
        "SELECT decision FROM outreach.messages WHERE customer_id = '{first}'"
    ));
    assert!(
        composed.is_empty(),
        "who has a new pair gets no message: {composed:?}"
    );
    // A recall goes to who is on hold all the same, and says so; an advertisement does not.
    let reasons = one(&format!(
        "SELECT reasons FROM outreach.messages WHERE customer_id = '{second}'"
    ));
    assert!(
        reasons.contains("Jonas Abderhalden put messages to this person on hold until 2026-04-30"),
        "{reasons}"
    );
    let promotable = one(&format!(
        "SELECT may_advertise, reasons FROM outreach.promotable WHERE customer_id = '{second}'"
    ));
    assert!(
        promotable.starts_with("false|") && promotable.contains("on hold"),
        "{promotable}"
    );
    let owed = one(&format!(
        "SELECT remedies_owed FROM frontline.customer_brief WHERE customer_id = '{third}'"
    ));
    assert!(owed.contains("insoles by post, promised"), "{owed}");
    let angry = one(&format!(
        "SELECT DISTINCT angry FROM outreach.contacts WHERE customer_id = '{third}'"
    ));
    assert_eq!(angry, "false");
    let noted = project
        .lines("SELECT customer_id, event FROM staging.timeline WHERE event LIKE 'staff noted%'");
    assert_eq!(noted.len(), 4, "{noted:?}");

    note(
        &project,
        &second,
        &["--release", "her son has called"],
        "Mika Sato",
        0,
    );
    note(
        &project,
        &third,
        &["--done", "insoles sent", "--value", "20"],
        "Mika Sato",
        0,
    );
    project.tsugi("run", &[]).ended(0);
    let held = project.lines("SELECT customer_id FROM outreach.contacts WHERE held_by IS NOT NULL");
    assert!(held.is_empty(), "{held:?}");
    let owed = one(&format!(
        "SELECT coalesce(remedies_owed, '') AS owed FROM frontline.customer_brief WHERE customer_id = '{third}'"
    ));
    assert!(!owed.contains("insoles"), "{owed}");

    // What was noted about a forgotten person is gone from the ledger.
    let request = [
        first.as_str(),
        "--by",
        "Nora Lindqvist",
        "--why",
        "request by post",
    ];
    project.tsugi("forget", &request).ended(0);
    let ledger = std::fs::read(project.path(".tsugi/ledger/ledger.sqlite")).unwrap();
    let holds = |words: &[u8]| ledger.windows(words.len()).any(|at| at == words);
    assert!(holds(b"insoles by post") && !holds(b"a new pair over the counter"));
    let doctor = project.tsugi("doctor", &[]).ended(0);
    assert!(!doctor.stdout.contains("changed"), "{}", doctor.stdout);
}
