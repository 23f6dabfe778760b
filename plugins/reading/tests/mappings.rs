//! What is wrong in a mapping, a config or a folder is said before a row is read, with its
//! place and the next step.

mod common;

use common::{Folder, PLAIN, all, config_of, mapping, read, row};
use tsugi_reading::{discover, load};

const HEAD: &str = "id,text,quantity,amount,day\n";

#[test]
fn findings_have_places_and_suggestions() {
    let text = r#"version = 2
name = "x"
status = "verifed"
sources = ["here"]
[dialect]
delimitter = ";"
encoding = "utf-9"
thousands = ["."]
dates = "dd.mm.yyyy"
zone = "Asia/Tokio"
[streams.Rows]
files = ["../x.csv"]
format = "xml"
cursor = "craeted"
columns = [
    { name = "id", type = "txt", key = true, nullable = true },
    { name = "created", type = "date", headings = ["A"] },
    { name = "other", type = "text", headings = ["a"] },
    { name = "price", type = "decimal(50,2)", optional = true, nullable = false },
]
colums = []
"#;
    let error = load("mine.toml", text).unwrap_err();
    let all = format!(
        "{} {} {}",
        error.at.clone().unwrap(),
        error.message,
        error.detail.clone().unwrap()
    );
    for part in [
        "mine.toml:1:11",
        "this build reads mappings of version 1",
        "`verifed` is neither",
        "mine.toml:6:1: unknown key `delimitter` in the dialect; did you mean `delimiter`?",
        "unknown encoding `utf-9`",
        "`.` cannot be a thousands mark",
        "`dd.mm.yyyy` is no date pattern",
        "unknown time zone `Asia/Tokio`",
        "the name `Rows`",
        "`../x.csv` must be a pattern inside",
        "unknown format `xml`",
        "did you mean `created`?",
        "unknown type `txt`; did you mean `text`?",
        "mine.toml:18:5: two columns of stream `Rows` claim the heading `a`",
        "unknown type `decimal(50,2)`",
        "must be nullable",
        "unknown key `colums` in stream `Rows`; did you mean `columns`?",
    ] {
        assert!(all.contains(part), "{part}\nis not in\n{all}");
    }
    assert_eq!(
        load("mine.toml", "version = ").unwrap_err().at.unwrap(),
        "mine.toml:1:11"
    );
    assert!(load("mine.toml", "").unwrap_err().message.contains("lacks"));
}

#[test]
fn configs_are_checked() {
    let host = Folder::with("a.csv", format!("{HEAD}A,x,1,1,2026-03-31\n"));
    let error = |config: &str| config_of(&mapping("", PLAIN), config, &host).unwrap_err();
    let unknown = error(r#"{"maping": "test"}"#);
    assert_eq!(
        (unknown.at.as_deref(), unknown.detail.as_deref()),
        (Some("/maping"), Some("did you mean `mapping`?"))
    );
    assert!(
        error(r#"{"mapping": "tset"}"#)
            .detail
            .unwrap()
            .contains("did you mean `test`?")
    );
    assert!(
        error(r#"{"drift": "ingore"}"#)
            .detail
            .unwrap()
            .contains("`ignore`")
    );
    assert_eq!(
        error(r#"{"strict": true, "drift": "add"}"#).at.as_deref(),
        Some("/strict")
    );
    assert_eq!(error(r#"{"strict": "yes"}"#).code, "bad-config");
    assert_eq!(
        error(r#"{"streams": ["row"]}"#).detail.as_deref(),
        Some("did you mean `rows`?")
    );
    assert_eq!(error("[]").code, "bad-config");
    assert_eq!(error("{").code, "bad-config");
    assert_eq!(
        error(r#"{"mapping": "test", "mapping_file": "x.toml"}"#)
            .at
            .as_deref(),
        Some("/mapping_file")
    );

    host.put(
        "maps/mine.toml",
        mapping("", PLAIN).replace("\"test\"", "\"mine\""),
        1.0,
    );
    assert!(
        error(r#"{"mapping_file": "maps/mime.toml"}"#)
            .detail
            .unwrap()
            .contains("did you mean `maps/mine.toml`?")
    );
    let config = config_of("", r#"{"mapping_file": "maps/mine.toml"}"#, &host).unwrap();
    assert_eq!(config.mapping.name, "mine");
    host.put("maps/mine.toml", b"\xff\xfe".to_vec(), 1.0);
    assert_eq!(
        error(r#"{"mapping_file": "maps/mine.toml"}"#).code,
        "bad-mapping"
    );
}

#[test]
fn a_missing_file_names_what_is_there() {
    let host = Folder::with("cutsomers.csv", HEAD);
    let text = mapping("", PLAIN).replace("*.csv", "customers.csv");
    let config = config_of(&text, "{}", &host).unwrap();
    let error = discover(&host, &config).unwrap_err();
    assert_eq!(error.code, "missing-file");
    assert!(
        error.message.contains("`exports`") && error.message.contains("`customers.csv`"),
        "{error}"
    );
    assert!(
        error
            .detail
            .unwrap()
            .starts_with("did you mean `cutsomers.csv`?")
    );
    let config = config_of(
        &text.replace("columns", "optional = true\ncolumns"),
        "{}",
        &host,
    )
    .unwrap();
    assert_eq!(discover(&host, &config).unwrap().len(), 1);
    assert_eq!(read(&host, config, all()).unwrap().rows.len(), 0);
    assert_eq!(host.take_notices()[0].0, "no-file");
}

#[test]
fn headings_that_came_or_went() {
    let host = Folder::with(
        "a.csv",
        "id,text,quantity,amuont,day,colour\nA,x,1,1,2026-03-31,red\n",
    );
    let run = |config: &str| {
        host.take_notices();
        read(
            &host,
            config_of(&mapping("", PLAIN), config, &host).unwrap(),
            all(),
        )
    };
    let error = run("{}").unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.at.as_deref()),
        ("missing-heading", Some("a.csv:1"))
    );
    assert!(
        error
            .detail
            .unwrap()
            .contains("nearest heading is `amuont`")
    );
    let got = run(r#"{"drift": "ignore"}"#).unwrap();
    assert_eq!(got.rows, [row(&["A", "x", "1", "", "20543", "a.csv", "2"])]);
    assert_eq!(host.take_notices()[0].0, "missing-heading");
    let got = run(r#"{"drift": "add"}"#).unwrap();
    assert_eq!(
        got.rows[0][5].as_deref(),
        Some(r#"{"amuont":"1","colour":"red"}"#)
    );

    host.put(
        "a.csv",
        "id,text,quantity,amount,day,colour\nA,x,1,1,2026-03-31,red\n",
        1.0,
    );
    assert_eq!(run("{}").unwrap().rows.len(), 1);
    let notices = host.take_notices();
    assert!(
        notices[0].0 == "extra-heading" && notices[0].1.contains("`colour`"),
        "{notices:?}"
    );
    assert_eq!(
        run(r#"{"strict": true}"#).unwrap_err().code,
        "extra-heading"
    );

    host.put("a.csv", "text,quantity,amount,day\nx,1,1,2026-03-31\n", 1.0);
    assert_eq!(
        run(r#"{"drift": "ignore"}"#).unwrap_err().code,
        "missing-heading",
        "a key is never optional"
    );
    host.put("a.csv", "id,text,quantity,amount,day,ID\n", 1.0);
    assert_eq!(run("{}").unwrap_err().code, "duplicate-heading");
    host.put("a.csv", "\n\n", 1.0);
    assert_eq!(run("{}").unwrap_err().code, "empty-file");
    host.put("a.csv", "id,\"text,quantity\n1,2\n", 1.0);
    assert_eq!(run("{}").unwrap_err().code, "bad-heading-row");
}

#[test]
fn many_files_by_a_pattern() {
    let host = Folder::with("2026/a-2.csv", format!("{HEAD}B,x,1,1,2026-03-31\n"));
    host.put(
        "2026/a-1.csv",
        "day;id;text;amount;quantity\n2026-03-31;A;x;1;1\n",
        1.0,
    );
    host.put("2026/b.csv", "nothing of ours", 1.0);
    let text = mapping("", PLAIN).replace("*.csv", "2026/a-?.csv");
    let got = read(&host, config_of(&text, "{}", &host).unwrap(), all()).unwrap();
    let places: Vec<_> = got
        .rows
        .iter()
        .map(|r| (r[0].clone().unwrap(), r[5].clone().unwrap()))
        .collect();
    assert_eq!(
        places,
        [
            ("A".into(), "2026/a-1.csv".into()),
            ("B".into(), "2026/a-2.csv".into())
        ]
    );
    assert_eq!(got.checkpoints.len(), 3, "one a file and one at the end");
}
