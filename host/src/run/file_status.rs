//! What became of the files that published rows stand on: unchanged, longer, rewritten, renamed
//! or deleted; and how people are told.

use super::content::{InputFile, is_below};
use crate::sandbox::Notice;
use crate::warehouse::ReadFile;

/// Files that a notice names.
const NAMED_MAX: usize = 3;

/// What became of the file under a partition.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate<'f> {
    /// Its rows stand; what is behind them can be read on.
    Stands,
    /// There is more of it than before; whether the old part stands must be looked up.
    Longer(&'f ReadFile),
    /// Its old part is another.
    Rewritten,
    /// It is not there; its content may be, under the name that is given.
    Deleted(Option<String>),
}

/// Rows of before that go.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) partition: String,
    pub(super) rows: u64,
    /// Of a file that is gone: its new name, if it has one. None of a file that was rewritten.
    pub(super) renamed: Option<Option<String>>,
}

/// Compares the file that a partition lay in with what is there now.
pub(super) fn fate_of<'f>(partition: &str, before: &'f [ReadFile], now: &[InputFile]) -> Fate<'f> {
    let Some(old) = before.iter().find(|file| is_below(partition, &file.name)) else {
        return Fate::Rewritten;
    };
    let mut same_name = now.iter().filter(|file| file.name == old.name);
    match (same_name.next(), same_name.next()) {
        (Some(new), None) if new.digest == old.digest => Fate::Stands,
        (Some(new), None) if new.bytes > old.bytes => Fate::Longer(old),
        (None, _) => {
            let is_new = |name: &str| before.iter().all(|file| file.name != name);
            let same = |file: &&InputFile| file.digest == old.digest && is_new(&file.name);
            Fate::Deleted(now.iter().find(same).map(|file| file.name.clone()))
        }
        // Two granted folders have a file of this name: which is which cannot be told.
        _ => Fate::Rewritten,
    }
}

/// What people are told of rows that go.
pub(super) fn notices(stream: &str, lost: &[Lost]) -> Vec<Notice> {
    let notice = |code: &str, message: String| Notice {
        stream: stream.to_owned(),
        code: code.to_owned(),
        message,
    };
    let mut told = Vec::new();
    let rewritten: Vec<&Lost> = lost.iter().filter(|one| one.renamed.is_none()).collect();
    if let Some(names) = named(&rewritten) {
        let message = format!("{names} changed in what had been read; read again from the start");
        told.push(notice("file-rewritten", message));
    }
    let gone: Vec<&Lost> = lost
        .iter()
        .filter(|one| matches!(one.renamed, Some(None)))
        .collect();
    if let Some(names) = named(&gone) {
        let rows: u64 = gone.iter().map(|one| one.rows).sum();
        let message = format!("deleted since the last run: {names}; {rows} rows go with them");
        told.push(notice("file-deleted", message));
    }
    for one in lost {
        if let Some(Some(name)) = &one.renamed {
            let message = format!("{} is called {name} now; read again", one.partition);
            told.push(notice("file-renamed", message));
        }
    }
    told
}

fn named(lost: &[&Lost]) -> Option<String> {
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
    fn deleted_rewritten_renamed_and_longer_files_are_told_apart() {
        let before = [old("a.csv", 5, "A"), old("b.zip", 5, "B")];
        let fate = |partition: &str, now: &[InputFile]| -> String {
            format!("{:?}", fate_of(partition, &before, now))
        };
        let b = || new("b.zip", 5, "B");
        assert_eq!(fate("a.csv", &[new("a.csv", 5, "A"), b()]), "Stands");
        assert!(fate("a.csv", &[new("a.csv", 6, "C"), b()]).starts_with("Longer"));
        assert_eq!(fate("a.csv", &[new("a.csv", 5, "C"), b()]), "Rewritten");
        assert_eq!(fate("a.csv", &[b()]), "Deleted(None)");
        assert_eq!(
            fate("a.csv", &[b(), new("c.csv", 5, "A")]),
            "Deleted(Some(\"c.csv\"))"
        );
        assert_eq!(fate("b.zip/x.csv", &[b()]), "Stands");
        assert_eq!(fate("b.zip/x.csv", &[new("b.zip", 5, "D")]), "Rewritten");
        // Two folders with one name, and a partition that no file is under.
        assert_eq!(
            fate("a.csv", &[new("a.csv", 5, "A"), new("a.csv", 5, "A")]),
            "Rewritten"
        );
        assert_eq!(fate("elsewhere", &[b()]), "Rewritten");
    }

    #[test]
    fn many_files_are_told_in_one_sentence() {
        let lost: Vec<Lost> = (0..5)
            .map(|i| Lost {
                partition: format!("{i}.csv"),
                rows: 2,
                renamed: Some(None),
            })
            .collect();
        let told = notices("rows", &lost);
        assert_eq!(told.len(), 1);
        assert_eq!(
            told[0].message,
            "deleted since the last run: 0.csv, 1.csv, 2.csv and 2 more; 10 rows go with them"
        );
    }
}
