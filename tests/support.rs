//! What every system test needs: the fresh binary, scratch folders, honest skips.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("host/ has a parent")
        .to_owned()
}

/// The binary under test, which cargo has just built.
pub fn tsugi() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tsugi"));
    command.env("LC_ALL", "C.UTF-8");
    command
}

/// Runs the binary with these arguments.
pub fn run(args: &[&str]) -> Outcome {
    Outcome::of(tsugi().args(args).output().expect("the binary starts"))
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Panics with everything that was printed unless the exit code is this.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

/// Compares what was printed with what stands in the test. What differs from run to run stands
/// there as `DIR`, `0.0 s`, `TIME`, `RUN`, `DIGEST`,
/// `PORT`, `PID`.
macro_rules! assert_printed {
    ($printed:expr, @$expected:literal) => {
        $crate::support::varying().bind(|| insta::assert_snapshot!($printed, @$expected))
    };
}
pub(crate) use assert_printed;

/// Blanks what differs from run to run.
pub fn varying() -> insta::Settings {
    let scratch = env!("CARGO_TARGET_TMPDIR");
    let scratch: String = scratch
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '.' })
        .collect();
    let mut settings = insta::Settings::clone_current();
    for (pattern, blank) in [
        (&*format!(r"{scratch}/[\w-]+-\d+-\d+"), "DIR"),
        (&scratch, "TMP"),
        (r"\bprocess \d+\b", "process PID"),
        (r"\b\d+\.\d+ s\b", "0.0 s"),
        (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?\b", "TIME"),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "RUN"),
        (r"\b(sha256:)?[0-9a-f]{64}\b", "DIGEST"),
        (r"\b[0-9a-f]{12}\b", "digest......"),
        (r"\b127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"\blocalhost:\d+", "localhost:PORT"),
        // Whichever address of this machine comes first.
        (r#"(leads to |")::1\b"#, "${1}127.0.0.1"),
    ] {
        settings.add_filter(pattern, blank);
    }
    settings
}

/// A fresh folder that is left behind for a look when the test fails.
pub fn scratch(name: &str) -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("{name}-{}-{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a scratch folder can be made");
    folder
}

/// Runs a statement on a file of a warehouse, as another program would.
pub async fn alter(folder: &Path, file: &str, sql: impl Into<String>) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.join(file));
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let sql = sqlx::AssertSqlSafe(sql.into());
    sqlx::query(sql).execute(&pool).await.unwrap();
    pool.close().await;
}

/// Copies a folder with everything in it, `.tsugi` left out.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from)
        .expect("a folder can be listed")
        .flatten()
    {
        let (path, name) = (entry.path(), entry.file_name());
        if name == ".tsugi" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).expect("a file can be copied");
        }
    }
}

/// Builds the plugins of the sample once, so that tests do not wait for each other's cargo.
pub fn plugins() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let sample = root().join("pipelines/great-disconnect");
        drop(run(&["check", &sample.display().to_string()]).ended(0));
    });
}

/// The shared data sets, or none with a printed reason. `TSUGI_REQUIRE=data` makes their absence
/// a failure.
pub fn shared(set: &str) -> Option<PathBuf> {
    let base = std::env::var_os("TSUGI_SHARED").map(PathBuf::from);
    let base = base.unwrap_or_else(|| root().join("../shared"));
    let folder = base.join("data").join(set);
    if folder.is_dir() {
        return Some(folder);
    }
    skipped("data", &format!("{} is not there", folder.display()));
    None
}

/// Prints why a part is skipped; fails instead when `TSUGI_REQUIRE` names it.
pub fn skipped(part: &str, why: &str) {
    let required = std::env::var("TSUGI_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|one| one == part),
        "`{part}` is required: {why}"
    );
    println!("skipped: {why}");
}

/// How many bytes the files below a folder have.
pub fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return 0;
    };
    let bytes = entries.flatten().map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => bytes_below(&entry.path()),
        _ => entry.metadata().map_or(0, |file| file.len()),
    });
    bytes.sum()
}
