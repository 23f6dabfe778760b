//! Everything that is printed: data on standard output, everything else on standard error. What
//! comes from data or plugins is escaped here, and no failure to print stops the work.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::Ended;
use super::args::Verb;
use tsugi_care::CareError;
use tsugi_core::count::{count, grouped};
use tsugi_core::diagnostic::Diagnostic;
use tsugi_core::escape;
use tsugi_pipeline::run::{Event, RunError, Watch};

/// Prints for one command.
pub(crate) struct Printer {
    json: bool,
    bar: Option<ProgressBar>,
    /// Steps of this run that were not rebuilt.
    unchanged: AtomicUsize,
    /// Whether this command publishes, and whether it has.
    publishes: bool,
    published: AtomicBool,
    stdout: Mutex<Stdout>,
    /// Set when the user wants a delivery to end after the message under way.
    stopping: Arc<AtomicBool>,
}

/// Whether standard output takes data.
#[derive(Debug, Default)]
enum Stdout {
    #[default]
    Open,
    /// Its reader has gone, which is no error of this command: `| head -1`.
    Closed,
    /// It failed: a full disk.
    Failed(io::Error),
}

impl Printer {
    /// A printer for a verb: JSON with `--json`, a moving line on a terminal.
    pub(crate) fn new(verb: &Verb) -> Self {
        let json = match verb {
            Verb::Run(args) => args.project.json,
            Verb::Check(args) | Verb::Grants(args) | Verb::Plan(args) => args.json,
            Verb::Ls(args) => args.project.json,
            Verb::Preview(args) => args.project.json,
            Verb::Report(args) => args.project.json,
            Verb::Show(args) | Verb::Lineage(args) => args.project.json,
            Verb::Plugins(args) => args.project.json,
            Verb::Deliver(args) => args.project.json,
            Verb::Doctor(args) => args.project.json,
            Verb::Review(args) => args.verb.project().json,
            Verb::Warehouse(args) => args.verb.project().json,
            Verb::Brief(args) => args.project.json,
            Verb::Note(args) => args.project.json,
            Verb::Forget(args) => args.project.json,
            Verb::Export(args) => args.project.json,
            Verb::Query(_) | Verb::Sources(_) => false,
        };
        let moving = !json
            && !matches!(verb, Verb::Query(_) | Verb::Sources(_) | Verb::Brief(_))
            && io::stderr().is_terminal();
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
            publishes: matches!(verb, Verb::Run(_)),
            published: AtomicBool::new(false),
            stdout: Mutex::default(),
            stopping: Arc::default(),
        }
    }

    /// Whether a person looks at the data: standard output is a terminal.
    pub(crate) fn is_read_by_a_person() -> bool {
        io::stdout().is_terminal()
    }

    /// The switch that ends a delivery after the message under way.
    pub(crate) fn stopping(&self) -> &Arc<AtomicBool> {
        &self.stopping
    }

    /// Whether every line is a JSON object.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    pub(crate) fn data(&self, line: &str) {
        self.write(format!("{}\n", escape::one_line(line)).as_bytes());
    }

    /// Several lines of data.
    pub(crate) fn text(&self, text: &str) {
        self.write(format!("{}\n", escape::lines(text)).as_bytes());
    }

    /// Data as it is, already made safe where that is needed. Whether more of it is wanted.
    pub(crate) fn write(&self, data: &[u8]) -> bool {
        let mut stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*stdout, Stdout::Open) {
            return false;
        }
        let mut written = Ok(());
        self.paused(|| {
            let mut out = io::stdout().lock();
            written = out.write_all(data).and_then(|()| out.flush());
        });
        match written {
            Ok(()) => return true,
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => *stdout = Stdout::Closed,
            Err(error) => *stdout = Stdout::Failed(error),
        }
        false
    }

    /// One JSON object on a line of its own, flushed at once.
    pub(crate) fn object(&self, object: &impl Serialize) {
        if let Ok(line) = serde_json::to_string(object) {
            self.write(format!("{}\n", escape::json(&line)).as_bytes());
        }
    }

    /// A line for people.
    pub(crate) fn line(&self, line: &str) {
        if !self.json {
            self.notice(&escape::one_line(line));
        }
    }

    /// A diagnostic as text for people or as JSON.
    pub(crate) fn diagnostic(&self, diagnostic: &Diagnostic) {
        if self.json {
            self.object(&serde_json::json!({"event": "finding", "finding": diagnostic}));
        } else {
            self.notice(&escape::lines(&format!("{diagnostic}\n")));
        }
    }

    /// Writes to standard error. What cannot be written there is lost, and nothing else: a closed
    /// pipe or a full disk for notices is no error of the work.
    fn notice(&self, text: &str) {
        self.paused(|| {
            let mut out = io::stderr().lock();
            let _ = out
                .write_all(format!("{text}\n").as_bytes())
                .and_then(|()| out.flush());
        });
    }

    /// The outcome of the command, which fails when its data could not be printed.
    pub(crate) fn end(&self, ended: Ended) -> Ended {
        let stdout = self.stdout.lock().unwrap_or_else(PoisonError::into_inner);
        let Stdout::Failed(error) = &*stdout else {
            return ended;
        };
        self.notice(&format!(
            "error: cannot write to standard output: {error}\n\
             hint: what was printed is not whole; free some space, or write it elsewhere"
        ));
        match ended {
            Ended::Done => Ended::Failed,
            ended => ended,
        }
    }

    /// Prints an error with all its diagnostics; the outcome of the command.
    pub(crate) fn error(&self, error: &CareError) -> Ended {
        let is_stopped = matches!(error, CareError::Run(RunError::Interrupted));
        for mut diagnostic in error.findings() {
            if is_stopped && self.publishes {
                diagnostic.message += match self.published.load(Relaxed) {
                    true => "; the tables were published before",
                    false => "; nothing was published",
                };
            }
            self.diagnostic(&diagnostic);
        }
        if let CareError::Run(RunError::Failures { outcome, .. }) = error {
            self.line(outcome);
        }
        if is_stopped {
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
                resumed,
                elapsed_ms,
            } => {
                let quarantined = match quarantined {
                    0 => String::new(),
                    n => format!(", {} in quarantine", grouped(*n)),
                };
                let took = match (unchanged, resumed) {
                    (true, _) => "unchanged".to_owned(),
                    (_, true) => "taken over from the run before".to_owned(),
                    _ => format!("{:.2} s", *elapsed_ms as f64 / 1000.0),
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
        if let Event::Published { .. } = event {
            self.published.store(true, Relaxed);
        }
        if self.json {
            self.object(&event);
        } else {
            self.step(&event);
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Relaxed)
    }
}
