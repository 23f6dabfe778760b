//! `tsugi deliver DIR`: sends what is due, each message once.

use std::sync::Mutex;
use std::sync::atomic::Ordering::Relaxed;

use super::Ended;
use super::args;
use super::inspect::{Inspection, forgetful};
use super::printer::Printer;
use super::ready::{self, Ready};
use super::state::{LedgerMemory, MemoryFile};
use tsugi_care::CareError;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::{Event, RunError, Watch};

/// Notes every row that is about to be handed over, outside of the ledger: one that is put back after this
/// program died has fewer.
struct Noting<'d> {
    printer: &'d Printer,
    file: &'d MemoryFile,
    memory: Mutex<LedgerMemory>,
}

impl Watch for Noting<'_> {
    fn notify(&self, event: Event) {
        if let (Event::Intended { messages, .. }, Ok(mut memory)) = (&event, self.memory.lock()) {
            memory.entries += *messages as u64;
            // That it can be written was tried before.
            let _ = self.file.write(&memory);
        }
        self.printer.notify(event);
    }

    fn is_stopping(&self) -> bool {
        self.printer.is_stopping()
    }
}

/// Delivers every delivery of the pipeline.
pub(crate) fn main(args: &args::DeliverArgs, printer: &Printer) -> Result<Ended, CareError> {
    let ready = Ready::new()?;
    let project = ready::load(&args.project)?;
    let query = ready.query();
    let stopping = printer.stopping();
    ready.run_finishing(stopping, async {
        let (warehouse, _) = ready::published(&project, &args.project.dir).await?;
        let open = ready::open(project, printer, Depth::Types).await?;
        let ledger = warehouse.ledger().await.map_err(RunError::from)?;
        let inspection = Inspection::of(ledger, &open.project).await?;
        inspection.refuse(&args.project.dir)?;
        let memory = inspection.memory_now().await?;
        let remembered = inspection.file.write(&memory).map_err(forgetful);
        if !args.dry_run {
            remembered?;
        }
        let noting = Noting {
            printer,
            file: &inspection.file,
            memory: Mutex::new(memory),
        };
        let mut ended = Ended::Done;
        for delivery in &open.plan.deliveries {
            if stopping.load(Relaxed) {
                break;
            }
            let delivered =
                tsugi_care::deliver(&open, delivery, &warehouse, &query, &noting, args.dry_run);
            let delivered = delivered.await;
            let remembered = inspection.remember().await;
            if !args.dry_run {
                remembered?;
            }
            let report = delivered?;
            if printer.is_json() {
                printer.object(&serde_json::json!({"event": "delivered", "delivery": report}));
            } else {
                for line in report.sentences(args.dry_run, &args.project.dir.display().to_string())
                {
                    printer.data(&line);
                }
            }
            if report.has_failed() {
                ended = Ended::Failed;
            }
        }
        if stopping.load(Relaxed) {
            printer.line("stopped; what was sent has its receipt, and the rest is still owed");
            ended = Ended::Interrupted;
        }
        Ok(ended)
    })
}
