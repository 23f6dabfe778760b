//! A channel that refuses, is out of order, or crashes: what did not surely leave is owed.

use crate::sample_copy::guest;

use super::Letters;

/// Letters through the sink of `tests/guests/balking`.
fn balking(name: &str) -> Letters {
    let letters = Letters::new(name, 40);
    let project = &letters.project;
    std::fs::copy(guest("balking"), project.path("balking.wasm")).unwrap();
    project.edit(
        "pipeline.toml",
        "[sinks.outbox]\nplugin = \"outreach\"\n",
        "[plugins.channel]\nfile = \"balking.wasm\"\n\n[sinks.outbox]\nplugin = \"channel\"\ngrants.outputs.outbox = \"outbox\"\n",
    );
    letters.approve();
    letters
}

/// Sets the config of the sink.
fn set(letters: &Letters, config: &str) {
    let text = letters.project.read("pipeline.toml");
    let kept: String = text
        .lines()
        .filter(|line| !line.starts_with("config = "))
        .map(|line| format!("{line}\n"))
        .collect();
    let with = format!("plugin = \"channel\"\nconfig = {{ {config} }}\n");
    letters.project.write(
        "pipeline.toml",
        &kept.replace("plugin = \"channel\"\n", &with),
    );
}

/// The channel is well again: what was in doubt goes out under its own name, and nothing twice.
#[track_caller]
fn resumes_under_the_same_name(letters: &Letters) {
    set(letters, "");
    letters.project.tsugi("deliver", &[]).ended(0);
    letters.assert_all_sent_once("resumed");
    assert_eq!(letters.objects().len(), 1, "the same batch has its name");
}

#[test]
fn a_refused_message_is_owed_and_the_others_are_not_sent_again() {
    let letters = balking("refused");
    let due = letters.due();
    set(&letters, "refuse = \"C-0005\"");
    let told = letters.project.tsugi("deliver", &[]).ended(1);
    assert!(
        told.out.contains(&format!("letters: {} sent", due - 1)),
        "{}",
        told.out
    );
    assert!(
        told.out.contains("1 refused by the channel and still owed"),
        "{}",
        told.out
    );
    assert!(!letters.outbox().contains_key("C-0005"));

    let counts = letters.deliver(1);
    assert_eq!(
        (counts["sent"], counts["failed"], counts["already"]),
        (0, 1, due as u64 - 1)
    );
    set(&letters, "");
    let counts = letters.deliver(0);
    assert_eq!((counts["sent"], counts["already"]), (1, due as u64 - 1));
    letters.assert_all_sent_once("when the channel takes everybody");
}

#[test]
fn a_channel_out_of_order_leaves_all_owed() {
    let letters = balking("down");
    set(&letters, "down = true");
    let told = letters.project.tsugi("deliver", &[]).ended(1);
    assert!(
        told.err.contains("the channel is out of order") && told.err.contains("channel"),
        "{}",
        told.err
    );
    assert_eq!(letters.objects().len(), 0);
    letters.project.tsugi("deliver", &[]).ended(1);

    set(&letters, "");
    let counts = letters.deliver(0);
    assert_eq!(counts["sent"], letters.due() as u64, "{counts:?}");
    letters.assert_all_sent_once("when the channel is back");
}

#[test]
fn a_channel_that_crashes_after_taking_the_messages_takes_none_twice() {
    let letters = balking("dies");
    set(&letters, "dies = true");
    let told = letters.project.tsugi("deliver", &[]).ended(1);
    assert!(told.err.contains("channel"), "{}", told.err);
    letters.assert_all_sent_once("the object was stored before the crash");

    resumes_under_the_same_name(&letters);
}

#[test]
fn a_channel_that_hangs_or_loses_count_takes_none_twice() {
    let letters = balking("hangs");
    letters.project.edit(
        "pipeline.toml",
        "[sinks.outbox]",
        "[limits]\nbatch_max_ms = 300\n\n[sinks.outbox]",
    );
    for (config, words) in [
        ("hangs = true", "raise batch_max_ms under [limits]"),
        ("half = true", "a receipt for"),
    ] {
        set(&letters, config);
        let told = letters.project.tsugi("deliver", &[]).ended(1);
        assert!(told.err.contains(words), "{}", told.err);
        letters.assert_all_sent_once("the object was stored before");
    }
    resumes_under_the_same_name(&letters);
}

#[test]
fn a_want_without_a_grant_stops_the_plugin_with_the_line_to_add() {
    let letters = balking("ungranted");
    set(&letters, "post = \"/\"");
    let told = letters.project.tsugi("deliver", &[]).ended(1);
    assert!(
        told.err.contains("was denied http `channel`")
            && told.err.contains("grants.http.channel = {"),
        "{}",
        told.err
    );
}
