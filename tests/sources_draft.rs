//! From an export nobody has described to a table: the mapping is drafted, named, and reads.

use crate::functions::bench::project;
use crate::support::{root, run};

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
    assert!(
        drafted.err.contains("drafted from 2 rows"),
        "{}",
        drafted.err
    );
    std::fs::write(folder.join("exports/shop.toml"), &drafted.out).expect("a mapping");

    let dir = folder.to_str().expect("UTF-8");
    run(&["run", dir]).ended(0);
    let asked = run(&["query", dir, "SELECT * FROM a.customers", "--format", "csv"]).ended(0);
    let expected = "kunden_nr,plz,umsatz,erstellt_am\n\
        0001,01234,1234.50,2025-12-31\n0002,80331,0.99,2026-02-01\n";
    assert_eq!(asked.out, expected, "{}", drafted.out);
}

#[test]
fn a_file_that_is_not_there_or_holds_no_table_is_told() {
    let told = run(&["sources", "draft", "nowhere.csv"]).ended(1);
    assert!(
        told.err.contains("cannot read `nowhere.csv`"),
        "{}",
        told.err
    );
    let folder = project("sources-empty", "", &[("empty.csv", "")]);
    let empty = folder.join("empty.csv");
    let told = run(&["sources", "draft", empty.to_str().expect("UTF-8")]).ended(1);
    assert!(
        told.out.is_empty() && told.err.contains("empty.csv"),
        "{}",
        told.err
    );
}
