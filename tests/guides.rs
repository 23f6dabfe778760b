//! What the guides show is what the program prints: every `$ tsugi …` of README.md and
//! pipelines/README.md is typed, in order, over one copy of the sample. `UPDATE_EXPECT=1` writes what is
//! printed into the guides where they show all of it.

use std::process::Command;

use crate::sample_copy::Project;
use crate::support::{Outcome, root};

/// The sample as the guides call it.
const SAMPLE: &str = "pipelines/great-disconnect";

/// A command of a guide, with what the guide says that it prints.
struct Shown {
    command: String,
    /// The line of the guide below the command.
    below: usize,
    printed: Vec<String>,
}

/// The transcripts of a guide. A line `…` stands for any lines, `…` in a line for any text.
fn transcripts(guide: &str) -> Vec<Shown> {
    let text = std::fs::read_to_string(root().join(guide)).expect("a guide");
    let (mut all, mut inside) = (Vec::<Shown>::new(), false);
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = false;
        } else if let Some(command) = line.strip_prefix("$ ") {
            inside = command.starts_with("tsugi ");
            if inside {
                all.push(Shown {
                    command: command.to_owned(),
                    below: number + 1,
                    printed: Vec::new(),
                });
            }
        } else if inside && let Some(shown) = all.last_mut() {
            match shown.command.strip_suffix('\\') {
                Some(start) if shown.printed.is_empty() => {
                    shown.command = format!("{start}{}", line.trim_start());
                    shown.below += 1;
                }
                _ => shown.printed.push(line.to_owned()),
            }
        }
    }
    for shown in &mut all {
        while shown.printed.last().is_some_and(String::is_empty) {
            shown.printed.pop();
        }
    }
    all
}

/// Lines without what differs from run to run and from build to build.
fn constant(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        let words = line.split(' ').map(|word| {
            let digest = word.len() == 12 && word.bytes().all(|b| b.is_ascii_hexdigit());
            let seconds = word.split_once('.').is_some_and(|(whole, part)| {
                [whole, part].iter().all(|part| part.parse::<u32>().is_ok())
            });
            match word {
                _ if digest => "DIGEST",
                _ if seconds && line.ends_with(" s") && line.ends_with(&format!("{word} s")) => {
                    "0.0"
                }
                word => word,
            }
        });
        lines.push(words.collect::<Vec<_>>().join(" "));
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// Whether a line is as shown, `…` being any text.
fn same_line(shown: &str, printed: &str) -> bool {
    let Some((first, rest)) = shown.split_once('…') else {
        return shown == printed;
    };
    let Some(mut printed) = printed.strip_prefix(first) else {
        return false;
    };
    let mut parts = rest.split('…').collect::<Vec<_>>();
    let last = parts.pop().unwrap_or("");
    for part in parts {
        match printed.split_once(part) {
            Some((_, after)) => printed = after,
            None => return false,
        }
    }
    printed.ends_with(last)
}

/// Whether lines are as shown, a line `…` being any lines.
fn same(shown: &[String], printed: &[String]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((any, rest)) if any.trim() == "…" => {
            (0..=printed.len()).any(|skipped| same(rest, &printed[skipped..]))
        }
        Some((line, rest)) => printed.split_first().is_some_and(|(first, more)| {
            if same_line(line, first) {
                return same(rest, more);
            }
            // A long line is broken in a guide.
            let end = first
                .strip_prefix(line.as_str())
                .and_then(|end| end.strip_prefix(' '));
            end.is_some_and(|end| {
                let printed = [&[end.to_owned()], more].concat();
                same(rest, &printed)
            })
        }),
    }
}

/// Types a command as the guide has it; what it prints, with the names of the guide.
fn typed(project: &Project, command: &str) -> String {
    let folder = project.path("");
    let folder = folder.to_str().expect("UTF-8").trim_end_matches('/');
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_tsugi"));
    let path = format!(
        "{}:{}",
        bin.parent().expect("a folder").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{} 2>&1", command.replace(SAMPLE, folder))]);
    shell.env("PATH", path).env("LC_ALL", "C.UTF-8");
    shell.env("XDG_STATE_HOME", project.state());
    let outcome = Outcome::of(shell.output().expect("a shell"));
    outcome.stdout.replace(folder, SAMPLE)
}

/// Types all commands of a guide; every one that answers otherwise, with what it printed.
fn read(guide: &str, project: &Project) {
    let file = root().join(guide);
    let text = std::fs::read_to_string(&file).expect("a guide");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = String::new();
    for shown in transcripts(guide) {
        let printed = typed(project, &shown.command);
        if is_update && !shown.printed.iter().any(|line| line.contains('…')) {
            let (from, count) = (shown.below, shown.printed.len());
            lines[from - 1] += &format!("\n{}", printed.trim_end());
            lines[from..from + count].fill("\0".to_owned());
        } else if !same(&constant(&shown.printed.join("\n")), &constant(&printed)) {
            wrong += &format!("\n{guide}:{} $ {}\n{printed}", shown.below, shown.command);
        }
    }
    if is_update {
        lines.retain(|line| line != "\0");
        std::fs::write(&file, lines.join("\n") + "\n").expect("a guide");
    }
    assert!(wrong.is_empty(), "printed otherwise than shown:\n{wrong}");
}

#[test]
fn the_front_page_shows_what_is_printed() {
    let project = Project::committed("guides-front");
    read("README.md", &project);
}

/// The Japanese front page says in its own words what the other says; commands, outputs and code are the same.
#[test]
fn the_japanese_front_page_shows_the_same() {
    let blocks = |guide: &str| -> Vec<String> {
        let text = std::fs::read_to_string(root().join(guide)).expect("a guide");
        let parts = text.split("```").skip(1).step_by(2);
        parts.map(str::to_owned).collect()
    };
    let (english, japanese) = (blocks("README.md"), blocks("README.ja.md"));
    assert!(english.len() > 10);
    for (one, other) in english.iter().zip(&japanese) {
        assert_eq!(one, other);
    }
    assert_eq!(english.len(), japanese.len());
    let text = std::fs::read_to_string(root().join("README.ja.md")).expect("a guide");
    for link in text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        let file = link.split('#').next().unwrap_or_default();
        assert!(
            link.starts_with("https://") || root().join(file).exists(),
            "{link}"
        );
    }
}

#[test]
fn the_analysts_guide_shows_what_is_printed() {
    let project = Project::committed("guides-analyst");
    project.tsugi("run", &[]).ended(0);
    read("pipelines/README.md", &project);
}

/// The table of what a run says on earlier days.
#[test]
fn the_analysts_guide_knows_the_earlier_days() {
    let guide = std::fs::read_to_string(root().join("pipelines/README.md")).expect("a guide");
    let project = Project::committed("guides-days");
    let today = "as_of = \"2026-03-31\"";
    let pipeline = project.read("pipeline.toml");
    assert!(pipeline.contains(today), "{pipeline}");
    let table = guide
        .lines()
        .skip_while(|line| !line.starts_with("| `as_of` |"));
    let rows = table
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| {
            let (day, said) = line
                .strip_prefix("| 20")?
                .strip_suffix(" |")?
                .split_once(" | ")?;
            Some((format!("20{day}"), said))
        });
    let mut seen = 0;
    for (day, said) in rows {
        let as_of = format!("as_of = \"{day}\"");
        project.write("pipeline.toml", &pipeline.replace(today, &as_of));
        let printed = project.tsugi("run", &[]).ended(0).stdout;
        let found = printed.lines().any(|line| same_line(said, line));
        assert!(found, "{day}: `{said}` is not in\n{printed}");
        seen += 1;
    }
    assert_eq!(seen, 3, "the guide has the table");
}
