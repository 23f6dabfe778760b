//! Contenders timed in turns, so that what the machine does meanwhile falls on all of them.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What time is counted.
#[derive(Clone, Copy)]
pub enum Clock {
    /// That of the processor while it runs this thread: what other programs take does not count.
    Thread,
    /// That on the wall, for what runs on several threads.
    Wall,
}

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
pub fn race(rounds: usize, clock: Clock, mut contenders: Vec<Contender<'_>>) -> Vec<Figure> {
    let mut turns: Vec<Vec<f64>> = vec![Vec::new(); contenders.len()];
    // The first round is for caches and is not kept.
    for round in 0..=rounds {
        for (contender, turns) in contenders.iter_mut().zip(&mut turns) {
            let ns = turn(clock, &mut contender.run);
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

/// Nanoseconds a run over one turn. The clock is read ever more seldom while runs are short.
fn turn(clock: Clock, run: &mut dyn FnMut()) -> f64 {
    let started = now(clock);
    let (mut runs, mut at_once) = (0_u32, 1_u32);
    loop {
        (0..at_once).for_each(|_| run());
        runs += at_once;
        let spent = now(clock).saturating_sub(started);
        if spent >= TURN {
            return spent.as_nanos() as f64 / f64::from(runs);
        }
        if spent < TURN / 8 {
            at_once *= 2;
        }
    }
}

fn now(clock: Clock) -> Duration {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    if let Clock::Wall = clock {
        return BEGAN.get_or_init(Instant::now).elapsed();
    }
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a timespec that may be written.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(failed, 0, "every thread has a clock");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn sorted(mut all: Vec<f64>) -> Vec<f64> {
    all.sort_unstable_by(f64::total_cmp);
    all
}

/// Prints how many times the first contender each thing takes, one column a size.
pub fn print_by_size(first: &str, sizes: &[usize], lines: &[(String, Vec<f64>)]) {
    let cells = |cells: Vec<String>| cells.join(" | ");
    println!(
        "\n| × {first}, rows a call | {} |",
        cells(sizes.iter().map(usize::to_string).collect())
    );
    println!("|---|{}", "---|".repeat(sizes.len()));
    for (name, times) in lines {
        let times = times.iter().map(|times| format!("{times:.2}"));
        println!("| {name} | {} |", cells(times.collect()));
    }
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
