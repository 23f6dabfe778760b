//! A machine that gives out: no room on the disk, another run at work, no right to read.

use std::io::BufRead as _;
use std::process::{Command, Stdio};

use super::{Published, TINY, one_error};
use crate::sample_copy::Project;
use crate::support::{assert_printed, copy, skipped};

/// A file system with little room in the place of a folder, unmounted at the end.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mounted(folder: &std::path::Path, size_kib: u64) -> Result<Self, String> {
        let output = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size_kib}k"), "tmpfs"])
            .arg(folder)
            .output()
            .map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(Self(folder.to_owned())),
            false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        }
    }

    fn grow(&self, size_kib: u64) {
        let size = format!("remount,size={size_kib}k");
        assert!(
            Command::new("mount")
                .args(["-o", &size])
                .arg(&self.0)
                .status()
                .unwrap()
                .success()
        );
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_publishes_nothing_and_more_room_helps() {
    let published = Published::new("full-disk").await;
    let project = &published.project;
    copy(&project.path(".tsugi"), &project.path("kept"));
    let used = folder_kib(&project.path("kept"));
    let disk = match SmallDisk::mounted(&project.path(".tsugi"), used + 4096) {
        Ok(disk) => disk,
        Err(why) => return skipped("mount", &why),
    };
    copy(&project.path("kept"), &project.path(".tsugi"));
    project.export(&tsugi_sample::Options { seed: 2, ..TINY });
    let mut failed = 0;
    // Less and less room: the disk fills in a step, in the state, in the catalogue's commit.
    for room_kib in [8, 64, 256, 512, 768, 1024, 1280] {
        disk.grow(folder_kib(&project.path(".tsugi")) + room_kib);
        let outcome = project.tsugi("run", &[]);
        if outcome.code == Some(0) {
            break;
        }
        failed += 1;
        one_error(
            outcome,
            1,
            &[
                "error: the disk is full: ",
                "hint: free some space and run again",
            ],
        );
        disk.grow(used + 65_536);
        published.stands().await;
    }
    assert!(failed >= 3, "only {failed} runs found the disk full");
    disk.grow(used + 65_536);
    published.recovers();
    drop(disk);
}

fn folder_kib(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().flatten();
    let sizes = entries.map(|entry| {
        let path = entry.path();
        match path.is_dir() {
            true => folder_kib(&path),
            // What a file takes on a disk that gives out pages of 4 KiB.
            false => entry
                .metadata()
                .map_or(0, |file| file.len().div_ceil(4096) * 4),
        }
    });
    sizes.sum()
}

#[tokio::test]
async fn a_second_run_beside_one_at_work_learns_who_has_the_warehouse() {
    let published = Published::new("beside").await;
    let project = &published.project;
    project.export(&tsugi_sample::Options { seed: 2, ..TINY });
    let mut first = project
        .command("run", &["--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut events = std::io::BufReader::new(first.stdout.take().unwrap()).lines();
    let is_at_work = |line: &String| line.contains("\"event\":\"step_started\"");
    assert!(
        events
            .by_ref()
            .map_while(Result::ok)
            .any(|line| is_at_work(&line))
    );
    let signal = |name: &str| {
        assert!(
            Command::new("kill")
                .args([name, &first.id().to_string()])
                .status()
                .unwrap()
                .success()
        )
    };
    signal("-STOP");
    let second = project.tsugi("run", &[]);
    let review = project.tsugi("query", &["SELECT count(*) FROM ceo.suspects"]);
    let delivery = project.tsugi("deliver", &[]);
    signal("-CONT");
    let pid = format!("process {}", first.id());
    one_error(second, 1, &[&pid, "hint: "]);
    one_error(delivery, 1, &[&pid]);
    review.ended(0);
    assert!(
        events
            .map_while(Result::ok)
            .last()
            .is_some_and(|line| line.contains("\"event\":\"done\""))
    );
    assert!(
        first.wait().unwrap().success(),
        "the first run ends as if nothing had been"
    );
    let outcome = project.tsugi("run", &[]).ended(0);
    assert!(
        outcome.stderr.contains("done nothing changed"),
        "{}",
        outcome.stderr
    );
}

#[tokio::test]
async fn a_file_that_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let published = Published::new("forbidden").await;
    let file = published.project.path("exports/crm/offers.csv");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&file).is_ok() {
        return skipped("user", "this user may read every file");
    }
    let outcome = published.project.tsugi("run", &[]);
    assert!(matches!(outcome.code, Some(1 | 2)), "{outcome:?}");
    assert!(
        outcome.stderr.contains("offers.csv") && !outcome.stderr.contains("panicked"),
        "{}",
        outcome.stderr
    );
    published.stands().await;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    published.recovers();
}

#[tokio::test]
async fn a_link_out_of_the_granted_folder_is_refused_and_one_inside_is_read() {
    let published = Published::new("links").await;
    let project = &published.project;
    let (file, secret) = (
        project.path("exports/crm/offers.csv"),
        project.path("secret.csv"),
    );
    std::fs::rename(&file, &secret).unwrap();
    std::os::unix::fs::symlink(&secret, &file).unwrap();
    let outcome = project.tsugi("run", &[]).ended(2);
    assert_printed!(outcome.stderr, @"
    error: plugin `crm-export` failed in `source.discover`: `offers.csv` is a link out of the granted folder: copy the file into it, or grant the folder where it lies
      --> pipeline.toml:25:10

    1 error; nothing ran
    ");
    published.stands().await;

    std::fs::rename(&secret, project.path("exports/crm/offers.kept")).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("offers.kept", &file).unwrap();
    published.recovers();
}

#[tokio::test]
async fn a_pipe_or_a_device_among_the_exports_is_refused_before_it_is_read() {
    let published = Published::new("special").await;
    let project = &published.project;
    let file = project.path("exports/crm/odd.csv");
    let make: [(&str, &[&str]); 3] = [
        ("mkfifo", &[]),
        ("ln", &["-s", "/dev/zero"]),
        ("ln", &["-s", "/dev/random"]),
    ];
    for (program, words) in make {
        let made = Command::new(program).args(words).arg(&file).status();
        assert!(made.unwrap().success());
        for verb in ["check", "run"] {
            let outcome = project.tsugi(verb, &[]);
            assert!(
                outcome.stderr.contains("exports/crm/odd.csv")
                    && outcome.stderr.contains("no regular file"),
                "{program} {verb}: {}",
                outcome.stderr
            );
        }
        published.stands().await;
        std::fs::remove_file(&file).unwrap();
    }
    published.recovers();
}

#[test]
fn an_interrupt_stops_a_run_with_its_own_code() {
    let (project, _) = Project::generated("interrupt", &TINY);
    let mut run = project
        .command("run", &["--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut events = std::io::BufReader::new(run.stdout.take().unwrap()).lines();
    let at_work = events
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.contains("\"event\":\"step_finished\""));
    assert!(at_work);
    assert!(
        Command::new("kill")
            .args(["-INT", &run.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let rest: Vec<String> = events.map_while(Result::ok).collect();
    assert_eq!(run.wait().unwrap().code(), Some(130), "{rest:?}");
    assert!(
        rest.iter().any(|line| line.contains("run::interrupted")),
        "{rest:?}"
    );
    project.tsugi("run", &[]).ended(0);
}
