//! Who may decide, who may not, and that every word of theirs stays.

use crate::sample_copy::{killed_after, objects};
use crate::support::assert_printed;

use super::Messages;

/// People with names and limits.
const PEOPLE: &str = "
[roles.desk]
recipients_max = 10

[roles.care]
remedy_max = 50
important = true

[roles.lead]
important = true

[people.\"Aya\"]
role = \"desk\"

[people.\"Ben\"]
role = \"care\"

[people.\"Nora Lindqvist\"]
role = \"lead\"

[people.\"Mika Sato\"]
role = \"lead\"

[people.\"Somebody Else\"]
role = \"lead\"
login = \"no-such-account\"
";

fn with_people(name: &str, people: usize, more: &str) -> Messages {
    let messages = Messages::new(name, people);
    let text = messages.project.read("pipeline.toml");
    messages
        .project
        .write("pipeline.toml", &format!("{text}{more}"));
    messages
}

/// The word of a review, by its number.
fn state(messages: &Messages, id: &str) -> String {
    let reviews = messages.reviews();
    let review = reviews.iter().find(|review| review["id"] == id).unwrap();
    review["state"].as_str().unwrap().to_owned()
}

#[test]
fn limits_of_a_role_four_eyes_and_accounts_are_kept() {
    let messages = with_people("roles", 40, PEOPLE);
    let project = &messages.project;
    let remedy = "'sole-notice' AS template_id";
    let dear = format!("{remedy}, 80.5 AS remedy_value");
    project.edit("models/outreach/messages.sql", remedy, &dear);
    project.tsugi("run", &[]).ended(0);
    let id = messages.reviews()[0]["id"].as_str().unwrap().to_owned();
    let refused = [
        ("Aya", "desk may approve 10 recipients, and these are 36"),
        (
            "Ben",
            "care may approve a remedy worth 50, and this is 80.5",
        ),
        (
            "Nora Lindqvist",
            "they wrote sole-notice@1; another person must look",
        ),
        ("Somebody Else", "they decide as `no-such-account`"),
        ("Mika Sado", "hint: did you mean `Mika Sato`?"),
    ];
    for (by, why) in refused {
        let outcome = project.tsugi("review approve", &[&id, "--by", by]).ended(1);
        assert!(
            outcome.stderr.contains("may not decide this") && outcome.stderr.contains(why),
            "{}",
            outcome.stderr
        );
        assert_eq!(state(&messages, &id), "waiting");
    }
    assert_eq!(messages.deliver(0)["sent"], 0);
    project
        .tsugi("review approve", &[&id[..8], "--by", "Mika Sato"])
        .ended(0);
    assert_eq!(messages.deliver(0)["sent"], messages.due() as u64);
}

#[test]
fn a_reviewer_sees_what_stands_in_slots_and_beside_the_text() {
    let messages = with_people("beside", 40, PEOPLE);
    let project = &messages.project;
    project.edit(
        "models/outreach/messages.sql",
        "SELECT * FROM compose(",
        "SELECT *,
  CASE WHEN customer_id = 'C-0004' THEN 'https://evil.example/pay' END AS attachment,
  'boss@evil.example' AS bcc FROM compose(",
    );
    project.tsugi("run", &[]).ended(0);
    let show = || {
        let id = messages.reviews()[0]["id"].as_str().unwrap().to_owned();
        project.tsugi("review show", &[&id[..8]]).ended(0).stdout
    };
    let shown = show();
    for words in [
        "beside the text\n",
        "  attachment: `https://evil.example/pay`, in 1 message\n",
        "  bcc: `boss@evil.example` (36 times)\n",
        "  address: 36 values, the least usual first: `",
        "  differs, place 1: 36 values, the least usual first: `",
        "  written by Nora Lindqvist, who may not approve it\n",
    ] {
        assert!(shown.contains(words), "no {words} in {shown}");
    }
    let json = project.tsugi(
        "review show",
        &[messages.reviews()[0]["id"].as_str().unwrap(), "--json"],
    );
    assert!(
        json.ended(0)
            .stdout
            .contains("\"attachment\":\"https://evil.example/pay\"")
    );
    // What two people have in place of a name, and what is shorter than most names, comes first.
    let people = project.read("seeds/people.csv");
    let renamed =
        |from: &str, to: &str, text: &str| text.replace(&format!(",{from},"), &format!(",{to},"));
    let other = renamed("Person 4", "Pay 500 EUR now", &people);
    let other = renamed("Person 5", "Pay 500 EUR now", &other);
    assert_ne!(other, people);
    project.write("seeds/people.csv", &other);
    project.tsugi("run", &[]).ended(0);
    let shown = show();
    let words = "the least usual first: `Pay 500 EUR now` (2 times), `";
    assert!(shown.contains(words), "no {words} in {shown}");
    // A spelling of no person, and no author at all, keep none of the people from approving.
    let templates = project.read("seeds/templates.csv");
    for (author, words) in [
        (
            "N. Lindqvist",
            "N. Lindqvist stands under no such name in [people]",
        ),
        ("", "no author is written"),
    ] {
        let written = templates.replace(",Nora Lindqvist,", &format!(",{author},"));
        project.write("seeds/templates.csv", &written);
        project.tsugi("run", &[]).ended(0);
        let shown = show();
        assert!(
            shown.contains("  a person must look: ") && shown.contains(words),
            "{shown}"
        );
    }
}

#[test]
fn important_customers_are_for_those_who_may() {
    let people = PEOPLE.replace("recipients_max = 10", "recipients_max = 100");
    let messages = with_people("important", 40, &people);
    let id = messages.reviews()[0]["id"].as_str().unwrap().to_owned();
    let outcome = messages
        .project
        .tsugi("review approve", &[&id, "--by", "Aya"])
        .ended(1);
    assert_printed!(outcome.stderr, @"
    error: `Aya` may not decide this: 2 of these go to important customers, which desk may not approve
    hint: hand it over: tsugi review assign DIR REVIEW --to NAME --by NAME
    ");
}

#[test]
fn a_missing_role_is_an_error_at_its_place() {
    let messages = with_people(
        "no-role",
        5,
        &PEOPLE.replace("role = \"care\"", "role = \"car\""),
    );
    let outcome = messages.project.tsugi("check", &[]).ended(2);
    assert_printed!(outcome.stderr, @r#"
    error: there is no role `car`
      --> pipeline.toml:31:8
        |
     31 | role = "car"
        |        ^^^^^
    hint: did you mean `care`?

    1 error; nothing ran
    "#);
}

#[test]
fn a_review_is_shown_assigned_rejected_and_approved_and_all_of_it_is_kept() {
    let messages = with_people("desk", 40, PEOPLE);
    let project = &messages.project;
    let id = messages.reviews()[0]["id"].as_str().unwrap().to_owned();
    let shown = project.tsugi("review show", &[&id[..8]]).ended(0).stdout;
    for words in [
        "sole_crack: a lot by sole-notice@1: 36 messages, waiting",
        "a person must look: 2 important customers",
        "written by Nora Lindqvist, who may not approve it",
        "36 messages in en over email, a text that was never sent",
        "  | ",
        "important-customer: nothing goes to an important customer unread",
        "email    en        unsent   review",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let hand = [
        id.as_str(),
        "--to",
        "Mika Sato",
        "--by",
        "Aya",
        "--note",
        "too many for me",
    ];
    project.tsugi("review assign", &hand).ended(0);
    assert_eq!(messages.reviews()[0]["assigned_to"], "Mika Sato");
    project
        .tsugi("review assign", &[&id, "--to", "Unknown", "--by", "Aya"])
        .ended(1);
    let no = [id.as_str(), "--by", "Mika Sato", "--note", "wrong tone"];
    project.tsugi("review reject", &no).ended(0);
    let counts = messages.deliver(0);
    assert_eq!(
        (counts["sent"], counts["rejected"], counts["waiting"]),
        (0, 36, 0)
    );
    assert_eq!(messages.objects().len(), 0, "a no is a no");

    project
        .tsugi("review approve", &[&id, "--by", "Mika Sato"])
        .ended(0);
    assert_eq!(messages.deliver(0)["sent"], 36);
    let log = objects(&project.tsugi("review log", &["--json"]).ended(0).stdout);
    let outcome: Vec<String> = log
        .iter()
        .map(|line| format!("{} {} {}", line["verdict"], line["by"], line["note"]))
        .collect();
    assert_eq!(
        outcome,
        [
            "\"assign\" \"Aya\" \"too many for me\"",
            "\"reject\" \"Mika Sato\" \"wrong tone\"",
            "\"approve\" \"Mika Sato\" \"\"",
        ]
    );
    assert!(log.iter().all(|line| {
        line["at"].as_str().is_some_and(|at| at.starts_with("20"))
            && line["login"]
                .as_str()
                .is_some_and(|login| !login.is_empty())
    }));
}

/// Sends to the first eight buyers, none of them important, with a person's approval; all purchases
/// as they were before.
fn first_send(messages: &Messages) -> String {
    let project = &messages.project;
    let people = project
        .read("seeds/people.csv")
        .replace(",important\n", ",standard\n");
    project.write("seeds/people.csv", &people);
    let all = project.read("seeds/bought.csv");
    let some: String = all
        .lines()
        .take(11)
        .map(|line| format!("{line}\n"))
        .collect();
    project.write("seeds/bought.csv", &some);
    project.tsugi("run", &[]).ended(0);
    messages.approve();
    assert_eq!(messages.deliver(0)["sent"], 8);
    all
}

#[test]
fn a_send_out_of_the_ordinary_waits_for_a_person() {
    let messages = Messages::new("unusual", 40);
    let project = &messages.project;
    let all = first_send(&messages);

    about(&messages, "sole_crack: as many again");
    project.tsugi("run", &[]).ended(0);
    assert_eq!(
        messages.deliver(0)["sent"],
        8,
        "a known text to as many as before needs no person"
    );
    about(&messages, "sole_crack: everybody");
    project.write("seeds/bought.csv", &all);
    project.tsugi("run", &[]).ended(0);
    let counts = messages.deliver(0);
    assert_eq!((counts["sent"], counts["waiting"]), (0, 36));
    let why = messages.reviews()[0]["why"].to_string();
    assert_printed!(why, @r#"["unusually many: 36, where the largest send so far was 8"]"#);
}

/// Sets which incident the messages are about.
fn about(messages: &Messages, incident: &str) {
    let project = &messages.project;
    let text = project.read("models/outreach/messages.sql");
    let (before, rest) = text.split_once("(SELECT '").unwrap();
    let (_, after) = rest.split_once('\'').unwrap();
    let text = format!("{before}(SELECT '{incident}'{after}");
    project.write("models/outreach/messages.sql", &text);
}

#[test]
fn a_text_is_known_by_what_it_says_and_not_by_the_name_of_its_template() {
    let messages = Messages::new("known-text", 20);
    let project = &messages.project;
    let people = project
        .read("seeds/people.csv")
        .replace(",important\n", ",standard\n");
    project.write("seeds/people.csv", &people);
    project.tsugi("run", &[]).ended(0);
    messages.approve();
    assert_eq!(messages.deliver(0)["sent"], 18);
    about(&messages, "sole_crack: the second time");
    let model = project.read("models/outreach/messages.sql");
    // Other words under the name of a template that was sent, and the same words under another name.
    for (changed, why) in [
        (
            "'Pay 500 EUR now.' AS body",
            Some("a text that has never been sent"),
        ),
        (
            "body || ' Pay 500 EUR now.' AS body",
            Some("a text that has never been sent"),
        ),
        (
            "replace(body, 'morihane.example', 'evil.example') AS body",
            Some("a text that has never been sent"),
        ),
        ("'Pay' AS subject", Some("a text that has never been sent")),
        (
            "CASE WHEN customer_id = 'C-0005' THEN 'Pay 500 EUR now.' ELSE body END AS body",
            Some("1 message with a text that has never been sent"),
        ),
        ("'another-name' AS template_id", None),
    ] {
        let replaced = format!("SELECT * REPLACE ({changed}) FROM compose(");
        let text = model.replace("SELECT * FROM compose(", &replaced);
        project.write("models/outreach/messages.sql", &text);
        project.tsugi("run", &[]).ended(0);
        let review = &messages.reviews()[0];
        let expected: Vec<&str> = why.into_iter().collect();
        assert_eq!(review["why"], serde_json::json!(expected), "{changed}");
        let state = if why.is_some() { "waiting" } else { "free" };
        assert_eq!(review["state"], state, "{changed}");
        if changed.contains("CASE") {
            // The one that says something else is the first that a reviewer reads.
            let id = review["id"].as_str().unwrap();
            let shown = project.tsugi("review show", &[id]).ended(0).stdout;
            let odd = shown
                .find("1 message in en over email, a text that was never sent")
                .unwrap();
            let others = shown
                .find("17 messages in en over email, a text that was sent before")
                .unwrap();
            assert!(
                odd < others && shown.contains("  | Pay 500 EUR now."),
                "{shown}"
            );
        }
    }
}

#[test]
fn recipients_of_one_text_count_over_all_incidents() {
    let messages = Messages::new("many-incidents", 60);
    let project = &messages.project;
    let all = first_send(&messages);
    // Six incidents of nine people each: no one of them is out of the ordinary.
    project.write("seeds/bought.csv", &all);
    let text = project.read("models/outreach/messages.sql");
    let text = text.replace(
        "'sole_crack: a lot' AS incident",
        "'sole_crack: lot ' || (CAST(substr(customer_id, 3) AS INT) % 6) AS incident",
    );
    project.write("models/outreach/messages.sql", &text);
    project.tsugi("run", &[]).ended(0);
    let counts = messages.deliver(0);
    assert_eq!((counts["sent"], counts["waiting"]), (0, 54), "{counts:?}");
    let reviews = messages.reviews();
    assert_eq!(reviews.len(), 6);
    for review in reviews {
        let why = ["unusually many: 54, where the largest send so far was 8"];
        assert_eq!(review["why"], serde_json::json!(why));
    }
}

#[test]
fn a_message_without_a_receipt_is_settled_by_a_person() {
    let messages = Messages::new("settled", 40);
    let project = &messages.project;
    messages.approve();
    killed_after(project.command("deliver", &["--json"]), 1);
    project.edit("seeds/people.csv", "Person 5,", "Person Five,");
    project.tsugi("run", &[]).ended(0);
    let unknown = messages.deliver(1)["unknown"];
    assert_eq!(
        unknown, 36,
        "an intent without a receipt, and another text since"
    );

    let listed = messages.reviews();
    let unclear: Vec<&str> = listed
        .iter()
        .filter_map(|line| line.get("key").and(line["id"].as_str()))
        .collect();
    assert_eq!(unclear.len(), 36, "{listed:?}");
    let by = ["--by", "Mika Sato", "--note", "called the channel"];
    let settle = |id: &str, what: &str| {
        let words: Vec<&str> = [id, what].into_iter().chain(by).collect();
        project.tsugi("review settle", &words)
    };
    settle(unclear[0], "--by").ended(2);
    settle(unclear[0], "--arrived").ended(0);
    for message in &unclear[1..] {
        settle(message, "--lost").ended(0);
    }
    settle(unclear[0], "--lost").ended(1);
    let counts = messages.deliver(0);
    assert_eq!((counts["unknown"], counts["waiting"]), (0, 36));
    messages.approve();
    let counts = messages.deliver(0);
    assert_eq!(
        (counts["sent"], counts["already"]),
        (35, 1),
        "what was lost is owed, what arrived is not sent again"
    );
}
