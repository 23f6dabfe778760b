//! Chaos: deliveries of two hosts that are killed, stopped and out of disk, over a channel that is slow, silent
//! and lies, while files are swapped beneath them and their clocks are set. Nothing is lost, nothing leaves twice
//! or unapproved, and the chain of the ledger stays whole. Two minutes, or as many seconds as TSUGI_CHAOS_SECONDS
//! says.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::sample_copy::{Dice, killed_within};
use crate::support::{Outcome, alter};

use super::clock::ClockOffset;
use super::servers::{HttpServer, Manner};
use super::{MESSAGES, Messages};

const SECONDS: u64 = 120;
const PEOPLE: usize = 12;
const LEDGER: &str = ".tsugi/ledger/ledger.sqlite";

/// What happened, for the report of a failure and of the whole.
#[derive(Default, Debug)]
struct Tally {
    epochs: usize,
    actions: BTreeMap<&'static str, usize>,
    settled: usize,
}

struct Chaos<'s> {
    messages: Messages,
    server: &'s HttpServer,
    dice: Dice,
    /// Whether the channel knows keys, so that it may be repeated.
    idempotent: bool,
    clock: ClockOffset,
    /// The ledger at the end of the epoch before.
    older: Vec<u8>,
    tally: Tally,
}

fn seconds() -> u64 {
    let set = std::env::var("TSUGI_CHAOS_SECONDS").ok();
    set.and_then(|set| set.parse().ok()).unwrap_or(SECONDS)
}

fn lines(port: u16, idempotent: bool) -> String {
    format!(
        "config = {{ channel = \"http\", idempotent = {idempotent} }}\n\
         grants.http.channel = {{ url = \"http://127.0.0.1:{port}/in\", methods = [\"POST\"], timeout_ms = 700 }}\n"
    )
}

impl Chaos<'_> {
    /// A command at the moment that the clock of its host shows now.
    fn command(&self, verb: &str) -> Command {
        let mut command = self.messages.project.command(verb, &[]);
        self.clock.apply(&mut command);
        command
    }

    /// A delivery of this host or of the other one, which has a home and a key of its own.
    fn delivery(&self, host: u64) -> Command {
        let mut command = self.command("deliver");
        if host == 1 {
            command.env("XDG_STATE_HOME", self.messages.project.path("other-home"));
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn arrived(&self) -> BTreeMap<String, usize> {
        let seen = self.server.seen();
        match self.idempotent {
            true => seen.effects.clone(),
            false => seen.arrived.clone(),
        }
    }

    fn manner(&mut self) -> Manner {
        match self.dice.below(if self.idempotent { 8 } else { 5 }) {
            0 => Manner::Silent,
            1 => Manner::Breaks,
            2 => Manner::Endless,
            3 => Manner::Slow(Duration::from_millis(self.dice.below(300))),
            4 => Manner::Takes,
            5 => Manner::Says("no protocol at all".to_owned()),
            6 => Manner::SaysOnce("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n".to_owned()),
            _ => Manner::Says(
                "HTTP/1.1 503 Later\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n".to_owned(),
            ),
        }
    }

    fn within(&mut self, limit_ms: u64) -> Duration {
        Duration::from_millis(self.dice.below(limit_ms))
    }

    fn count(&mut self, action: &'static str) {
        *self.tally.actions.entry(action).or_default() += 1;
    }

    async fn act(&mut self) {
        let manner = self.manner();
        self.server.behave(manner);
        self.set_clock();
        let host = self.dice.below(2);
        match self.dice.below(9) {
            0 | 1 => {
                self.count("killed");
                let within = self.within(900);
                killed_within(self.delivery(host), within);
            }
            2 => {
                self.count("two hosts");
                let both = [0, 1].map(|host| self.delivery(host).spawn().unwrap());
                let within = self.within(900);
                std::thread::sleep(within);
                for (number, mut child) in both.into_iter().enumerate() {
                    if number as u64 == host {
                        let _ = child.kill();
                    }
                    child.wait().unwrap();
                }
            }
            3 | 4 => self.without_room(host),
            5 => {
                self.count("stopped by a signal");
                let child = self.delivery(host).spawn().unwrap();
                let within = self.within(900);
                std::thread::sleep(within);
                let stop = Command::new("kill").arg(child.id().to_string()).status();
                let _ = stop.unwrap();
                let _ = { child }.wait();
            }
            6 => {
                self.count("a run that is killed");
                let run = self.command("run");
                let within = self.within(1_500);
                killed_within(run, within);
            }
            7 => self.swapped_ledger().await,
            _ => self.swapped_input(),
        }
    }

    /// Every other time the clock goes right; else it is off by seconds to three years, or jumps while a command
    /// goes on.
    fn set_clock(&mut self) {
        self.clock = ClockOffset::default();
        if self.dice.below(2) == 0 {
            return;
        }
        let mut offset = || {
            let most =
                [30, 7_200, 864_000, 94_608_000][usize::try_from(self.dice.below(4)).unwrap()];
            i64::try_from(self.dice.below(2 * most)).unwrap() - i64::try_from(most).unwrap()
        };
        let first = offset();
        self.clock = ClockOffset { first, then: first };
        self.count("a clock that is off");
        if self.dice.below(3) == 0 {
            self.clock.then = 0;
            self.count("a clock that is set while a command goes on");
        }
    }

    /// No file may grow beyond so many blocks: the disk is full for the ledger and its journal.
    fn without_room(&mut self, host: u64) {
        self.count("a full disk");
        let blocks = [0, 4, 16, 64, 128, 256][usize::try_from(self.dice.below(6)).unwrap()];
        let mut limited = Command::new("bash");
        let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
        let delivery = self.delivery(host);
        limited
            .args(["-c", &limit, "bash"])
            .arg(delivery.get_program());
        limited.args(delivery.get_args());
        for (name, value) in delivery.get_envs() {
            limited.env(name, value.unwrap_or_default());
        }
        let status = limited.stdout(Stdio::null()).stderr(Stdio::null()).status();
        let _ = status.unwrap();
    }

    /// An older or an edited ledger sends nothing.
    async fn swapped_ledger(&mut self) {
        let project = &self.messages.project;
        let file = project.path(LEDGER);
        // With the rest of a write beside it, the file alone is no ledger.
        if file.with_file_name("ledger.sqlite-journal").exists() {
            return;
        }
        let newest = std::fs::read(&file).unwrap();
        let before = self.arrived();
        let is_edited = self.dice.below(2) == 0;
        if !is_edited {
            std::fs::write(&file, &self.older).unwrap();
        } else {
            let edits = [
                "UPDATE intent SET outcome = 'failed', detail = 'forged'",
                "UPDATE decision SET verdict = 'approve', note = 'forged'",
                "DELETE FROM chain_change",
            ];
            let edit = edits[usize::try_from(self.dice.below(3)).unwrap()];
            alter(&project.path(".tsugi"), "ledger/ledger.sqlite", edit).await;
        }
        let is_same = std::fs::read(&file).unwrap() == newest;
        let outcome = project.tsugi("deliver", &[]);
        if !is_same {
            // The account that delivers has approved as well, so that a lost approval is noticed.
            assert_eq!(outcome.code, Some(1), "{}", outcome.stdout);
            assert_eq!(
                self.arrived(),
                before,
                "sent from a ledger that was swapped"
            );
        }
        std::fs::write(&file, &newest).unwrap();
        self.count("a swapped ledger");
    }

    /// Inputs that are others than those of the messages hold them.
    fn swapped_input(&mut self) {
        let project = &self.messages.project;
        let people = project.edit("seeds/people.csv", "Person 5", "Person Five");
        let before = self.arrived();
        project.tsugi("deliver", &[]);
        assert_eq!(self.arrived(), before, "sent in spite of a changed input");
        project.write("seeds/people.csv", &people);
        self.count("a swapped input");
    }

    /// Another incident for the same people, approved; then what happens; then the end of it.
    async fn epoch(&mut self) {
        self.tally.epochs += 1;
        let incident = format!("incident {}", self.tally.epochs);
        self.idempotent = self.dice.below(2) == 0;
        self.messages
            .channel(&lines(self.server.port, self.idempotent));
        let project = &self.messages.project;
        let sql = MESSAGES.replace("sole_crack: a lot", &incident);
        project.write("models/outreach/messages.sql", &sql);
        self.set_clock();
        Outcome::of(self.command("run").output().unwrap()).ended(0);
        // No person has approved it yet.
        self.server.forget();
        self.server.behave(Manner::Takes);
        let _ = self.delivery(0).status();
        assert!(
            self.arrived().is_empty(),
            "unapproved: {:?}",
            self.arrived()
        );
        self.set_clock();
        self.approve();
        for _ in 0..3 + self.dice.below(5) {
            self.act().await;
        }
        self.end();
        self.older = std::fs::read(self.messages.project.path(LEDGER)).unwrap();
    }

    fn approve(&self) {
        let reviews = self.messages.reviews();
        let mut ids = reviews.iter().filter(|line| line.contains_key("state"));
        let id = ids.next().unwrap()["id"].as_str().unwrap();
        let mut approval = self.command("review approve");
        approval.args([id, "--by", "Mika Sato", "--note", "read twice"]);
        Outcome::of(approval.output().unwrap()).ended(0);
        assert!(ids.next().is_none(), "one review covers all");
    }

    /// Settles what is unknown by what the channel knows, and delivers the rest: each has arrived once.
    fn end(&mut self) {
        self.server.behave(Manner::Takes);
        // Requests of killed deliveries may still be on their way.
        std::thread::sleep(Duration::from_millis(50));
        let project = &self.messages.project;
        project.tsugi("deliver", &[]);
        for line in self.messages.reviews() {
            let Some(customer) = line.get("key").and_then(|key| key["customer"].as_str()) else {
                continue;
            };
            let what = match self.arrived().contains_key(customer) {
                true => "--arrived",
                false => "--lost",
            };
            let id = line["id"].as_str().unwrap();
            let words = [id, what, "--by", "Mika Sato", "--note", "the channel knows"];
            project.tsugi("review settle", &words).ended(0);
            self.tally.settled += 1;
        }
        project.tsugi("deliver", &[]).ended(0);
        let due = self.messages.due_people().into_iter();
        let expected: BTreeMap<String, usize> = due.map(|who| (who, 1)).collect();
        assert_eq!(self.arrived(), expected, "{:?}", self.tally);
        for host in [0, 1] {
            let mut doctor = project.command("doctor", &[]);
            if host == 1 {
                doctor.env("XDG_STATE_HOME", project.path("other-home"));
            }
            Outcome::of(doctor.output().unwrap()).ended(0);
        }
    }
}

#[tokio::test]
async fn nothing_is_lost_or_sent_twice_whatever_happens() {
    let server = HttpServer::start(Manner::Takes);
    let messages = Messages::through("chaos", PEOPLE, &lines(server.port, true));
    let seed = std::env::var("TSUGI_CHAOS_SEED").ok();
    let seed = seed
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_260_331);
    let mut chaos = Chaos {
        messages,
        server: &server,
        dice: Dice(seed),
        idempotent: true,
        clock: ClockOffset::default(),
        older: Vec::new(),
        tally: Tally::default(),
    };
    // Both hosts write once, and each accepts the key of the other.
    assert!(chaos.delivery(1).status().unwrap().success());
    chaos.messages.accept();
    chaos.older = std::fs::read(chaos.messages.project.path(LEDGER)).unwrap();
    let end = Instant::now() + Duration::from_secs(seconds());
    while Instant::now() < end {
        chaos.epoch().await;
    }
    println!(
        "chaos of {} s with seed {seed}: {:?}",
        seconds(),
        chaos.tally
    );
    assert!(chaos.tally.epochs > 0);
}
