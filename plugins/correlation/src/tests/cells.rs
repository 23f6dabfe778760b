//! `attribute` on small tables made by hand: published rates, units that cannot be distinguished,
//! empty corners, and input that cannot be used.

use super::invented::{CellRow, Found, ask, cells, found, nesting, of, row};
use crate::AttributeTable;
use tsugi_plugin::testing::{table, take};
use tsugi_plugin::{Batch, Error, column};

#[test]
fn the_water_suppliers_of_snow_1855() {
    // Table IX: houses supplied and deaths from cholera in seven weeks of 1854.
    let rows: Vec<CellRow> = [
        ("Southwark and Vauxhall", 40046.0, 1263.0),
        ("Lambeth", 26107.0, 98.0),
        ("Other", 256_423.0, 1422.0),
    ]
    .into_iter()
    .map(|(supplier, houses, deaths)| row(Some("cholera"), houses, deaths, &[supplier]))
    .collect();
    let found = ask(&rows, "supplier", None);
    let rate = |supplier| of(&found, "cholera", supplier).rate.unwrap() * 10_000.0;
    assert!((rate("Southwark and Vauxhall") - 315.387).abs() < 1e-3);
    assert!((rate("Lambeth") - 37.538).abs() < 1e-3 && (rate("Other") - 55.455).abs() < 1e-3);
    let first = &found[0];
    assert_eq!(
        (
            first.value.as_str(),
            first.verdict.as_str(),
            first.pairs_tested
        ),
        ("Southwark and Vauxhall", "leading suspect", 3)
    );
    assert!((first.rate_ratio.unwrap() - 5.862_261_524).abs() < 1e-8);
    assert!(first.q_value.unwrap() < 1e-300);
    for other in &found[1..] {
        assert_eq!(
            (other.verdict.as_str(), other.q_value),
            ("no evidence", Some(1.0))
        );
    }
}

/// 20 lots of 100 units, a base rate of one in a hundred, and one lot with nine complaints.
fn one_bad_lot(named: impl Fn(usize) -> Vec<&'static str>) -> Vec<CellRow> {
    (0..20)
        .flat_map(|lot| {
            let lot_name: &'static str = format!("L{lot:02}").leak();
            let mut values = vec![lot_name];
            values.extend(named(lot));
            let complaints = if lot == 7 { 9.0 } else { 1.0 };
            [
                row(None, 100.0, 0.0, &values),
                row(Some("crack"), 0.0, complaints, &values),
            ]
        })
        .collect()
}

#[test]
fn the_same_units_are_named_by_what_lies_nearer_the_origin() {
    // Period, change and product cover the bad lot and nothing else: the data cannot tell them
    // apart.
    let rows = one_bad_lot(|lot| {
        if lot == 7 {
            vec!["P1", "M1", "X"]
        } else {
            vec!["P2", "", "Y"]
        }
    });
    let factors = "finished_lot,period,change,product";
    let found = ask(&rows, factors, Some("finished_lot<period"));
    let leader = of(&found, "crack", "P1");
    assert_eq!(
        (leader.verdict.as_str(), leader.part_of.as_deref()),
        ("leading suspect", None)
    );
    let lot = of(&found, "crack", "L07");
    assert_eq!(
        (lot.verdict.as_str(), lot.part_of.as_deref()),
        ("part of a suspect", Some("period P1"))
    );
    for shadow in ["M1", "X"] {
        let shadow = of(&found, "crack", shadow);
        assert_eq!(
            (shadow.verdict.as_str(), shadow.explained_by.as_deref()),
            ("explained by another", Some("period P1"))
        );
        assert!(
            shadow.reason.contains("no shipped units remain to compare"),
            "{}",
            shadow.reason
        );
    }
    // Without nesting the earlier factor is named.
    let found = ask(&rows, factors, None);
    assert_eq!(of(&found, "crack", "L07").part_of, None);
    assert_eq!(
        of(&found, "crack", "P1").part_of.as_deref(),
        Some("finished_lot L07")
    );
}

#[test]
fn a_lot_alone_leads_and_its_period_is_its_shadow() {
    let rows = one_bad_lot(|lot| {
        if (6..10).contains(&lot) {
            vec!["P1"]
        } else {
            vec!["P2"]
        }
    });
    let found = ask(&rows, "finished_lot,period", Some("finished_lot<period"));
    assert_eq!(of(&found, "crack", "L07").verdict, "leading suspect");
    let period = of(&found, "crack", "P1");
    assert_eq!(
        (period.verdict.as_str(), period.explained_by.as_deref()),
        ("explained by its part", Some("finished_lot L07"))
    );
    assert!(
        period
            .reason
            .contains("9 of its 12 complaints are those of its part finished_lot L07")
            && period
                .reason
                .contains("its 4 values of finished_lot do not share one rate"),
        "{}",
        period.reason
    );
}

#[test]
fn empty_corners_are_reported_as_they_are() {
    let rows = vec![
        row(None, 500.0, 0.0, &["A"]),
        row(None, 500.0, 0.0, &["B"]),
        row(Some("crack"), 0.0, 8.0, &["A"]),
        row(Some("crack"), 0.0, 2.0, &["ghost"]),
        row(Some("tear"), 0.0, 0.0, &["A"]),
    ];
    let found = ask(&rows, "lot", None);
    // Nothing was shipped of the ghost: its complaints are none of elsewhere.
    let all = of(&found, "crack", "A");
    assert_eq!(all.rate_ratio, None);
    let ghost = of(&found, "crack", "ghost");
    assert_eq!(
        (
            ghost.rate,
            ghost.p_value,
            ghost.q_value,
            ghost.verdict.as_str()
        ),
        (None, None, None, "no evidence")
    );
    assert_eq!(
        ghost.reason,
        "2 complaints but no shipped units, so no rate can be given."
    );
    // A topic without any complaint was tested too.
    assert_eq!(
        of(&found, "tear", "B").reason,
        "No complaint in 500 shipped."
    );
    assert_eq!(all.pairs_tested, 4);
    // All complaints in one cell: the ratio has no upper limit, and is null.
    let found = ask(&rows[..3], "lot", None);
    let only = of(&found, "crack", "A");
    assert_eq!((only.rate_ratio, only.rate_ratio_high), (None, None));
    assert!(
        only.rate_ratio_low.unwrap() > 1.0 && only.reason.contains("without upper limit"),
        "{}",
        only.reason
    );
    // One unit only: nothing to compare with.
    let alone = ask(&[row(Some("crack"), 10.0, 3.0, &["A"])], "lot", None);
    assert_eq!(
        (
            alone[0].p_value,
            alone[0].pairs_tested,
            alone[0].verdict.as_str()
        ),
        (None, 0, "no evidence")
    );
    assert!(alone[0].reason.contains("no other units to compare with"));
    assert!(ask(&[], "lot", None).is_empty());
}

/// Over a million units 1.27 times the rate is no chance, and yet nothing that leads.
#[test]
fn an_effect_that_is_clear_and_small_does_not_lead() {
    let rows: Vec<CellRow> = [
        ("many", 100_000.0, 1_270.0),
        ("few", 3_000.0, 50.0),
        ("bad", 1_000.0, 200.0),
        ("rest", 900_000.0, 9_000.0),
    ]
    .into_iter()
    .map(|(lot, units, complaints)| row(Some("crack"), units, complaints, &[lot]))
    .collect();
    let ask = |least: f64| {
        let answer = table::<AttributeTable>()
            .input("cells", cells(&rows, "lot"))
            .option("min_ratio", least)
            .run()
            .unwrap();
        let found = answer.read::<Found>().unwrap().map(Result::unwrap);
        found.collect::<Vec<Found>>()
    };
    let verdict = |found: &[Found], lot: &str| {
        let row = of(found, "crack", lot);
        (row.verdict.clone(), row.reason.clone())
    };
    let all = ask(1.0);
    for lot in ["many", "few", "bad"] {
        assert_eq!(verdict(&all, lot).0, "leading suspect", "{lot}");
    }
    let clear = ask(1.5);
    assert_eq!(verdict(&clear, "bad").0, "leading suspect");
    let (said, because) = verdict(&clear, "many");
    assert_eq!(said, "no evidence");
    assert!(because.contains("too small an effect to lead"), "{because}");
    let (said, because) = verdict(&clear, "few");
    assert_eq!(said, "suspect, needs a person");
    assert!(because.contains("the interval reaches 1.5"), "{because}");
}

/// 120,000 lots in 16 regions: what a lot tells (product, period) takes no room in its cells.
#[test]
fn two_million_cells_of_many_lots_fit() {
    let (lots, regions) = (120_000_u32, 16);
    let each = |of: &dyn Fn(u32, u32) -> String| -> Vec<String> {
        let cells = (0..lots).flat_map(|lot| (0..regions).map(move |region| (lot, region)));
        cells.map(|(lot, region)| of(lot, region)).collect()
    };
    let count = (lots * regions) as usize;
    let bad = |lot: u32| lot % 600 == 7;
    let crack = |lot: u32, region: u32| i64::from(bad(lot) && region == lot / 600 % 16);
    let complaints = (0..lots).flat_map(|lot| (0..regions).map(move |region| (lot, region)));
    let batch = Batch::new(vec![
        column("topic", each(&|_, _| "crack".to_owned())),
        column("shipped", vec![3.0; count]),
        column(
            "complaints",
            complaints
                .map(|(lot, region)| crack(lot, region))
                .collect::<Vec<i64>>(),
        ),
        column("lot", each(&|lot, _| format!("L{lot}"))),
        column("product", each(&|lot, _| format!("P{}", lot % 12))),
        column("period", each(&|lot, _| format!("S{}", lot % 600))),
        column("region", each(&|_, region| format!("R{region}"))),
    ])
    .unwrap();
    let answer = table::<AttributeTable>()
        .input("cells", batch)
        .input("nested", nesting("lot<period"))
        .run_cut(8_192)
        .unwrap();
    assert_eq!(answer.rows(), lots as usize + 12 + 600 + 16);
    let first = answer.read::<Found>().unwrap().next().unwrap().unwrap();
    assert_eq!(
        (
            first.value.as_str(),
            first.verdict.as_str(),
            first.complaints
        ),
        ("S7", "leading suspect", 200)
    );
}

/// Lots of two periods in two regions; the period of a lot as rows.
fn rows_of_lots() -> (Vec<CellRow>, Batch) {
    let lots = (0..12).map(|lot| (format!("L{lot:02}"), format!("P{}", lot % 4)));
    let (lots, periods): (Vec<String>, Vec<String>) = lots.unzip();
    let cells: Vec<CellRow> = (0..24)
        .flat_map(|at: usize| {
            let values = [lots[at % 12].as_str(), ["north", "south"][at / 12]];
            let complaints = if at % 4 == 1 { 9.0 } else { 1.0 };
            [
                row(None, 100.0 + at as f64 / 3.0, 0.0, &values),
                row(Some("crack"), 0.0, complaints, &values),
            ]
        })
        .collect();
    let factors = Batch::new([
        column("value", periods),
        column("factor", vec!["period"; 12]),
        column("lot", lots),
    ]);
    (cells, factors.unwrap())
}

#[test]
fn factors_of_units_answer_as_columns_of_the_cells_do() {
    let (rows, factors) = rows_of_lots();
    let call = |rows: &[CellRow], names: &str| {
        table::<AttributeTable>()
            .input("cells", cells(rows, names))
            .input("nested", nesting("lot<period"))
    };
    let by_rows = found(&call(&rows, "lot,region").input("factors", factors));
    let with_period = |row: &CellRow| {
        let mut row = row.clone();
        let lot: usize = row.values[0].as_ref().unwrap()[1..].parse().unwrap();
        row.values.insert(1, Some(format!("P{}", lot % 4)));
        row
    };
    let wide: Vec<CellRow> = rows.iter().map(with_period).collect();
    let by_columns = found(&call(&wide, "lot,period,region"));
    assert_eq!(by_rows, by_columns);
    assert_eq!(of(&by_rows, "crack", "P1").verdict, "leading suspect");
}

#[test]
fn factors_that_cannot_be_used_are_refused() {
    let (rows, factors) = rows_of_lots();
    let refused = |columns: &str, factors: &Batch, nested: &str| {
        table::<AttributeTable>()
            .input("cells", cells(&rows, columns))
            .input("factors", factors.clone())
            .input("nested", nesting(nested))
            .run_cut(5)
            .unwrap_err()
            .to_string()
    };
    let unknown = refused("lot,region", &factors, "lott<period");
    assert!(
        unknown.contains("'lott', which is none of the factors lot, period, region"),
        "{unknown}"
    );
    let own = refused("lot,region", &factors, "lot<period,period<lot");
    assert!(own.contains("made from itself"), "{own}");
    let both = refused("lot,period", &factors, "lot<period");
    assert!(both.contains("period is there twice"), "{both}");
    let all: Vec<usize> = (0..factors.rows()).chain([3]).collect();
    let twice = refused("lot,region", &take(&factors, &all).unwrap(), "lot<period");
    assert!(
        twice.contains("row 13") && twice.contains("period of L03"),
        "{twice}"
    );
}

fn refused(rows: &[CellRow], factors: &str) -> Error {
    table::<AttributeTable>()
        .input("cells", cells(rows, factors))
        .run_cut(100)
        .unwrap_err()
}

#[test]
fn bad_rows_are_refused_with_their_place() {
    let good = row(None, 10.0, 0.0, &["A", "north"]);
    for (bad, code, says) in [
        (
            row(None, -3.0, 0.0, &["B", "south"]),
            "bad-number",
            "shipped is -3",
        ),
        (
            row(None, f64::NAN, 0.0, &["B", "south"]),
            "bad-number",
            "shipped is NaN",
        ),
        (
            row(Some("crack"), 0.0, f64::INFINITY, &["B", "south"]),
            "bad-number",
            "complaints is inf",
        ),
        (
            row(Some("crack"), 0.0, 0.5, &["B", "south"]),
            "not-whole",
            "complaints is 0.5",
        ),
        (
            row(None, 0.0, 2.0, &["B", "south"]),
            "complaints-without-topic",
            "2 complaints but no topic",
        ),
        (
            row(Some("crack"), 5.0, 1.0, &["B", "south"]),
            "mixed-exposure",
            "count twice",
        ),
    ] {
        let error = refused(&[good.clone(), bad], "lot,region");
        assert_eq!(error.code, code);
        assert!(
            error.message.contains("row 2") && error.message.contains("lot B, region south"),
            "{error}"
        );
        assert!(error.message.contains(says), "{error}");
    }
}

#[test]
fn bad_arguments_are_refused_when_the_query_is_planned() {
    let rows = [row(None, 10.0, 0.0, &["A"])];
    let call = || table::<AttributeTable>().input("cells", cells(&rows, "lot"));
    let units = |columns: [&str; 3]| Batch::new(columns.map(|name| column(name, ["A"]))).unwrap();
    let refused = |columns| {
        call()
            .input("factors", units(columns))
            .returns()
            .unwrap_err()
    };
    let missing = refused(["supplier", "factor", "value"]);
    assert_eq!(missing.code, "missing-column");
    assert!(missing.to_string().contains("supplier"), "{missing}");
    assert_eq!(refused(["lot", "kind", "value"]).code, "missing-column");
    let level = call().option("alpha", 1.5).returns().unwrap_err();
    assert_eq!(
        (level.code.as_str(), level.at.as_deref()),
        ("bad-option", Some("/alpha"))
    );
    let words = Batch::new([
        column("topic", ["crack"]),
        column("shipped", ["many"]),
        column("complaints", [1_i64]),
        column("lot", ["A"]),
    ])
    .unwrap();
    let error = table::<AttributeTable>()
        .input("cells", words)
        .returns()
        .unwrap_err();
    assert_eq!(
        error.message,
        "port `cells`: column `shipped` is VARCHAR, expected a number"
    );
}
