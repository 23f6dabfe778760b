//! `tsugi-sample`: writes the sample exports.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tsugi_sample::table::Table;
use tsugi_sample::{Exports, Options, Plant, generate, write, write_truth};

/// Generates the sample exports of an invented shoe brand.
#[derive(Parser)]
#[command(name = "tsugi-sample")]
struct Arguments {
    /// Folder that receives crm/*.csv, erp/*.csv and README.md.
    #[arg(long)]
    out: PathBuf,
    /// Seed of all chance.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Size of the business; 1 is some 20,000 order lines.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// How strongly the planted cause shows.
    #[arg(long, value_enum, default_value_t = Plant::Strong)]
    plant: Plant,
    /// How many finished lots, about; by itself their number grows with the root of the size.
    #[arg(long)]
    lots: Option<u32>,
    /// How many texts, about; by itself some 16 for each hundred order lines.
    #[arg(long)]
    texts: Option<u32>,
    /// Folder that receives the truth, which must not lie among the exports.
    #[arg(long)]
    truth: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let options = Options {
        seed: arguments.seed,
        scale: arguments.scale,
        plant: arguments.plant,
        lots: arguments.lots,
        texts: arguments.texts,
    };
    let done = generate(&options).and_then(|exports| {
        write(&exports, &arguments.out)?;
        if let Some(folder) = &arguments.truth {
            write_truth(&exports, folder)?;
        }
        Ok(exports)
    });
    match done {
        Ok(exports) => {
            report(&exports);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn report(exports: &Exports) {
    let rows = |name: &str| {
        exports
            .tables
            .iter()
            .find(|t| t.name == name)
            .map_or(0, Table::len)
    };
    let texts = rows("reviews") + rows("tickets") + rows("posts") + rows("staff_notes");
    eprintln!(
        "{} order lines, {} texts, {} customers, {} finished lots, of which {} bad",
        rows("sales"),
        texts,
        rows("customers"),
        rows("finished_lots"),
        exports.bad_lots.len()
    );
}
