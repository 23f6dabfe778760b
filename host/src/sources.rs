//! `tsugi sources draft FILE`: a mapping for an export that has none yet.

use tsugi_reading::draft;

use super::Ended;
use super::args;
use super::printer::Printer;
use tsugi_core::count::count;
use tsugi_pipeline::run::RunError;

/// Prints the mapping on stdout, its doubts on stderr.
pub(crate) fn main(args: &args::SourcesArgs, printer: &Printer) -> Result<Ended, RunError> {
    let args::SourcesVerb::Draft { file } = &args.verb;
    let failed = |reason: String| RunError::File {
        path: file.clone(),
        reason,
    };
    let bytes = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let draft = draft(&name, bytes).map_err(|error| {
        let detail = error.detail.map(|detail| format!("; {detail}"));
        failed(format!("{}{}", error.message, detail.unwrap_or_default()))
    })?;
    printer.text(draft.toml.trim_end());
    for doubt in &draft.doubts {
        printer.line(&format!("check this: {doubt}"));
    }
    printer.line(&format!(
        "drafted from {}; put it beside the export and name it as mapping_file in pipeline.toml",
        count(draft.rows, "row")
    ));
    Ok(Ended::Done)
}
