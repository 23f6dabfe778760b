//! The aggregates through the mock host, which also computes them in parts merged in several
//! orders and compares.

use super::invented::Dice;
use crate::{EventRate, FlagProportion, MantelHaenszel, Proportion, RateRatio};
use tsugi_plugin::testing::{aggregate, aggregate_checked};
use tsugi_plugin::{Batch, Value, column};

/// A field of the answer of one group.
fn field(answer: &Batch, group: usize, name: &str) -> Option<f64> {
    match answer.column_at(0).unwrap().value(group) {
        Value::Struct(fields) => fields
            .into_iter()
            .find(|field| field.0 == name)
            .unwrap()
            .1
            .number(),
        other => panic!("{other:?} is no struct"),
    }
}

fn close(got: Option<f64>, want: f64, relative: f64) {
    let got = got.unwrap();
    assert!(
        (got - want).abs() <= relative * want.abs(),
        "{got} is not {want}"
    );
}

#[test]
fn rates_of_the_water_suppliers_of_snow_1855() {
    let rows = Batch::new([
        column("events", [1000.0, 98.0, 263.0, 1422.0]),
        column("exposure", [40_000.0, 26_107.0, 46.0, 256_423.0]),
    ])
    .unwrap();
    let answer = aggregate_checked::<EventRate>(&rows, &[0, 1, 0, 2], 4).unwrap();
    close(field(&answer, 0, "rate"), 0.031_538_730_46, 1e-9);
    close(field(&answer, 0, "low"), 0.029_823_136_96, 1e-9);
    close(field(&answer, 0, "high"), 0.033_327_284_29, 1e-9);
    close(field(&answer, 2, "rate"), 0.005_545_524_387, 1e-9);
    // A group without rows has no rate.
    assert_eq!(
        (
            field(&answer, 3, "events"),
            field(&answer, 3, "rate"),
            field(&answer, 3, "low")
        ),
        (Some(0.0), None, None)
    );
}

#[test]
fn complaints_per_recalled_unit_of_da_vinci() {
    // 189 complaints about 2,436 units of one recalled part: 77.6 per 1,000.
    let rows = Batch::new([column("events", [189.0]), column("exposure", [2436.0])]).unwrap();
    let answer = aggregate::<EventRate>(&rows, &[0], 1).unwrap();
    close(field(&answer, 0, "rate"), 0.077_586, 1e-5);
}

#[test]
fn shares_from_counts_and_from_flags_are_the_same() {
    let counts = Batch::new([column("hits", [20.0, 4.0]), column("n", [30.0, 12.0])]).unwrap();
    let by_count = aggregate_checked::<Proportion>(&counts, &[0, 0], 1).unwrap();
    let flags = Batch::new([column(
        "flag",
        (0..44).map(|at| if at < 42 { Some(at < 24) } else { None }),
    )])
    .unwrap();
    let by_flag = aggregate_checked::<FlagProportion>(&flags, &[0; 44], 1).unwrap();
    for name in ["hits", "n", "share", "low", "high"] {
        assert_eq!(
            field(&by_count, 0, name),
            field(&by_flag, 0, name),
            "{name}"
        );
    }
    close(field(&by_count, 0, "low"), 0.422_062_398_7, 1e-9);
    close(field(&by_count, 0, "high"), 0.708_823_488_7, 1e-9);
}

#[test]
fn southwark_against_lambeth() {
    let rows = Batch::new([
        column("events", [1263.0, 98.0]),
        column("exposure", [40_046.0, 26_107.0]),
        column("in_group", [true, false]),
    ])
    .unwrap();
    let answer = aggregate_checked::<RateRatio>(&rows, &[0, 0], 1).unwrap();
    close(field(&answer, 0, "ratio"), 8.401_853_429_8, 1e-10);
    close(field(&answer, 0, "low"), 6.840_962_080_2, 1e-8);
    close(field(&answer, 0, "high"), 10.318_890_856, 1e-8);
    assert!(field(&answer, 0, "p").unwrap() < 1e-100);
}

/// Deaths and people supplied by Southwark and Vauxhall and by Lambeth in 23 sub-districts that
/// both served (Snow 1856 with the populations of Simon 1856).
const SUB_DISTRICTS: &[[f64; 4]] = &[
    [115.0, 16337.0, 0.0, 898.0],
    [102.0, 23173.0, 0.0, 693.0],
    [81.0, 14003.0, 0.0, 1092.0],
    [42.0, 6276.0, 0.0, 276.0],
    [1.0, 907.0, 0.0, 94.0],
    [96.0, 9139.0, 0.0, 639.0],
    [59.0, 5438.0, 0.0, 392.0],
    [11.0, 2915.0, 13.0, 13234.0],
    [52.0, 12630.0, 5.0, 3997.0],
    [61.0, 8937.0, 7.0, 6672.0],
    [21.0, 2872.0, 8.0, 11497.0],
    [52.0, 10132.0, 6.0, 8370.0],
    [84.0, 14274.0, 4.0, 10724.0],
    [19.0, 2983.0, 1.0, 5484.0],
    [9.0, 3548.0, 1.0, 11939.0],
    [25.0, 7171.0, 8.0, 12533.0],
    [6.0, 3113.0, 9.0, 15878.0],
    [34.0, 7868.0, 13.0, 16023.0],
    [63.0, 15775.0, 5.0, 2708.0],
    [34.0, 7874.0, 3.0, 5620.0],
    [5.0, 1922.0, 2.0, 9356.0],
    [19.0, 6747.0, 0.0, 134.0],
    [30.0, 4295.0, 9.0, 5437.0],
];

#[test]
fn sub_districts_that_both_companies_served() {
    let part = |at: usize| SUB_DISTRICTS.iter().map(move |row| row[at]);
    let rows = Batch::new([
        column("events", part(0)),
        column("exposure", part(1)),
        column("rest_events", part(2)),
        column("rest_exposure", part(3)),
    ])
    .unwrap();
    let answer = aggregate_checked::<MantelHaenszel>(&rows, &[0; 23], 1).unwrap();
    close(field(&answer, 0, "ratio"), 7.005_205_415_5, 1e-10);
    assert!(field(&answer, 0, "low").unwrap() > 5.0 && field(&answer, 0, "high").unwrap() < 10.0);
}

#[test]
fn parts_merge_in_any_order() {
    for seed in 0..20 {
        let mut dice = Dice(seed);
        let rows = 400;
        let groups: Vec<u32> = (0..rows).map(|_| dice.below(5) as u32).collect();
        let mut numbers =
            |end: usize| -> Vec<f64> { (0..rows).map(|_| dice.below(end) as f64).collect() };
        let (events, rest) = (numbers(4), numbers(4));
        let exposure: Vec<f64> = numbers(1000).iter().map(|units| units / 7.0).collect();
        let rest_exposure: Vec<f64> = numbers(1000).iter().map(|units| units / 3.0).collect();
        let flags: Vec<bool> = numbers(2).iter().map(|flag| *flag > 0.0).collect();
        let two = Batch::new([
            column("events", events.clone()),
            column("exposure", exposure.clone()),
        ])
        .unwrap();
        aggregate_checked::<EventRate>(&two, &groups, 5).unwrap();
        let three = Batch::new([
            column("events", events.clone()),
            column("exposure", exposure.clone()),
            column("in_group", flags),
        ])
        .unwrap();
        aggregate_checked::<RateRatio>(&three, &groups, 5).unwrap();
        let four = Batch::new([
            column("events", events),
            column("exposure", exposure),
            column("rest_events", rest),
            column("rest_exposure", rest_exposure),
        ])
        .unwrap();
        aggregate_checked::<MantelHaenszel>(&four, &groups, 5).unwrap();
    }
}

#[test]
fn numbers_that_are_none_are_refused() {
    for (events, exposure, code) in [
        (-1.0, 5.0, "bad-number"),
        (1.5, 5.0, "not-whole"),
        (1.0, f64::NAN, "bad-number"),
        (1.0, f64::INFINITY, "bad-number"),
    ] {
        let rows =
            Batch::new([column("events", [events]), column("exposure", [exposure])]).unwrap();
        let error = aggregate::<EventRate>(&rows, &[0], 1).unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.starts_with("event_rate: "), "{error}");
    }
    let rows = Batch::new([column("hits", [6.0]), column("n", [5.0])]).unwrap();
    assert_eq!(
        aggregate::<Proportion>(&rows, &[0], 1).unwrap_err().code,
        "more-hits-than-trials"
    );
    // Null counts as 0, as in sum: the rows of a left join keep their exposure.
    let rows = Batch::new([
        column("events", [None, Some(2.0)]),
        column("exposure", [Some(8.0), Some(2.0)]),
    ])
    .unwrap();
    close(
        field(
            &aggregate::<EventRate>(&rows, &[0, 0], 1).unwrap(),
            0,
            "rate",
        ),
        0.2,
        1e-12,
    );
}
