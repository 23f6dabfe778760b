//! DuckDB with its own ducklake reader, the judge of what is published.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::support::skipped;

const LOADED: &str = "import json, sys, duckdb\nfrom duckdb_extensions import import_extension\n\
    import_extension('ducklake'); import_extension('sqlite_scanner')\n\
    c = duckdb.connect(); c.execute(\"LOAD ducklake; LOAD sqlite_scanner; SET TimeZone='UTC'; SET enable_progress_bar = false\")\n";

fn python(script: &str, warehouse: &Path) -> std::io::Result<Output> {
    let mut python = Command::new("python3");
    python.args(["-c", script]).arg(warehouse);
    python.env("PYTHONIOENCODING", "utf-8").output()
}

/// Whether DuckDB is there; missing, it is a printed skip or, when required, a failure.
pub fn has_duckdb() -> bool {
    static MISSING: OnceLock<Option<String>> = OnceLock::new();
    let missing = MISSING.get_or_init(|| match python(LOADED, Path::new("")) {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Some(error.to_string()),
    });
    if let Some(reason) = missing {
        skipped("duckdb", reason);
    }
    missing.is_none()
}

/// The output of a Python script in which `c` is DuckDB with the catalogue of this folder attached
/// as `lake`.
#[track_caller]
pub fn duckdb(warehouse: &Path, script: &str) -> String {
    attached(warehouse, "", script)
}

/// The same, attached so that nothing can be written.
#[track_caller]
pub fn duckdb_reads(warehouse: &Path, script: &str) -> String {
    attached(warehouse, "(READ_ONLY)", script)
}

#[track_caller]
fn attached(warehouse: &Path, options: &str, script: &str) -> String {
    let attach = format!(
        "c.execute(f\"ATTACH 'ducklake:sqlite:{{sys.argv[1]}}/catalog.sqlite' AS lake {options}\")\n"
    );
    let output = python(&format!("{LOADED}{attach}{script}"), warehouse).expect("python3 starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{errors}");
    let text = String::from_utf8(output.stdout).expect("DuckDB prints UTF-8");
    text.trim_end().to_owned()
}
