//! Everything that is printed: data on standard output, everything else on standard error.
#![expect(clippy::print_stderr, reason = "this file prints, and no other")]

use std::io::{IsTerminal, Write};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::Ended;
use super::args::Verb;
use tsugi_care::CareError;
use tsugi_core::count::{count, grouped};
use tsugi_core::diagnostic::Diagnostic;
use tsugi_pipeline::run::{Event, RunError, Watch};

/// Prints for one command.
pub(crate) struct Printer {
    json: bool,
    bar: Option<ProgressBar>,
    /// Steps of this run that were not rebuilt.
    unchanged: AtomicUsize,
}

impl Printer {
    /// A printer for a verb: JSON with `--json`, a moving line on a terminal.
    pub(crate) fn new(verb: &Verb) -> Self {
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
        Self {
            json,
            bar,
            unchanged: AtomicUsize::new(0),
        }
    }

    /// Whether every line is a JSON object.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// A line of data.
    pub(crate) fn data(&self, line: &str) {
        self.paused(|| {
            let mut out = std::io::stdout().lock();
            // A closed pipe on the other side is no error of this command.
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        });
    }

    /// Bytes of data.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        let mut out = std::io::stdout().lock();
        let _ = out.write_all(bytes).and_then(|()| out.flush());
    }

    /// One JSON object on a line of its own, flushed at once.
    pub(crate) fn object(&self, object: &impl Serialize) {
        if let Ok(line) = serde_json::to_string(object) {
            self.data(&line);
        }
    }

    /// A line for people.
    pub(crate) fn line(&self, line: &str) {
        if !self.json {
            self.paused(|| eprintln!("{line}"));
        }
    }

    /// A diagnostic as text for people or as JSON.
    pub(crate) fn diagnostic(&self, diagnostic: &Diagnostic) {
        if self.json {
            self.object(&serde_json::json!({"event": "finding", "finding": diagnostic}));
        } else {
            self.paused(|| eprintln!("{diagnostic}\n"));
        }
    }

    /// Prints an error with all its diagnostics; the outcome of the command.
    pub(crate) fn error(&self, error: &CareError) -> Ended {
        for diagnostic in error.findings() {
            self.diagnostic(&diagnostic);
        }
        if let CareError::Run(RunError::Interrupted) = error {
            return Ended::Interrupted;
        }
        if error.is_compile() {
            let errors = error
                .findings()
                .iter()
                .filter(|diagnostic| diagnostic.is_error())
                .count();
            self.line(&format!("{}; nothing ran", count(errors, "error")));
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

    /// Shows what goes on now, where the output is a terminal.
    fn moving(&self, message: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(message);
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
                quarantined,
                unchanged,
                elapsed_ms,
            } => {
                let quarantined = match quarantined {
                    0 => String::new(),
                    n => format!(", {} in quarantine", grouped(*n)),
                };
                let took = match unchanged {
                    true => "unchanged".to_owned(),
                    false => format!("{:.2} s", *elapsed_ms as f64 / 1000.0),
                };
                let width = of.to_string().len();
                let line = format!(
                    "[{number:>width$}/{of}] {table}  {}{quarantined}  {took}",
                    count(*rows, "row")
                );
                if *unchanged {
                    self.unchanged.fetch_add(1, Relaxed);
                    self.moving(line);
                } else {
                    self.line(&line);
                }
            }
            Event::Publishing { tables } => {
                // Without a change the summary of the run says so.
                match self.unchanged.load(Relaxed) {
                    0 => {}
                    unchanged => self.line(&format!("{} unchanged", count(unchanged, "table"))),
                }
                self.moving(format!("publishing {}", count(*tables, "table")));
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
    fn notify(&self, event: Event) {
        if self.json {
            self.object(&event);
        } else {
            self.step(&event);
        }
    }
}
