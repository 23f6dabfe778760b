//! `region_scan`: New York leukaemia as SaTScan 9 has it, and regions that cannot be scanned.

use super::data::folder;
use crate::RegionScanTable;
use std::path::Path;
use tsugi_plugin::testing::{TableRun, table};
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
struct Cluster {
    rank: i64,
    centre: Option<String>,
    regions: Vec<String>,
    cases: i64,
    expected: Option<f64>,
    population: f64,
    relative_risk: Option<f64>,
    radius: Option<f64>,
    llr: Option<f64>,
    p_value: Option<f64>,
    verdict: String,
    reason: String,
}

fn scan(rows: Batch) -> TableRun<RegionScanTable> {
    table::<RegionScanTable>().input("regions", rows)
}

fn clusters(answer: &Batch) -> Vec<Cluster> {
    answer
        .read::<Cluster>()
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

/// The 281 tracts of New York, with these two names for their coordinates.
fn new_york(folder: &Path, axes: [&str; 2]) -> Batch {
    let table = |name: &str| -> Vec<Vec<String>> {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        text.lines()
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .collect()
    };
    let (coords, people) = (table("satscan_ny_coords.txt"), table("satscan_ny_pop.txt"));
    let cases = table("satscan_ny_cases.txt");
    let number = |text: &String| text.parse::<f64>().unwrap();
    let found = |of: &[Vec<String>], id: &String, at: usize| {
        of.iter()
            .find(|row| row[0] == *id)
            .map_or(0.0, |row| number(&row[at]))
    };
    Batch::new([
        column("region", coords.iter().map(|row| row[0].clone())),
        column(axes[0], coords.iter().map(|row| number(&row[1]))),
        column(axes[1], coords.iter().map(|row| number(&row[2]))),
        column("cases", coords.iter().map(|row| found(&cases, &row[0], 1))),
        column(
            "population",
            coords.iter().map(|row| found(&people, &row[0], 2)),
        ),
    ])
    .unwrap()
}

/// A cluster as SaTScan printed it.
struct Printed {
    regions: Vec<String>,
    population: f64,
    cases: i64,
    expected: f64,
    llr: f64,
    p: f64,
}

fn satscan(folder: &Path, name: &str) -> Vec<Printed> {
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    let mut found = Vec::new();
    let mut regions = String::new();
    let (mut population, mut cases, mut expected, mut listing) = (0.0, 0, 0.0, false);
    for line in text.lines() {
        let value = line.split_once(':').map_or("", |pair| pair.1.trim());
        if line.contains("Location IDs included.:") {
            (regions, listing) = (value.to_owned(), true);
        } else if line.contains("..:") || line.contains(".:") {
            listing = false;
        } else if listing {
            regions += line.trim();
        }
        let line = line.trim();
        if line.starts_with("Population....") {
            population = value.parse().unwrap_or(0.0);
        } else if line.starts_with("Number of cases") {
            cases = value.parse().unwrap();
        } else if line.starts_with("Expected cases") {
            expected = value.parse().unwrap();
        } else if line.starts_with("Log likelihood ratio") {
            let ids = regions.split(',').map(|id| id.trim().to_owned());
            let mut ids: Vec<String> = ids.filter(|id| !id.is_empty()).collect();
            ids.sort();
            found.push(Printed {
                regions: ids,
                population,
                cases,
                expected,
                llr: value.parse().unwrap(),
                p: 1.0,
            });
        } else if line.starts_with("P-value")
            && let Some(last) = found.last_mut()
        {
            last.p = value.parse().unwrap();
        }
    }
    found
}

#[test]
fn new_york_leukaemia_is_scanned_as_by_satscan() {
    let Some(folder) = folder("spatial_scan") else {
        return;
    };
    let flat = ["x", "y"];
    for (file, axes, share, first) in [
        (
            "scan_test_ny_poisson_circular_cartesian.txt",
            flat,
            0.5,
            14.083_511,
        ),
        (
            "scan_test_ny_poisson_circular_cartesian_ubpop_10percent.txt",
            flat,
            0.1,
            11.577_255,
        ),
        (
            "scan_test_ny_poisson_circular_longlat.txt",
            ["latitude", "longitude"],
            0.5,
            14.780_276,
        ),
    ] {
        let wanted = satscan(&folder, file);
        let call = scan(new_york(&folder, axes))
            .option("population_max", share)
            .option("clusters", 7_i64);
        let found = clusters(&call.run_cut(100).unwrap());
        assert!(wanted.len() >= 5, "{file}: {}", wanted.len());
        for (got, want) in found.iter().zip(&wanted) {
            let mut regions = got.regions.clone();
            regions.sort();
            assert_eq!(
                (&regions, got.population, got.cases),
                (&want.regions, want.population, want.cases),
                "{file}"
            );
            assert!(
                (got.llr.unwrap() - want.llr).abs() < 1e-6,
                "{file}: {got:?}"
            );
            // Printed to two places.
            let gap = got.expected.unwrap() - want.expected;
            assert!(gap.abs() < 0.005_001, "{file}: {got:?} {}", want.expected);
        }
        assert!(
            found.len() >= wanted.len().min(7),
            "{file}: {}",
            found.len()
        );
        assert!((found[0].llr.unwrap() - first).abs() < 1e-6);
        // Two simulations of a chance differ by chance: three standard deviations of 999 each.
        for (got, want) in found.iter().zip(&wanted) {
            let (got, want) = (got.p_value.unwrap(), want.p);
            let allowed = 3.0 * (2.0 * want * (1.0 - want) / 999.0).sqrt() + 0.003;
            assert!(
                (got - want).abs() < allowed,
                "{file}: p {got}, SaTScan {want}"
            );
        }
        assert_eq!(found[0].verdict, "leading suspect");
        assert_eq!(found[3].verdict, "no evidence");
    }
}

#[test]
fn the_same_seed_gives_the_same_p_and_ratios_are_those_of_satscan() {
    let Some(folder) = folder("spatial_scan") else {
        return;
    };
    let call = |seed: i64| {
        let rows = new_york(&folder, ["x", "y"]);
        let call = scan(rows)
            .option("simulations", 199_i64)
            .option("seed", seed);
        clusters(&call.run_cut(77).unwrap())
    };
    let p =
        |found: &[Cluster]| -> Vec<Option<f64>> { found.iter().map(|one| one.p_value).collect() };
    let (one, again, other) = (call(4), call(4), call(5));
    assert_eq!(p(&one), p(&again));
    assert_ne!(p(&one), p(&other));
    // SaTScan prints 1.99 for the fourth.
    assert!(
        (one[3].relative_risk.unwrap() - 1.99).abs() < 0.005,
        "{:?}",
        one[3]
    );
    assert!((one[1].expected.unwrap() - 17.7879).abs() < 1e-4);
    assert!((one[3].radius.unwrap() - 0.061).abs() < 5e-4);
}

#[test]
fn regions_that_cannot_be_scanned_are_refused_or_said() {
    let rows = |cases: [f64; 2], population: [f64; 2], x: [f64; 2]| {
        Batch::new([
            column("region", ["north", "south"]),
            column("cases", cases),
            column("population", population),
            column("x", x),
            column("y", [0.0, 0.0]),
        ])
        .unwrap()
    };
    for (wrong, code) in [
        (rows([1.0, -1.0], [5.0, 5.0], [0.0, 1.0]), "bad-number"),
        (rows([1.0, 0.5], [5.0, 5.0], [0.0, 1.0]), "not-whole"),
        (rows([1.0, 1.0], [5.0, 0.0], [0.0, 1.0]), "not-above-zero"),
        (rows([1.0, 1.0], [5.0, 5.0], [0.0, f64::NAN]), "not-finite"),
    ] {
        let error = scan(wrong).run_cut(9).unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains("row 2 (region south)"), "{error}");
    }
    let twice = Batch::new([
        column("region", ["north", "north"]),
        column("cases", [1_i64, 2]),
        column("population", [5_i64, 5]),
        column("latitude", [50.0, 51.0]),
        column("longitude", [0.0, 0.0]),
    ])
    .unwrap();
    assert_eq!(scan(twice).run_cut(9).unwrap_err().code, "twice");
    let nowhere = Batch::new([
        column("region", ["north"]),
        column("cases", [1_i64]),
        column("population", [5_i64]),
    ])
    .unwrap();
    assert_eq!(scan(nowhere).returns().unwrap_err().code, "missing-column");
    let quiet = clusters(
        &scan(rows([0.0, 0.0], [5.0, 5.0], [0.0, 1.0]))
            .run()
            .unwrap(),
    );
    assert_eq!(
        (quiet.len(), quiet[0].reason.as_str()),
        (1, "there are no cases")
    );
    assert_eq!(
        (quiet[0].rank, &quiet[0].centre, quiet[0].llr),
        (1, &None, None)
    );
    let even = clusters(
        &scan(rows([9.0, 9.0], [5.0, 5.0], [0.0, 1.0]))
            .run()
            .unwrap(),
    );
    assert!(even[0].reason.starts_with("no circle"), "{even:?}");
}
