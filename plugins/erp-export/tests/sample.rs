//! The sample exports: every broken row is rejected at the line that their README states, and
//! no other row is.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use tsugi_erp_export::ErpExport;
use tsugi_plugin::testing::{MockHost, discover, read_request, read_source};

#[test]
fn broken_rows_of_the_sample_are_rejected_and_no_others() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines/great-disconnect/exports");
    let Ok(readme) = std::fs::read_to_string(folder.join("README.md")) else {
        println!("skipped: there are no sample exports");
        return;
    };
    // | erp/x.csv | line | what is wrong |; rows that only name something unknown can be read.
    let mut stated = BTreeSet::new();
    let mut blank_lines = 0;
    for line in readme.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", file, at, what, ""] = cells[..] else {
            continue;
        };
        let (Some(file), Ok(at)) = (file.strip_prefix("erp/"), at.parse::<u32>()) else {
            continue;
        };
        match what {
            "blank line" => blank_lines += 1,
            what if what.starts_with("unknown") => {}
            _ => assert!(stated.insert((file.to_owned(), at))),
        }
    }
    assert!(stated.len() >= 4, "{stated:?}");

    let mut host = MockHost::new();
    for entry in std::fs::read_dir(folder.join("erp")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        host = host.file("exports", &name, std::fs::read(entry.path()).unwrap());
    }
    let mut rows = 0;
    for stream in discover::<ErpExport>("{}", &host).unwrap() {
        rows += read_source::<ErpExport>("{}", read_request(&stream.name), &host)
            .unwrap()
            .rows
            .rows();
    }
    assert!(rows > 10_000);
    let rejected: BTreeSet<_> = host
        .rejects()
        .into_iter()
        .map(|reject| (reject.file, reject.line))
        .collect();
    assert_eq!(rejected, stated);
    assert_eq!(
        host.notices()
            .iter()
            .filter(|(_, code, _)| code == "blank-lines")
            .count(),
        blank_lines
    );
}
