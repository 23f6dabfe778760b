//! What is published is read where plugins and files of the next run are not: only a query that calls a
//! function of a plugin needs the plugin.

use crate::sample_copy::Project;

/// A published project that names a plugin and a source since.
fn published(name: &str) -> Project {
    let project = Project::empty(name);
    let pipeline = "[pipeline]\nname = \"few\"\nas_of = \"2026-03-31\"\n";
    project.write("pipeline.toml", pipeline);
    project.write("models/a/few.sql", "SELECT 1 AS n, 'x' AS owner");
    project.tsugi("run", &[]).ended(0);
    project.write(
        "pipeline.toml",
        &format!(
            "{pipeline}\n[plugins.mood]\nfile = \"mood.wasm\"\n\n[plugins.crate]\npath = \"plugins/gone\"\n\n\
             [sources.shop]\nplugin = \"mood\"\ngrants.inputs.files = \"exports/gone\"\n\n\
             [sources.old]\nparquet = {{ sold = \"sold.parquet\" }}\n"
        ),
    );
    project
}

#[test]
fn a_missing_or_broken_plugin_keeps_nothing_from_being_read() {
    let project = published("plain-reads");
    for component in [None, Some("no component"), Some("\0asm")] {
        if let Some(bytes) = component {
            project.write("mood.wasm", bytes);
        }
        for sql in [
            "SELECT 1 AS x",
            "SELECT n FROM a.few",
            "SHOW TABLES",
            "DESCRIBE a.few",
            "SUMMARIZE a.few",
            "EXPLAIN SELECT n FROM a.few",
            "SELECT table_name FROM information_schema.tables",
        ] {
            project.tsugi("query", &[sql]).ended(0);
        }
        project.tsugi("warehouse size", &[]).ended(0);
        project.tsugi("warehouse verify", &[]).ended(0);
        project.tsugi("brief", &["--log"]).ended(0);
        // What is wrong with SQL has nothing to do with the plugin.
        let outcome = project.tsugi("query", &["SELECT m FROM a.few"]).ended(2);
        assert!(!outcome.stderr.contains("mood"), "{outcome:?}");
    }
    for verb in ["check", "run", "plugins", "grants"] {
        let said = project.tsugi(verb, &[]).ended(2).stderr;
        assert!(said.contains("mood.wasm"), "{verb}: {said}");
    }
}

#[test]
fn a_query_that_calls_a_plugin_names_it_and_what_is_wrong_with_it() {
    let project = published("plain-calls");
    for sql in [
        "SELECT mood(owner) AS m FROM a.few",
        "SELECT * FROM moods(a.few)",
        "SELECT n FROM a.few WHERE mood(owner) > 0",
    ] {
        let said = project.tsugi("query", &[sql]).ended(2).stderr;
        for due in [
            "there is no function `mood",
            "the plugin `mood` could not be read",
            "the component of the plugin does not exist: `mood.wasm`",
            "pipeline.toml:6:8",
            "hint: build or copy it there",
            "the plugin `crate` could not be read",
        ] {
            assert!(said.contains(due), "{sql}, {due}: {said}");
        }
    }
}
