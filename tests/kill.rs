//! A run that is killed, at every one of its events and at random moments: readers find the old
//! tables or the new ones, never a mix, and the next run succeeds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tsugi_sample::{Options, Plant};

use crate::sample_copy::{
    Dice, Project, contents, data_files, killed_after, killed_within, named_files, objects,
};
use crate::support::{Outcome, bytes_below, copy};

/// The smallest business there is: what is published does not matter here, only how.
const BEFORE: Options = Options {
    seed: 1,
    scale: 0.05,
    plant: Plant::Strong,
    lots: None,
    texts: None,
};
/// Exports that change every table of a source, and so every model.
const AFTER: Options = Options { seed: 2, ..BEFORE };
/// Kills at random moments.
const MOMENTS: usize = 24;
/// Of the kills before the commit, every so many is followed by a run to the end.
const EVERY: usize = 10;

type Contents = BTreeMap<String, (usize, String)>;

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Seen {
    Old,
    New,
}

/// A project with published tables and other exports, and what its tables hold before and after.
struct Subject {
    project: Project,
    old: Contents,
    /// The published files before, with their lengths.
    old_files: BTreeSet<(PathBuf, u64)>,
    new: Contents,
    /// How many events a whole run tells.
    events: usize,
    /// How long a whole run takes.
    took: Duration,
}

impl Subject {
    fn new(name: &str) -> Self {
        let (project, _) = Project::generated(name, &BEFORE);
        project.tsugi("run", &[]).ended(0);
        let old = read(&project);
        let old_files = in_runtime(&project, async { files(&project).await });
        copy(&project.path(".tsugi"), &project.path("as-published"));
        project.export(&AFTER);
        let started = Instant::now();
        let events = objects(&project.tsugi("run", &["--json"]).ended(0).stdout).len();
        let took = started.elapsed();
        let new = read(&project);
        let same: Vec<_> = old
            .iter()
            .filter(|(name, rows)| rows.0 > 0 && !name.starts_with("seeds."))
            .filter(|(name, rows)| new.get(*name) == Some(*rows))
            .map(|(name, _)| name)
            .collect();
        assert!(
            old.len() > 50 && same.len() * 5 < old.len(),
            "too little changes: {same:?} stay"
        );
        let subject = Self {
            project,
            old,
            old_files,
            new,
            events,
            took,
        };
        subject.restore();
        subject
    }

    /// Publishes the old tables again.
    fn restore(&self) {
        std::fs::remove_dir_all(self.project.path(".tsugi")).unwrap();
        copy(
            &self.project.path("as-published"),
            &self.project.path(".tsugi"),
        );
    }

    /// Whether exactly the old files stand, as long as they were. Published files are never
    /// written again, so that their rows need not be read after each of a hundred kills.
    fn is_untouched(&self) -> bool {
        let now = in_runtime(&self.project, async { files(&self.project).await });
        let length = |(path, bytes): &(PathBuf, u64)| {
            std::fs::metadata(path).is_ok_and(|file| file.len() == *bytes)
        };
        now == self.old_files && now.iter().all(length)
    }

    /// What readers see now; panics on anything but one of the two states.
    fn seen(&self, when: &str) -> Seen {
        let found = read(&self.project);
        if found == self.old {
            return Seen::Old;
        }
        let wrong: Vec<_> = self
            .new
            .iter()
            .filter(|(name, rows)| found.get(*name) != Some(*rows))
            .collect();
        assert!(
            found == self.new,
            "{when}: neither the old tables nor the new ones; not new are {wrong:?}"
        );
        Seen::New
    }

    /// A run to the end: the new tables, and no file that no snapshot names.
    fn finish(&self, when: &str) {
        self.project.tsugi("run", &[]).ended(0);
        assert_eq!(self.seen(when), Seen::New, "{when}, and run again");
        let named = in_runtime(&self.project, async {
            named_files(&self.project.warehouse().await).await
        });
        assert_eq!(
            data_files(&self.project),
            named,
            "{when}: files are left over"
        );
    }
}

/// Runs a future on the warehouse of a project, and leaves none of its files open.
fn in_runtime<T>(project: &Project, answer: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let answer = runtime.block_on(answer);
    // What closes the connections runs on it, and holds them until it ends.
    drop(runtime);
    project.closed();
    answer
}

async fn files(project: &Project) -> BTreeSet<(PathBuf, u64)> {
    let snapshot = project.warehouse().await.snapshot().await.unwrap();
    let files = snapshot.tables.values().flat_map(|table| &table.files);
    files.map(|file| (file.path.clone(), file.bytes)).collect()
}

fn read(project: &Project) -> Contents {
    in_runtime(project, async {
        contents(&project.warehouse().await.snapshot().await.unwrap()).await
    })
}

#[test]
fn killed_at_every_event_a_run_is_published_whole_or_not_at_all() {
    let subject = Subject::new("kill-events");
    let (mut old, mut new) = (0, 0);
    for count in 1..=subject.events {
        let events = killed_after(subject.project.command("run", &["--json"]), count);
        assert_eq!(
            events.len(),
            count,
            "the run printed fewer events than the one before"
        );
        let last = &events[count - 1];
        let when = format!(
            "killed after event {count}, {}",
            serde_json::to_string(last).unwrap()
        );
        let is_reached = |kind: &str| events.iter().any(|event| event["event"] == kind);
        let is_step = last["event"] == "step_started" || last["event"] == "step_finished";
        let seen = match is_step && subject.is_untouched() {
            true => Seen::Old,
            false => subject.seen(&when),
        };
        if is_reached("published") {
            assert_eq!(seen, Seen::New, "{when}");
        } else if !is_reached("publishing") {
            assert_eq!(seen, Seen::Old, "{when}");
        }
        match seen {
            Seen::Old => old += 1,
            Seen::New => new += 1,
        }
        if !is_step || count % EVERY == 0 {
            subject.finish(&when);
            subject.restore();
        } else if seen == Seen::New {
            subject.restore();
        }
    }
    println!(
        "killed at {} events: {old} times the old tables, {new} times the new ones",
        subject.events
    );
}

#[test]
fn killed_at_random_moments_a_run_is_published_whole_or_not_at_all() {
    let subject = Subject::new("kill-moments");
    let (mut dice, mut old, mut new) = (Dice(2026), 0, 0);
    let whole = u64::try_from(subject.took.as_micros()).unwrap();
    for moment in 0..MOMENTS {
        // Every third moment falls into the last tenth of a run, where it publishes.
        let delay = match moment % 3 {
            0 => whole * 9 / 10 + dice.below(whole / 10),
            _ => dice.below(whole),
        };
        let when = format!("killed after {delay} of {whole} µs");
        killed_within(
            subject.project.command("run", &[]),
            Duration::from_micros(delay),
        );
        match subject.seen(&when) {
            Seen::Old => old += 1,
            Seen::New => new += 1,
        }
        subject.finish(&when);
        subject.restore();
    }
    println!("killed at {MOMENTS} moments: {old} times the old tables, {new} times the new ones");
}

#[test]
fn killed_in_its_first_run_a_project_has_nothing_and_can_run() {
    let (project, _) = Project::generated("kill-first", &BEFORE);
    for count in [1, 2, 3, 40, 100] {
        let events = killed_after(project.command("run", &["--json"]), count);
        assert_eq!(events.len(), count);
        let outcome = project
            .tsugi("query", &["SELECT count(*) FROM ceo.suspects"])
            .ended(1);
        let said = "error: nothing is published yet\nhint: tsugi run ";
        assert!(
            outcome.stdout.is_empty() && outcome.stderr.starts_with(said),
            "{outcome:?}"
        );
    }
    project.tsugi("run", &[]).ended(0);
    let named = in_runtime(&project, async {
        named_files(&project.warehouse().await).await
    });
    assert_eq!(
        data_files(&project),
        named,
        "files of the killed runs are left over"
    );
}

/// What is spilled has the rows of customers in it.
#[test]
fn what_a_killed_query_spilled_is_removed_by_the_next_command() {
    let project = Project::empty("spilled");
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"spilled\"\nas_of = \"2026-03-31\"\n\n[limits]\nmemory_max_bytes = 33554432\n",
    );
    project.write(
        "models/a/x.sql",
        "SELECT value AS n FROM generate_series(1, 3000)",
    );
    project.tsugi("run", &[]).ended(0);
    let temporary = project.path("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let sql = "SELECT md5(CAST(a.n * 100000 + b.value AS VARCHAR)) AS m FROM a.x a, generate_series(1, 2000) b ORDER BY m";
    let mut query = project.command("query", &[sql, "--format", "csv"]);
    query
        .env("TMPDIR", &temporary)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut query = query.spawn().unwrap();
    let begun = Instant::now();
    while bytes_below(&temporary) == 0 {
        assert!(
            query.try_wait().unwrap().is_none(),
            "it spills before it ends"
        );
        assert!(begun.elapsed().as_secs() < 120, "it spills");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Another command leaves what a living one spilled.
    let mut other = project.command("query", &["SELECT 1 AS n"]);
    assert!(
        other
            .env("TMPDIR", &temporary)
            .output()
            .unwrap()
            .status
            .success()
    );
    assert!(bytes_below(&temporary) > 0);
    query.kill().unwrap();
    query.wait().unwrap();
    assert!(bytes_below(&temporary) > 0, "a kill leaves it");
    let mut next = project.command("query", &["SELECT 1 AS n"]);
    assert!(
        next.env("TMPDIR", &temporary)
            .output()
            .unwrap()
            .status
            .success()
    );
    assert_eq!(bytes_below(&temporary), 0);
}

/// What is not this account's folder is never spilled to; its own is made private, and left empty.
#[test]
fn queries_spill_into_a_folder_of_their_account_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::empty("spill-folder");
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"spill\"\nas_of = \"2026-03-31\"\n",
    );
    project.write("models/a/x.sql", "SELECT 1 AS n");
    project.tsugi("run", &[]).ended(0);
    let temporary = project.path("temporary");
    std::fs::create_dir(&temporary).unwrap();
    let run = || {
        let mut command = project.command("query", &["SELECT n FROM a.x"]);
        Outcome::of(command.env("TMPDIR", &temporary).output().unwrap())
    };
    run().ended(0);
    let own = std::fs::read_dir(&temporary).unwrap().next().unwrap();
    let own = own.unwrap().path();
    let entries = || std::fs::read_dir(&own).unwrap().count();
    assert_eq!(entries(), 0, "a command leaves nothing in it");
    let mode = || std::fs::metadata(&own).unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(&own, std::fs::Permissions::from_mode(0o755)).unwrap();
    run().ended(0);
    assert_eq!((mode(), entries()), (0o700, 0));
    std::fs::remove_dir(&own).unwrap();
    std::fs::write(&own, "").unwrap();
    let said = run().ended(1).stderr;
    assert!(
        said.contains("it is not a folder of this account") && said.contains("TMPDIR"),
        "{said}"
    );
    std::fs::remove_file(&own).unwrap();
    std::os::unix::fs::symlink(project.path("models"), &own).unwrap();
    run().ended(1);
}
