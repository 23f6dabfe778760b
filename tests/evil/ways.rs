//! Entries that do not come back, or not well: every entry of every role is bounded in time and
//! memory, and a trap in any of them is reported by its name.

use std::time::{Duration, Instant};

use tsugi_sandbox::Granted;

use super::stage::{CALL_MAX_MS, Entry, evil, goes_on, refused, through};

/// Every place an attack can stand in, the role that passes there, and the entry's name.
const PLACES: [(&str, Entry, &str); 24] = [
    ("signatures", Entry::Scalar, "scalar.signatures"),
    ("open", Entry::Scalar, "scalar.evaluator.open"),
    ("call", Entry::Scalar, "scalar.evaluator.evaluate"),
    ("aggregates", Entry::Aggregate, "aggregate.signatures"),
    ("open", Entry::Aggregate, "aggregate.groups.open"),
    ("update", Entry::Aggregate, "aggregate.groups.update"),
    ("call", Entry::Aggregate, "aggregate.groups.evaluate"),
    ("state", Entry::State, "aggregate.groups.state"),
    ("merge", Entry::State, "aggregate.groups.merge"),
    ("tables", Entry::Table, "table.signatures"),
    ("open", Entry::Table, "table.operator.open"),
    ("returns", Entry::Table, "table.operator.returns"),
    ("push", Entry::Table, "table.operator.push"),
    ("close", Entry::Table, "table.operator.close"),
    ("call", Entry::Table, "table.operator.pull"),
    ("discover", Entry::Source, "source.discover"),
    ("open", Entry::Source, "source.reader.open"),
    ("returns", Entry::Source, "source.reader.returns"),
    ("call", Entry::Source, "source.reader.next"),
    ("describe", Entry::Sink, "sink-terms.describe"),
    ("open", Entry::Sink, "sink.writer.open"),
    ("call", Entry::Sink, "sink.writer.write"),
    ("commit", Entry::Sink, "sink.writer.commit"),
    ("abort", Entry::Aborted, "sink.writer.abort"),
];

/// Ways that are tried everywhere: what they end in.
const EVERYWHERE: [(&str, &str, &str); 3] = [
    ("loops", "sandbox::over-limit", "its limit of 1000 for time"),
    (
        "eats",
        "sandbox::over-limit",
        "its limit of 50331648 for memory",
    ),
    ("panics", "sandbox::trapped", "the guest panics on purpose"),
];

/// Ways that are the same everywhere, tried in one entry.
const ONCE: [(&str, &str, &str); 7] = [
    ("recurses", "sandbox::trapped", "stack"),
    ("logs", "sandbox::over-limit", "for time"),
    ("exits", "sandbox::trapped", "scalar.evaluator.evaluate"),
    ("aborts", "sandbox::trapped", "scalar.evaluator.evaluate"),
    ("divides", "sandbox::trapped", "attempt to divide by zero"),
    ("indexes", "sandbox::trapped", "index out of bounds"),
    ("threads", "sandbox::trapped", "a thread: false"),
];

#[test]
fn no_entry_takes_more_time_or_memory_than_it_may() {
    for (way, code, words) in EVERYWHERE {
        for (place, role, entry) in PLACES {
            let what = format!("{way} in {entry}");
            let plugin = evil(&format!("{place}_{way}"), Granted::default());
            let started = Instant::now();
            let went = through(&plugin, role, "honest");
            let took = started.elapsed();
            let message = went
                .as_ref()
                .err()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(message.contains(entry), "{what}: {message}");
            refused(went, code, words, &what);
            // Orders of magnitude above the bound, and below what a hanging guest would take.
            assert!(
                took < Duration::from_millis(CALL_MAX_MS) * 30,
                "{what} took {took:?}"
            );
        }
    }
    println!("{} entries bounded", PLACES.len() * EVERYWHERE.len());
}

#[test]
fn every_way_to_stop_is_a_typed_error() {
    for (way, code, words) in ONCE {
        let plugin = evil(&format!("call_{way}"), Granted::default());
        refused(through(&plugin, Entry::Scalar, "honest"), code, words, way);
    }
}

#[test]
fn a_guest_that_sleeps_for_an_hour_has_slept_at_once() {
    let started = Instant::now();
    let plugin = evil("call_sleeps", Granted::default());
    through(&plugin, Entry::Scalar, "honest").expect("its clock does not move");
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_guest_that_will_not_be_dropped_is_thrown_away() {
    for way in ["loops", "panics", "eats"] {
        let plugin = evil(&format!("drop_{way}"), Granted::default());
        let started = Instant::now();
        for role in [
            Entry::Scalar,
            Entry::Aggregate,
            Entry::Table,
            Entry::Source,
            Entry::Sink,
        ] {
            through(&plugin, role, "honest")
                .unwrap_or_else(|error| panic!("{way} {role:?}: {error}"));
        }
        goes_on(&plugin, way);
        let took = started.elapsed();
        assert!(
            took < Duration::from_millis(CALL_MAX_MS) * 30,
            "{way} took {took:?}"
        );
    }
}
