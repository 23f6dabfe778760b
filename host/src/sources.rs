//! `tsugi sources draft FILE`: a mapping for an export that has none yet.

use tsugi_reading::draft;

use super::Ended;
use super::args;
use super::printer::Printer;
use tsugi_core::count::count;
use tsugi_core::escape;
use tsugi_pipeline::run::RunError;

/// Largest file that a draft is made of.
const FILE_MAX_BYTES: u64 = 512 << 20;

/// Prints the mapping on stdout, its doubts on stderr.
pub(crate) fn main(args: &args::SourcesArgs, printer: &Printer) -> Result<Ended, RunError> {
    let args::SourcesVerb::Draft { file } = &args.verb;
    let failed = |reason: String| RunError::File {
        path: file.clone(),
        reason,
    };
    // A pipe or a device has no end.
    let found = std::fs::metadata(file).map_err(|error| failed(error.to_string()))?;
    if !found.is_file() || found.len() > FILE_MAX_BYTES {
        return Err(failed(format!(
            "a draft is made of a plain file of up to {} MiB; take the first rows of a longer one",
            FILE_MAX_BYTES >> 20
        )));
    }
    let bytes = std::fs::read(file).map_err(|error| failed(error.to_string()))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let draft = draft(&name, bytes).map_err(|error| {
        let detail = error.detail.map(|detail| format!("; {detail}"));
        failed(format!("{}{}", error.message, detail.unwrap_or_default()))
    })?;
    printer.text(&escape::toml(draft.toml.trim_end()));
    for doubt in &draft.doubts {
        printer.line(&format!("check this: {doubt}"));
    }
    printer.line(&format!(
        "drafted from {}; put it beside the export and name it as mapping_file in pipeline.toml",
        count(draft.rows, "row")
    ));
    Ok(Ended::Done)
}
