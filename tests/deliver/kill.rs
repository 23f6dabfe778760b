//! A delivery that is killed at every one of its events and at random moments, and resumed.

use std::time::{Duration, Instant};

use crate::sample_copy::{Dice, killed_after, killed_within, objects};
use crate::support::copy;

use super::Messages;

/// Three batches.
const PEOPLE: usize = 300;
/// Kills at random moments.
const MOMENTS: usize = 24;

/// An approved delivery that can be set back to where nothing has left.
struct Subject {
    messages: Messages,
    events: usize,
    took: Duration,
}

impl Subject {
    fn new(name: &str) -> Self {
        let messages = Messages::new(name, PEOPLE);
        messages.approve();
        copy(
            &messages.project.path(".tsugi"),
            &messages.project.path("approved"),
        );
        let started = Instant::now();
        let outcome = messages.project.tsugi("deliver", &["--json"]).ended(0);
        let subject = Self {
            messages,
            events: objects(&outcome.stdout).len(),
            took: started.elapsed(),
        };
        subject.messages.assert_all_sent_once("not killed");
        subject.restore();
        subject
    }

    fn restore(&self) {
        let project = &self.messages.project;
        for folder in [".tsugi", "outbox"] {
            std::fs::remove_dir_all(project.path(folder)).unwrap();
        }
        project.forget_state();
        copy(&project.path("approved"), &project.path(".tsugi"));
    }

    /// Delivers to the end: everything has left once, and a third delivery has nothing to do.
    fn resume(&self, when: &str) {
        let messages = &self.messages;
        let counts = messages.deliver(0);
        messages.assert_all_sent_once(when);
        assert_eq!(
            (counts["failed"], counts["unknown"], counts["waiting"]),
            (0, 0, 0),
            "{when}"
        );
        assert_eq!(
            counts["sent"] + counts["already"],
            messages.due() as u64,
            "{when}: each message counts once: {counts:?}"
        );
        let counts = messages.deliver(0);
        assert_eq!(
            (counts["sent"], counts["already"]),
            (0, messages.due() as u64),
            "{when}, and again"
        );
        messages.assert_all_sent_once(when);
    }
}

#[test]
fn killed_at_every_event_each_message_leaves_once() {
    let subject = Subject::new("deliver-events");
    assert_eq!(
        subject.events, 7,
        "an intent and a receipt for each of three batches, and the counts"
    );
    for count in 1..=subject.events {
        let events = killed_after(
            subject.messages.project.command("deliver", &["--json"]),
            count,
        );
        assert_eq!(events.len(), count);
        subject.resume(&format!(
            "killed after event {count}, {:?}",
            events[count - 1]
        ));
        subject.restore();
    }
}

#[test]
fn killed_again_and_again_each_message_leaves_once() {
    let subject = Subject::new("deliver-moments");
    let whole = u64::try_from(subject.took.as_micros()).unwrap();
    let mut dice = Dice(8026);
    for _ in 0..MOMENTS {
        let mut delays = Vec::new();
        // A resumed delivery dies too.
        for _ in 0..1 + dice.below(3) {
            let delay = whole / 4 + dice.below(whole * 3 / 4);
            killed_within(
                subject.messages.project.command("deliver", &[]),
                Duration::from_micros(delay),
            );
            delays.push(delay);
        }
        subject.resume(&format!("killed after {delays:?} of {whole} µs"));
        subject.restore();
    }
}

#[test]
fn an_interrupted_batch_that_has_changed_since_is_left_to_a_person() {
    let messages = Messages::new("deliver-changed", PEOPLE);
    messages.approve();
    let project = &messages.project;
    let events = killed_after(project.command("deliver", &["--json"]), 1);
    assert_eq!(events[0]["event"], "intended");
    let left = messages.outbox();
    project.edit("seeds/people.csv", "Person 5,", "Person Five,");
    project.tsugi("run", &[]).ended(0);
    messages.approve();
    let due = messages.due() as u64;
    for sent in [due - 100, 0] {
        let outcome = project.tsugi("deliver", &["--dry-run"]).ended(1);
        assert!(
            outcome
                .stdout
                .contains(&format!("messages: {sent} would be sent")),
            "{}",
            outcome.stdout
        );
        let outcome = project.tsugi("deliver", &[]).ended(1);
        assert!(
            outcome.stdout.contains(&format!("messages: {sent} sent, ")),
            "{}",
            outcome.stdout
        );
        assert!(
            outcome
                .stdout
                .contains("100 without a receipt: a person must find out"),
            "{}",
            outcome.stdout
        );
    }
    let found = messages.outbox();
    assert!(
        found.values().all(|times| *times == 1),
        "no customer gets a message twice: {found:?}"
    );
    assert_eq!(
        found.len() as u64,
        due - 100 + left.len() as u64,
        "what is without a receipt is not sent"
    );
}
