//! Running again: what has not changed is not made again.

use std::collections::{BTreeMap, BTreeSet};

use crate::sample_copy::{Project, SMALL, contents, objects};

#[tokio::test]
async fn a_second_run_changes_nothing_and_an_edit_runs_only_what_reads_it() {
    let (project, _) = Project::generated("again", &SMALL);
    let first = project.tsugi("run", &[]).ended(0);
    assert!(first.stderr.contains("snapshot=1 "), "{}", first.stderr);
    let warehouse = project.warehouse().await;
    let before = warehouse.snapshot().await.unwrap();
    let lock = project.read("pipeline.lock");

    let second = project.tsugi("run", &["--lang", "en"]).ended(0);
    let last = second.stderr.trim_end().lines().last().unwrap();
    assert!(
        last.starts_with("done nothing changed: ") && last.ends_with("as published in snapshot 1"),
        "{last}"
    );
    assert_eq!(
        second.stdout, first.stdout,
        "it ends with the same sentences"
    );
    let after = warehouse.snapshot().await.unwrap();
    assert_eq!(after.info.id, before.info.id, "no snapshot is published");
    assert_eq!(
        warehouse.lake().history().await.unwrap().len(),
        2,
        "the empty one and the first"
    );
    for (name, table) in &before.tables {
        assert_eq!(after.tables[name].files, table.files, "{name}");
    }
    assert_eq!(project.read("pipeline.lock"), lock);

    let old = contents(&before).await;
    let model = "models/staging/complaints.sql";
    let text = project.edit(
        model,
        "coalesce(rating, 0) < 4",
        "coalesce(rating, 0) < 4 AND topic <> 'wrong_size'",
    );
    let events = objects(&project.tsugi("run", &["--json"]).ended(0).stdout);
    let made: BTreeSet<String> = events
        .iter()
        .filter(|event| event["event"] == "step_finished" && event["unchanged"] == false)
        .map(|event| event["table"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(made, readers(&project, "staging.complaints"));
    let edited = warehouse.snapshot().await.unwrap();
    assert_ne!(edited.info.id, before.info.id);
    let new = contents(&edited).await;
    assert_ne!(new["staging.complaints"], old["staging.complaints"]);
    for (name, rows) in &old {
        assert!(made.contains(name) || new[name] == *rows, "{name}");
    }

    project.write(model, &text);
    project.tsugi("run", &[]).ended(0);
    assert_eq!(
        contents(&warehouse.snapshot().await.unwrap()).await,
        old,
        "taken back, the rows are the old ones"
    );
}

/// A table and all tables that read it, also through views, by the names in the SQL.
fn readers(project: &Project, changed: &str) -> BTreeSet<String> {
    let mut reads: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut views = BTreeSet::new();
    for schema in std::fs::read_dir(project.path("models")).unwrap().flatten() {
        for file in std::fs::read_dir(schema.path()).unwrap().flatten() {
            let (schema, file) = (
                schema.file_name().into_string().unwrap(),
                file.file_name().into_string().unwrap(),
            );
            let sql = project.read(&format!("models/{schema}/{file}"));
            let code = sql
                .lines()
                .filter_map(|line| line.split("--").next())
                .collect::<Vec<_>>()
                .join("\n");
            let words = code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
            let name = format!("{schema}.{}", file.strip_suffix(".sql").unwrap());
            if sql.contains("-- @kind view\n") {
                views.insert(name.clone());
            }
            reads.insert(name, words.map(str::to_owned).collect());
        }
    }
    let mut found = BTreeSet::from([changed.to_owned()]);
    loop {
        let more: Vec<String> = reads
            .iter()
            .filter(|(name, words)| {
                !found.contains(*name) && words.iter().any(|word| found.contains(word))
            })
            .map(|(name, _)| name.clone())
            .collect();
        if more.is_empty() {
            return &found - &views;
        }
        found.extend(more);
    }
}
