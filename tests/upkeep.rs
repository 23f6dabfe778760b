//! A warehouse that looks after itself: tables of removed models, lost and damaged files, older
//! snapshots, and the verbs of `tsugi warehouse`.

#[path = "upkeep/disk.rs"]
mod disk;
#[path = "upkeep/files.rs"]
mod files;
#[path = "upkeep/former.rs"]
mod former;
#[path = "upkeep/rollback.rs"]
mod rollback;
#[path = "upkeep/travel.rs"]
mod travel;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Map, Value};

use crate::sample_copy::objects;
use crate::support::{Outcome, scratch, tsugi};

/// A project of a few models in a folder of its own.
struct Small(PathBuf);

impl Small {
    /// A project with models by table name.
    fn new(name: &str, models: &[(&str, &str)]) -> Self {
        let small = Self(scratch(name));
        small.write(
            "pipeline.toml",
            "[pipeline]\nname = \"small\"\nas_of = \"2026-01-31\"\n",
        );
        for (table, sql) in models {
            small.model(table, sql);
        }
        small
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn model(&self, table: &str, sql: &str) {
        self.write(&format!("models/{}.sql", table.replace('.', "/")), sql);
    }

    /// How long older snapshots are kept.
    fn keeps(&self, rule: &str) {
        self.write(
            "pipeline.toml",
            &format!(
                "[pipeline]\nname = \"small\"\nas_of = \"2026-01-31\"\n[warehouse]\nkeep = \"{rule}\"\n"
            ),
        );
    }

    fn remove(&self, table: &str) {
        let file = format!("models/{}.sql", table.replace('.', "/"));
        std::fs::remove_file(self.path(&file)).unwrap();
    }

    fn command(&self, verb: &str, more: &[&str]) -> Command {
        let mut command = tsugi();
        command.args(verb.split(' ')).arg(&self.0).args(more);
        command
    }

    #[track_caller]
    fn tsugi(&self, verb: &str, more: &[&str]) -> Outcome {
        Outcome::of(self.command(verb, more).output().unwrap())
    }

    #[track_caller]
    fn run(&self) -> String {
        self.tsugi("run", &[]).ended(0).stderr
    }

    #[track_caller]
    fn done(&self) -> Map<String, Value> {
        let events = objects(&self.tsugi("run", &["--json"]).ended(0).stdout);
        events.into_iter().last().unwrap()
    }

    /// The rows of a query as CSV without the header.
    #[track_caller]
    fn rows(&self, sql: &str) -> String {
        let outcome = self.tsugi("query", &[sql, "--format", "csv"]).ended(0);
        let (_, rows) = outcome.stdout.split_once('\n').unwrap();
        rows.trim_end().replace('\n', " ")
    }

    /// The data files of a table.
    fn files(&self, table: &str) -> Vec<PathBuf> {
        let folder = format!(".tsugi/warehouse/data/{}", table.replace('.', "/"));
        let Ok(listed) = std::fs::read_dir(self.path(&folder)) else {
            return Vec::new();
        };
        listed.map(|entry| entry.unwrap().path()).collect()
    }
}

/// The bytes below a folder.
fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let bytes = |entry: std::fs::DirEntry| match entry.file_type().unwrap().is_dir() {
        true => bytes_below(&entry.path()),
        false => entry.metadata().unwrap().len(),
    };
    entries.map(bytes).sum()
}

/// DuckDB over the warehouse of the project.
#[track_caller]
fn duckdb(small: &Small, script: &str) -> String {
    crate::duckdb::duckdb(&small.path(".tsugi/warehouse"), script)
}
