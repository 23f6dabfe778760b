//! What two threads gain over one on this machine: the ceiling of two partitions.
//!
//! The same work in one thread and halved over two: arithmetic in registers, which nothing but the
//! processor can hold back, then a native function over texts, then the plugin's.

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Float64Array, StringArray};
use tsugi_sandbox::{BoundScalar, Cancel, Sandbox};

use crate::guests;
use crate::measure::{Clock, Contender, contender, print, race};
use crate::natives::texts;

const ROUNDS: usize = 9;
const BATCH: usize = 8_192;
const BATCHES: usize = 16;
/// Steps of the arithmetic, about as long as the texts take.
const STEPS: u64 = 10_000_000;

pub fn run(sandbox: &Sandbox) {
    let whole = texts(BATCH * BATCHES);
    let batches: Vec<ArrayRef> = (0..BATCHES)
        .map(|at| whole.slice(at * BATCH, BATCH))
        .collect();
    let bound = sentiment(sandbox);
    let figures = race(
        ROUNDS,
        Clock::Wall,
        [1, 2]
            .into_iter()
            .flat_map(|threads| -> [Contender<'_>; 4] {
                let named = |what: &str| format!("{what}, {threads}");
                [
                    halved(named("one chain of additions"), threads, |_| chains::<1>()),
                    halved(named("eight chains of additions"), threads, |_| {
                        chains::<8>()
                    }),
                    halved(named("sentiment, native"), threads, |at| {
                        native(&batches[at])
                    }),
                    halved(named("sentiment, plugin"), threads, |at| {
                        let columns = std::slice::from_ref(&batches[at]);
                        let answer = bound.evaluate(columns, BATCH, &Cancel::default());
                        drop(black_box(answer.expect("a column")));
                    }),
                ]
            })
            .collect(),
    );
    print(
        "threads: work in one, and halved over two",
        BATCH * BATCHES,
        &figures,
    );
    println!();
    let (one, two) = figures.split_at(figures.len() / 2);
    for (one, two) in one.iter().zip(two) {
        println!(
            "{} threads against one: {:.2} × as fast",
            two.name,
            one.ns / two.ns
        );
    }
}

/// All batches, dealt to so many threads.
fn halved<'a>(name: String, threads: usize, work: impl Fn(usize) + Sync + 'a) -> Contender<'a> {
    contender(name, move || {
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let work = &work;
                scope.spawn(move || (thread..BATCHES).step_by(threads).for_each(work));
            }
        });
    })
}

/// Sums that depend on nothing but themselves: one waits for its own last step, eight keep the
/// processor's units busy.
fn chains<const N: usize>() {
    let mut sums = [black_box(1_u64); N];
    for step in 0..STEPS / BATCHES as u64 / N as u64 * 4 {
        for sum in &mut sums {
            *sum = sum
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(step);
        }
    }
    black_box(sums);
}

fn native(texts: &ArrayRef) {
    let texts = texts.as_string::<i32>().iter();
    let scores = texts.map(|text| text.and_then(|text| tsugi_sentiment::score::score(text, "en")));
    drop(black_box(scores.collect::<Float64Array>()));
}

/// `sentiment(text, 'en')` of the plugin.
fn sentiment(sandbox: &Sandbox) -> BoundScalar {
    let plugin = guests::plugin(sandbox, "plugins/sentiment");
    let functions = plugin.metadata().expect("signatures").scalars.into_iter();
    let mut functions = functions.filter(|one| one.name == "sentiment" && one.params.len() == 2);
    let function = functions.next().expect("a function");
    let english: ArrayRef = Arc::new(StringArray::from(vec!["en"]));
    BoundScalar::new(&plugin, function, &[None, Some(english)], None).expect("a binding")
}
