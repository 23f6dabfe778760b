//! Statements and random queries held against DuckDB: every answer is the same, or the list of
//! agreed differences says why not.
//!
//! `TSUGI_CORPUS_SEED` and `TSUGI_CORPUS_COUNT` ask other and more random queries than CI does;
//! `UPDATE_EXPECT=1` writes `differences.toml` anew.

mod answer;
mod differences;
mod grids;
mod guide;
mod random;
mod statement;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::RecordBatch;
use futures::TryStreamExt as _;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::query::{Parsed, QueryError, Session};
use tsugi_pipeline::run::plain_session;
use tsugi_pipeline::store::Warehouse;

use self::answer::Answer;
use self::differences::Difference;
use self::statement::Statement;
use crate::support::{copy, root, run, scratch, skipped};

/// The random queries of CI.
const SEED: u64 = 20_260_331;
const COUNT: usize = 200;
/// No statement of the corpus needs as long.
const ANSWER_MAX: Duration = Duration::from_secs(120);

fn folder() -> PathBuf {
    root().join("tests/corpus")
}

fn number<T: std::str::FromStr>(name: &str, default: T) -> T {
    let set = std::env::var(name).ok();
    set.map_or(default, |text| {
        text.parse()
            .ok()
            .unwrap_or_else(|| panic!("{name} is a number"))
    })
}

#[test]
fn every_answer_is_that_of_duckdb_or_an_agreed_difference() {
    if let Err(why) = is_there() {
        return skipped("duckdb", &why);
    }
    let (seed, count) = (
        number("TSUGI_CORPUS_SEED", SEED),
        number("TSUGI_CORPUS_COUNT", COUNT),
    );
    let mut statements = statement::all(&folder().join("statements"));
    statements.extend(grids::statements());
    assert!(statements.len() > 700, "{}", statements.len());
    statements.extend(random::statements(seed, count));
    let project = published();
    let theirs = judged(&project, &statements);
    let ours = answered(&project, &statements);
    let listed = differences::load(&folder().join("differences.toml"));
    let answers = ours.into_iter().zip(theirs);
    let (mut problems, differing) = compared(&statements, answers, &listed);
    // Those of random queries are looked for with the seed of CI only.
    if (seed, count) == (SEED, COUNT) {
        let is_there = |sql: &str| statements.iter().any(|one| one.sql == sql);
        let gone = listed.keys().filter(|sql| !is_there(sql));
        problems.extend(gone.map(|sql| format!("listed, and no statement of the corpus\n{sql}")));
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        differences::save(&folder().join("differences.toml"), &differing);
    }
    println!(
        "{} statements, {} of them random (seed {seed}); {} agreed differences",
        statements.len(),
        count,
        listed.len()
    );
    assert!(
        problems.is_empty(),
        "{} problems\n\n{}",
        problems.len(),
        problems.join("\n\n")
    );
}

/// What is different and not listed, or listed and not so; and everything that differs.
fn compared(
    statements: &[Statement],
    answers: impl Iterator<Item = (Answer, Answer)>,
    listed: &BTreeMap<String, Difference>,
) -> (Vec<String>, Vec<Difference>) {
    let (mut problems, mut differing) = (Vec::new(), Vec::new());
    for (statement, (ours, theirs)) in statements.iter().zip(answers) {
        let (ours, theirs) = match statement.is_ordered() {
            true => (ours, theirs),
            false => (ours.sorted(), theirs.sorted()),
        };
        let due = listed.get(&statement.sql);
        let shown = || {
            format!(
                "{}: {}\n   tsugi: {ours}\n  duckdb: {theirs}",
                statement.place, statement.sql
            )
        };
        let is_same = ours.agrees(&theirs);
        if is_same && due.is_some() {
            problems.push(format!(
                "no difference any more; strike it from the list\n{}",
                shown()
            ));
        } else if is_same && ours.is_refused() != statement.is_error {
            let why = format!("{ours:?}\n{theirs:?}");
            problems.push(format!(
                "both refuse what they should answer, or the reverse\n{}\n{why}",
                shown()
            ));
        }
        if is_same {
            continue;
        }
        let (tsugi, duckdb) = (ours.to_string(), theirs.to_string());
        match due {
            None => problems.push(format!("different\n{}\n{}", shown(), refusal(&ours))),
            // A wrong answer may change with the threads of the machine.
            Some(due) if due.reason.starts_with("wrong: ") && due.duckdb == duckdb => {}
            Some(due) if due.tsugi != tsugi || due.duckdb != duckdb => {
                problems.push(format!("differs in another way than listed\n{}", shown()));
            }
            Some(_) => {}
        }
        let reason = due.map_or("?".to_owned(), |due| due.reason.clone());
        let tsugi = match due {
            Some(due) if reason.starts_with("wrong: ") => due.tsugi.clone(),
            _ => tsugi,
        };
        differing.push(Difference {
            sql: statement.sql.clone(),
            reason,
            tsugi,
            duckdb,
        });
    }
    (problems, differing)
}

/// Why Tsugi refused.
fn refusal(answer: &Answer) -> &str {
    match answer {
        Answer::Refused(why) => why,
        Answer::Rows(_) => "",
    }
}

/// The tables of the corpus, published by a run.
fn published() -> PathBuf {
    let project = scratch("corpus");
    copy(&folder().join("models"), &project.join("models"));
    let toml = "[pipeline]\nname = \"corpus\"\nas_of = \"2026-03-31\"\n";
    std::fs::write(project.join("pipeline.toml"), toml).unwrap();
    drop(run(&["run", &project.display().to_string()]).ended(0));
    project
}

fn is_there() -> Result<(), String> {
    let script = "from duckdb_extensions import import_extension; import_extension('ducklake')";
    let output = Command::new("python3").args(["-c", script]).output();
    let output = output.map_err(|error| error.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// What DuckDB answers to each, all in one process.
fn judged(project: &Path, statements: &[Statement]) -> Vec<Answer> {
    let mut judge = Command::new("python3")
        .arg(folder().join("judge.py"))
        .arg(project.join(".tsugi"))
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let all: Vec<&str> = statements.iter().map(Statement::for_judge).collect();
    let mut stdin = judge.stdin.take().unwrap();
    stdin
        .write_all(serde_json::to_string(&all).unwrap().as_bytes())
        .unwrap();
    drop(stdin);
    let output = judge.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("1.5.5"), "the list is about this DuckDB");
    let answers: Vec<Answer> = lines.map(Answer::of_json).collect();
    assert_eq!(answers.len(), statements.len());
    answers
}

/// What Tsugi answers to each, all in one session.
fn answered(project: &Path, statements: &[Statement]) -> Vec<Answer> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let project = Project::load(project, None).map_err(|_| "loads").unwrap();
        let session = Arc::new(plain_session(&project).unwrap());
        let warehouse = Warehouse::open(&project.warehouse).await.unwrap();
        for (name, table) in &warehouse.snapshot().await.unwrap().tables {
            session.put(name, table.provider().unwrap());
        }
        let mut answers = Vec::new();
        for statement in statements {
            let (session, sql) = (Arc::clone(&session), statement.sql.clone());
            let task = tokio::spawn(async move { rows(&session, &sql).await });
            let answer = tokio::time::timeout(ANSWER_MAX, task).await;
            let answer = answer.unwrap_or_else(|_| panic!("no answer: {statement:?}"));
            let answer = answer.unwrap_or_else(|error| panic!("{error}: {statement:?}"));
            answers.push(ended(answer));
        }
        answers
    })
}

fn ended(answer: Result<Vec<RecordBatch>, QueryError>) -> Answer {
    match answer {
        Ok(rows) => Answer::of_batches(&rows),
        Err(error) => Answer::Refused(error.to_string()),
    }
}

async fn rows(session: &Session, sql: &str) -> Result<Vec<RecordBatch>, QueryError> {
    let plan = session.plan(&Parsed::new("SQL", sql)?).await?;
    let stream = session.stream(session.physical(&plan).await?)?;
    stream.try_collect().await.map_err(QueryError::from_engine)
}
