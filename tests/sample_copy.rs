//! A copy of the sample pipeline in a folder of its own, over the committed or over other exports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use datafusion::prelude::SessionContext;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tsugi_pipeline::store::{Snapshot, Warehouse};
use tsugi_sample::{Exports, Options, Plant};

use crate::support::{self, Outcome, copy, root, scratch, tsugi};

/// Bigger businesses take longer and show no more, except where a test says so.
pub const SMALL: Options = Options {
    seed: 7,
    scale: 0.2,
    plant: Plant::Strong,
    lots: None,
    texts: None,
};

/// A project folder; removed at the end of a test, left for a look when it fails.
pub struct Project(PathBuf);

impl Project {
    /// An empty project folder.
    pub fn empty(name: &str) -> Self {
        Self(scratch(name))
    }

    /// The sample pipeline with the committed exports.
    pub fn committed(name: &str) -> Self {
        support::plugins();
        let project = Self::empty(name);
        copy(&root().join("pipelines/great-disconnect"), &project.0);
        let _ = std::fs::remove_dir_all(project.path("outbox"));
        project.edit("pipeline.toml", "\"../../plugins/", &plugins_folder());
        project
    }

    /// The sample pipeline with other exports.
    pub fn generated(name: &str, options: &Options) -> (Self, Exports) {
        let project = Self::committed(name);
        let exports = project.export(options);
        (project, exports)
    }

    /// Puts other exports in the place of those that are there.
    pub fn export(&self, options: &Options) -> Exports {
        let exports = tsugi_sample::generate(options).expect("the sample can be generated");
        tsugi_sample::write(&exports, &self.path("exports")).expect("exports can be written");
        exports
    }

    /// A file or folder of the project.
    pub fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// Reads a file of the project.
    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap_or_else(|e| panic!("{file}: {e}"))
    }

    /// Writes a file of the project.
    pub fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap_or_else(|e| panic!("{file}: {e}"));
    }

    /// Replaces a text, which must be there, wherever it stands in a file; returns the whole old file.
    #[track_caller]
    pub fn edit(&self, file: &str, from: &str, to: &str) -> String {
        let old = self.read(file);
        assert!(old.contains(from), "{file} has no `{from}`:\n{old}");
        self.write(file, &old.replace(from, to));
        old
    }

    /// A command over this project.
    pub fn command(&self, verb: &str, more: &[&str]) -> Command {
        let mut command = tsugi();
        command.env("XDG_STATE_HOME", self.state());
        command.args(verb.split(' ')).arg(&self.0).args(more);
        command
    }

    /// Where the user's account notes what it saw of this project.
    pub fn state(&self) -> PathBuf {
        self.0.with_extension("state")
    }

    /// Makes the account forget that, but for its key.
    pub fn forget_state(&self) {
        let _ = std::fs::remove_dir_all(self.state().join("tsugi/ledgers"));
    }

    /// Runs a verb over this project.
    pub fn tsugi(&self, verb: &str, more: &[&str]) -> Outcome {
        Outcome::of(
            self.command(verb, more)
                .output()
                .expect("the binary starts"),
        )
    }

    /// The rows of a query.
    #[track_caller]
    pub fn rows(&self, sql: &str) -> Vec<Map<String, Value>> {
        let outcome = self.tsugi("query", &[sql, "--format", "json"]).ended(0);
        objects(&outcome.stdout)
    }

    /// The rows of a query with personal columns in them.
    #[track_caller]
    pub fn shown(&self, sql: &str) -> Vec<Map<String, Value>> {
        let words = [
            sql,
            "--format",
            "json",
            "--show-personal",
            "--by",
            "Nora Lindqvist",
            "--why",
            "a test",
        ];
        objects(&self.tsugi("query", &words).ended(0).stdout)
    }

    /// The rows of a query as lines of `a|b|c`; a null is empty.
    #[track_caller]
    pub fn lines(&self, sql: &str) -> BTreeSet<String> {
        let line = |row: Map<String, Value>| {
            let cells = row.into_iter().map(|(_, value)| match value {
                Value::Null => String::new(),
                Value::String(text) => text,
                other => other.to_string(),
            });
            cells.collect::<Vec<_>>().join("|")
        };
        self.rows(sql).into_iter().map(line).collect()
    }

    /// The warehouse.
    pub async fn warehouse(&self) -> Warehouse {
        Warehouse::open(self.path(".tsugi"))
            .await
            .expect("the warehouse opens")
    }

    /// Waits until this process has no file of the warehouse open: connections close a moment after
    /// they are dropped, and until then no one may copy or replace what they have open.
    pub fn closed(&self) {
        let warehouse = self.path(".tsugi");
        let is_open = || {
            let open = std::fs::read_dir("/proc/self/fd").expect("open files are listed");
            let mut targets = open
                .flatten()
                .filter_map(|fd| std::fs::read_link(fd.path()).ok());
            targets.any(|target| target.starts_with(&warehouse))
        };
        for _ in 0..500 {
            if !is_open() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("the warehouse of {} stays open", self.0.display());
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Where the plugins are, as the start of a path in pipeline.toml.
pub fn plugins_folder() -> String {
    format!("\"{}/", root().join("plugins").display())
}

/// One JSON object a line.
#[track_caller]
pub fn objects(text: &str) -> Vec<Map<String, Value>> {
    let parsed = |line| match serde_json::from_str(line) {
        Ok(Value::Object(object)) => object,
        other => panic!("no JSON object, but {other:?}: {line}"),
    };
    text.lines().map(parsed).collect()
}

/// The cells of a truth table as lines of `a|b|c`, of some columns.
pub fn truth(exports: &Exports, table: &str, columns: &[&str]) -> BTreeSet<String> {
    let table = exports
        .truth
        .iter()
        .find(|one| one.name == table)
        .expect("a truth table");
    let at = |name: &&str| {
        table
            .header
            .iter()
            .position(|h| h == name)
            .expect("a column")
    };
    let places: Vec<usize> = columns.iter().map(at).collect();
    let line = |row: &csv::StringRecord| {
        places
            .iter()
            .map(|at| &row[*at])
            .collect::<Vec<_>>()
            .join("|")
    };
    table.rows().iter().map(line).collect()
}

/// How many rows every published table has, with a hash that is the same for the same rows in
/// any order. The `run` of quarantined rows is left out; floats count to nine digits.
pub async fn contents(snapshot: &Snapshot) -> BTreeMap<String, (usize, String)> {
    let mut found = BTreeMap::new();
    for (name, table) in &snapshot.tables {
        let context = SessionContext::new();
        let frame = context
            .read_table(table.provider().expect("a table can be read"))
            .unwrap();
        let batches = frame.collect().await.expect("a table can be read");
        let mut lines: Vec<String> = batches.iter().flat_map(row_texts).collect();
        lines.sort_unstable();
        let mut hasher = Sha256::new();
        for line in &lines {
            hasher.update(line);
            hasher.update([0]);
        }
        let hash = hasher
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        found.insert(name.to_string(), (lines.len(), hash));
    }
    found
}

fn row_texts(batch: &arrow::array::RecordBatch) -> Vec<String> {
    use arrow::array::{Array as _, AsArray as _};
    use arrow::datatypes::Float64Type;
    use arrow::util::display::array_value_to_string;
    let schema = batch.schema();
    let mut lines = vec![String::new(); batch.num_rows()];
    for (field, column) in schema.fields().iter().zip(batch.columns()) {
        if field.name() == "run" {
            continue;
        }
        let floats = column.as_primitive_opt::<Float64Type>();
        for (row, line) in lines.iter_mut().enumerate() {
            let text = match floats {
                Some(floats) if floats.is_valid(row) => format!("{:.8e}", floats.value(row)),
                _ => array_value_to_string(column, row).unwrap(),
            };
            line.push_str(&text);
            line.push('\u{1f}');
        }
    }
    lines
}

/// The Parquet files in the warehouse of a project, below its data folder.
pub fn data_files(project: &Project) -> BTreeSet<PathBuf> {
    fn look(folder: &Path, found: &mut BTreeSet<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                look(&path, found);
            } else {
                found.insert(path.canonicalize().unwrap());
            }
        }
    }
    let mut found = BTreeSet::new();
    look(&project.path(".tsugi/warehouse/data"), &mut found);
    found
}

/// The files that any snapshot names.
pub async fn named_files(warehouse: &Warehouse) -> BTreeSet<PathBuf> {
    let mut named = BTreeSet::new();
    for info in warehouse.lake().history().await.unwrap() {
        let snapshot = warehouse.snapshot_at(info.id).await.unwrap();
        for table in snapshot.tables.values() {
            named.extend(
                table
                    .files
                    .iter()
                    .map(|file| file.path.canonicalize().unwrap()),
            );
        }
    }
    named
}

/// The component of a plugin under `tests/guests/`, built as a vendor builds it: by a cargo of its
/// own, outside this workspace.
pub fn guest(name: &str) -> PathBuf {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .unwrap()
        .join("guests");
    let folder = root().join("tests/guests").join(name);
    let mut cargo = Command::new("cargo");
    for (key, _) in std::env::vars_os() {
        let key = key.to_string_lossy().into_owned();
        let machine = [
            "CARGO_HOME",
            "CARGO_HTTP_",
            "CARGO_NET_",
            "CARGO_REGISTR",
            "CARGO_SOURCE_",
        ];
        let of_outer =
            key.starts_with("CARGO_") && !machine.iter().any(|kept| key.starts_with(kept));
        if of_outer || key.contains("RUSTFLAGS") {
            cargo.env_remove(key);
        }
    }
    let built = cargo
        .args([
            "build",
            "--profile",
            "plugin",
            "--target",
            "wasm32-wasip2",
            "--target-dir",
        ])
        .arg(&target)
        .current_dir(&folder)
        .output()
        .expect("cargo starts");
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let library = format!("tsugi_guest_{}.wasm", name.replace('-', "_"));
    target.join("wasm32-wasip2/plugin").join(library)
}

/// Numbers that look random and are the same on every machine (Steele, Lea and Flood 2014,
/// "Fast splittable pseudorandom number generators").
pub struct Dice(pub u64);

impl Dice {
    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

/// Starts a command with `--json` events, kills it (SIGKILL) when so many lines have come, and
/// returns those lines. Fewer lines mean that it ended before.
pub fn killed_after(mut command: Command, lines: usize) -> Vec<Map<String, Value>> {
    use std::io::BufRead as _;
    use std::process::Stdio;
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let mut seen = String::new();
    for _ in 0..lines {
        match out.next() {
            Some(line) => seen.push_str(&(line.unwrap() + "\n")),
            None => break,
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    objects(&seen)
}

/// Starts a command and kills it (SIGKILL) after a while.
pub fn killed_within(mut command: Command, delay: std::time::Duration) {
    use std::process::Stdio;
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
}
