//! Bad input of every kind: one clear error with its place and the next step, the right exit
//! code, nothing half published, and the last published tables still readable.

mod exports;
mod machine;
mod project;

use std::collections::BTreeMap;

use tsugi_pipeline::store::SnapshotId;
use tsugi_sample::{Options, Plant};

use crate::sample_copy::{Project, contents, data_files, named_files};
use crate::support::Outcome;

/// The smallest business there is.
const TINY: Options = Options {
    seed: 1,
    scale: 0.05,
    plant: Plant::Strong,
    lots: None,
    texts: None,
};

/// A sample that has published, and what it published.
struct Published {
    project: Project,
    snapshot: SnapshotId,
    contents: BTreeMap<String, (usize, String)>,
}

impl Published {
    async fn new(name: &str) -> Self {
        let (project, _) = Project::generated(name, &TINY);
        project.tsugi("run", &[]).ended(0);
        let snapshot = project.warehouse().await.snapshot().await.unwrap();
        Self {
            snapshot: snapshot.info.id,
            contents: contents(&snapshot).await,
            project,
        }
    }

    /// The tables are those that were published, `query` reads them, and nothing lies about that
    /// the next run would not remove.
    #[track_caller]
    fn stands(&self) -> impl Future<Output = ()> + '_ {
        let suspects = self.project.rows("SELECT count(*) AS n FROM ceo.suspects");
        assert_eq!(suspects[0]["n"], self.contents["ceo.suspects"].0);
        async {
            let warehouse = self.project.warehouse().await;
            let snapshot = warehouse.snapshot().await.unwrap();
            assert_eq!(snapshot.info.id, self.snapshot, "nothing is published");
            assert!(
                contents(&snapshot).await == self.contents,
                "the rows are those of before"
            );
            // Finished tables wait for the next run, and for nothing else.
            warehouse.drop_unpublished().unwrap();
            drop(warehouse.claim("a test").await.unwrap());
            assert_eq!(data_files(&self.project), named_files(&warehouse).await);
        }
    }

    /// A run with nothing wrong any more.
    fn recovers(&self) {
        self.project.tsugi("run", &[]).ended(0);
    }
}

/// Ends with this code and one error, which holds these words; an error that the author can act
/// on has a place and a hint.
#[track_caller]
fn one_error(outcome: Outcome, code: i32, words: &[&str]) -> Outcome {
    let outcome = outcome.ended(code);
    let errors = outcome
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: "))
        .count();
    assert_eq!(errors, 1, "{}", outcome.stderr);
    for word in words {
        assert!(
            outcome.stderr.contains(word),
            "`{word}` is missing in\n{}",
            outcome.stderr
        );
    }
    // A guest may panic; the host may not.
    assert!(
        !outcome.stderr.contains("panicked at host/") && !outcome.stdout.contains("done"),
        "{outcome:?}"
    );
    outcome
}
