//! `cargo bench -p tsugi`: what the boundary costs. Every figure is a ratio inside one run.
//!
//! `cargo bench -p tsugi -- calls` measures one part: `calls`, `starts`, `queries` or `briefs`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on has nothing to say"
)]

mod briefs;
mod calls;
mod guests;
#[path = "../../tests/guests/kernels/src/kernels.rs"]
mod kernels;
mod measure;
mod queries;
mod starts;

fn main() {
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let is_asked = |part: &str| asked.is_empty() || asked.iter().any(|one| one == part);
    let sandbox = guests::sandbox();
    if is_asked("starts") {
        starts::run(&sandbox);
    }
    if is_asked("calls") {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let kernels = guests::plugin(&sandbox, "tests/guests/kernels");
        let unstoppable = guests::plugin(&guests::unstoppable(), "tests/guests/kernels");
        calls::run(&kernels, &unstoppable, &runtime);
    }
    if is_asked("briefs") {
        briefs::run();
    }
    if is_asked("queries") {
        queries::run(&sandbox);
    }
}
