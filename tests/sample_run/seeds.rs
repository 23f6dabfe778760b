//! Twenty businesses at small scale, chosen once by counting from 1: ten with a strong cause, five
//! with none, five with a weak one. The verdicts must be right in each.

use std::collections::BTreeSet;
use std::sync::Mutex;

use tsugi_sample::{Options, Plant};

use super::planted;
use crate::sample_copy::{Project, truth};
use crate::support;

/// Size of each business: some 4,000 order lines and 600 texts.
const SCALE: f64 = 0.2;
/// How many are run at once.
const THREADS: usize = 2;

#[test]
fn verdicts_are_right_over_twenty_businesses() {
    support::plugins();
    let plants = [
        (1..=10, Plant::Strong),
        (11..=15, Plant::None),
        (16..=20, Plant::Weak),
    ];
    let cases = plants
        .into_iter()
        .flat_map(|(seeds, plant)| seeds.map(move |seed| (seed, plant)));
    let (cases, wrong) = (
        Mutex::new(cases.collect::<Vec<_>>().into_iter()),
        Mutex::new(Vec::new()),
    );
    let next = || cases.lock().unwrap().next();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((seed, plant)) = next() {
                    let (findings, faults) = judged(seed, plant);
                    println!("seed {seed} {plant:?}: {}", findings.join("; "));
                    let mut wrong = wrong.lock().unwrap();
                    wrong.extend(
                        faults
                            .into_iter()
                            .map(|fault| format!("seed {seed} {plant:?}: {fault}")),
                    );
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is above `no evidence` in one business, and what is wrong with that.
fn judged(seed: u64, plant: Plant) -> (Vec<String>, Vec<String>) {
    let options = Options {
        seed,
        scale: SCALE,
        plant,
        lots: None,
        texts: None,
    };
    let (project, exports) = Project::generated("seed", &options);
    let output = project.tsugi("run", &[]);
    if output.code != Some(0) {
        return (
            Vec::new(),
            vec![format!("code {:?}: {}", output.code, output.stderr)],
        );
    }
    // The late deliveries are no defect of a product; their surge is in every business.
    let open = project.lines(
        "SELECT topic, suspect_kind, suspect, verdict FROM coo.attribution WHERE topic <> 'late_delivery' \
         AND verdict NOT IN ('no evidence', 'explained by another')",
    );
    let period = planted(&exports).unwrap_or_default();
    let bad = truth(&exports, "truth_bad_lots", &["finished_lot"]);
    let mut faults = Vec::new();
    let expected = match plant {
        Plant::Strong => Some(format!(
            "sole_crack|supplier_period|{period}|leading suspect"
        )),
        Plant::Weak => Some(format!(
            "sole_crack|supplier_period|{period}|suspect, needs a person"
        )),
        Plant::None => None,
    };
    if let Some(expected) = expected
        .as_ref()
        .filter(|expected| !open.contains(*expected))
    {
        faults.push(format!("`{expected}` is not found"));
    }
    // Beside the planted cause a doubt about another topic may go to a person; nothing may be accused.
    let doubt = |line: &String| {
        plant == Plant::Strong
            && !line.starts_with("sole_crack|")
            && line.ends_with("|suspect, needs a person")
    };
    let others = open
        .iter()
        .filter(|line| Some(*line) != expected.as_ref() && !doubt(line));
    for line in others {
        // A bad lot of the planted period may be named beside it, never as more than it is.
        let lot = line
            .strip_prefix("sole_crack|finished_lot|")
            .and_then(|rest| rest.split_once('|'));
        let is_bad = lot.is_some_and(|(lot, verdict)| {
            bad.contains(lot) && (plant == Plant::Strong || verdict == "suspect, needs a person")
        });
        if !is_bad {
            faults.push(format!("`{line}` is accused"));
        }
    }
    let columns = ["customer_id", "order_id", "order_line", "certainty"];
    let affected = match plant {
        Plant::Strong => truth(&exports, "truth_affected", &columns),
        // No message goes out about a suspicion that a person has not looked at.
        Plant::Weak | Plant::None => BTreeSet::new(),
    };
    if project.lines("SELECT customer_id, order_id, order_line, certainty FROM outreach.affected")
        != affected
    {
        faults.push("other people are affected than buyers of a bad pair".into());
    }
    (open.into_iter().collect(), faults)
}
