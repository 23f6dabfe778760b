//! However rows are spread over partitions, and in whatever order partial states are merged, an
//! aggregate answers the same: whole numbers equal, others within 1e-9.

use crate::{EventRate, FlagProportion, MantelHaenszel, Proportion, RateRatio};
use tsugi_plugin::testing::aggregate;
use tsugi_plugin::{Aggregate, Batch, Error, Value, column};

type Amount = Option<f64>;

/// A row that any of the aggregates can read.
#[derive(Clone, Copy)]
struct Row {
    events: Amount,
    exposure: Amount,
    rest_events: Amount,
    rest_exposure: Amount,
    flag: bool,
}

fn rows(dice: &mut fastrand::Rng) -> Vec<Row> {
    let many = dice.usize(0..400);
    let spread = [1.0, 1e-3, 1e6][dice.usize(0..3)];
    let count = |dice: &mut fastrand::Rng| (dice.u8(0..9) > 0).then(|| dice.u32(0..4).into());
    let amount = |dice: &mut fastrand::Rng| {
        // Zeros and nulls belong to life.
        (dice.u8(0..9) > 0).then(|| {
            if dice.u8(0..9) == 0 {
                0.0
            } else {
                dice.f64() * spread + 1.0
            }
        })
    };
    (0..many)
        .map(|_| Row {
            events: count(dice),
            exposure: amount(dice),
            rest_events: count(dice),
            rest_exposure: amount(dice),
            flag: dice.bool(),
        })
        .collect()
}

/// Splits rows over partitions at random, merges the states in random order (in pairs, and into
/// empty ones), and gives the last state.
fn spread<A, F>(rows: &[Row], dice: &mut fastrand::Rng, update: F) -> A
where
    A: Aggregate,
    F: Fn(&mut A, &Row) -> Result<(), Error>,
{
    let mut parts: Vec<A> = (0..dice.usize(1..9)).map(|_| A::default()).collect();
    let mut shuffled = rows.to_vec();
    dice.shuffle(&mut shuffled);
    for row in &shuffled {
        let at = dice.usize(0..parts.len());
        update(&mut parts[at], row).unwrap();
    }
    while parts.len() > 1 {
        let from = parts.swap_remove(dice.usize(0..parts.len()));
        let into = dice.usize(0..parts.len());
        parts[into].merge(from.state()).unwrap();
    }
    let mut last = A::default();
    last.merge(parts.remove(0).state()).unwrap();
    last
}

/// The fields of an answer in order, numbers as they are.
fn fields(answer: &Batch) -> Vec<(String, Option<f64>, bool)> {
    match answer.column_at(0).unwrap().value(0) {
        Value::Struct(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                (
                    name.to_owned(),
                    value.number(),
                    matches!(value, Value::Int(_)),
                )
            })
            .collect(),
        other => panic!("{other:?} is no struct"),
    }
}

fn same(left: &[(String, Option<f64>, bool)], right: &[(String, Option<f64>, bool)], about: &str) {
    assert_eq!(left.len(), right.len());
    for (one, two) in left.iter().zip(right) {
        let close = match (one.1, two.1, one.2) {
            (Some(a), Some(b), true) => a == b,
            (Some(a), Some(b), false) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
            (a, b, _) => a == b,
        };
        assert!(close, "{about}: {one:?} is not {two:?}");
        assert!(one.1.is_none_or(f64::is_finite), "{about}: {one:?}");
    }
}

macro_rules! holds {
    ($name:ident, $aggregate:ty, $columns:expr, $update:expr, $fields:expr) => {
        #[test]
        fn $name() {
            for seed in 0..200 {
                let mut dice = fastrand::Rng::with_seed(seed);
                let rows = rows(&mut dice);
                let columns: fn(&[Row]) -> Batch = $columns;
                let whole =
                    aggregate::<$aggregate>(&columns(&rows), &vec![0; rows.len()], 1).unwrap();
                let whole = fields(&whole);
                for _ in 0..5 {
                    let parts: $aggregate = spread(&rows, &mut dice, $update);
                    let out = parts.result();
                    let named: Vec<(String, Option<f64>, bool)> = $fields(out);
                    same(&whole, &named, &format!("seed {seed}"));
                }
            }
        }
    };
}

fn whole(name: &str, value: i64) -> (String, Option<f64>, bool) {
    (name.to_owned(), Some(value as f64), true)
}

fn float(name: &str, value: Option<f64>) -> (String, Option<f64>, bool) {
    (name.to_owned(), value, false)
}

holds!(
    event_rate_is_the_same,
    EventRate,
    |rows| Batch::new([
        column("events", rows.iter().map(|row| row.events)),
        column("exposure", rows.iter().map(|row| row.exposure)),
    ])
    .unwrap(),
    |part: &mut EventRate, row: &Row| part.update((row.events, row.exposure)),
    |out: crate::aggregates::RateAnswer| vec![
        whole("events", out.events),
        float("exposure", Some(out.exposure)),
        float("rate", out.rate),
        float("low", out.low),
        float("high", out.high),
    ]
);

fn share(out: crate::aggregates::ShareAnswer) -> Vec<(String, Option<f64>, bool)> {
    vec![
        whole("hits", out.hits),
        whole("n", out.n),
        float("share", out.share),
        float("low", out.low),
        float("high", out.high),
    ]
}

fn ratio(out: crate::aggregates::RatioAnswer) -> Vec<(String, Option<f64>, bool)> {
    vec![
        float("ratio", out.ratio),
        float("low", out.low),
        float("high", out.high),
        float("p", out.p),
    ]
}

/// At least as many trials as hits.
fn trials(row: &Row) -> Amount {
    Some(row.events.unwrap_or(0.0) + row.rest_events.unwrap_or(0.0))
}

holds!(
    proportion_is_the_same,
    Proportion,
    |rows| Batch::new([
        column("hits", rows.iter().map(|row| row.events)),
        column("n", rows.iter().map(trials)),
    ])
    .unwrap(),
    |part: &mut Proportion, row: &Row| part.update((row.events, trials(row))),
    share
);

holds!(
    flag_proportion_is_the_same,
    FlagProportion,
    |rows| Batch::new([column("flag", rows.iter().map(|row| row.flag))]).unwrap(),
    |part: &mut FlagProportion, row: &Row| part.update((row.flag,)),
    share
);

holds!(
    rate_ratio_is_the_same,
    RateRatio,
    |rows| Batch::new([
        column("events", rows.iter().map(|row| row.events)),
        column("exposure", rows.iter().map(|row| row.exposure)),
        column("in_group", rows.iter().map(|row| row.flag)),
    ])
    .unwrap(),
    |part: &mut RateRatio, row: &Row| part.update((row.events, row.exposure, row.flag)),
    ratio
);

holds!(
    mantel_haenszel_is_the_same,
    MantelHaenszel,
    |rows| Batch::new([
        column("events", rows.iter().map(|row| row.events)),
        column("exposure", rows.iter().map(|row| row.exposure)),
        column("rest_events", rows.iter().map(|row| row.rest_events)),
        column("rest_exposure", rows.iter().map(|row| row.rest_exposure)),
    ])
    .unwrap(),
    |part: &mut MantelHaenszel, row: &Row| part.update((
        row.events,
        row.exposure,
        row.rest_events,
        row.rest_exposure
    )),
    ratio
);
