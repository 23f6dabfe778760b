//! Reading only what is new: after any edits of the export folder a run that goes on from the last
//! one makes the tables that a whole read makes, is faster, and loses nothing when it is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::sample_copy::{
    Dice, Project, contents, data_files, killed_after, named_files, objects, plugins_folder,
};
use crate::support::assert_printed;

const MAPPING: &str = r#"version = 1
name = "shop"
status = "assumed"
sources = ["this test"]
[streams.rows]
files = ["*.csv", "*.jsonl"]
rejects_max = "100%"
columns = [
  { name = "id", type = "text", key = true },
  { name = "text", type = "text" },
  { name = "quantity", type = "integer" },
]
[streams.others]
files = ["others/*.csv"]
optional = true
columns = [{ name = "id", type = "text", key = true }]
"#;
const HEAD: &str = "id,text,quantity\n";
/// Rounds of random edits, each read on and read whole.
const ROUNDS: usize = 16;

type Contents = BTreeMap<String, (usize, String)>;

fn shop(name: &str) -> Project {
    crate::support::plugins();
    let project = Project::empty(name);
    project.write(
        "pipeline.toml",
        &format!(
            "[pipeline]\nname = \"shop\"\nas_of = \"2026-03-31\"\n[plugins.crm-export]\npath = {}crm-export\"\ngrants.inputs.exports = \"exports\"\n\
             [sources.shop]\nplugin = \"crm-export\"\nconfig = {{ mapping_file = \"shop.toml\" }}\n",
            plugins_folder()
        ),
    );
    project.write("exports/shop.toml", MAPPING);
    let model = "SELECT quantity, count(*) AS n FROM shop.rows GROUP BY quantity";
    project.write("models/a/counts.sql", model);
    let model = "SELECT count(*) AS n FROM shop.others";
    project.write("models/a/others.sql", model);
    project
}

/// Lines of CSV, some of them no rows.
fn lines(dice: &mut Dice, file: &str, count: u64) -> String {
    (0..count)
        .map(|i| match dice.below(12) {
            0 => format!("{file}-{i},x,many\n"),
            1 => format!("{file}-{i},\"two\nlines 日本\",{i}\n"),
            2 => format!("{file}-{i},\"open,{i}\n"),
            3 => "\n".to_owned(),
            _ => format!("{file}-{i},text {},{}\n", dice.below(1000), dice.below(9)),
        })
        .collect()
}

/// Reads the tables, and leaves none of their files open.
fn read(project: &Project) -> (Contents, BTreeSet<PathBuf>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let found = runtime.block_on(async {
        let snapshot = project.warehouse().await.snapshot().await.unwrap();
        let files = snapshot.tables.values().flat_map(|table| &table.files);
        let files = files.map(|file| file.path.clone()).collect();
        (contents(&snapshot).await, files)
    });
    drop(runtime);
    project.closed();
    found
}

/// What a whole read of the same exports makes.
fn whole(project: &Project) -> Contents {
    let fresh = shop("incremental-whole");
    let (from, to) = (project.path("exports"), fresh.path("exports"));
    crate::support::copy(&from, &to);
    fresh.tsugi("run", &[]).ended(0);
    read(&fresh).0
}

/// One edit of the export folder, in words.
fn edit(project: &Project, dice: &mut Dice, number: usize) -> String {
    let folder = project.path("exports");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".csv") || name.ends_with(".jsonl"))
        .collect();
    names.sort();
    let at = usize::try_from(dice.below(names.len() as u64)).unwrap();
    let name = names[at].clone();
    let path = folder.join(&name);
    let old = std::fs::read_to_string(&path).unwrap();
    let said = match dice.below(9) {
        0 if names.len() > 3 => {
            std::fs::remove_file(&path).unwrap();
            "delete"
        }
        1 if name.ends_with(".csv") => {
            std::fs::rename(&path, folder.join(format!("renamed-{number}.csv"))).unwrap();
            "rename"
        }
        2 => {
            let file = std::fs::File::options().append(true).open(&path).unwrap();
            file.set_modified(SystemTime::now() + Duration::from_secs(60))
                .unwrap();
            "touch"
        }
        3 => {
            // The same length and the same time, other content.
            let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
            std::fs::write(&path, old.replace("text 1", "text 2")).unwrap();
            let file = std::fs::File::options().append(true).open(&path).unwrap();
            file.set_modified(modified).unwrap();
            "rewrite in place"
        }
        4 => {
            let head = if name.ends_with(".csv") { HEAD } else { "" };
            let other = match head {
                "" => "{\"id\": \"J\", \"quantity\": 1}\n".to_owned(),
                _ => lines(dice, "rewritten", 9),
            };
            std::fs::write(&path, format!("{head}{other}")).unwrap();
            "rewrite"
        }
        5 | 6 => {
            let more = match name.ends_with(".csv") {
                true => {
                    let lines = lines(dice, "more", 7);
                    // Now and then an export is cut inside a line.
                    lines[..lines.len() - usize::from(dice.below(3) == 0)].to_owned()
                }
                false => format!("{{\"id\": \"M-{number}\", \"quantity\": {number}}}\n{{\"id\""),
            };
            std::fs::write(&path, old + &more).unwrap();
            "append"
        }
        7 => {
            let json = format!("{{\"id\": \"J-{number}\"}}\n{{\"id\": 1, \"quantity\": \"x\"}}\n");
            std::fs::write(folder.join(format!("new-{number}.jsonl")), json).unwrap();
            "add JSON"
        }
        _ => {
            let text = format!("{HEAD}{}", lines(dice, "new", 20));
            std::fs::write(folder.join(format!("new-{number}.csv")), text).unwrap();
            "add"
        }
    };
    format!("{said} {name}")
}

#[test]
fn after_any_edits_reading_on_makes_the_tables_of_a_whole_read() {
    let project = shop("incremental-edits");
    let mut dice = Dice(4);
    for name in ["a", "b", "c", "d"] {
        let text = format!("{HEAD}{}", lines(&mut dice, name, 60));
        project.write(&format!("exports/{name}.csv"), &text);
    }
    project.write("exports/others/o.csv", "id\n1\n");
    project.tsugi("run", &[]).ended(0);
    let (mut kept, mut done) = (0, Vec::new());
    let (_, mut before) = read(&project);
    for round in 0..ROUNDS {
        let edits: Vec<String> = (0..1 + dice.below(3))
            .map(|i| edit(&project, &mut dice, round * 10 + i as usize))
            .collect();
        project.tsugi("run", &[]).ended(0);
        let (found, files) = read(&project);
        done.push(edits.join(", "));
        assert_eq!(found, whole(&project), "after {done:#?}");
        let stays = |path: &&PathBuf| path.to_string_lossy().contains("/shop/rows/");
        kept += usize::from(files.intersection(&before).any(|path| stays(&path)));
        before = files;
    }
    println!("{ROUNDS} rounds of edits, {kept} of them kept files of the published table");
    assert!(kept >= ROUNDS / 4, "{kept} of {ROUNDS} rounds kept a file");
}

#[test]
fn deleted_rewritten_renamed_and_touched_files_are_distinguished() {
    let project = shop("incremental-changes");
    let text = |id: &str| format!("{HEAD}{id},x,1\n{id}-2,x,2\n");
    for name in ["a", "b", "c", "d"] {
        project.write(&format!("exports/{name}.csv"), &text(name));
    }
    project.tsugi("run", &[]).ended(0);
    let run = || project.tsugi("run", &[]).ended(0).stderr;
    let ids = || project.lines("SELECT id, _file FROM shop.rows WHERE quantity = 1");

    std::fs::remove_file(project.path("exports/a.csv")).unwrap();
    let stderr = run();
    assert_printed!(stderr, @"
    [1/4] shop.others  0 rows  0.0 s
    [2/4] shop.rows  6 rows  0.0 s
    [3/4] a.counts  2 rows  0.0 s
    [4/4] a.others  1 row  0.0 s
    shop.rows: deleted since the last run: a.csv; 2 rows go with them

    Next:
      tsugi plugins DIR

    done made=4 unchanged=0 quarantined=0 snapshot=2 in 0.0 s
    ");
    project.write("exports/b.csv", &text("bb"));
    let stderr = run();
    assert_printed!(stderr, @"
    [1/4] shop.others  0 rows  0.0 s
    [2/4] shop.rows  6 rows  0.0 s
    [3/4] a.counts  2 rows  0.0 s
    [4/4] a.others  1 row  0.0 s
    shop.rows: b.csv changed in what had been read; read again from the start

    Next:
      tsugi plugins DIR

    done made=4 unchanged=0 quarantined=0 snapshot=3 in 0.0 s
    ");
    let (from, to) = (project.path("exports/c.csv"), project.path("exports/e.csv"));
    std::fs::rename(from, to).unwrap();
    let stderr = run();
    assert_printed!(stderr, @"
    [1/4] shop.others  0 rows  0.0 s
    [2/4] shop.rows  6 rows  0.0 s
    [3/4] a.counts  2 rows  0.0 s
    [4/4] a.others  1 row  0.0 s
    shop.rows: c.csv is called e.csv now; read again

    Next:
      tsugi plugins DIR

    done made=4 unchanged=0 quarantined=0 snapshot=4 in 0.0 s
    ");
    project.write("exports/d.csv", &(text("d") + "d-3,x,1\n"));
    let stderr = run();
    assert!(
        !stderr.contains("d.csv"),
        "rows behind the old end are no news: {stderr}"
    );
    let expected = ["bb|b.csv", "d|d.csv", "d-3|d.csv", "c|e.csv"];
    assert_eq!(ids(), expected.map(str::to_owned).into());

    // A file that is written again as it was changes nothing.
    project.write("exports/d.csv", &(text("d") + "d-3,x,1\n"));
    let events = objects(&project.tsugi("run", &["--json"]).ended(0).stdout);
    assert!(
        events.iter().any(|event| event["event"] == "unchanged"),
        "{events:?}"
    );
}

#[test]
fn another_mapping_config_or_plugin_means_a_whole_read() {
    let project = shop("incremental-basis");
    project.write("exports/a.csv", &format!("{HEAD}a,007,1\n"));
    project.tsugi("run", &[]).ended(0);
    let files = || read(&project).1;
    let before = files();
    let old = "{ name = \"text\", type = \"text\" }";
    let new = "{ name = \"text\", type = \"text\", empty_words = [\"007\"] }";
    project.edit("exports/shop.toml", old, new);
    let outcome = project.tsugi("run", &[]);
    if outcome.code != Some(0) {
        // Where a column takes no such key the type is changed instead.
        project.edit(
            "exports/shop.toml",
            new,
            "{ name = \"text\", type = \"integer\" }",
        );
        project.tsugi("run", &[]).ended(0);
    }
    assert_eq!(read(&project).0, {
        let fresh = shop("incremental-basis-whole");
        for file in ["exports/a.csv", "exports/shop.toml"] {
            fresh.write(file, &project.read(file));
        }
        fresh.tsugi("run", &[]).ended(0);
        read(&fresh).0
    });
    let after = files();
    let rows = |path: &&PathBuf| path.to_string_lossy().contains("/shop/rows/");
    assert!(
        !after.intersection(&before).any(|path| rows(&path)),
        "all is read again"
    );

    project.edit(
        "pipeline.toml",
        "\"shop.toml\" }",
        "\"shop.toml\", drift = \"add\" }",
    );
    project.write("exports/a.csv", "id,text,quantity,colour\na,007,1,red\n");
    project.write("exports/b.csv", "id,text,quantity,colour\nb,008,1,blue\n");
    project.tsugi("run", &[]).ended(0);
    let extra = project.lines("SELECT id, _extra FROM shop.rows");
    let expected = ["a|{\"colour\":\"red\"}", "b|{\"colour\":\"blue\"}"];
    assert_eq!(extra, expected.map(str::to_owned).into());
}

#[test]
fn killed_at_every_event_the_next_run_ends_with_the_right_tables() {
    let project = shop("incremental-kill");
    let mut dice = Dice(11);
    for name in ["a", "b", "c"] {
        let text = format!("{HEAD}{}", lines(&mut dice, name, 50));
        project.write(&format!("exports/{name}.csv"), &text);
    }
    project.tsugi("run", &[]).ended(0);
    let (old, _) = read(&project);
    let published = project.path("as-published");
    crate::support::copy(&project.path(".tsugi"), &published);
    let longer = project.read("exports/a.csv") + &lines(&mut dice, "more", 20);
    project.write("exports/a.csv", &longer);
    project.write("exports/b.csv", &format!("{HEAD}other,x,1\n"));
    std::fs::remove_file(project.path("exports/c.csv")).unwrap();
    project.write(
        "exports/d.csv",
        &format!("{HEAD}{}", lines(&mut dice, "d", 30)),
    );
    let new = whole(&project);
    let restore = || {
        std::fs::remove_dir_all(project.path(".tsugi")).unwrap();
        crate::support::copy(&published, &project.path(".tsugi"));
    };
    let events = objects(&project.tsugi("run", &["--json"]).ended(0).stdout).len();
    assert_eq!(read(&project).0, new);
    for count in 1..=events {
        restore();
        killed_after(project.command("run", &["--json"]), count);
        let (seen, _) = read(&project);
        assert!(seen == old || seen == new, "killed after event {count}");
        project.tsugi("run", &[]).ended(0);
        assert_eq!(
            read(&project).0,
            new,
            "killed after event {count}, and run again"
        );
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let named = runtime.block_on(async { named_files(&project.warehouse().await).await });
        assert_eq!(data_files(&project), named, "killed after event {count}");
    }
    println!("killed at {events} events of a run that reads on");
}

#[test]
fn one_new_file_of_twenty_costs_a_part_of_a_whole_read() {
    let project = shop("incremental-speed");
    let rows = 20_000;
    let text = |file: usize| -> String {
        let line = |i| {
            format!(
                "{file}-{i},the sole of my left shoe {i} is cracked,{}\n",
                i % 7
            )
        };
        HEAD.to_owned() + &(0..rows).map(line).collect::<String>()
    };
    for file in 0..19 {
        project.write(&format!("exports/{file:02}.csv"), &text(file));
    }
    let took = || {
        let events = objects(&project.tsugi("run", &["--json"]).ended(0).stdout);
        let step = events
            .iter()
            .find(|one| one["event"] == "step_finished" && one["table"] == "shop.rows")
            .unwrap();
        (
            step["elapsed_ms"].as_u64().unwrap(),
            step["rows"].as_u64().unwrap(),
        )
    };
    took();
    project.write("exports/19.csv", &text(19));
    let (on_ms, on_rows) = took();
    std::fs::remove_dir_all(project.path(".tsugi")).unwrap();
    let (whole_ms, whole_rows) = took();
    assert_eq!((on_rows, whole_rows), (20 * rows, 20 * rows));
    let ratio = on_ms as f64 / whole_ms as f64;
    println!(
        "1 new file of 20, {whole_rows} rows: {on_ms} ms, whole {whole_ms} ms, {ratio:.3} of it"
    );
    assert!(ratio < 0.5, "{on_ms} ms of {whole_ms} ms");
}
