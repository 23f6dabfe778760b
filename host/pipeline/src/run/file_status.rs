//! The status of files whose rows were published: unchanged, longer, rewritten, renamed or deleted;
//! and the notices about them.

use super::content::{InputFile, is_below};
use crate::store::ReadFile;
use tsugi_sandbox::Notice;

/// Files that a notice names.
const NAMED_MAX: usize = 3;

/// The status of the file of a partition.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileStatus<'f> {
    /// Its rows are unchanged; reading continues behind them.
    Unchanged,
    /// It is longer than before; its old part must be compared.
    Longer(&'f ReadFile),
    /// Its old part has changed.
    Rewritten,
    /// It is gone; its content may exist under the given name.
    Deleted(Option<String>),
}

/// Published rows that are removed, because their file is gone or was rewritten.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LostRows {
    pub(super) partition: String,
    pub(super) rows: u64,
    /// Of a file that is gone: its new name, if it has one. None of a file that was rewritten.
    pub(super) renamed: Option<Option<String>>,
}

/// Compares the file of a partition, as it was read before, with the files that exist now.
pub(super) fn status_of<'f>(
    partition: &str,
    before: &'f [ReadFile],
    now: &[InputFile],
) -> FileStatus<'f> {
    let Some(old) = before.iter().find(|file| is_below(partition, &file.name)) else {
        return FileStatus::Rewritten;
    };
    let mut same_name = now.iter().filter(|file| file.name == old.name);
    match (same_name.next(), same_name.next()) {
        (Some(new), None) if new.digest == old.digest => FileStatus::Unchanged,
        (Some(new), None) if new.bytes > old.bytes => FileStatus::Longer(old),
        (None, _) => {
            let is_new = |name: &str| before.iter().all(|file| file.name != name);
            let same = |file: &&InputFile| file.digest == old.digest && is_new(&file.name);
            FileStatus::Deleted(now.iter().find(same).map(|file| file.name.clone()))
        }
        // Two granted folders have a file of this name: which of them it is cannot be known.
        _ => FileStatus::Rewritten,
    }
}

/// The notices about rows that are removed.
pub(super) fn notices(stream: &str, lost: &[LostRows]) -> Vec<Notice> {
    let notice = |code: &str, message: String| Notice {
        stream: stream.to_owned(),
        code: code.to_owned(),
        message,
    };
    let mut notices = Vec::new();
    let rewritten: Vec<&LostRows> = lost.iter().filter(|one| one.renamed.is_none()).collect();
    if let Some(names) = named(&rewritten) {
        let message = format!("{names} changed in what had been read; read again from the start");
        notices.push(notice("file-rewritten", message));
    }
    let gone: Vec<&LostRows> = lost
        .iter()
        .filter(|one| matches!(one.renamed, Some(None)))
        .collect();
    if let Some(names) = named(&gone) {
        let rows: u64 = gone.iter().map(|one| one.rows).sum();
        let message = format!("deleted since the last run: {names}; {rows} rows go with them");
        notices.push(notice("file-deleted", message));
    }
    for one in lost {
        if let Some(Some(name)) = &one.renamed {
            let message = format!("{} is called {name} now; read again", one.partition);
            notices.push(notice("file-renamed", message));
        }
    }
    notices
}

fn named(lost: &[&LostRows]) -> Option<String> {
    let names: Vec<&str> = lost
        .iter()
        .take(NAMED_MAX)
        .map(|one| one.partition.as_str())
        .collect();
    let more = lost.len().saturating_sub(NAMED_MAX);
    match (names.is_empty(), more) {
        (true, _) => None,
        (_, 0) => Some(names.join(", ")),
        (_, more) => Some(format!("{} and {more} more", names.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old(name: &str, bytes: u64, digest: &str) -> ReadFile {
        let (name, digest) = (name.to_owned(), digest.to_owned());
        ReadFile {
            name,
            bytes,
            digest,
        }
    }

    fn new(name: &str, bytes: u64, digest: &str) -> InputFile {
        let (name, digest) = (name.to_owned(), digest.to_owned());
        InputFile {
            name,
            bytes,
            digest,
        }
    }

    #[test]
    fn deleted_rewritten_renamed_and_longer_files_are_distinguished() {
        let before = [old("a.csv", 5, "A"), old("b.zip", 5, "B")];
        let status = |partition: &str, now: &[InputFile]| -> String {
            format!("{:?}", status_of(partition, &before, now))
        };
        let b = || new("b.zip", 5, "B");
        assert_eq!(status("a.csv", &[new("a.csv", 5, "A"), b()]), "Unchanged");
        assert!(status("a.csv", &[new("a.csv", 6, "C"), b()]).starts_with("Longer"));
        assert_eq!(status("a.csv", &[new("a.csv", 5, "C"), b()]), "Rewritten");
        assert_eq!(status("a.csv", &[b()]), "Deleted(None)");
        assert_eq!(
            status("a.csv", &[b(), new("c.csv", 5, "A")]),
            "Deleted(Some(\"c.csv\"))"
        );
        assert_eq!(status("b.zip/x.csv", &[b()]), "Unchanged");
        assert_eq!(status("b.zip/x.csv", &[new("b.zip", 5, "D")]), "Rewritten");
        // Two folders with one name, and a partition that no file is under.
        assert_eq!(
            status("a.csv", &[new("a.csv", 5, "A"), new("a.csv", 5, "A")]),
            "Rewritten"
        );
        assert_eq!(status("elsewhere", &[b()]), "Rewritten");
    }

    #[test]
    fn many_files_are_named_in_one_sentence() {
        let lost: Vec<LostRows> = (0..5)
            .map(|i| LostRows {
                partition: format!("{i}.csv"),
                rows: 2,
                renamed: Some(None),
            })
            .collect();
        let notices = notices("rows", &lost);
        assert_eq!(notices.len(), 1);
        assert_eq!(
            notices[0].message,
            "deleted since the last run: 0.csv, 1.csv, 2.csv and 2 more; 10 rows go with them"
        );
    }
}
