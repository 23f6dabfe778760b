//! What attacks are granted, and sources that are read to an odd place or past their end.

use std::collections::BTreeMap;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::path::Path;
use tsugi_sandbox::{Folder, Granted};

use super::stage::{Entry, evil, runtime, source, through};
use crate::support::scratch;

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
fn an_offset_that_is_no_number_is_the_start() {
    let (granted, _) = granted();
    through(&evil("none", granted), Entry::Source, "reads_nan").expect("a read of the start");
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
