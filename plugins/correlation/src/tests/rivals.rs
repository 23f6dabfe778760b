//! Two materials that went into the same lots fit the same complaints: the answer names one and says which others it
//! cannot be distinguished from.

use crate::AttributeTable;
use tsugi_plugin::testing::table;
use tsugi_plugin::{Batch, Row, column};

#[derive(Debug, Row)]
struct Named {
    factor: String,
    value: String,
    verdict: String,
    rivals: Option<String>,
    reason: String,
}

/// Forty lots of 200 units, of which those of the first material's steps 12 to 17 are bad; the second material's
/// step of each lot is given. Beside the lots, what leads.
fn leading(second: impl Fn(usize) -> usize) -> Vec<Named> {
    let lots = 0..40_usize;
    let name = |at: usize| format!("L{at:02}");
    let bad = |at: usize| (12..=17).contains(&at);
    let complaints = lots
        .clone()
        .map(|at| if bad(at) { 8.0 } else { (at % 2) as f64 });
    let cells = [
        column("topic", lots.clone().map(|_| "crack")),
        column("lot", lots.clone().map(name)),
        column("shipped", lots.clone().map(|_| 200.0)),
        column("complaints", complaints),
    ];
    let both = || lots.clone().chain(lots.clone());
    let of = |words: [&'static str; 2]| {
        lots.clone()
            .map(move |_| words[0])
            .chain(lots.clone().map(move |_| words[1]))
    };
    let steps = lots.clone().chain(lots.clone().map(second));
    let series = [
        column("lot", both().map(name)),
        column("factor", of(["sole_period", "glue_period"])),
        column("series", of(["S sole", "G glue"])),
        column("step", steps.map(|step| format!("{step:02}"))),
    ];
    let nested = [
        column("factor", ["sole_period", "glue_period"]),
        column("made_into", ["lot", "lot"]),
    ];
    let answer = table::<AttributeTable>()
        .input("cells", Batch::new(cells).unwrap())
        .input("nested", Batch::new(nested).unwrap())
        .input("series", Batch::new(series).unwrap())
        .run_cut(100)
        .unwrap();
    let rows = answer.read::<Named>().unwrap().map(Result::unwrap);
    rows.filter(|row| row.verdict == "leading suspect" && row.factor != "lot")
        .collect()
}

#[test]
fn materials_of_the_same_lots_cannot_be_distinguished() {
    let found = leading(|at| at);
    let [named] = &found[..] else {
        panic!("one is named: {found:?}");
    };
    assert_eq!(
        (named.value.as_str(), named.rivals.as_deref()),
        ("G glue 12 to 17", Some("sole_period S sole 12 to 17"))
    );
    assert!(
        named.reason.contains(
            "; these complaints fit sole_period S sole 12 to 17 as well, and the data cannot tell them apart"
        ),
        "{}",
        named.reason
    );
}

#[test]
fn a_material_that_lies_otherwise_in_the_lots_is_no_rival() {
    // Every delivery of glue went into lots of good and bad soles alike.
    let found = leading(|at| at * 7 % 40);
    let [named] = &found[..] else {
        panic!("one is named: {found:?}");
    };
    assert_eq!(
        (named.value.as_str(), named.rivals.as_deref()),
        ("S sole 12 to 17", None)
    );
    assert!(!named.reason.contains("apart"), "{}", named.reason);
}

#[test]
fn one_good_lot_among_the_bad_ones_is_enough_to_distinguish_them() {
    // The glue of lots 12 to 17 is that of lot 11 too, one step in all; or it is in half of the bad lots alone.
    let wider = leading(|at| if (11..=17).contains(&at) { 11 } else { at });
    assert_eq!(wider[0].rivals, None, "{wider:?}");
    let half = leading(|at| match (15..=17).contains(&at) {
        true => at,
        false => at * 11 % 40 + 40,
    });
    assert_eq!(half[0].rivals, None, "{half:?}");
}
