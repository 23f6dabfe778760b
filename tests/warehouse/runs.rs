//! How runs end: published, unchanged, failed, killed, or out of room.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use tsugi_core::diagnostic::{Blame, Explain as _};
use tsugi_core::name::{RunId, SourceName};
use tsugi_pipeline::store::{
    ReadFile, ReadState, RunStatus, SnapshotId, StoredCheckpoint, Warehouse, WarehouseError,
};

use super::{Folder, alter, begin, count, files, is_there, numbers, one, publish, stage, table};

#[tokio::test]
async fn a_run_that_dies_before_publishing_leaves_the_old_tables() {
    let folder = Folder::new("crash");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    publish(&warehouse, &[("a.t", numbers(0..3))]).await;
    let run = begin(&warehouse).await;
    run.record_step(&table("a.t"), "new").await.unwrap();
    let id = run.id();
    let staged = stage(&run, "a.t", &numbers(0..9)).await;
    drop((run, staged));
    assert_eq!(files(&folder.0), 2);

    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    assert_eq!(count(&warehouse, "a.t").await, "3");
    let record = warehouse.runs().await.unwrap().remove(0);
    assert_eq!((record.run, record.status), (id, RunStatus::Interrupted));
    let snapshot = warehouse.snapshot().await.unwrap();
    assert!(warehouse.steps(&snapshot).await.unwrap().is_empty());
    drop(warehouse.claim("a test").await.unwrap());
    assert_eq!(files(&folder.0), 1, "the orphan is gone");
    assert_eq!(count(&warehouse, "a.t").await, "3");
}

#[tokio::test]
async fn a_run_that_dies_after_the_commit_is_adopted() {
    let folder = Folder::new("adopt");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let run = begin(&warehouse).await;
    let id = run.id();
    run.record_step(&table("a.t"), "f1").await.unwrap();
    run.record_audit(&serde_json::json!({ "plugins": ["sentiment"] }))
        .await
        .unwrap();
    run.record_read_state(&reading(7)).await.unwrap();
    let staged = stage(&run, "a.t", &numbers(0..3)).await;
    run.publish(vec![staged], "m").await.unwrap();
    // The state of a process that died between the two commits.
    alter(
        &folder.0,
        "warehouse/state.sqlite",
        "UPDATE run SET status = 'pending', snapshot_id = NULL, finished_at = NULL",
    )
    .await;

    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let last = warehouse.last_published().await.unwrap().unwrap();
    assert_eq!((last.run, last.snapshot), (id, Some(SnapshotId(1))));
    assert_eq!(
        last.audit,
        Some(serde_json::json!({ "plugins": ["sentiment"] }))
    );
    assert_eq!(last.as_of.as_deref(), Some("2026-03-31"));
    let snapshot = warehouse.snapshot().await.unwrap();
    assert_eq!(
        warehouse.steps(&snapshot).await.unwrap()[&table("a.t")].fingerprint,
        "f1"
    );
    let crm = SourceName::try_new("crm").unwrap();
    assert_eq!(
        warehouse.read_state(id, &crm, "reviews").await.unwrap(),
        Some(reading(7))
    );

    // A catalogue that is not the one the run published in: nothing of the run counts.
    drop(warehouse);
    std::fs::remove_file(folder.0.join("warehouse/catalog.sqlite")).unwrap();
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    assert_eq!(warehouse.runs().await.unwrap()[0].status, RunStatus::Lost);
    assert_eq!(
        warehouse.read_state(id, &crm, "reviews").await.unwrap(),
        None
    );
}

fn reading(rows: u64) -> ReadState {
    ReadState {
        source: SourceName::try_new("crm").unwrap(),
        stream: "reviews".into(),
        read_basis: "mapping 1".into(),
        files: vec![ReadFile {
            name: "reviews.csv".into(),
            bytes: 70,
            digest: "00ff".into(),
        }],
        checkpoints: vec![StoredCheckpoint {
            partition: "reviews.csv".into(),
            version: 1,
            state: vec![0, 159, 146, 150],
            summary: format!("reviews.csv, {rows} rows"),
            rows,
        }],
    }
}

#[tokio::test]
async fn fingerprints_hold_until_somebody_changes_the_table() {
    let folder = Folder::new("fingerprints");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let run = begin(&warehouse).await;
    run.record_step(&table("a.t"), "f1").await.unwrap();
    run.record_step(&table("a.u"), "g1").await.unwrap();
    let staged = vec![
        stage(&run, "a.t", &numbers(0..3)).await,
        stage(&run, "a.u", &numbers([])).await,
    ];
    run.publish(staged, "m").await.unwrap();
    let run = begin(&warehouse).await;
    run.record_step(&table("a.u"), "g2").await.unwrap();
    let staged = vec![stage(&run, "a.u", &numbers([])).await];
    run.publish(staged, "empty again").await.unwrap();
    let run = begin(&warehouse).await;
    let first = run.id();
    run.record_read_state(&reading(8)).await.unwrap();
    run.unchanged().await.unwrap();
    let run = begin(&warehouse).await;
    let counts = run.id();
    run.record_read_state(&reading(9)).await.unwrap();
    run.unchanged().await.unwrap();
    let run = begin(&warehouse).await;
    run.record_step(&table("a.t"), "f9").await.unwrap();
    let failed = run.id();
    run.record_read_state(&reading(10)).await.unwrap();
    run.failed().await.unwrap();

    let fingerprints = |warehouse: Warehouse| async move {
        let snapshot = warehouse.snapshot().await.unwrap();
        let steps = warehouse.steps(&snapshot).await.unwrap();
        steps
            .into_values()
            .map(|step| step.fingerprint)
            .collect::<Vec<_>>()
    };
    assert_eq!(fingerprints(warehouse.clone()).await, ["f1", "g2"]);
    let crm = SourceName::try_new("crm").unwrap();
    // The newest run that counts replaces what others remembered.
    for (run, expected) in [(first, None), (counts, Some(reading(9))), (failed, None)] {
        let found = warehouse.read_state(run, &crm, "reviews").await.unwrap();
        assert_eq!(found, expected);
    }
    let statuses: Vec<_> = warehouse
        .runs()
        .await
        .unwrap()
        .into_iter()
        .map(|run| run.status)
        .collect();
    assert_eq!(
        statuses,
        [
            RunStatus::Failed,
            RunStatus::Unchanged,
            RunStatus::Unchanged,
            RunStatus::Published,
            RunStatus::Published
        ]
    );
    publish(&warehouse, &[("a.t", numbers(0..4))]).await;
    assert_eq!(fingerprints(warehouse.clone()).await, ["g2"]);
}

const CHILD_FOLDER: &str = "TSUGI_TEST_WAREHOUSE";

/// Not a test of its own: the process that [`a_killed_process_keeps_nothing`] starts and kills.
#[tokio::test]
#[ignore = "the child of another test"]
async fn holds_the_claim_until_it_is_killed() {
    let Ok(folder) = std::env::var(CHILD_FOLDER) else {
        return;
    };
    let warehouse = Warehouse::open(folder).await.unwrap();
    let run = begin(&warehouse).await;
    let _staged = stage(&run, "a.t", &numbers(0..9)).await;
    println!("\nstaged");
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[tokio::test]
async fn a_killed_process_keeps_nothing() {
    let folder = Folder::new("killed");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    publish(&warehouse, &[("a.t", numbers(0..3))]).await;
    let name = format!("{}::holds_the_claim_until_it_is_killed", module_path!());
    let name = name.split_once("::").unwrap().1;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", name])
        .env(CHILD_FOLDER, &folder.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines.map_while(Result::ok).any(|line| line == "staged"),
        "the child did not stage"
    );
    let error = warehouse.begin_run(RunId::new(), None).await.unwrap_err();
    let WarehouseError::Lake(ducklake::Error::Locked {
        pid, ref purpose, ..
    }) = error
    else {
        panic!("{error}")
    };
    assert_eq!(pid, Some(child.id()));
    assert!(purpose.starts_with("run "), "{purpose}");
    assert_eq!(count(&warehouse, "a.t").await, "3", "reading goes on");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(files(&folder.0), 2);
    publish(&warehouse, &[("a.u", numbers(0..2))]).await;
    assert_eq!(files(&folder.0), 2, "its staged file is gone");
    assert_eq!(
        warehouse.runs().await.unwrap()[1].status,
        RunStatus::Interrupted
    );
}

/// A file system of two megabytes, when this user may mount one.
struct SmallDisk(Folder);

impl SmallDisk {
    fn new() -> Result<Self, String> {
        let folder = Folder::new("small disk");
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"])
            .arg(&folder.0)
            .output()
            .map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(Self(folder)),
            false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: connections to the catalogue close a moment after they are dropped.
        let _ = Command::new("umount").arg("-l").arg(&self.0.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_leaves_the_published_tables() {
    let disk = SmallDisk::new();
    if !is_there("mount", disk.as_ref().err().cloned()) {
        return;
    }
    let disk = disk.unwrap();
    let warehouse = Warehouse::open(&disk.0.0).await.unwrap();
    publish(&warehouse, &[("a.t", numbers(0..3))]).await;
    let run = begin(&warehouse).await;
    let mut state: u64 = 1;
    let noise = (0..400_000).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state.cast_signed()
    });
    let mut writer = run
        .stage(&table("a.t"), &numbers([]).schema())
        .await
        .unwrap();
    let written = writer.write(&numbers(noise));
    let error = written.and_then(|()| writer.close().map(drop)).unwrap_err();
    let error = WarehouseError::from(error);
    assert_eq!(
        (error.code(), error.blame()),
        ("warehouse::disk-full", Blame::Outside)
    );
    run.failed().await.unwrap();
    assert_eq!(files(&disk.0.0), 1, "what was half written is removed");
    assert_eq!(count(&warehouse, "a.t").await, "3");

    // The catalogue itself finds no room: the staged file is whole, nothing is published.
    let run = begin(&warehouse).await;
    let staged = stage(&run, "a.t", &numbers(0..4)).await;
    let filler = disk.0.0.join("filler");
    let _ = std::fs::write(&filler, vec![0; 4 << 20]);
    let error = run.publish(vec![staged], "no room").await.unwrap_err();
    assert_eq!(error.code(), "warehouse::disk-full", "{error}");
    std::fs::remove_file(&filler).unwrap();
    let warehouse = Warehouse::open(&disk.0.0).await.unwrap();
    assert_eq!(count(&warehouse, "a.t").await, "3");
    publish(&warehouse, &[("a.t", numbers(0..5))]).await;
    assert_eq!(count(&warehouse, "a.t").await, "5");
}

#[tokio::test]
#[ignore = "a measurement, run by hand"]
async fn three_tables_of_a_million_rows() {
    let folder = Folder::new("million");
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    let started = std::time::Instant::now();
    let run = begin(&warehouse).await;
    let mut staged = Vec::new();
    for name in ["a.t", "a.u", "a.v"] {
        let schema = wide(0).schema();
        let mut writer = run.stage(&table(name), &schema).await.unwrap();
        for start in (0..1_000_000).step_by(10_000) {
            writer.write(&wide(start)).unwrap();
        }
        staged.push(writer.close().unwrap());
    }
    let wrote = started.elapsed();
    run.publish(staged, "a measurement").await.unwrap();
    let published = started.elapsed() - wrote;
    let started = std::time::Instant::now();
    let snapshot = warehouse.snapshot().await.unwrap();
    let loaded = started.elapsed();
    assert_eq!(one(&snapshot, "a.t", "sum(id)").await, "499999500000");
    println!(
        "stage {wrote:?}, publish {published:?}, load the snapshot {loaded:?}, first sum {:?}",
        started.elapsed()
    );
}

fn wide(start: i64) -> RecordBatch {
    let ids = start..start + 10_000;
    let id: ArrayRef = Arc::new(Int64Array::from_iter_values(ids.clone()));
    let name: ArrayRef = Arc::new(StringArray::from_iter_values(
        ids.clone().map(|id| format!("customer {id}")),
    ));
    #[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
    let rate: ArrayRef = Arc::new(Float64Array::from_iter_values(
        ids.map(|id| id as f64 / 7.0),
    ));
    RecordBatch::try_from_iter([("id", id), ("name", name), ("rate", rate)]).unwrap()
}
