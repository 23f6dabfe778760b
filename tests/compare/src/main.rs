//! `cargo run --release` in this folder: the kernels of the boundary benchmark through
//! arrow-udf-runtime, each as a ratio to the same native code in the same process, so that it can
//! be held against the ratio of `cargo bench --bench boundary -- calls`.

#[path = "../../guests/kernels/src/kernels.rs"]
#[allow(dead_code, reason = "those of other roles are not compared")]
mod kernels;
#[path = "../../../host/benches/measure.rs"]
#[allow(dead_code, reason = "whole queries are measured on the wall")]
mod measure;
#[path = "../../../host/benches/natives.rs"]
mod natives;

use std::hint::black_box;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use arrow_udf_runtime::wasm::{Config, Runtime};

use measure::{Clock, ROUNDS, contender, print, print_by_size, race};
use natives::{SIZES, scalars, values};

/// The limit on memory that plugins have by default. There is none on time.
const MEMORY_MAX_BYTES: usize = 256 << 20;
const TARGET: &str = "wasm32-wasip1";

fn main() {
    let mut limits = Config::default();
    limits.memory_size_limit = Some(MEMORY_MAX_BYTES);
    let runtime = Runtime::with_config(&guest(), limits).expect("a runtime");
    let mut lines = Vec::new();
    for (name, input, native) in scalars() {
        let mut times = Vec::new();
        for rows in SIZES {
            let input = input(rows);
            let (given, returned) = (input.data_type(), native(&input));
            let function = runtime
                .find_function(name, vec![given.clone()], returned.data_type().clone())
                .expect("a function");
            let schema = Schema::new(vec![Field::new("x", given.clone(), true)]);
            let batch =
                RecordBatch::try_new(Arc::new(schema), vec![Arc::clone(&input)]).expect("a batch");
            let call = || runtime.call(&function, black_box(&batch)).expect("a batch");
            let answer = values(call().column(0));
            assert_eq!(answer, values(&returned), "{name}: the same values");
            let figures = race(
                ROUNDS,
                Clock::Thread,
                vec![
                    contender("native", || drop(black_box(native(black_box(&input))))),
                    contender("arrow-udf-runtime", || drop(black_box(call()))),
                ],
            );
            print(
                &format!("scalar `{name}`, {rows} rows a call"),
                rows,
                &figures,
            );
            times.extend(figures.get(1).map(|runtime| runtime.times[1]));
        }
        lines.push((format!("arrow-udf-runtime, `{name}`"), times));
    }
    print_by_size("native", &SIZES, &lines);
}

/// The functions, built with what plugins are built with.
fn guest() -> Vec<u8> {
    let program = std::env::current_exe().expect("a path");
    let target: PathBuf = program.ancestors().nth(2).expect("cargo's folder").into();
    let built = Command::new(env!("CARGO"))
        .args(["build", "--profile", "plugin", "--target", TARGET])
        .args(["-p", "tsugi-compare-guest", "--target-dir"])
        .arg(&target)
        .arg("--config")
        .arg(format!(
            "target.{TARGET}.rustflags=[\"-Ctarget-feature=+simd128\"]"
        ))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo");
    assert!(built.success(), "the functions do not compile");
    let module = target.join(TARGET).join("plugin/tsugi_compare_guest.wasm");
    std::fs::read(module).expect("a module")
}
