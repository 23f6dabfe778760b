//! The `tsugi` command: one file a verb.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod account;
mod args;
mod brief;
mod check;
mod deliver;
mod doctor;
mod export;
mod forget;
mod grants;
mod inspect;
mod lineage;
mod ls;
mod not_blank;
mod note;
mod plan;
mod plugins;
mod preview;
mod printer;
mod private;
mod query;
mod ready;
mod report;
mod review;
mod rows;
mod run;
mod show;
mod signals;
mod sources;
mod state;
mod table;
mod warehouse;

use std::process::ExitCode;

use args::{Args, Verb};
use printer::Printer;
use tsugi_care::CareError;
use tsugi_pipeline::query::PLANNING_THREAD;
use tsugi_pipeline::run::remove_spill_folder;
use tsugi_sandbox::{COMPILE_ARGUMENT, compile_stdin};

/// The outcome of a command, which is its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Success.
    Done = 0,
    /// The data or the run failed.
    Failed = 1,
    /// The project or the arguments are wrong.
    Wrong = 2,
    /// The user stopped it.
    Interrupted = 130,
}

/// Parses the arguments, runs the verb and returns its exit code.
fn main() -> ExitCode {
    // This program as its own compiler: no verb of a user, and nothing else may run before its bounds.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|verb| verb == COMPILE_ARGUMENT)
    {
        return compile_stdin();
    }
    private::keep_private();
    // The words of a query are read and planned on this thread, however deep they are nested.
    let command = std::thread::Builder::new()
        .name("main".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(command);
    match command.map(std::thread::JoinHandle::join) {
        Ok(Ok(ended)) => ended,
        // It has said why.
        _ => ExitCode::from(Ended::Failed as u8),
    }
}

/// Room for the longest statement that a query may have. Address space, of which only what is used takes memory.
const STACK_BYTES: usize = 256 << 20;

/// Runs the verb.
fn command() -> ExitCode {
    let args = match Args::of(std::env::args_os()) {
        Ok(args) => args,
        Err(error) => {
            let code = if error.use_stderr() {
                Ended::Wrong
            } else {
                Ended::Done
            };
            // A closed pipe on the other side is no error of this command.
            let _ = error.print();
            return ExitCode::from(code as u8);
        }
    };
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // What panics while it is planned becomes an error of the query.
        if std::thread::current().name() != Some(PLANNING_THREAD) {
            report(panic);
        }
    }));
    let printer = Printer::new(&args.verb);
    let ended = match &args.verb {
        Verb::Run(args) => run::main(args, &printer).map_err(CareError::from),
        Verb::Check(args) => check::main(args, &printer).map_err(CareError::from),
        Verb::Ls(args) => ls::main(args, &printer).map_err(CareError::from),
        Verb::Show(args) => show::main(args, &printer).map_err(CareError::from),
        Verb::Lineage(args) => lineage::main(args, &printer).map_err(CareError::from),
        Verb::Plan(args) => plan::main(args, &printer).map_err(CareError::from),
        Verb::Preview(args) => preview::main(args, &printer).map_err(CareError::from),
        Verb::Query(args) => query::main(args, &printer).map_err(CareError::from),
        Verb::Report(args) => report::main(args, &printer).map_err(CareError::from),
        Verb::Plugins(args) => plugins::main(args, &printer).map_err(CareError::from),
        Verb::Grants(args) => grants::main(args, &printer).map_err(CareError::from),
        Verb::Deliver(args) => deliver::main(args, &printer),
        Verb::Doctor(args) => doctor::main(args, &printer).map_err(CareError::from),
        Verb::Review(args) => review::main(args, &printer),
        Verb::Brief(args) => brief::main(args, &printer),
        Verb::Note(args) => note::main(args, &printer),
        Verb::Forget(args) => forget::main(args, &printer),
        Verb::Export(args) => export::main(args, &printer),
        Verb::Warehouse(args) => warehouse::main(args, &printer).map_err(CareError::from),
        Verb::Sources(args) => sources::main(args, &printer).map_err(CareError::from),
    };
    let ended = ended.unwrap_or_else(|error| printer.error(&error));
    let ended = printer.end(ended);
    remove_spill_folder();
    ExitCode::from(ended as u8)
}
