//! Answers that hang together wrongly: failed rows, checkpoints, receipts, names of files, errors
//! of a megabyte.

use std::collections::BTreeMap;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path;
use tsugi_sandbox::{Folder, Granted};

use super::stage::{Entry, evil, goes_on, refused, runtime, source, through};
use crate::support::scratch;

const MALFORMED: &str = "sandbox::malformed";
const OVER: &str = "sandbox::over-limit";
const FAILED: &str = "sandbox::failed";
const DENIED: &str = "sandbox::denied";

/// The role, the function, stream or target, the code, the words.
const ANSWERS: [(Entry, &str, &str, &str); 33] = [
    (Entry::Scalar, "refuses", FAILED, "no"),
    (
        Entry::Scalar,
        "failed_without_null",
        MALFORMED,
        "row 0 is said to have failed and is not null",
    ),
    (
        Entry::Scalar,
        "failed_beyond",
        MALFORMED,
        "row 3 is said to have failed and is not null",
    ),
    (
        Entry::Scalar,
        "failed_huge",
        MALFORMED,
        "row 4294967295 is said to have failed",
    ),
    (Entry::Scalar, "failed_millions", OVER, "for"),
    (Entry::Aggregate, "refuses", FAILED, "no"),
    (Entry::Table, "refuses", FAILED, "no"),
    (
        Entry::Table,
        "needs_beyond",
        MALFORMED,
        "it needs port 1, which it does not have",
    ),
    (Entry::Source, "refuses", FAILED, "no"),
    (
        Entry::Source,
        "state_huge",
        MALFORMED,
        "a checkpoint of 307200 bytes: at most 262144",
    ),
    (
        Entry::Source,
        "rows_nan",
        MALFORMED,
        "a checkpoint whose number of rows is no number",
    ),
    (
        Entry::Source,
        "rows_negative",
        MALFORMED,
        "a checkpoint whose number of rows is no number",
    ),
    (
        Entry::Source,
        "rows_endless",
        MALFORMED,
        "a checkpoint whose number of rows is no number",
    ),
    (
        Entry::Source,
        "rows_back",
        MALFORMED,
        "a checkpoint of 8 rows after one of 9",
    ),
    (Entry::Source, "rejects_huge", OVER, "for bytes re"),
    (
        Entry::Source,
        "rejects_millions",
        OVER,
        "its limit of 100000 for rejects in one step",
    ),
    (
        Entry::Source,
        "reads_ungranted",
        DENIED,
        "was denied inputs `secrets`",
    ),
    (
        Entry::Source,
        "reads_above",
        FAILED,
        "`../../../etc/passwd` is not a file name below the grant",
    ),
    (
        Entry::Source,
        "handles",
        OVER,
        "its limit of 1000 for live handles",
    ),
    (Entry::Sink, "refuses", FAILED, "no"),
    (
        Entry::Sink,
        "accepts_more",
        MALFORMED,
        "a receipt for 4 accepted and 0 failed of 3 rows",
    ),
    (
        Entry::Sink,
        "accepts_fewer",
        MALFORMED,
        "a receipt for 2 accepted and 0 failed of 3 rows",
    ),
    (
        Entry::Sink,
        "accepts_huge",
        MALFORMED,
        "a receipt for 4294967295 accepted",
    ),
    (
        Entry::Sink,
        "fails_beyond",
        MALFORMED,
        "a receipt for 2 accepted and 1 failed of 3 rows",
    ),
    (
        Entry::Sink,
        "fails_twice",
        MALFORMED,
        "a receipt for 1 accepted and 2 failed of 3 rows",
    ),
    (
        Entry::Sink,
        "fails_and_accepts",
        MALFORMED,
        "a receipt for 3 accepted and 1 failed of 3 rows",
    ),
    (
        Entry::Sink,
        "durable_before_sent",
        MALFORMED,
        "batch 1 is said to be durable, 0 is the last one sent",
    ),
    (
        Entry::Sink,
        "durable_huge",
        MALFORMED,
        "batch 4294967295 is said to be durable",
    ),
    (
        Entry::Sink,
        "puts_ungranted",
        DENIED,
        "was denied outputs `elsewhere`",
    ),
    (
        Entry::Sink,
        "puts_above",
        FAILED,
        "`../../a.jsonl` is not a file name below the grant",
    ),
    (
        Entry::Sink,
        "puts_root",
        FAILED,
        "`/tmp/a.jsonl` is not a file name below the grant",
    ),
    (
        Entry::Sink,
        "puts_nothing",
        FAILED,
        "`` is not a file name below the grant",
    ),
    (Entry::Sink, "puts_long", FAILED, "aaaa"),
];

/// A folder of exports to read and one to write to.
pub fn granted() -> (Granted, std::path::PathBuf) {
    let root = scratch("evil-granted");
    for folder in ["exports", "outbox"] {
        std::fs::create_dir(root.join(folder)).expect("a folder");
    }
    std::fs::write(root.join("exports/a.csv"), "n\n1\n").expect("a file");
    let folder = |name: &str| Folder {
        store: Arc::new(LocalFileSystem::new_with_prefix(root.join(name)).expect("a folder")),
        prefix: Path::default(),
        pattern: None,
        root: Some(root.join(name)),
    };
    let granted = Granted {
        inputs: BTreeMap::from([("exports".to_owned(), vec![folder("exports")])]),
        outputs: BTreeMap::from([("outbox".to_owned(), folder("outbox"))]),
        ..Granted::default()
    };
    (granted, root)
}

#[test]
fn answers_that_do_not_add_up_are_refused() {
    let (granted, root) = granted();
    let plugin = evil("none", granted);
    for (role, name, code, words) in ANSWERS {
        refused(
            through(&plugin, role, name),
            code,
            words,
            &format!("{name} as {role:?}"),
        );
    }
    goes_on(&plugin, "all of them");
    let written = std::fs::read_dir(root.join("outbox"))
        .expect("a folder")
        .count();
    assert_eq!(written, 0, "nothing was written");
    assert!(!root.join("a.jsonl").exists() && !std::path::Path::new("/tmp/a.jsonl").exists());
    println!("{} answers refused", ANSWERS.len());
}

#[test]
fn a_file_name_with_a_zero_and_an_offset_that_is_no_number_do_no_harm() {
    let (granted, _) = granted();
    let plugin = evil("none", granted);
    refused(
        through(&plugin, Entry::Sink, "puts_zero"),
        FAILED,
        "is not a file name below the grant",
        "puts_zero",
    );
    through(&plugin, Entry::Source, "reads_nan").expect("an offset that is no number is the start");
}

#[test]
fn an_error_of_megabytes_is_cut() {
    for role in [
        Entry::Scalar,
        Entry::Aggregate,
        Entry::Table,
        Entry::Source,
        Entry::Sink,
    ] {
        let went = through(&evil("error_huge", Granted::default()), role, "honest");
        refused(went, FAILED, "no no no", &format!("error_huge as {role:?}"));
    }
}

#[test]
fn after_its_end_a_source_is_not_called_again() {
    let plugin = evil("none", Granted::default());
    runtime().block_on(async {
        let mut reader = source(&plugin, "honest").await.expect("a reader");
        let mut batches = 0;
        while !reader.next().await.expect("a step").done {
            batches += 1;
        }
        assert_eq!(batches, 2);
        let after = reader.next().await.expect("a step");
        assert!(after.done && after.rows.is_none());
    });
}
