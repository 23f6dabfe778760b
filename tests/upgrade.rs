//! Tables that another version made are made again, and a person hears why.

use crate::sample_copy::Project;
use crate::support::alter;

#[tokio::test]
async fn tables_of_another_version_are_made_again_and_the_run_says_why() {
    let project = Project::empty("upgrade");
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"few\"\nas_of = \"2026-03-31\"\n",
    );
    project.write("seeds/one.csv", "n\n1\n2\n");
    project.write("models/a/count.sql", "SELECT count(*) AS n FROM seeds.one");
    let first = project.tsugi("run", &[]).ended(0);
    assert!(first.stderr.contains("made=2"), "{first:?}");
    let again = project.tsugi("run", &[]).ended(0);
    assert!(again.stderr.contains("nothing changed"), "{again:?}");
    assert!(!again.stderr.contains("made again"), "{again:?}");

    // What an older tsugi leaves: other fingerprints, and its own name in the audit.
    let state = project.path(".tsugi");
    for sql in [
        "UPDATE step SET fingerprint = replace(fingerprint, 'a', 'b')",
        "UPDATE run SET audit = json_set(audit, '$.made_by', 'tsugi 0.0.9 with DataFusion 54.0.0')",
    ] {
        alter(&state, "warehouse/state.sqlite", sql).await;
    }
    let upgraded = project.tsugi("run", &[]).ended(0);
    assert!(
        upgraded.stderr.contains("made=2")
            && upgraded
                .stderr
                .contains("every table is made again: tsugi 0.0.9 with DataFusion 54.0.0 made the published ones, and this is tsugi "),
        "{upgraded:?}"
    );
    let settled = project.tsugi("run", &[]).ended(0);
    assert!(!settled.stderr.contains("made again"), "{settled:?}");
}
