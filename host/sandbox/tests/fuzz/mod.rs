//! Random bytes and records of a guest or its file: nothing panics, and what is accepted satisfies
//! the contract.
//!
//! Every case starts from something valid and changes it in a few places, which reaches deeper than
//! noise does. `TSUGI_FUZZ_CASES` sets how many are tried, `TSUGI_FUZZ_SEED` where they start;
//! a failure prints its seed.

mod answers;
mod batches;
mod components;

use fastrand::Rng;

/// Default number of cases: some seconds.
const CASES: u64 = 200_000;

fn setting(name: &str, default: u64) -> u64 {
    let set = std::env::var(name).ok().and_then(|text| text.parse().ok());
    set.unwrap_or(default)
}

/// Runs every case under a seed of its own and reports the one that failed. `cost` divides the number
/// of cases: a case that costs several times what a batch does runs less often.
fn each(cost: u64, case: impl Fn(&mut Rng) + std::panic::RefUnwindSafe) -> u64 {
    let (first, cases) = (
        setting("TSUGI_FUZZ_SEED", 1),
        setting("TSUGI_FUZZ_CASES", CASES).div_ceil(cost),
    );
    for seed in first..first + cases {
        let run = || case(&mut Rng::with_seed(seed));
        assert!(
            std::panic::catch_unwind(run).is_ok(),
            "TSUGI_FUZZ_SEED={seed} TSUGI_FUZZ_CASES=1"
        );
    }
    cases
}
