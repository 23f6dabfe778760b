//! Numbers that are none, or beyond all sense, in every numeric column of every function: a typed error
//! with its row, or an answer without NaN and infinity.

use super::calls::all;
use super::edges::numbers;
use crate::{EventRate, FlagProportion, MantelHaenszel, Proportion, RateRatio};
use tsugi_plugin::builders::Builder as _;
use tsugi_plugin::testing::{aggregate, take};
use tsugi_plugin::{Aggregate, Array, Batch, ColumnBuilder, Error, Field, Value, column};

/// Not numbers that anything could be counted by.
const NONE: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
/// Numbers that only nonsense would hold.
const ODD: [f64; 9] = [
    -1.0,
    -0.0,
    0.0,
    0.5,
    f64::MIN_POSITIVE,
    1e12,
    9e15,
    1e100,
    f64::MAX,
];

/// The rows with one number put in place of others.
fn with(rows: &Batch, name: &str, places: &[usize], value: f64) -> Batch {
    let columns = rows.columns().map(|own| -> (Field, Array) {
        if own.name() == name {
            let number = |at: usize| {
                if places.contains(&at) {
                    Some(value)
                } else {
                    own.value(at).number()
                }
            };
            return column(name, (0..rows.rows()).map(number));
        }
        let mut builder = ColumnBuilder::new(own.field(), rows.rows());
        for at in 0..rows.rows() {
            builder.push(own.value(at)).unwrap();
        }
        (own.field().clone(), builder.finish())
    });
    Batch::new(columns.collect::<Vec<_>>()).unwrap()
}

/// The columns that hold numbers, but for numbered periods.
fn numeric(rows: &Batch) -> Vec<String> {
    let counts = rows.columns().filter(|own| {
        let first = own.value(0);
        own.name() != "period" && matches!(first, Value::Int(_) | Value::Float(_))
    });
    counts.map(|own| own.name().to_owned()).collect()
}

#[track_caller]
fn sound(outcome: Result<Batch, Error>, about: &str) {
    match outcome {
        Ok(answer) => drop(numbers(&answer)),
        Err(error) => {
            assert!(
                error.message.contains("row ") || error.code == "over-limit",
                "{about}: {error}"
            );
        }
    }
}

#[test]
fn no_table_function_passes_on_what_is_no_number() {
    let mut asked = 0;
    for call in all(7) {
        for port in 0..call.ports.len() {
            let rows = &call.ports[port].1;
            for name in numeric(rows) {
                let ask = |value: f64, places: &[usize]| {
                    let mut ports = call.ports.clone();
                    ports[port].1 = with(rows, &name, places, value);
                    call.ask(ports, 64)
                };
                let about = |value: f64| format!("{}: {name} is {value}", call.name);
                for value in NONE {
                    let error = ask(value, &[3]).expect_err(&about(value));
                    assert!(error.message.contains("row 4"), "{}: {error}", about(value));
                }
                let every: Vec<usize> = (0..rows.rows()).collect();
                for value in ODD {
                    sound(ask(value, &[3]), &about(value));
                    sound(ask(value, &every), &about(value));
                    asked += 2;
                }
            }
        }
    }
    assert!(asked > 400, "{asked}");
}

#[test]
fn nothing_and_next_to_nothing_are_answered_or_refused_in_words() {
    for call in all(8) {
        for many in 0..3 {
            let few = |(port, rows): &(&'static str, Batch)| {
                let kept: Vec<usize> = (0..many.min(rows.rows())).collect();
                (*port, take(rows, &kept).unwrap())
            };
            let answer = call.ask(call.ports.iter().map(few).collect(), 1);
            match answer {
                Ok(answer) => drop(numbers(&answer)),
                Err(error) => panic!("{} with {many} rows: {error}", call.name),
            }
        }
    }
}

/// Puts every bad number into every column of an aggregate.
fn aggregated<A: Aggregate>(names: &[&str], flag: bool) {
    for (at, wrong) in names.iter().enumerate() {
        for (value, refused) in NONE
            .map(|value| (value, true))
            .into_iter()
            .chain(ODD.map(|value| (value, false)))
        {
            let column_of = |(other, name): (usize, &&str)| {
                let odd = if other == at { value } else { 2.0 };
                column(name, [2.0, odd, odd, 2.0])
            };
            let mut columns: Vec<_> = names.iter().enumerate().map(column_of).collect();
            if flag {
                columns.push(column("in_group", [true, false, true, false]));
            }
            let rows = Batch::new(columns).unwrap();
            let about = format!("{}: {wrong} is {value}", A::NAME);
            match aggregate::<A>(&rows, &[0, 0, 1, 1], 3) {
                Ok(answer) => {
                    assert!(!refused, "{about}");
                    drop(numbers(&answer));
                }
                Err(error) => assert!(error.message.starts_with(A::NAME), "{about}: {error}"),
            }
        }
    }
}

#[test]
fn no_aggregate_passes_on_what_is_no_number() {
    aggregated::<EventRate>(&["events", "exposure"], false);
    aggregated::<Proportion>(&["hits", "n"], false);
    aggregated::<RateRatio>(&["events", "exposure"], true);
    aggregated::<MantelHaenszel>(
        &["events", "exposure", "rest_events", "rest_exposure"],
        false,
    );
    // Flags are no numbers; a group without any has no share.
    let flags = Batch::new([column("flag", [true, false])]).unwrap();
    let answer = aggregate::<FlagProportion>(&flags, &[0, 0], 2).unwrap();
    assert_eq!(numbers(&answer)[1].len(), 2, "only hits and n, both 0");
}
