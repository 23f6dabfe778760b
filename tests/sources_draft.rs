//! From an export without a mapping to a table: the mapping is drafted, named, and reads.

use crate::functions::bench::{project, write};
use crate::support::{assert_printed, root, run};

const EXPORT: &str = "Kunden-Nr.;Name;PLZ;Umsatz;Erstellt am\r\n\
    0001;Müller;01234;1.234,50;31.12.2025\r\n\
    0002;Weiß;80331;0,99;01.02.2026\r\n";

#[test]
fn a_drafted_mapping_reads_the_export_it_was_drafted_from() {
    let plugin = root().join("plugins/crm-export");
    let pipeline = format!(
        "[plugins.crm-export]\npath = {plugin:?}\ngrants.inputs.exports = \"exports\"\n\
         [sources.shop]\nplugin = \"crm-export\"\nconfig = {{ mapping_file = \"shop.toml\" }}\n"
    );
    let model = "SELECT kunden_nr, plz, umsatz, erstellt_am FROM shop.kunden ORDER BY kunden_nr";
    let files = [
        ("exports/Kunden.csv", EXPORT),
        ("models/a/customers.sql", model),
    ];
    let folder = project("sources-draft", &pipeline, &files);
    let export = folder.join("exports/Kunden.csv");
    let drafted = run(&["sources", "draft", export.to_str().expect("UTF-8")]).ended(0);
    assert_printed!(drafted.stderr, @"drafted from 2 rows; put it beside the export and name it as mapping_file in pipeline.toml");
    std::fs::write(folder.join("exports/shop.toml"), &drafted.stdout).expect("a mapping");

    let dir = folder.to_str().expect("UTF-8");
    run(&["run", dir]).ended(0);
    let rows = run(&["query", dir, "SELECT * FROM a.customers", "--format", "csv"]).ended(0);
    let expected = "kunden_nr,plz,umsatz,erstellt_am\n\
        0001,01234,1234.50,2025-12-31\n0002,80331,0.99,2026-02-01\n";
    assert_eq!(rows.stdout, expected, "{}", drafted.stdout);
}

/// What a code block of the guide for analysts holds: the text between a line and the end of the block.
fn block<'g>(guide: &'g str, first: &str) -> &'g str {
    let start = guide
        .find(first)
        .unwrap_or_else(|| panic!("the guide has no `{first}`"));
    let rest = &guide[start..];
    &rest[..rest.find("\n```").expect("a block ends")]
}

/// The guide is followed word by word: its files are written, its commands run, its output compared.
#[test]
fn the_guide_leads_from_an_unknown_csv_to_a_staged_table() {
    let guide = std::fs::read_to_string(root().join("pipelines/README.md")).expect("a guide");
    let folder = project("guide", "", &[]);
    let put = |file: &str, text: &str| write(&folder, file, text);
    let dir = folder.to_str().expect("UTF-8");
    let head = "Beleg;Kunde;Text;Betrag;Eingang\n";
    let export = |first: &str| block(&guide, &format!("{head}{first}"));
    put("exports/Reklamationen.csv", export("R-0001"));
    let file = folder.join("exports/Reklamationen.csv");
    let drafted = run(&["sources", "draft", file.to_str().expect("UTF-8")]).ended(0);
    let shown = block(&guide, "# A draft from 3 row(s)");
    assert_eq!(drafted.stdout.trim_end(), shown, "the draft of the guide");
    let (one, many) = (
        "files = [\"Reklamationen.csv\"]",
        "files = [\"Reklamationen*.csv\"]",
    );
    assert!(guide.contains(&format!("`{many}`")) && drafted.stdout.contains(one));
    put("exports/shop.toml", &drafted.stdout.replace(one, many));
    let plugins = format!("{:?}", root().join("plugins/crm-export"));
    let pipeline = block(&guide, "[pipeline]\nname = \"shop\"");
    assert!(pipeline.contains("\"../../plugins/crm-export\""));
    put(
        "pipeline.toml",
        &pipeline.replace("\"../../plugins/crm-export\"", &plugins),
    );
    put(
        "models/staging/claims.sql",
        block(&guide, "-- One claim a row"),
    );

    let runs_as = |first: &str| {
        let outcome = run(&["run", dir]).ended(0).stderr;
        for line in block(&guide, first).lines() {
            // Times differ from run to run.
            let words = line.rsplit_once("  0.").map_or(line, |(words, _)| words);
            let words = words.split(" in 0.").next().expect("a line");
            assert!(outcome.contains(words), "`{words}` is not in\n{outcome}");
        }
    };
    let answers = |sql: &str, first: &str| {
        assert!(guide.contains(&format!(
            "tsugi query pipelines/shop \"{sql}\" --format csv"
        )));
        let rows = run(&["query", dir, sql, "--format", "csv"]).ended(0);
        assert_eq!(rows.stdout.trim_end(), block(&guide, first));
    };
    runs_as("[1/2] shop.reklamationen  3 rows");
    let sql = "SELECT * FROM staging.claims ORDER BY claim_id";
    answers(sql, "claim_id,customer_id,");
    put("exports/Reklamationen-02.csv", export("R-0004"));
    runs_as("[1/2] shop.reklamationen  4 rows");
    answers(
        "SELECT file, line, reason FROM quarantine.shop",
        "file,line,reason\n",
    );
}

#[test]
fn a_file_that_is_not_there_or_holds_no_table_is_an_error() {
    let outcome = run(&["sources", "draft", "nowhere.csv"]).ended(1);
    assert_printed!(outcome.stderr, @"error: cannot read `nowhere.csv`: No such file or directory (os error 2)");
    let folder = project("sources-empty", "", &[("empty.csv", "")]);
    let empty = folder.join("empty.csv");
    let outcome = run(&["sources", "draft", empty.to_str().expect("UTF-8")]).ended(1);
    assert_printed!(outcome.stderr, @"error: cannot read `DIR/empty.csv`: `empty.csv` is empty: it has no heading row for stream `rows`; export it again, or take it out of the folder");
}

#[test]
fn a_device_or_a_folder_is_no_export() {
    for file in ["/dev/zero", "/"] {
        let outcome = run(&["sources", "draft", file]).ended(1);
        let words = "a draft is made of a plain file of up to 512 MiB";
        assert!(outcome.stderr.contains(words), "{file}: {}", outcome.stderr);
    }
}

/// A terminal must obey nothing in a heading, and TOML must read it back.
#[test]
fn a_heading_that_hides_something_is_written_as_toml_writes_it() {
    let heading = "\u{202e}d\u{200b}\u{e0041}";
    let csv = format!("id,{heading}\n1,2\n");
    let folder = project("hidden-heading", "", &[("odd.csv", &csv)]);
    let drafted = run(&[
        "sources",
        "draft",
        folder.join("odd.csv").to_str().expect("UTF-8"),
    ]);
    let text = drafted.ended(0).stdout;
    assert!(text.contains(r#"["\u202Ed\u200B\U000E0041"]"#), "{text}");
    let mapping: toml::Table = text.parse().expect("TOML");
    let columns = mapping["streams"]["odd"]["columns"]
        .as_array()
        .expect("a list");
    assert_eq!(columns[1]["headings"][0].as_str(), Some(heading));
}
