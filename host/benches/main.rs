//! `cargo bench -p tsugi`: what the boundary costs. Every figure is a ratio inside one run.
//!
//! `cargo bench -p tsugi -- calls` measures one part: `starts`, `calls`, `roles`, `threads`,
//! `queries`, `briefs` or `guarded`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on has nothing to say"
)]
#![allow(unreachable_pub, reason = "no crate uses a benchmark")]

mod briefs;
mod calls;
mod guarded;
mod guests;
#[path = "../../tests/guests/kernels/src/kernels.rs"]
mod kernels;
mod measure;
mod natives;
mod queries;
mod roles;
mod starts;
mod threads;

fn main() {
    let parts: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let is_wanted = |part: &str| parts.is_empty() || parts.iter().any(|one| one == part);
    if is_wanted("guarded") {
        guarded::run();
    }
    if parts == ["guarded"] {
        return;
    }
    let sandbox = guests::sandbox();
    if is_wanted("starts") {
        starts::run(&sandbox);
    }
    if is_wanted("calls") || is_wanted("roles") {
        let kernels = guests::plugin(&sandbox, "tests/guests/kernels");
        let unstoppable = guests::plugin(&guests::unstoppable(), "tests/guests/kernels");
        if is_wanted("calls") {
            calls::run([&kernels, &unstoppable]);
        }
        if is_wanted("roles") {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime");
            roles::run([&kernels, &unstoppable], &runtime);
        }
    }
    if is_wanted("threads") {
        threads::run(&sandbox);
    }
    if is_wanted("briefs") {
        briefs::run();
    }
    if is_wanted("queries") {
        queries::run(&sandbox, &guests::unstoppable());
    }
}
