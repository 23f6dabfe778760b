//! Sources: what a query needs reaches the plugin, what cannot be read goes to quarantine.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use object_store::local::LocalFileSystem;
use tsugi_functions::{SourceReport, SourceTable};
use tsugi_pipeline::query::Settings;
use tsugi_sandbox::{Checkpoint, Folder, Granted, PluginLimits};

use super::bench::{Bench, plugin, project, write};
use crate::support::{root, run, scratch};

/// A session in which `main.<stream>` are the streams of a source, and these streams by name.
pub fn bench(
    folder: &str,
    granted: Granted,
    config: &str,
    since: Vec<Checkpoint>,
) -> (Bench, BTreeMap<String, SourceTable>) {
    let source = plugin(folder, PluginLimits::default(), granted);
    let settings = Settings {
        memory_max_bytes: 1 << 30,
        partitions: 2,
        spill_folder: None,
    };
    let bench = Bench::with(&settings, std::slice::from_ref(&source));
    let (streams, _) = bench.runtime.block_on(source.discover(config)).unwrap();
    let mut tables = BTreeMap::new();
    for facts in &streams {
        let key = bench.key(source.name());
        let table = SourceTable::new(key, config.to_owned(), facts, since.clone());
        bench.put_table(&format!("main.{}", facts.name), Arc::new(table.clone()));
        tables.insert(facts.name.clone(), table);
    }
    (bench, tables)
}

fn echo(since: Vec<Checkpoint>) -> (Bench, BTreeMap<String, SourceTable>) {
    bench("tests/guests/echo", Granted::default(), "{}", since)
}

/// Reads a stream step by step: its rows, and what came beside them.
fn read(bench: &Bench, table: &SourceTable) -> (usize, SourceReport) {
    bench.runtime.block_on(async {
        let mut steps = table.read(&bench.session.task()).unwrap();
        let (mut rows, mut report) = (0, SourceReport::default());
        while let Some(mut step) = steps.next().await.unwrap() {
            rows += step.rows.as_ref().map_or(0, RecordBatch::num_rows);
            report.add(&mut step);
        }
        (rows, report)
    })
}

#[test]
fn projection_limit_and_filters_reach_the_plugin() {
    let (bench, _) = echo(Vec::new());
    let cases: [(&str, &[&str]); 6] = [
        (
            "SELECT b FROM requests",
            &["full of requests; columns b; where ; limit none; since "; 3],
        ),
        (
            "SELECT c, a FROM requests LIMIT 2",
            &["full of requests; columns a,c; where ; limit 2; since |full of requests; columns a,c; where ; limit 2; since ";
                2],
        ),
        (
            "SELECT a, c FROM requests WHERE c = 'x' AND b IS NOT NULL",
            &["full of requests; columns a,b,c; where c = x and b is-not-null; limit none; since |x";
                3],
        ),
        (
            "SELECT a FROM requests WHERE 'a' < a AND b IN ('x', 'y')",
            &[""; 0],
        ),
        (
            // A filter that no plugin receives: the host alone applies it, and no limit goes below it.
            "SELECT a FROM requests WHERE length(b) > 5 LIMIT 1",
            &["full of requests; columns a,b; where ; limit none; since "],
        ),
        ("SELECT count(*) FROM requests", &["3"]),
    ];
    for (sql, expected) in cases {
        assert_eq!(bench.lines(sql), expected, "{sql}");
    }
    let filtered = bench.lines("SELECT a FROM requests WHERE 'a' < a AND b <> 'z'");
    assert_eq!(
        filtered,
        ["full of requests; columns a,b; where a > a and b != z; limit none; since "; 3]
    );
}

#[test]
fn checkpoints_come_back_and_go_in_again() {
    let (bench, tables) = echo(Vec::new());
    let (rows, report) = read(&bench, &tables["requests"]);
    assert_eq!(rows, 3);
    let (_, checkpoint) = report.checkpoints.into_iter().next().unwrap();
    assert_eq!(
        (
            checkpoint.state.as_slice(),
            checkpoint.version,
            checkpoint.rows
        ),
        (&b"row 3"[..], 7, 3.0)
    );
    assert_eq!(checkpoint.summary, "3 rows");
    let (again, _) = echo(vec![checkpoint]);
    let expected = "incremental of requests; columns a; where ; limit 1; since row 3 v7";
    assert_eq!(again.lines("SELECT a FROM requests LIMIT 1"), [expected]);
}

#[test]
fn an_export_plugin_reads_only_the_columns_of_the_request_and_goes_on_where_it_stopped() {
    let exports = scratch("exports");
    let products = "product_id,name,category,list_price,launched_on\nP1,Loafer,shoe,90.5,2025-01-02\nP2,Clog,shoe,,2025-02-03\n";
    write(&exports, "products.csv", products);
    let granted = || {
        let store = Arc::new(LocalFileSystem::new_with_prefix(&exports).unwrap());
        let folder = Folder {
            store,
            prefix: Default::default(),
            pattern: None,
            root: Some(exports.clone()),
        };
        Granted {
            inputs: BTreeMap::from([("exports".to_owned(), vec![folder])]),
            ..Granted::default()
        }
    };
    let (folder, config) = ("plugins/erp-export", r#"{"streams":["products"]}"#);
    let (first, tables) = bench(folder, granted(), config, Vec::new());
    assert_eq!(
        first.lines("SELECT name, _line FROM products LIMIT 1"),
        ["Loafer|2"]
    );
    assert_eq!(
        first.lines(
            "SELECT launched_on, list_price, product_id FROM products WHERE list_price IS NULL"
        ),
        ["2025-02-03||P2"]
    );
    assert_eq!(first.lines("SELECT count(product_id) FROM products"), ["2"]);
    let (rows, report) = read(&first, &tables["products"]);
    assert_eq!(rows, 2);
    let checkpoint = report.checkpoints["products.csv"].clone();
    write(
        &exports,
        "products.csv",
        &format!("{products}P3,Boot,shoe,120,2025-03-04\n"),
    );
    let (second, _) = bench(folder, granted(), config, vec![checkpoint]);
    assert_eq!(
        second.lines("SELECT product_id, _line FROM products"),
        ["P3|4"]
    );
}

#[test]
fn rows_that_cannot_be_read_are_in_quarantine_with_file_and_line() {
    let plugins = root().join("plugins");
    let pipeline = format!(
        "[plugins.erp-export]\npath = {:?}\ngrants.inputs.exports = \"erp\"\n\
         [plugins.crm-export]\npath = {:?}\ngrants.inputs.exports = \"crm\"\n\
         [sources.erp]\nplugin = \"erp-export\"\nconfig = {{ streams = [\"suppliers\"] }}\n\
         [sources.crm]\nplugin = \"crm-export\"\nconfig = {{ streams = [\"staff_notes\"] }}\n",
        plugins.join("erp-export"),
        plugins.join("crm-export"),
    );
    let notes = "note_id,store,staff,product_id,country,region,language,text,created_at\n\
                 N1,S1,E1,P1,JP,Kanto,ja,\"底が、\n割れた\",2026-01-02T10:00:00Z\n\
                 N2,S1,E1,P1,JP,Kanto,ja,ok,yesterday\n";
    let files = [
        (
            "erp/suppliers.csv",
            "supplier_id,name,country\nS1,Alpenleim,CH\n,Unnamed,CH\nS3,Too,many,fields\n",
        ),
        ("crm/staff_notes.csv", notes),
        (
            "models/a/both.sql",
            "SELECT supplier_id AS id FROM erp.suppliers UNION ALL SELECT note_id FROM crm.staff_notes",
        ),
    ];
    let folder = project("quarantine", &pipeline, &files);
    let folder = folder.to_str().unwrap();
    let outcome = run(&["run", folder]).ended(0);
    assert!(
        outcome
            .stderr
            .contains("2 rows of erp could not be read; see quarantine.erp"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("quarantined=3"),
        "{}",
        outcome.stderr
    );
    let ask = |sql: &str| {
        run(&["query", folder, sql, "--format", "csv"])
            .ended(0)
            .stdout
    };
    assert_eq!(ask("SELECT id FROM a.both ORDER BY id"), "id\nN1\nS1\n");
    let broken = "SELECT stream, file, line, code, raw FROM quarantine.erp ORDER BY line";
    assert_eq!(
        ask(broken),
        "stream,file,line,code,raw\n\
         suppliers,suppliers.csv,3,missing-key,\",Unnamed,CH\"\n\
         suppliers,suppliers.csv,4,too-many-fields,\"S3,Too,many,fields\"\n"
    );
    assert_eq!(
        ask("SELECT file, line, \"column\", code FROM quarantine.crm"),
        "file,line,column,code\nstaff_notes.csv,4,created_at,bad-timestamp\n"
    );
}
