//! Where things lie in a warehouse: older folders are moved, a deleted warehouse keeps its ledger,
//! and a folder that may only be read is read.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tsugi_core::diagnostic::Explain as _;
use tsugi_core::name::RunId;
use tsugi_pipeline::store::{Intended, Intent, LedgerKey, MessageKey, Warehouse};

use super::{Folder, alter, count, is_there, numbers, publish};
use crate::duckdb::{duckdb, duckdb_reads, has_duckdb};
use crate::support::{copy, root, run, scratch, tsugi};

fn intent() -> Intent {
    Intent {
        key: LedgerKey::Message(MessageKey {
            incident: "cracks".into(),
            customer: "Anna".into(),
            template_version: "notice@1".into(),
        }),
        content_hash: "h1".into(),
        run: RunId::new(),
        sequence: 0,
    }
}

/// Publishes a table and records that a message left.
async fn fill(folder: &Path) {
    let warehouse = Warehouse::open(folder).await.unwrap();
    publish(&warehouse, &[("a.t", numbers(0..3))]).await;
    let claim = warehouse.claim("a test").await.unwrap();
    let ledger = warehouse.ledger().await.unwrap();
    let answers = ledger.intend(&claim, &[intent()]).await.unwrap();
    assert_eq!(answers, [Intended::New]);
    close(&warehouse).await;
}

async fn close(warehouse: &Warehouse) {
    warehouse.lake().catalogue().pool().close().await;
    warehouse.state().pool().close().await;
    let ledger = warehouse.ledger_database().await.unwrap();
    ledger.pool().close().await;
}

/// Whether the ledger still knows the message, and the table is there.
async fn is_complete(folder: &Path) {
    let warehouse = Warehouse::open(folder).await.unwrap();
    assert_eq!(count(&warehouse, "a.t").await, "3");
    assert_eq!(warehouse.runs().await.unwrap().len(), 1);
    still_knows(&warehouse).await;
    close(&warehouse).await;
}

async fn still_knows(warehouse: &Warehouse) {
    let claim = warehouse.claim("a test").await.unwrap();
    let ledger = warehouse.ledger().await.unwrap();
    let answers = ledger.intend(&claim, &[intent()]).await.unwrap();
    assert_ne!(answers, [Intended::New], "the message would leave again");
}

/// Brings a folder into the layout that it had before the ledger lay apart, with its write-ahead
/// log.
async fn age(folder: &Path) {
    let new = folder.join("warehouse");
    let ledger = folder.join("ledger/ledger.sqlite");
    let state = "warehouse/state.sqlite";
    let taken = ["intent", "delivery_run", "record_intent"]
        .map(|name| format!("CREATE TABLE {name} AS SELECT * FROM l.{name}"))
        .join(";");
    let sql = format!("ATTACH '{}' AS l; {taken}; DETACH l", ledger.display());
    alter_all(&folder.join(state), &sql).await;
    alter(folder, state, "PRAGMA journal_mode = WAL").await;
    for name in ["state.sqlite", "catalog.sqlite", "data", "lock"] {
        std::fs::rename(new.join(name), folder.join(name)).unwrap();
    }
    alter(folder, "catalog.sqlite", "PRAGMA journal_mode = WAL").await;
    std::fs::remove_dir_all(new).unwrap();
    std::fs::remove_dir_all(folder.join("ledger")).unwrap();
}

async fn alter_all(file: &Path, sql: &str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = pool.connect_with(options).await.unwrap();
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
    pool.close().await;
}

#[tokio::test]
async fn an_older_folder_is_moved_at_its_first_use() {
    let folder = Folder::new("older");
    fill(&folder.0).await;
    age(&folder.0).await;
    assert!(Warehouse::exists(&folder.0));
    is_complete(&folder.0).await;
    for gone in ["catalog.sqlite", "state.sqlite", "data", "lock"] {
        assert!(!folder.0.join(gone).exists(), "{gone} is still there");
    }
    if has_duckdb() {
        let sum = "print(c.execute('SELECT sum(id) FROM lake.a.t').fetchall())";
        assert_eq!(duckdb(&folder.0.join("warehouse"), sum), "[(3,)]");
    }
}

/// A move that was interrupted after each of its steps goes on at the next use.
#[tokio::test]
async fn a_move_that_was_interrupted_goes_on() {
    for moved in 0..=2 {
        let folder = Folder::new("half moved");
        fill(&folder.0).await;
        age(&folder.0).await;
        std::fs::create_dir_all(folder.0.join("warehouse")).unwrap();
        for name in ["state.sqlite", "data"].into_iter().take(moved) {
            if name == "state.sqlite" {
                // The ledger is taken out before anything moves.
                let whole = folder.0.join("whole");
                std::fs::create_dir(&whole).unwrap();
                for file in ["catalog.sqlite", "state.sqlite"] {
                    std::fs::copy(folder.0.join(file), whole.join(file)).unwrap();
                }
                let warehouse = Warehouse::open(&whole).await.unwrap();
                close(&warehouse).await;
                std::fs::rename(whole.join("ledger"), folder.0.join("ledger")).unwrap();
                std::fs::rename(
                    whole.join("warehouse/state.sqlite"),
                    folder.0.join("state.sqlite"),
                )
                .unwrap();
                std::fs::remove_dir_all(whole).unwrap();
            }
            std::fs::rename(folder.0.join(name), folder.0.join("warehouse").join(name)).unwrap();
        }
        is_complete(&folder.0).await;
    }
}

#[tokio::test]
async fn a_deleted_warehouse_keeps_its_ledger() {
    let folder = Folder::new("deleted");
    fill(&folder.0).await;
    std::fs::remove_dir_all(folder.0.join("warehouse")).unwrap();
    assert!(!Warehouse::exists(&folder.0));
    let warehouse = Warehouse::open(&folder.0).await.unwrap();
    assert!(warehouse.snapshot().await.unwrap().tables.is_empty());
    still_knows(&warehouse).await;
}

/// A project with one published table, to be read alone.
fn read_only_project(name: &str) -> PathBuf {
    let project = scratch(name);
    std::fs::create_dir_all(project.join("models/a")).unwrap();
    let pipeline = "[pipeline]\nname = \"read\"\nas_of = \"2026-01-31\"\n";
    std::fs::write(project.join("pipeline.toml"), pipeline).unwrap();
    std::fs::write(project.join("models/a/x.sql"), "SELECT 7 AS id").unwrap();
    run(&["run", project.to_str().unwrap()]).ended(0);
    project
}

fn query(project: &Path) -> Command {
    let mut command = tsugi();
    command.args(["query", project.to_str().unwrap()]);
    command.args([
        "SELECT id, (SELECT count(*) FROM a.x) FROM a.x",
        "--format",
        "csv",
    ]);
    command
}

#[test]
fn a_run_leaves_nothing_beside_its_databases() {
    let project = read_only_project("no-log");
    let mut names: Vec<String> = std::fs::read_dir(project.join(".tsugi/warehouse"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["catalog.sqlite", "data", "lock", "state.sqlite"]);
}

/// A folder mounted read-only over itself, when this user may mount one.
struct ReadOnlyMount(PathBuf);

impl ReadOnlyMount {
    fn new(folder: &Path) -> Result<Self, String> {
        let mount = |words: &[&str]| {
            let output = Command::new("mount").args(words).arg(folder).output();
            let output = output.map_err(|error| error.to_string())?;
            match output.status.success() {
                true => Ok(()),
                false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            }
        };
        let itself = folder.to_str().unwrap();
        mount(&["--bind", itself])?;
        let mounted = Self(folder.to_owned());
        mount(&["-o", "remount,ro,bind"])?;
        Ok(mounted)
    }
}

impl Drop for ReadOnlyMount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_read_only_mount_is_read_by_us_and_by_duckdb() {
    let project = read_only_project("read-only-mount");
    // As a program left it that was stopped while it used a write-ahead log.
    let logged = read_only_project("read-only-log");
    let catalogue = logged.join(".tsugi/warehouse");
    alter(&catalogue, "catalog.sqlite", "PRAGMA journal_mode = WAL").await;
    let mounts = [&project, &logged].map(|folder| ReadOnlyMount::new(folder));
    if !is_there("mount", mounts[0].as_ref().err().cloned()) {
        return;
    }
    for project in [&project, &logged] {
        let output = query(project).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.ends_with("\n7,1\n"), "{output:?}");
    }
    let error = run(&["run", project.to_str().unwrap()]);
    assert_ne!(error.code, Some(0), "{error:?}");
    if has_duckdb() {
        let ids = "print(c.execute('SELECT id FROM lake.a.x').fetchall())";
        assert_eq!(
            duckdb_reads(&project.join(".tsugi/warehouse"), ids),
            "[(7,)]"
        );
    }
}

/// Another account of the machine reads the tables, and is refused what it may not write.
#[tokio::test]
async fn another_account_reads_what_it_may_not_write() {
    let base = std::env::temp_dir().join(format!("tsugi-other-account-{}", RunId::new()));
    let made = read_only_project("other-account");
    let project = base.join("project");
    copy(&made, &project);
    copy(&made.join(".tsugi"), &project.join(".tsugi"));
    let binary = base.join("tsugi");
    std::fs::copy(env!("CARGO_BIN_EXE_tsugi"), &binary).unwrap();
    let cache = base.join("cache");
    std::fs::create_dir(&cache).unwrap();
    let all = std::fs::Permissions::from_mode(0o777);
    std::fs::set_permissions(&cache, all).unwrap();
    let other_id = 65_534;
    let other = |words: &[&str]| {
        let mut command = Command::new(&binary);
        command.args(words).env("XDG_CACHE_HOME", &cache);
        command
            .uid(other_id)
            .gid(other_id)
            .current_dir("/")
            .output()
    };
    let folder = project.to_str().unwrap();
    let words = ["query", folder, "SELECT id FROM a.x", "--format", "csv"];
    // What is created is for its user alone, until that user opens it.
    let mut open = Command::new("chmod");
    assert!(
        open.args(["-R", "a+rX"])
            .arg(&project)
            .status()
            .unwrap()
            .success()
    );
    let output = match other(&words) {
        Ok(output) => output,
        Err(error) => return assert!(!is_there("root", Some(error.to_string()))),
    };
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "id\n7\n",
        "{output:?}"
    );
    std::fs::remove_dir_all(&base).unwrap();
}

#[tokio::test]
async fn what_may_only_be_read_is_refused_to_a_writer_in_words() {
    let project = read_only_project("read-only-claim");
    let mount = ReadOnlyMount::new(&project);
    if !is_there("mount", mount.as_ref().err().cloned()) {
        return;
    }
    let warehouse = Warehouse::open(project.join(".tsugi")).await.unwrap();
    let error = warehouse.claim("a test").await.unwrap_err();
    assert_eq!(error.code(), "warehouse::read-only");
    assert!(
        error
            .to_string()
            .ends_with("catalog.sqlite cannot be written by this account")
    );
    assert!(root().exists());
}
