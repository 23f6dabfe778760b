//! `tsugi export DIR TABLE --owner COLUMN --to FOLDER`: one file for each owner, with their own rows only.
//! The log has who exports which rows, and why, before a file is written.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::Ended;
use super::account::login;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use super::rows::{CellStyle, encode, ending};
use tsugi_care::store;
use tsugi_care::store::lookups::Lookup;
use tsugi_care::{CareError, Parts};
use tsugi_core::count::count;
use tsugi_core::digest::Digest;
use tsugi_pipeline::run::RunError;

/// The suffix of a file until it is whole.
const UNFINISHED: &str = ".part";

/// Writes the files.
pub(crate) fn main(args: &args::ExportArgs, printer: &Printer) -> Result<Ended, CareError> {
    let ready = Ready::new()?;
    let project = ready::load_to_read(&args.project)?;
    let query = ready.query();
    ready.run(async {
        let (warehouse, snapshot) = ready::published(&project, &args.project.dir).await?;
        let (table, owner) = (&args.table, &args.owner);
        let parts =
            tsugi_care::parts(&project, &warehouse, &snapshot, table, owner, &query).await?;
        let owners = parts.rows.keys().map(String::as_str);
        let names = names(owners, ending(args.format), &args.to)?;
        fs::create_dir_all(&args.to).map_err(|error| failed(&args.to, &error.to_string()))?;
        only_ours(&args.to, &names)?;
        let lookup = Lookup {
            at: String::new(),
            kind: "export".into(),
            value: format!("{table} by {owner}"),
            found: Some(format!(
                "{} in {}",
                count(names.len(), "file"),
                args.to.display()
            )),
            by: args.by.clone(),
            login: login(),
            why: args.why.clone(),
        };
        store::lookups::log_lookup(&warehouse, &lookup).await?;
        write(args, &parts, &names, printer)?;
        Ok(Ended::Done)
    })
}

fn write(
    args: &args::ExportArgs,
    parts: &Parts,
    names: &BTreeMap<&str, PathBuf>,
    printer: &Printer,
) -> Result<(), RunError> {
    let style = CellStyle {
        raw: args.raw,
        bom: args.bom,
        terminal: false,
    };
    for (owner, rows) in &parts.rows {
        let Some(path) = names.get(owner.as_str()) else {
            continue;
        };
        let bytes = encode(args.format, &parts.schema, rows, style)?;
        write_whole(path, &bytes)?;
        report(printer, owner, path, rows.num_rows());
    }
    if parts.without_owner > 0 {
        printer.line(&format!(
            "in no file, because `{}` is null: {}",
            args.owner,
            count(parts.without_owner, "row")
        ));
    }
    Ok(())
}

fn report(printer: &Printer, owner: &str, path: &Path, rows: usize) {
    let file = path.display();
    if printer.is_json() {
        printer
            .object(&serde_json::json!({"owner": owner, "file": file.to_string(), "rows": rows}));
    } else {
        printer.data(&format!("{file}  {}", count(rows, "row")));
    }
}

pub(crate) fn failed(path: &Path, reason: &str) -> RunError {
    RunError::NotWritten {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

/// A file for each owner. Two owners never share one, also where capitals do not count.
fn names<'o>(
    owners: impl Iterator<Item = &'o str>,
    ending: &str,
    folder: &Path,
) -> Result<BTreeMap<&'o str, PathBuf>, RunError> {
    let mut owners_by_name: BTreeMap<String, &str> = BTreeMap::new();
    let mut names = BTreeMap::new();
    for owner in owners {
        let path = folder.join(format!("{}.{ending}", file_name(owner)));
        let name = path.to_string_lossy().to_lowercase();
        if let Some(other) = owners_by_name.insert(name, owner) {
            let what = format!("it would belong to both `{other}` and `{owner}`");
            return Err(failed(&path, &what));
        }
        names.insert(owner, path);
    }
    Ok(names)
}

/// Longest name of a file without its ending: a name on a disk has at most 255 bytes.
const NAME_MAX_BYTES: usize = 200;
/// How many characters of a digest stand for the rest of a longer one.
const DIGEST_CHARS: usize = 16;

/// An owner as a file name: letters and digits unchanged, everything else as `%` and its bytes. A
/// longer one ends in the beginning of its digest.
fn file_name(owner: &str) -> String {
    let mut name = String::new();
    for character in owner.chars() {
        if character.is_alphanumeric() || matches!(character, '-' | '_') {
            name.push(character);
        } else {
            let mut bytes = [0; 4];
            let bytes = character.encode_utf8(&mut bytes).bytes();
            name.extend(bytes.map(|byte| format!("%{byte:02X}")));
        }
    }
    if name.len() > NAME_MAX_BYTES {
        let digest = Digest::of(owner.as_bytes()).to_string();
        let digest = digest.trim_start_matches("sha256:");
        let beginning = name.char_indices().map(|(at, one)| at + one.len_utf8());
        let fits = |end: &usize| end + 1 + DIGEST_CHARS <= NAME_MAX_BYTES;
        name.truncate(beginning.take_while(fits).last().unwrap_or(0));
        name.push('-');
        name.extend(digest.chars().take(DIGEST_CHARS));
    }
    name
}

/// Refuses a folder with other files: it may belong to somebody else, or hold the rows of a former owner.
fn only_ours(folder: &Path, names: &BTreeMap<&str, PathBuf>) -> Result<(), RunError> {
    let unreadable = |error: std::io::Error| failed(folder, &error.to_string());
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_ours = names
            .values()
            .any(|own| path == *own || path == unfinished(own));
        if !is_ours {
            let what =
                "it does not belong to this export: name an empty folder, or remove the file";
            return Err(failed(&path, what));
        }
    }
    Ok(())
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    name.into()
}

/// Leaves the whole file or none.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), RunError> {
    let beside = unfinished(path);
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .map_err(|error| failed(path, &error.to_string()))
}
