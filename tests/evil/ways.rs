//! Guests that waste time where it does no harm: while they sleep, and while they are dropped.

use std::time::{Duration, Instant};

use tsugi_sandbox::Granted;

use super::stage::{CALL_MAX_MS, Entry, evil, goes_on, through};

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
