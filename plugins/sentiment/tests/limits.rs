//! A hundred thousand texts inside the limits of an instance: 256 MiB of memory, a model of 2 MB.
#![allow(clippy::unwrap_used)] // What a test prepares is not outside data.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tsugi_plugin::{Batch, Stream, column, testing};
use tsugi_sentiment::ScoreSentimentTable;
use tsugi_sentiment::model::{Examples, Method, Row, Training};

/// Counts what is held and the most that was.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is handed to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller's promise about the layout is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promise about the place is passed on.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const TEXTS: usize = 100_000;
/// Less than the 256 MiB of an instance, by what the batches on their way and the allocator take.
const HELD_MAX_BYTES: usize = 200 << 20;

/// Texts as long as short reviews, half English and half Japanese, with many different words.
fn corpus() -> Vec<(String, &'static str)> {
    let mut random = fastrand::Rng::with_seed(35);
    let syllables: Vec<char> = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん靴底箱色形品割剥安高早遅良悪".chars().collect();
    let text = |at: usize| {
        let good = random.bool();
        let label = if good { "1" } else { "0" };
        let mut text = String::new();
        if at.is_multiple_of(2) {
            for _ in 0..12 {
                text.push_str(&format!("w{} ", random.u32(0..4_000) * random.u32(1..9)));
            }
            text.push_str(if good { "great" } else { "terrible" });
        } else {
            text.extend((0..36).map(|_| syllables[random.usize(..syllables.len())]));
            text.push_str(if good { "最高" } else { "最悪" });
        }
        (text, label)
    };
    (0..TEXTS).map(text).collect()
}

#[test]
fn a_hundred_thousand_texts_stay_inside_the_limits() {
    let corpus = corpus();
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let started = Instant::now();
    let mut examples = Examples::default();
    for (text, label) in &corpus {
        examples.push(text, label, "").unwrap();
    }
    let mut training = Training::new(examples, Method::Logistic, 8.0, 0).unwrap();
    let (mut rows, mut longest) = (Vec::<Row>::new(), started.elapsed());
    loop {
        let step = Instant::now();
        let Some(more) = training.step() else { break };
        rows.extend(more);
        longest = longest.max(step.elapsed());
    }
    let held = MOST.load(Ordering::Relaxed) - before;
    drop(training);
    println!(
        "training on {TEXTS} texts: {:.1} s, longest step {:.1} s, at most {} MiB held",
        started.elapsed().as_secs_f64(),
        longest.as_secs_f64(),
        held >> 20
    );
    assert!(held <= HELD_MAX_BYTES, "{held} bytes");
    let model = Batch::new([
        column("section", rows.iter().map(|row| row.section)),
        column("name", rows.iter().map(|row| row.name.as_str())),
        column("label", rows.iter().map(|row| row.label.as_deref())),
        column("value", rows.iter().map(|row| row.value)),
        column("texts", rows.iter().map(|row| row.texts.map(|n| n as i64))),
    ])
    .unwrap();
    let bytes: usize = model.clone().into_wire().buffers.iter().map(Vec::len).sum();
    println!("the model: {} rows, {bytes} bytes", model.rows());
    assert!((1_500_000..=2_000_000).contains(&bytes), "{bytes} bytes");

    let texts = Batch::new([
        column("id", (0..TEXTS).map(|at| at as i64)),
        column("text", corpus.iter().map(|(text, _)| text.as_str())),
        column("label", corpus.iter().map(|(_, label)| *label)),
    ])
    .unwrap();
    let started = Instant::now();
    let scored = testing::table::<Stream<ScoreSentimentTable>>()
        .input("texts", texts)
        .input("model", model)
        .run_cut(8192)
        .unwrap();
    println!(
        "scoring them, batches made and joined included: {:.1} s",
        started.elapsed().as_secs_f64()
    );
    assert_eq!(scored.rows(), TEXTS);
    let ids = scored.i64("id").unwrap();
    assert!((0..TEXTS).all(|row| ids.get(row) == Some(row as i64)));
    let (labels, said) = (
        scored.utf8("label").unwrap(),
        scored.utf8("predicted").unwrap(),
    );
    let right = (0..TEXTS)
        .filter(|&row| labels.get(row) == said.get(row))
        .count();
    assert!(right * 100 >= TEXTS * 99, "{right} of {TEXTS}");
}
