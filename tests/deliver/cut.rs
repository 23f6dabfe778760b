//! Channels that leave the machine, with a delivery that dies at every step: each message arrives
//! once, or is listed as unknown where the channel cannot know.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::sample_copy::{Dice, killed_after, killed_within, objects};
use crate::support::{assert_printed, copy};

use super::Messages;
use super::servers::{HttpServer, Manner, SmtpServer};

/// Ten messages, each with an intent and a receipt.
const PEOPLE: usize = 12;
/// Kills at random moments, for each of three channels.
const MOMENTS: usize = 70;

/// What a channel has done, by customer.
type Arrived<'a> = Box<dyn Fn() -> BTreeMap<String, usize> + 'a>;

/// An approved delivery that can be set back to where nothing has left.
struct Subject<'a> {
    messages: Messages,
    arrived: Arrived<'a>,
    forget: Box<dyn Fn() + 'a>,
    /// Whether the channel may be repeated, so that nothing is ever unknown.
    knows: bool,
    took: Duration,
}

impl<'a> Subject<'a> {
    fn new(
        messages: Messages,
        knows: bool,
        arrived: Arrived<'a>,
        forget: Box<dyn Fn() + 'a>,
    ) -> Self {
        let project = &messages.project;
        copy(&project.path(".tsugi"), &project.path("approved"));
        let started = Instant::now();
        let outcome = project.tsugi("deliver", &["--json"]).ended(0);
        let took = started.elapsed();
        let due = messages.due();
        assert_eq!(
            objects(&outcome.stdout).len(),
            2 * due + 1,
            "{}",
            outcome.stdout
        );
        let subject = Self {
            messages,
            arrived,
            forget,
            knows,
            took,
        };
        assert_eq!((subject.arrived)(), subject.all_once());
        subject.restore();
        subject
    }

    fn all_once(&self) -> BTreeMap<String, usize> {
        let due = self.messages.due_people().into_iter();
        due.map(|customer| (customer, 1)).collect()
    }

    fn restore(&self) {
        let project = &self.messages.project;
        std::fs::remove_dir_all(project.path(".tsugi")).unwrap();
        project.forget_state();
        copy(&project.path("approved"), &project.path(".tsugi"));
        (self.forget)();
    }

    /// Delivers to the end and counts what arrived; how many are without a receipt.
    #[track_caller]
    fn count(&self, kills: usize, when: &str) -> usize {
        let outcome = self.messages.project.tsugi("deliver", &["--json"]);
        let last = objects(&outcome.stdout).pop().expect("the counts");
        let delivery = &last["delivery"];
        let unclear = delivery["unclear"].as_array().unwrap().iter();
        let unclear: BTreeSet<String> = unclear
            .map(|key| key["customer"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(outcome.code, Some(i32::from(!unclear.is_empty())), "{when}");
        assert!(unclear.len() <= kills, "{when}: {unclear:?}");
        assert!(!self.knows || unclear.is_empty(), "{when}: {unclear:?}");
        assert_eq!(delivery["failed"], 0, "{when}: {delivery}");
        let arrived = (self.arrived)();
        for (customer, times) in &arrived {
            assert_eq!(*times, 1, "{when}: {customer}");
        }
        for customer in self.messages.due_people() {
            let known = arrived.contains_key(&customer) || unclear.contains(&customer);
            assert!(known, "{when}: {customer} is forgotten");
        }
        assert!(arrived.len() <= self.messages.due(), "{when}");
        unclear.len()
    }

    fn killed_at_every_event(&self) {
        for count in 1..=2 * self.messages.due() {
            let command = self.messages.project.command("deliver", &["--json"]);
            assert_eq!(killed_after(command, count).len(), count);
            self.count(1, &format!("killed after event {count}"));
            self.restore();
        }
    }

    fn killed_at_random(&self, seed: u64) {
        let whole = u64::try_from(self.took.as_micros()).unwrap();
        let mut dice = Dice(seed);
        let mut killed = 0;
        while killed < MOMENTS {
            let mut delays = Vec::new();
            for _ in 0..4 + dice.below(4) {
                let delay = whole / 4 + dice.below(whole * 3 / 4);
                let command = self.messages.project.command("deliver", &[]);
                killed_within(command, Duration::from_micros(delay));
                delays.push(delay);
            }
            killed += delays.len();
            let when = format!("killed after {delays:?} of {whole} µs");
            self.count(delays.len(), &when);
            self.restore();
        }
    }
}

fn http<'a>(name: &str, server: &'a HttpServer, idempotent: bool) -> Subject<'a> {
    let lines = format!(
        "config = {{ channel = \"http\", idempotent = {idempotent} }}\n\
         grants.http.channel = {{ url = \"http://127.0.0.1:{}/in\", methods = [\"POST\"] }}\n",
        server.port
    );
    let messages = Messages::through(name, PEOPLE, &lines);
    let arrived: Arrived<'_> = if idempotent {
        Box::new(|| server.seen().effects.clone())
    } else {
        Box::new(|| server.seen().arrived.clone())
    };
    Subject::new(messages, idempotent, arrived, Box::new(|| server.forget()))
}

#[test]
fn an_address_that_knows_keys_gets_each_message_once() {
    let server = HttpServer::start(Manner::Takes);
    let subject = http("cut-keys", &server, true);
    subject.killed_at_every_event();
    subject.killed_at_random(1);
}

#[test]
fn an_address_that_knows_no_keys_gets_none_twice() {
    let server = HttpServer::start(Manner::Takes);
    let subject = http("cut-post", &server, false);
    subject.killed_at_every_event();
    subject.killed_at_random(2);
}

fn mail_lines(port: u16) -> String {
    format!(
        "config = {{ channel = \"mail\", from = \"care@shop.example\" }}\n\
         grants.mail.server = {{ url = \"smtp://127.0.0.1:{port}\", from = \"care@shop.example\" }}\n"
    )
}

#[test]
fn a_delivery_that_dies_while_an_address_thinks_leaves_one_message_to_what_the_address_knows() {
    for idempotent in [true, false] {
        let server = HttpServer::start(Manner::Takes);
        let subject = http("cut-thinks", &server, idempotent);
        server.behave(Manner::Silent);
        let mut command = subject.messages.project.command("deliver", &["--json"]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let started = Instant::now();
        while server.seen().arrived.is_empty() && started.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(5));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(
            server.seen().arrived["C-0000"],
            1,
            "it was thinking of this one"
        );
        server.behave(Manner::Takes);
        let unknown = subject.count(1, "killed while the address was silent");
        assert_eq!(unknown, usize::from(!idempotent));
        let again = if idempotent { 2 } else { 1 };
        assert_eq!(server.seen().arrived["C-0000"], again, "{idempotent}");
        assert_eq!(server.seen().effects, subject.all_once());
    }
}

fn recipients(server: &SmtpServer) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for message in server.messages() {
        let to = message["to"].as_str().unwrap();
        let number = to.strip_prefix("person").unwrap();
        let number: usize = number.split('@').next().unwrap().parse().unwrap();
        *found.entry(format!("C-{number:04}")).or_default() += 1;
    }
    found
}

#[test]
fn a_mail_server_gets_none_twice() {
    let Some(server) = SmtpServer::start("cut-mail-server") else {
        return;
    };
    let messages = Messages::through("cut-mail", PEOPLE, &mail_lines(server.port));
    let subject = Subject::new(
        messages,
        false,
        Box::new(|| recipients(&server)),
        Box::new(|| server.forget()),
    );
    subject.killed_at_every_event();
    subject.killed_at_random(3);
}

#[test]
fn a_mail_says_who_it_is_from_and_a_refused_person_is_owed() {
    let Some(server) = SmtpServer::start("mail-server") else {
        return;
    };
    let messages = Messages::through("mail", 20, &mail_lines(server.port));
    messages
        .project
        .edit("seeds/people.csv", "person9@", "unknown@");
    messages.project.tsugi("run", &[]).ended(0);
    messages.approve();
    let counts = messages.deliver(1);
    let due = messages.due() as u64;
    assert_eq!(
        (counts["sent"], counts["failed"]),
        (due - 1, 1),
        "{counts:?}"
    );
    let received = server.messages();
    assert_eq!(received.len() as u64, due - 1);
    let ids: BTreeSet<&str> = received
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), received.len(), "each message has its own id");
    assert!(
        ids.iter().all(|id| id.ends_with("@shop.example>")),
        "{ids:?}"
    );
    assert!(
        received
            .iter()
            .all(|one| one["from"] == "care@shop.example")
    );
    assert!(received[0]["body"].as_str().unwrap().contains("Person 0"));
    let counts = messages.deliver(1);
    assert_eq!((counts["sent"], counts["already"]), (0, due - 1));
    assert_eq!(server.messages().len() as u64, due - 1, "none twice");

    messages.channel(&mail_lines(server.port).replace(
        "config = { channel = \"mail\", from = \"care",
        "config = { channel = \"mail\", from = \"boss",
    ));
    let outcome = messages.project.tsugi("deliver", &[]).ended(1);
    assert_printed!(outcome.stderr, @"error: plugin `outreach` failed in `sink.writer.write`: mail may come from care@shop.example, not from `boss@shop.example`");
}

/// Interrupts a delivery while a message is on its way: it gets its receipt, and the rest is owed.
#[test]
fn an_interrupted_delivery_finishes_the_message_under_way() {
    for signal in ["INT", "TERM", "HUP"] {
        let server = HttpServer::start(Manner::Slow(Duration::from_millis(700)));
        let lines = format!(
            "config = {{ channel = \"http\" }}\ngrants.http.channel = {{ url = \"http://127.0.0.1:{}/in/\", methods = [\"POST\"] }}\n",
            server.port
        );
        let messages = Messages::through("interrupted", 12, &lines);
        let child = messages
            .project
            .command("deliver", &["--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while server.seen().arrived.is_empty() {
            assert!(started.elapsed() < Duration::from_secs(30));
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut kill = std::process::Command::new("kill");
        kill.args(["-s", signal, &child.id().to_string()]);
        assert!(kill.status().unwrap().success());
        let outcome = child.wait_with_output().unwrap();
        assert_eq!(outcome.status.code(), Some(130), "{signal}");
        let events = objects(&String::from_utf8(outcome.stdout).unwrap());
        let count = |name: &str| events.iter().filter(|event| event["event"] == name).count();
        assert_eq!(count("intended"), count("received"), "{signal}: {events:?}");
        let report = &events.last().unwrap()["delivery"];
        assert_eq!(report["unknown"], 0, "{signal}: {report}");
        assert_eq!(report["stopped"], "it was interrupted", "{signal}");
        assert!(report["left"].as_u64() > Some(0), "{signal}: {report}");

        server.behave(Manner::Takes);
        messages.project.tsugi("deliver", &[]).ended(0);
        let arrived = &server.seen().arrived;
        assert!(
            arrived.values().all(|times| *times == 1) && arrived.len() == messages.due(),
            "{signal}: {arrived:?}"
        );
    }
}
