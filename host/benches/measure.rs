//! Contenders timed in turns, so that what the machine does meanwhile falls on all of them.

use std::time::{Duration, Instant};

/// Turns of every contender, where nothing else is said.
pub const ROUNDS: usize = 9;
/// Least time of one turn: short calls are repeated until it has passed.
const TURN: Duration = Duration::from_millis(20);

/// One thing that is timed.
pub struct Contender<'a> {
    name: String,
    run: Box<dyn FnMut() + 'a>,
}

/// A contender; `run` does the whole work once.
pub fn contender<'a>(name: impl Into<String>, run: impl FnMut() + 'a) -> Contender<'a> {
    Contender {
        name: name.into(),
        run: Box::new(run),
    }
}

/// What came out for one contender.
pub struct Figure {
    pub name: String,
    /// Median over the rounds, in nanoseconds a run.
    pub ns: f64,
    /// How many times the first contender of the same round: least, median, most.
    pub times: [f64; 3],
}

/// Times every contender once in each round; ratios are taken inside a round.
pub fn race(rounds: usize, mut contenders: Vec<Contender<'_>>) -> Vec<Figure> {
    let mut turns: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
    // The first round is for caches and is not kept.
    for round in 0..=rounds {
        for (contender, turns) in contenders.iter_mut().zip(&mut turns) {
            let ns = turn(&mut contender.run);
            if round > 0 {
                turns.push(ns);
            }
        }
    }
    let first = turns.first().cloned().unwrap_or_default();
    let figure = |(contender, turns): (Contender<'_>, Vec<f64>)| {
        let times = turns.iter().zip(&first).map(|(own, first)| own / first);
        let times = sorted(times.collect());
        let pick = |at: usize| times.get(at).copied().unwrap_or(f64::NAN);
        Figure {
            name: contender.name,
            times: [
                pick(0),
                pick(times.len() / 2),
                pick(times.len().saturating_sub(1)),
            ],
            ns: sorted(turns).get(rounds / 2).copied().unwrap_or(f64::NAN),
        }
    };
    contenders.into_iter().zip(turns).map(figure).collect()
}

/// Nanoseconds a run over one turn.
fn turn(run: &mut dyn FnMut()) -> f64 {
    let started = Instant::now();
    let mut runs = 0_u32;
    while started.elapsed() < TURN {
        run();
        runs += 1;
    }
    started.elapsed().as_nanos() as f64 / f64::from(runs)
}

fn sorted(mut all: Vec<f64>) -> Vec<f64> {
    all.sort_unstable_by(f64::total_cmp);
    all
}

/// Prints figures as a table; `rows` gives nanoseconds a row.
pub fn print(title: &str, rows: usize, figures: &[Figure]) {
    let first = figures.first().map_or("", |figure| figure.name.as_str());
    println!("\n{title}\n");
    println!("| what | µs | ns/row | × {first} | least to most |");
    println!("|---|---|---|---|---|");
    for figure in figures {
        let [least, median, most] = figure.times;
        println!(
            "| {} | {:.2} | {:.2} | {median:.2} | {least:.2} to {most:.2} |",
            figure.name,
            figure.ns / 1e3,
            figure.ns / rows.max(1) as f64,
        );
    }
}
