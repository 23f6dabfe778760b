//! Partitions arrive in any order: no table function's answer depends on the order of its rows or on
//! how they are cut into batches. Aggregates: `merging`.

use super::calls::all;
use tsugi_plugin::Batch;
use tsugi_plugin::testing::{same, take};

/// `false_discovery` hands its rows on in the order they come.
fn in_order(name: &str, answer: &Batch) -> Batch {
    let mut rows: Vec<usize> = (0..answer.rows()).collect();
    if name == "false_discovery" {
        let id = answer.utf8("id").unwrap();
        rows.sort_by_key(|row| id.get(*row));
    }
    take(answer, &rows).unwrap()
}

#[test]
fn no_answer_depends_on_the_order_of_the_rows() {
    for seed in 0..25 {
        let mut dice = fastrand::Rng::with_seed(seed + 1_000);
        for call in all(seed) {
            let whole = call.ask(call.ports.clone(), usize::MAX).unwrap();
            assert!(
                seed > 0 || whole.rows() > 0 || call.name.ends_with("doubts"),
                "{} says nothing",
                call.name
            );
            for _ in 0..3 {
                let mut ports = call.ports.clone();
                for (_, rows) in &mut ports {
                    let mut order: Vec<usize> = (0..rows.rows()).collect();
                    dice.shuffle(&mut order);
                    *rows = take(rows, &order).unwrap();
                }
                let other = call.ask(ports, dice.usize(1..90)).unwrap();
                let [whole, other] = [&whole, &other].map(|answer| in_order(&call.name, answer));
                if let Err(error) = same(&whole, &other) {
                    panic!("seed {seed}, {}: {error}", call.name);
                }
            }
        }
    }
}
