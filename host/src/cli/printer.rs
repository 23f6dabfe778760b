//! Everything that is printed: data on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::Ended;
use super::args::Verb;
use crate::blame::Finding;
use crate::care::CareError;
use crate::run::{Event, RunError, Watch};

/// Prints for one command.
pub struct Printer {
    json: bool,
    bar: Option<ProgressBar>,
}

impl Printer {
    /// A printer for a verb: JSON when it is asked for, a moving line on a terminal.
    pub fn new(verb: &Verb) -> Self {
        let json = match verb {
            Verb::Run(args) => args.project.json,
            Verb::Check(args) | Verb::Plugins(args) | Verb::Grants(args) => args.json,
            Verb::Deliver(args) => args.project.json,
            Verb::Review(args) => args.verb.project().json,
            Verb::Brief(args) => args.project.json,
            Verb::Forget(args) => args.project.json,
            Verb::Export(args) => args.project.json,
            Verb::Query(_) | Verb::Sources(_) => false,
        };
        let moving = !json
            && !matches!(verb, Verb::Query(_) | Verb::Sources(_) | Verb::Brief(_))
            && std::io::stderr().is_terminal();
        let bar = moving.then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {msg} {elapsed:.dim}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Self { json, bar }
    }

    /// Whether people do not read along.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A line of data.
    pub fn data(&self, line: &str) {
        self.paused(|| {
            let mut out = std::io::stdout().lock();
            // A reader that went away is no failure of ours.
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        });
    }

    /// Bytes of data.
    pub fn bytes(&self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    }

    /// One JSON object on a line of its own, flushed at once.
    pub fn object(&self, object: &impl Serialize) {
        if let Ok(line) = serde_json::to_string(object) {
            self.data(&line);
        }
    }

    /// A line for people.
    pub fn line(&self, line: &str) {
        if !self.json {
            self.paused(|| eprintln!("{line}"));
        }
    }

    /// A finding, to whoever reads.
    pub fn finding(&self, finding: &Finding) {
        if self.json {
            self.object(&serde_json::json!({"event": "finding", "finding": finding}));
        } else {
            self.paused(|| eprintln!("{finding}\n"));
        }
    }

    /// An error with all its findings, and how the command ends for it.
    pub fn error(&self, error: &CareError) -> Ended {
        for finding in error.findings() {
            self.finding(&finding);
        }
        if let CareError::Run(RunError::Interrupted) = error {
            return Ended::Interrupted;
        }
        if error.is_compile() {
            let errors = error
                .findings()
                .iter()
                .filter(|finding| finding.is_error())
                .count();
            let word = if errors == 1 { "error" } else { "errors" };
            self.line(&format!("{errors} {word}; nothing ran"));
            return Ended::Wrong;
        }
        Ended::Failed
    }

    fn paused(&self, print: impl FnOnce()) {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    fn moving(&self, message: String) -> bool {
        match &self.bar {
            Some(bar) => {
                bar.set_message(message);
                true
            }
            None => false,
        }
    }

    fn step(&self, event: &Event) {
        match event {
            Event::Building { packages } => {
                self.line(&format!("building {}", packages.join(", ")));
            }
            Event::StepStarted { table, number, of } => {
                self.moving(format!("[{number}/{of}] {table}"));
            }
            Event::StepFinished {
                table,
                number,
                of,
                rows,
                rejected,
                reused,
                elapsed_ms,
            } => {
                let quarantined = match rejected {
                    0 => String::new(),
                    n => format!(", {} in quarantine", grouped(*n)),
                };
                let took = match reused {
                    true => "unchanged".to_owned(),
                    false => format!("{:.2} s", *elapsed_ms as f64 / 1000.0),
                };
                let width = of.to_string().len();
                let line = format!(
                    "[{number:>width$}/{of}] {table}  {} rows{quarantined}  {took}",
                    grouped(*rows)
                );
                if *reused {
                    if !self.moving(line.clone()) {
                        self.line(&line);
                    }
                } else {
                    self.line(&line);
                }
            }
            Event::Publishing { tables } => {
                self.moving(format!("publishing {tables} tables"));
            }
            Event::Received {
                sequence,
                accepted,
                failed,
            } => {
                self.line(&format!(
                    "batch {sequence}: {accepted} accepted, {failed} refused"
                ));
            }
            _ => {}
        }
    }
}

impl Watch for Printer {
    fn tell(&self, event: Event) {
        if self.json {
            self.object(&event);
        } else {
            self.step(&event);
        }
    }
}

/// `20,512`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
