//! Review, approve, rehearse, deliver, deliver again.

use crate::sample_copy::{Project, SMALL, objects};

use super::Messages;
use crate::support::assert_printed;

#[test]
fn nothing_leaves_before_a_person_has_said_yes() {
    let messages = Messages::new("messages", 60);
    let (project, due) = (&messages.project, messages.due());
    assert_eq!(messages.objects().len(), 0, "a run never sends");

    let outcome = project.tsugi("deliver", &[]).ended(0);
    assert_printed!(outcome.stdout, @"
    messages: 0 sent, 0 sent before, 54 wait for a person, 3 on hold, 3 suppressed
    messages: see what waits with: tsugi review list DIR
    ");
    assert!(
        outcome.stdout.contains("tsugi review list "),
        "it names the next step: {}",
        outcome.stdout
    );
    assert_eq!(messages.objects().len(), 0);

    let list = project.tsugi("review list", &[]).ended(0).stdout;
    assert_printed!(list, @"
    review    incident           template       messages  state    by  assigned to  why a person
    997641af  sole_crack: a lot  sole-notice@1  54        waiting  -   -            3 messages marked for review; 3 important customers; a text that has never been sent
    ");
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
    assert_printed!(outcome.stdout, @"messages: 54 would be sent, 0 sent before, 0 wait for a person, 3 on hold, 3 suppressed");
    assert_eq!(messages.objects().len(), 0, "a rehearsal writes nothing");

    let outcome = project.tsugi("deliver", &[]).ended(0);
    assert_printed!(outcome.stdout, @"messages: 54 sent, 0 sent before, 0 wait for a person, 3 on hold, 3 suppressed");
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
    assert_printed!(outcome.stdout, @"messages: 0 sent, 54 sent before, 0 wait for a person, 3 on hold, 3 suppressed");
    let outcome = project.tsugi("deliver", &["--dry-run"]).ended(0);
    assert_printed!(outcome.stdout, @"messages: 0 would be sent, 54 sent before, 0 wait for a person, 3 on hold, 3 suppressed");
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
    assert_printed!(outcome.stderr, @"
    error: there is no review `DIGEST`
    hint: list the reviews again: an edit of the text or the audience makes another one
    ");
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
fn whatever_a_sink_gets_of_a_message_is_what_was_approved() {
    let messages = Messages::new("bound", 10);
    let (project, due) = (&messages.project, messages.due() as u64);
    messages.approve();
    let model = project.read("models/outreach/messages.sql");
    // A column that tells why a message is sent changes nothing, and no column can say that all is well.
    let all = "SELECT * FROM compose(";
    for (changed, waits) in [
        ("address || '.evil.example' AS address", true),
        ("body || ' Pay 5 EUR.' AS body", true),
        ("upper(subject) AS subject", true),
        ("'Reply-To: boss@evil.example' AS headers", true),
        ("'sms' AS channel", true),
        ("earliest_at - INTERVAL '1 second' AS earliest_at", true),
        ("'https://evil.example/p.png' AS images", true),
        ("'someone else' AS sender", true),
        ("'Somebody' AS written_by", true),
        ("80.5 AS remedy_value", true),
        ("'x' AS reasons, 7 AS recipients, 'tired' AS fatigue", false),
    ] {
        let replaced = format!("SELECT * REPLACE ({changed}) FROM compose(");
        project.write(
            "models/outreach/messages.sql",
            &model.replace(all, &replaced),
        );
        project.tsugi("run", &[]).ended(0);
        let outcome = project.tsugi("deliver", &["--dry-run", "--json"]);
        let last = objects(&outcome.stdout).pop().unwrap();
        let waiting = last["delivery"]["waiting"].as_u64().unwrap();
        assert_eq!(waiting, if waits { due } else { 0 }, "{changed}");
    }
    project.write(
        "models/outreach/messages.sql",
        &model.replace(all, "SELECT *, 'now' AS more FROM compose("),
    );
    project.tsugi("run", &[]).ended(0);
    assert_eq!(
        messages.deliver(0)["waiting"],
        due,
        "another column is another message"
    );
    project.write("models/outreach/messages.sql", &model);
    project.tsugi("run", &[]).ended(0);
    assert_eq!(messages.deliver(0)["sent"], due);
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

#[test]
fn a_message_that_is_there_twice_and_a_decision_that_is_none_stop_the_delivery() {
    let messages = Messages::new("undecided", 4);
    let project = &messages.project;
    let model = project.read("models/outreach/messages.sql");
    let (comment, query) = model.split_once('\n').unwrap();
    let query = query.trim_end();
    let refused = |rows: &str| {
        let model = format!("{comment}\nWITH m AS ({query})\n{rows}\n");
        project.write("models/outreach/messages.sql", &model);
        project.tsugi("run", &[]).ended(0);
        project.tsugi("deliver", &[]).ended(1).stderr
    };
    let twice = refused("SELECT * FROM m UNION ALL SELECT * FROM m");
    assert_printed!(twice, @"
    error: `outreach.messages` cannot be delivered: two rows have the key incident = sole_crack: a lot, customer_id = C-0000, template = sole-notice@1
    hint: let `outreach.messages` have one row for each incident, customer_id, template_id and template_version
    ");
    let word = refused("SELECT * EXCEPT (decision), 'maybe' AS decision FROM m");
    assert_printed!(word, @"
    error: `outreach.messages` cannot be delivered: `maybe` is not a decision, in the message to C-0000 about sole_crack: a lot
    hint: let `decision` of `outreach.messages` be `send`, `hold`, `review` or `suppress`
    ");
    assert_eq!(messages.objects().len(), 0);
}

/// Two hundred recipients of one text are many, in however many sends.
#[test]
fn recipients_of_one_text_count_since_a_person_looked_at_it() {
    let messages = Messages::new("many-sends", 300);
    let project = &messages.project;
    let persons = project.read("seeds/people.csv");
    let persons = persons.replace("important", "standard");
    project.write(
        "seeds/people.csv",
        &persons
            .replace(",,JP", ",Asia/Tokyo,JP")
            .replace("false", "true"),
    );
    // From one person to another, about an incident.
    let to = |from: usize, to: usize, incident: &str| {
        let bought: String = (from..to)
            .map(|n| format!("C-{n:04},SO-{n:04},Yuki Mid\n"))
            .collect();
        project.write(
            "seeds/bought.csv",
            &format!("customer_id,order_id,product\n{bought}"),
        );
        let sql = super::MESSAGES.replace("sole_crack: a lot", incident);
        project.write("models/outreach/messages.sql", &sql);
        project.tsugi("run", &[]).ended(0);
        let counts = messages.deliver(0);
        (counts["sent"], counts["waiting"])
    };
    assert_eq!(to(0, 60, "one"), (0, 60));
    messages.approve();
    assert_eq!(messages.deliver(0)["sent"], 60);
    assert_eq!(to(60, 210, "two"), (150, 0));
    for incident in ["three", "two"] {
        assert_eq!(to(210, 270, incident), (0, 60), "{incident}");
        let why = ["more than 200 recipients of one text since a person looked at it: 150 before"];
        assert_eq!(messages.reviews()[0]["why"], serde_json::json!(why));
    }
    messages.approve();
    assert_eq!(messages.deliver(0)["sent"], 60);
    assert_eq!(to(0, 190, "four"), (190, 0), "a person looked");
    assert_eq!(to(0, 11, "five"), (0, 11));
}

#[test]
fn an_author_is_known_in_every_spelling() {
    let messages = Messages::new("authors", 10);
    let project = &messages.project;
    let templates = project.read("seeds/templates.csv");
    for written in [
        "mika sato",
        "MIKA SATO ",
        "Ｍｉｋａ　Ｓａｔｏ",
        "Mika\u{200b} Sato",
        "Nora Lindqvist and Mika Sato",
        "Nora Lindqvist; Mika Sato",
        "Sato Mika / Mika Sato",
    ] {
        project.write(
            "seeds/templates.csv",
            &templates.replace(",Nora Lindqvist,", &format!(",{written},")),
        );
        project.tsugi("run", &[]).ended(0);
        let review = messages.reviews()[0]["id"].as_str().unwrap().to_owned();
        let words = [review.as_str(), "--by", "Mika Sato"];
        let outcome = project.tsugi("review approve", &words).ended(1);
        let why = "they wrote sole-notice@1; another person must look";
        assert!(
            outcome.stderr.contains(why),
            "{written}: {}",
            outcome.stderr
        );
    }
}
