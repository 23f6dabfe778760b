//! Parents that an export writes once for all their children, and files under new names.
#![allow(clippy::unwrap_used)]

mod common;
#[path = "common/packed.rs"]
mod packed;

use common::{Folder, Read, Row, all, config_of, mapping, read, round_trip, row};
use tsugi_reading::{Request, State};

const ORDERS: &str = r#"
    { name = "order_id", type = "text", key = true, fill = true, headings = ["Order Reference"] },
    { name = "ordered_on", type = "date", fill = true, headings = ["Order Date"] },
    { name = "line", type = "integer", key = true, headings = ["Order Lines/Sequence"] },
    { name = "product", type = "text", headings = ["Order Lines/Product"] },
"#;

fn take(host: &Folder, more: &str, since: Option<State>) -> Read {
    let mapping = mapping("", ORDERS).replace("columns =", &format!("{more}\ncolumns ="));
    let config = config_of(&mapping, "{}", host).unwrap();
    let request = Request {
        since,
        max_rows: 1,
        checkpoint_rows: 1,
        ..all()
    };
    read(host, config, request).unwrap()
}

fn cut(read: &Read) -> Vec<Row> {
    read.rows.iter().map(|row| row[..4].to_vec()).collect()
}

const TEXT: &str = "Order Reference,Order Date,Order Lines/Sequence,Order Lines/Product\n\
    S1,2026-03-31,10,Boot\n,,20,Sole\n,,30,Lace\n\
    S2,,10,Boot\n,,20,Sole\n\
    S3,2026-02-31,10,Boot\n,,20,Sole\n\
    S4,2026-04-01,x,Boot\n,,20,Sole\n\
    S5,2026-04-01,10,Boot\n,,x,Sole\n,,30,Lace\n";

#[test]
fn blanks_take_the_value_above() {
    let host = Folder::with("a.csv", TEXT);
    let got = take(&host, "", None);
    assert_eq!(
        cut(&got),
        [
            row(&["S1", "20543", "10", "Boot"]),
            row(&["S1", "20543", "20", "Sole"]),
            row(&["S1", "20543", "30", "Lace"]),
            // A parent without a value has children without it.
            row(&["S2", "", "10", "Boot"]),
            row(&["S2", "", "20", "Sole"]),
            row(&["S5", "20544", "10", "Boot"]),
            row(&["S5", "20544", "30", "Lace"]),
        ]
    );
    // No child is given to a parent that is not its own.
    let places: Vec<_> = got.rejects.iter().map(|r| (r.line, r.code)).collect();
    assert_eq!(
        places,
        [
            (7, "bad-date"),
            (8, "missing-parent"),
            (9, "bad-number"),
            (10, "missing-parent"),
            (12, "bad-number")
        ]
    );
    assert!(got.checkpoints.len() > 7);
    for (rows, _, state) in &got.checkpoints {
        let state = round_trip(state).unwrap();
        assert_eq!(
            take(&host, "", Some(state)).rows,
            got.rows[*rows..],
            "after {rows}"
        );
    }
    let end = got.checkpoints.last().unwrap().2.clone();
    host.put("a.csv", format!("{TEXT},,40,Box\n"), 2.0);
    let more = take(&host, "", Some(end));
    assert_eq!(cut(&more), [row(&["S5", "20544", "40", "Box"])]);
    let orphan = Folder::with("a.csv", TEXT.replace("S1,2026-03-31", ","));
    assert_eq!(take(&orphan, "", None).rejects[0].code, "missing-parent");
}

#[test]
fn a_mark_at_the_first_row_of_a_record() {
    let head = "\"レコードの開始行\",\"Order Reference\",\"Order Date\",\"Order Lines/Sequence\",\"Order Lines/Product\"\n";
    // Children that repeat their parent, children that do not, and a parent that is blank.
    let text = format!(
        "{head}*,S1,2026-03-31,10,Boot\n,S1,2026-03-31,20,Sole\n,,,30,Lace\n*,S2,,10,Boot\n,,,20,Sole\n*,,2026-03-31,10,Boot\n,,,20,Sole\n"
    );
    let host = Folder::with("a.csv", encoding_rs::SHIFT_JIS.encode(&text).0.into_owned());
    let got = take(&host, "start = \"レコードの開始行\"", None);
    assert_eq!(
        cut(&got),
        [
            row(&["S1", "20543", "10", "Boot"]),
            row(&["S1", "20543", "20", "Sole"]),
            row(&["S1", "20543", "30", "Lace"]),
            row(&["S2", "", "10", "Boot"]),
            row(&["S2", "", "20", "Sole"]),
        ]
    );
    let codes: Vec<_> = got.rejects.iter().map(|r| r.code).collect();
    assert_eq!(codes, ["missing-key", "missing-parent"]);
    // The mark is known; it is no heading that came.
    let notices = host.take_notices();
    assert!(
        notices.iter().all(|(code, _)| code != "extra-heading"),
        "{notices:?}"
    );
    // Without it every row is a record of its own.
    let plain = "Order Reference,Order Date,Order Lines/Sequence,Order Lines/Product\nS1,2026-03-31,10,Boot\n,,20,Sole\n";
    let got = take(
        &Folder::with("a.csv", plain),
        "start = \"レコードの開始行\"",
        None,
    );
    assert_eq!((got.rows.len(), got.rejects[0].code), (1, "missing-key"));
}

#[test]
fn a_column_of_another_type_fails_where_drift_may_not_be() {
    let head = "Order Reference,Order Date,Order Lines/Sequence,Order Lines/Product\n";
    let rows: String = (0..20)
        .map(|i| format!("S{i},{i} days ago,1,Boot\n"))
        .collect();
    let host = Folder::with("a.csv", format!("{head}{rows}"));
    let run = |config: &str| {
        host.take_notices();
        let config = config_of(&mapping("", ORDERS), config, &host).unwrap();
        read(&host, config, all())
    };
    let got = run("{}").unwrap();
    assert_eq!((got.rows.len(), got.rejects.len()), (0, 20));
    assert_eq!(host.take_notices()[0].0, "type-drift");
    let error = run(r#"{"drift": "fail"}"#).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.at.as_deref()),
        ("type-drift", Some("a.csv"))
    );
    assert!(error.message.contains("`ordered_on`"), "{error}");
    assert_eq!(run(r#"{"drift": "add"}"#).unwrap().rejects.len(), 20);
}
