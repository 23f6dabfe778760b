//! The `tsugi` command.
use std::process::ExitCode;

fn main() -> ExitCode {
    tsugi::cli::main()
}
