//! A channel that refuses, is out of order, or crashes: what did not surely leave is owed.

use crate::sample_copy::guest;
use crate::support::assert_printed;

use super::Messages;

/// Messages through the sink of `tests/guests/balking`.
fn balking(name: &str) -> Messages {
    let messages = Messages::new(name, 40);
    let project = &messages.project;
    std::fs::copy(guest("balking"), project.path("balking.wasm")).unwrap();
    project.edit(
        "pipeline.toml",
        "[sinks.outbox]\nplugin = \"outreach\"\n",
        "[plugins.channel]\nfile = \"balking.wasm\"\n\n[sinks.outbox]\nplugin = \"channel\"\ngrants.outputs.outbox = \"outbox\"\n",
    );
    messages.approve();
    messages
}

/// Sets the config of the sink.
fn set(messages: &Messages, config: &str) {
    let text = messages.project.read("pipeline.toml");
    let kept: String = text
        .lines()
        .filter(|line| !line.starts_with("config = "))
        .map(|line| format!("{line}\n"))
        .collect();
    let with = format!("plugin = \"channel\"\nconfig = {{ {config} }}\n");
    messages.project.write(
        "pipeline.toml",
        &kept.replace("plugin = \"channel\"\n", &with),
    );
}

/// The channel is well again: what was in doubt goes out under its own name, and nothing twice.
#[track_caller]
fn resumes_under_the_same_name(messages: &Messages) {
    set(messages, "");
    messages.project.tsugi("deliver", &[]).ended(0);
    messages.assert_all_sent_once("resumed");
    assert_eq!(messages.objects().len(), 1, "the same batch has its name");
}

#[test]
fn a_refused_message_is_owed_and_the_others_are_not_sent_again() {
    let messages = balking("refused");
    let due = messages.due();
    set(&messages, "refuse = \"C-0005\"");
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    assert_printed!(outcome.stdout, @"
    messages: 35 sent, 0 sent before, 0 wait for a person, 2 on hold, 2 suppressed
    messages: 1 refused by the channel and still owed
    ");
    assert!(!messages.outbox().contains_key("C-0005"));

    let counts = messages.deliver(1);
    assert_eq!(
        (counts["sent"], counts["failed"], counts["already"]),
        (0, 1, due as u64 - 1)
    );
    set(&messages, "");
    let counts = messages.deliver(0);
    assert_eq!((counts["sent"], counts["already"]), (1, due as u64 - 1));
    messages.assert_all_sent_once("when the channel takes everybody");
}

#[test]
fn a_channel_out_of_order_leaves_all_owed() {
    let messages = balking("down");
    set(&messages, "down = true");
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    assert_printed!(outcome.stderr, @"error: plugin `channel` failed in `sink.writer.write`: the channel is out of order");
    assert_eq!(messages.objects().len(), 0);
    messages.project.tsugi("deliver", &[]).ended(1);

    set(&messages, "");
    let counts = messages.deliver(0);
    assert_eq!(counts["sent"], messages.due() as u64, "{counts:?}");
    messages.assert_all_sent_once("when the channel is back");
}

#[test]
fn a_channel_that_crashes_after_taking_the_messages_takes_none_twice() {
    let messages = balking("dies");
    set(&messages, "dies = true");
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    assert_printed!(outcome.stderr, @"
    error: plugin `channel` trapped in `sink.writer.write`: wasm trap: wasm `unreachable` instruction executed; it wrote: thread '<unnamed>' (1) panicked at balking/src/lib.rs:61:9: | the line is cut | note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
    hint: report this to the author of `channel`; tsugi plugins DIR shows its version
    ");
    messages.assert_all_sent_once("the object was stored before the crash");

    resumes_under_the_same_name(&messages);
}

#[test]
fn a_channel_that_hangs_or_loses_count_takes_none_twice() {
    let messages = balking("hangs");
    messages.project.edit(
        "pipeline.toml",
        "[sinks.outbox]",
        "[limits]\nbatch_max_ms = 300\n\n[sinks.outbox]",
    );
    for (config, words) in [
        ("hangs = true", "raise batch_max_ms under [limits]"),
        ("half = true", "a receipt for"),
    ] {
        set(&messages, config);
        let outcome = messages.project.tsugi("deliver", &[]).ended(1);
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
        messages.assert_all_sent_once("the object was stored before");
    }
    resumes_under_the_same_name(&messages);
}

#[test]
fn a_want_without_a_grant_stops_the_plugin_with_the_line_to_add() {
    let messages = balking("ungranted");
    set(&messages, "post = \"/\"");
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    assert_printed!(outcome.stderr, @r#"
    error: plugin `channel` in `sink.writer.write` was denied http `channel`
    hint: add to `[plugins.channel]` in pipeline.toml: grants.http.channel = { url = "https://HOST/PATH", methods = ["POST"] }
    "#);
}
