//! What is left in the host after the attacks: no threads, no open files, no memory that grows.
//! A process of its own, because other tests run beside this one.

use std::process::Command;

use tsugi_sandbox::Granted;

use super::stage::{Entry, evil, refused, through};

/// Rounds of attacks; what one round leaves behind would be there this many times.
const ROUNDS: usize = 40;
const CHILD: &str = "evil::resources::attacked_again_and_again";

struct Held {
    threads: usize,
    files: usize,
    resident_kib: u64,
}

fn held() -> Held {
    let count = |folder: &str| {
        std::fs::read_dir(folder)
            .expect("a process has one")
            .count()
    };
    let status = std::fs::read_to_string("/proc/self/status").expect("a process has one");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let resident = resident.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok());
    Held {
        threads: count("/proc/self/task"),
        files: count("/proc/self/fd"),
        resident_kib: resident.expect("a number of kB"),
    }
}

fn round() {
    let plugin = evil("none", Granted::default());
    for role in [
        Entry::Scalar,
        Entry::Aggregate,
        Entry::State,
        Entry::Table,
        Entry::Source,
    ] {
        for name in [
            "offsets_past_end",
            "not_utf8",
            "many_buffers",
            "map_key_null",
        ] {
            let went = through(&plugin, role, name);
            assert!(went.is_err(), "{name} as {role:?}");
        }
    }
    for (attack, code) in [
        ("call_eats", "sandbox::over-limit"),
        ("call_panics", "sandbox::trapped"),
    ] {
        let plugin = evil(attack, Granted::default());
        for role in [
            Entry::Scalar,
            Entry::Aggregate,
            Entry::Table,
            Entry::Source,
            Entry::Sink,
        ] {
            refused(through(&plugin, role, "honest"), code, "", attack);
        }
    }
}

#[test]
#[ignore = "the child of another test"]
fn attacked_again_and_again() {
    round();
    round();
    let before = held();
    for _ in 0..ROUNDS {
        round();
    }
    let after = held();
    assert!(
        after.threads <= before.threads,
        "{} threads, then {}",
        before.threads,
        after.threads
    );
    assert!(
        after.files <= before.files,
        "{} files, then {}",
        before.files,
        after.files
    );
    let grown = after.resident_kib.saturating_sub(before.resident_kib);
    println!("{ROUNDS} rounds: {grown} KiB more than before");
    assert!(grown < 16 << 10, "{grown} KiB more after {ROUNDS} rounds");
}

#[test]
fn attacks_leave_no_threads_files_or_memory() {
    let this = std::env::current_exe().expect("a test is a program");
    let ended = Command::new(this)
        .args([
            CHILD,
            "--exact",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .output()
        .expect("the child starts");
    let stdout = String::from_utf8_lossy(&ended.stdout);
    assert!(
        ended.status.success(),
        "{stdout}\n{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    assert!(
        stdout.contains("1 passed"),
        "the child ran no test: {stdout}"
    );
}
