//! What a run tells of itself: events while it works, an audit afterwards.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::published;
use crate::sample_copy::objects;

#[test]
fn events_tell_every_table_in_order_and_end_with_the_counts() {
    let published = published();
    let events = &published.events;
    let of = |kind: &str| {
        events
            .iter()
            .filter(|event| event["event"] == kind)
            .collect::<Vec<_>>()
    };
    let planned = of("planned")[0];
    let tables = planned["reads"].as_u64().unwrap() + planned["models"].as_u64().unwrap();
    let (started, finished) = (of("step_started"), of("step_finished"));
    for (number, (start, end)) in started.iter().zip(&finished).enumerate() {
        assert_eq!(
            (start["number"].as_u64(), start["of"].as_u64()),
            (Some(number as u64 + 1), Some(tables))
        );
        assert_eq!(start["table"], end["table"]);
        assert!(
            end["rows"].is_u64() && end["elapsed_ms"].is_u64(),
            "{end:?}"
        );
    }
    assert_eq!(
        (started.len() as u64, finished.len() as u64),
        (tables, tables)
    );
    assert_eq!(
        of("checked").len() as u64,
        planned["checks"].as_u64().unwrap()
    );
    let (publishing, done) = (of("publishing")[0], events.last().unwrap());
    assert_eq!(done["event"], "done");
    assert_eq!(done["made"], tables);
    assert!(publishing["tables"].as_u64().unwrap() >= tables);
    assert_eq!(of("published")[0]["snapshot"], done["snapshot"]);
    assert_eq!(of("started")[0]["run"], done["run"]);
    assert_eq!(
        events.len(),
        5 + 2 * finished.len() + of("checked").len(),
        "no event is of another kind: {events:?}"
    );
}

#[tokio::test]
async fn the_audit_names_plugins_grants_and_every_input_file_by_digest() {
    let published = published();
    let project = &published.project;
    let warehouse = project.warehouse().await;
    let record = warehouse.last_published().await.unwrap().unwrap();
    assert_eq!(
        published.events.last().unwrap()["run"],
        record.run.to_string()
    );
    let audit = record.audit.unwrap();
    assert_eq!(audit["pipeline"], "great-disconnect");
    assert_eq!(audit["as_of"], "2026-03-31");

    let listed = objects(&project.tsugi("plugins", &["--json"]).ended(0).stdout);
    let plugins = audit["plugins"].as_array().unwrap();
    assert_eq!(plugins.len(), 5);
    for (recorded, listed) in plugins.iter().zip(&listed) {
        for key in ["name", "plugin", "version", "digest", "roles", "grants"] {
            assert_eq!(recorded[key], listed[key], "{key}");
        }
        let digest = recorded["digest"].as_str().unwrap();
        assert!(
            digest.len() == 71 && digest.starts_with("sha256:"),
            "{digest}"
        );
    }
    let digests: BTreeSet<_> = plugins
        .iter()
        .map(|plugin| plugin["digest"].as_str())
        .collect();
    assert_eq!(digests.len(), 5);
    let grants: BTreeMap<_, _> = plugins
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["grants"].to_string()))
        .collect();
    assert_eq!(grants["crm-export"], r#"["inputs.exports = exports/crm"]"#);
    assert_eq!(grants["outreach"], r#"["outputs.outbox = outbox"]"#);
    assert_eq!(grants["sentiment"], "[]");

    for source in ["crm", "erp"] {
        let recorded: BTreeMap<String, (u64, String)> = audit["inputs"][source]
            .as_array()
            .unwrap()
            .iter()
            .map(file)
            .collect();
        let folder = project.path("exports").join(source);
        let real: BTreeMap<String, (u64, String)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                let bytes = std::fs::read(entry.path()).unwrap();
                let digest = Sha256::digest(&bytes)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                (
                    entry.file_name().into_string().unwrap(),
                    (bytes.len() as u64, digest),
                )
            })
            .collect();
        assert_eq!(recorded, real, "{source}");
    }
}

fn file(entry: &Value) -> (String, (u64, String)) {
    let text = |key: &str| entry[key].as_str().unwrap().to_owned();
    (
        text("name"),
        (entry["bytes"].as_u64().unwrap(), text("digest")),
    )
}

/// Every column of every model is described in its header, in the order of the table.
#[tokio::test]
async fn every_published_column_is_described() {
    let published = published();
    let project = &published.project;
    let snapshot = project.warehouse().await.snapshot().await.unwrap();
    let mut models = 0;
    for (name, table) in &snapshot.tables {
        let path = format!("models/{}.sql", name.to_string().replace('.', "/"));
        if !project.path(&path).exists() {
            continue;
        }
        models += 1;
        let schema = table.provider().unwrap().schema();
        let columns: Vec<&str> = schema.fields().iter().map(|f| f.name().as_str()).collect();
        let sql = project.read(&path);
        let described: Vec<&str> = sql
            .lines()
            .filter_map(|line| line.strip_prefix("-- @column ")?.split_once(": "))
            .map(|(column, _)| column)
            .collect();
        assert_eq!(described, columns, "{path}");
    }
    assert!(models > 50, "only {models} models are published");
}
