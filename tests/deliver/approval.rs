//! Review, approve, rehearse, deliver, deliver again.

use crate::sample_copy::{Project, SMALL, objects};

use super::Messages;

#[test]
fn nothing_leaves_before_a_person_has_said_yes() {
    let messages = Messages::new("messages", 60);
    let (project, due) = (&messages.project, messages.due());
    assert_eq!(messages.objects().len(), 0, "a run never sends");

    let outcome = project.tsugi("deliver", &[]).ended(0);
    assert!(
        outcome.stdout.starts_with(&format!(
            "messages: 0 sent, 0 sent before, {due} wait for a person, 3 on hold, 3 suppressed\n"
        )),
        "{}",
        outcome.stdout
    );
    assert!(
        outcome.stdout.contains("tsugi review list "),
        "it names the next step: {}",
        outcome.stdout
    );
    assert_eq!(messages.objects().len(), 0);

    let list = project.tsugi("review list", &[]).ended(0).stdout;
    let why =
        "3 messages marked for review; 3 important customers; a template that has never been sent";
    assert!(
        list.contains("sole-notice@1")
            && list.contains("waiting")
            && list.trim_end().ends_with(why),
        "{list}"
    );
    project
        .tsugi("review approve", &["00000000", "--by", "Mika"])
        .ended(1);
    let outcome = project.tsugi("review approve", &["00000000"]).ended(2);
    assert!(
        outcome.stderr.contains("--by"),
        "an approval needs a name: {}",
        outcome.stderr
    );
    assert_eq!(messages.deliver(0)["sent"], 0);

    messages.approve();
    let outcome = project.tsugi("deliver", &["--dry-run"]).ended(0);
    assert!(
        outcome
            .stdout
            .contains(&format!("{due} would be sent, 0 sent before, 0 wait")),
        "{}",
        outcome.stdout
    );
    assert_eq!(messages.objects().len(), 0, "a rehearsal writes nothing");

    let outcome = project.tsugi("deliver", &[]).ended(0);
    assert!(
        outcome.stdout.contains(&format!(
            "messages: {due} sent, 0 sent before, 0 wait for a person, 3 on hold, 3 suppressed"
        )),
        "{}",
        outcome.stdout
    );
    messages.assert_all_sent_once("delivered");
    let sent = messages.objects();
    for (name, text) in &sent {
        let (run, file) = name.split_once('/').unwrap();
        assert!(uuid_like(run) && file == "000000.jsonl", "{name}");
        for message in objects(text) {
            for column in [
                "incident",
                "address",
                "subject",
                "body",
                "template_version",
                "content_hash",
            ] {
                assert!(message[column].is_string(), "{column}: {message:?}");
            }
            assert!(
                message["body"]
                    .as_str()
                    .unwrap()
                    .contains(message["order_id"].as_str().unwrap())
            );
        }
    }

    let outcome = project.tsugi("deliver", &[]).ended(0);
    assert!(
        outcome
            .stdout
            .contains(&format!("messages: 0 sent, {due} sent before")),
        "{}",
        outcome.stdout
    );
    let outcome = project.tsugi("deliver", &["--dry-run"]).ended(0);
    assert!(
        outcome
            .stdout
            .contains(&format!("messages: 0 would be sent, {due} sent before")),
        "{}",
        outcome.stdout
    );
    project.tsugi("run", &[]).ended(0);
    assert_eq!(messages.deliver(0)["already"], due as u64);
    assert_eq!(messages.objects(), sent, "nothing more was written");
}

fn uuid_like(run: &str) -> bool {
    run.len() == 36 && run.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}

#[test]
fn an_edit_of_text_or_audience_voids_the_approval() {
    let messages = Messages::new("voided", 40);
    let (project, due) = (&messages.project, messages.due() as u64);
    let first = messages.approve();

    let people = project.edit("seeds/people.csv", "Person 5,", "Person Five,");
    project.tsugi("run", &[]).ended(0);
    let counts = messages.deliver(0);
    assert_eq!(
        (counts["sent"], counts["waiting"]),
        (0, due),
        "one word of one message has changed"
    );
    project.write("seeds/people.csv", &people);

    let bought = project.edit("seeds/bought.csv", "C-0006,SO-0006,Yuki Mid\n", "");
    project.tsugi("run", &[]).ended(0);
    let counts = messages.deliver(0);
    assert_eq!(
        (counts["sent"], counts["waiting"]),
        (0, due - 1),
        "one person is gone"
    );
    let outcome = project
        .tsugi("review approve", &[&first, "--by", "Mika"])
        .ended(1);
    assert!(
        outcome.stderr.contains("list the reviews again"),
        "{}",
        outcome.stderr
    );
    assert_eq!(messages.objects().len(), 0);

    project.write("seeds/bought.csv", &bought);
    project.tsugi("run", &[]).ended(0);
    assert_eq!(
        messages.deliver(0)["sent"],
        due,
        "what was approved is what is there again"
    );
    messages.assert_all_sent_once("delivered");
}

#[test]
fn a_big_send_is_cut_into_batches() {
    let messages = Messages::new("batches", 300);
    messages.approve();
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
    messages.assert_all_sent_once("delivered");
    let objects = messages.objects();
    let names: Vec<&str> = objects
        .keys()
        .map(|name| name.split_once('/').unwrap().1)
        .collect();
    assert_eq!(
        names,
        ["000000.jsonl", "000001.jsonl", "000002.jsonl"],
        "one run, numbered batches"
    );
}

#[test]
fn the_sample_writes_to_customers_who_can_be_written_to_and_to_no_others() {
    let (project, _) = Project::generated("sample-messages", &SMALL);
    project.tsugi("run", &[]).ended(0);
    assert!(
        !project.path("outbox").exists()
            || std::fs::read_dir(project.path("outbox")).unwrap().count() == 0,
        "a run never sends"
    );
    let messages = Messages { project, people: 0 };
    let project = &messages.project;
    messages.approve();
    let sent = messages.deliver(0)["sent"];
    let found = messages.outbox();
    let expected = project.lines(
        "SELECT customer_id FROM outreach.messages WHERE decision IN ('send', 'review') AND earliest_at IS NOT NULL",
    );
    assert!(
        sent > 20 && sent == expected.len() as u64,
        "{sent} of {}",
        expected.len()
    );
    assert_eq!(
        found
            .keys()
            .cloned()
            .collect::<std::collections::BTreeSet<_>>(),
        expected
    );
    assert!(found.values().all(|times| *times == 1), "{found:?}");
    let words = messages.objects().into_values().collect::<String>();
    for supplier in project.lines("SELECT name FROM erp.suppliers") {
        assert!(
            !words.contains(&supplier),
            "{supplier} is named to customers"
        );
    }
}
