//! The guide of functions holds what it shows, and names what to write instead.

use super::{ended, rows};
use crate::support::root;
use tsugi_pipeline::query::{QueryError, Session, Settings};

fn session() -> Session {
    let settings = Settings {
        memory_max_bytes: 1 << 28,
        partitions: 2,
        spill_folder: None,
    };
    Session::new(&settings, &[]).unwrap()
}

const ROWS: &str = "(VALUES ('a', 1), ('a', 3), ('b', 2), ('b', NULL)) AS t (g, v)";

#[tokio::test]
async fn every_answer_of_the_guide_is_what_it_says() {
    let guide = std::fs::read_to_string(root().join("pipelines/FUNCTIONS.md")).unwrap();
    let (session, mut heading, mut tried) = (session(), "", 0);
    for line in guide.lines() {
        if let Some(next) = line.strip_prefix("## ") {
            heading = next;
        }
        let Some(row) = line.strip_prefix("| `") else {
            continue;
        };
        let row = row.replace("\\|", "\u{1}");
        let (call, rest) = row.split_once("` | `").expect(line);
        let (due, _) = rest.split_once('`').expect(line);
        let from = match heading {
            "Aggregates" => format!(" FROM {ROWS}"),
            _ => String::new(),
        };
        let sql = format!("SELECT {} AS x{from}", call.replace('\u{1}', "|"));
        let found = ended(rows(&session, &sql).await);
        assert_eq!(found.to_string(), format!("[{due}]"), "{sql}\n{found:?}");
        tried += 1;
    }
    assert!(tried > 35, "{tried}");
}

#[tokio::test]
async fn a_function_that_does_not_exist_is_said_with_what_to_write() {
    let session = session();
    for (call, function, hint) in [
        (
            "LEN('a')",
            "len",
            "write character_length(text), or array_length(list)",
        ),
        ("GETDATE()", "getdate", "write $as_of"),
        (
            "ISNULL(NULL, 1)",
            "isnull",
            "write coalesce(x, y), or x IS NULL",
        ),
        (
            "dateadd(day, 1, DATE '2026-01-01')",
            "dateadd",
            "write day + INTERVAL '1 day'",
        ),
        (
            "strftme(DATE '2026-01-01', '%Y')",
            "strftme",
            "did you mean `strftime` or `strptime`?",
        ),
        (
            "arg_mx(1, 2)",
            "arg_mx",
            "did you mean `arg_max` or `arg_min`?",
        ),
        (
            "frobnicate(1)",
            "frobnicate",
            "pipelines/FUNCTIONS.md lists the functions of SQL here",
        ),
    ] {
        let refused = rows(&session, &format!("SELECT\n  {call} AS x")).await;
        let Err(QueryError::NoFunction {
            name,
            place,
            hint: found,
        }) = refused
        else {
            panic!("{call}: {refused:?}");
        };
        assert_eq!((name.as_str(), found.as_str()), (function, hint), "{call}");
        assert_eq!(
            place.map(|place| (place.line, place.column)),
            Some((2, 3)),
            "{call}"
        );
    }
    let refused = rows(&session, "SELECT last_day(5) AS x").await.unwrap_err();
    assert_eq!(refused.to_string(), "`last_day` does not take (BIGINT)");
}
