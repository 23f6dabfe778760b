//! What is created is for its user alone, and who decides is the account of the machine.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{approve, care};
use crate::sample_copy::objects;
use crate::support::Outcome;

/// Everything at and below a path, with its permissions.
fn modes(path: &Path, found: &mut Vec<(PathBuf, u32)>) {
    let mode = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    found.push((path.to_owned(), mode));
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap().flatten() {
            modes(&entry.path(), found);
        }
    }
}

#[test]
fn what_is_created_is_for_its_user_alone_or_for_the_group_that_it_was_opened_to() {
    let project = care("personal-private");
    project.tsugi("run", &[]).ended(0);
    approve(&project);
    project.tsugi("deliver", &[]).ended(0);
    let to = project.path("handed").display().to_string();
    let words = [
        "crm.customers",
        "--owner",
        "customer_id",
        "--to",
        &to,
        "--by",
        "Mika Sato",
        "--why",
        "a test",
    ];
    project.tsugi("export", &words).ended(0);
    let mut found = Vec::new();
    for place in [".tsugi", "outbox", "handed", "pipeline.lock"] {
        modes(&project.path(place), &mut found);
    }
    assert!(found.len() > 10, "{found:?}");
    found.retain(|(_, mode)| mode & 0o077 != 0);
    assert!(found.is_empty(), "others may read {found:?}");

    // Who opens the warehouse to a group keeps it open to the group, and to no one else.
    let open = Command::new("chmod")
        .args(["-R", "g+rX"])
        .arg(project.path(".tsugi"))
        .status();
    assert!(open.unwrap().success());
    project.edit("exports/customers.csv", "Person 3", "Person Three");
    project.tsugi("run", &[]).ended(0);
    let mut found = Vec::new();
    modes(&project.path(".tsugi/warehouse"), &mut found);
    let files = found
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|ending| ending == "parquet"));
    assert!(
        files.clone().all(|(_, mode)| mode & 0o047 == 0o040),
        "{found:?}"
    );
}

/// The program as an account without any rights here; none where this account may not become another.
fn as_another(words: &[&str]) -> Option<Outcome> {
    let other = |program: &str, words: &[&str]| {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups", program])
            .args(words)
            .env("HOME", "/nonexistent")
            .env_remove("XDG_CACHE_HOME")
            .output()
    };
    let program = env!("CARGO_BIN_EXE_tsugi");
    let started = other(program, &["--version"]).ok()?;
    if !started.status.success() {
        eprintln!("skipped: this account cannot start the program as another one");
        return None;
    }
    Some(Outcome::of(other(program, words).ok()?))
}

#[test]
fn another_account_reads_what_it_was_opened_to_and_nothing_else() {
    let project = care("personal-another");
    project.tsugi("run", &[]).ended(0);
    // Where every account may look: the home of this one may be closed.
    let folder = std::env::temp_dir().join(format!("tsugi-another-{}", std::process::id()));
    let moved = Command::new("cp")
        .arg("-a")
        .args([&project.path("."), &folder])
        .status();
    assert!(moved.unwrap().success());
    let dir = folder.display().to_string();
    let file = |name: &str| folder.join(".tsugi").join(name);
    let set = |path: &Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let sql = "SELECT count(*) AS n FROM crm.customers";
    let Some(outcome) = as_another(&["query", &dir, sql]) else {
        return;
    };
    let closed = outcome.ended(1).stderr;
    assert!(
        closed.contains(".tsugi cannot be read by this account"),
        "{closed}"
    );
    let opened = Command::new("chmod")
        .args(["-R", "a+rX"])
        .arg(file(""))
        .status();
    assert!(opened.unwrap().success());
    as_another(&["query", &dir, sql]).unwrap().ended(0);
    for name in ["catalog.sqlite", "state.sqlite"] {
        let path = file("warehouse").join(name);
        set(&path, 0o600);
        for verb in ["query", "doctor"] {
            let mut words: Vec<&str> = verb.split(' ').collect();
            words.push(&dir);
            if verb == "query" {
                words.push(sql);
            }
            let said = as_another(&words).unwrap().ended(1).stderr;
            let expected = format!("{name} cannot be read by this account");
            assert!(
                said.contains(&expected) && !said.contains("code:"),
                "{verb}: {said}"
            );
        }
        set(&path, 0o644);
    }
    // A file that may be written in a folder that may not: there is no room for a journal.
    for name in ["warehouse/catalog.sqlite", "warehouse/state.sqlite"] {
        set(&file(name), 0o666);
    }
    let said = as_another(&["doctor", &dir]).unwrap().stderr;
    assert!(!said.contains("code:"), "{said}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_account_of_a_user_namespace_is_no_account() {
    let project = care("personal-namespace");
    project.tsugi("run", &[]).ended(0);
    let reviews = objects(&project.tsugi("review list", &["--json"]).ended(0).stdout);
    let id = reviews[0]["id"].as_str().unwrap();
    let as_root = |words: &[&str]| {
        let mut command = Command::new("unshare");
        command
            .args(["-U", "-r"])
            .arg(env!("CARGO_BIN_EXE_tsugi"))
            .args(words);
        command
    };
    let Ok(tried) = Command::new("unshare").args(["-U", "-r", "true"]).status() else {
        return;
    };
    if !tried.success() {
        eprintln!("skipped: this machine makes no user namespaces");
        return;
    }
    let toml = project.read("pipeline.toml");
    let people = "\n[roles.lead]\nimportant = true\n\n[people.\"Mika Sato\"]\nrole = \"lead\"\nlogin = \"root\"\n";
    project.write("pipeline.toml", &format!("{toml}{people}"));
    let dir = project.path(".").display().to_string();
    let forged = as_root(&["review", "approve", &dir, id, "--by", "Mika Sato"]);
    let outcome = Outcome::of({ forged }.output().unwrap()).ended(1);
    assert!(
        outcome
            .stderr
            .contains("this is `root in a user namespace`"),
        "{}",
        outcome.stderr
    );
}
