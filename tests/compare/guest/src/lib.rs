//! The kernels of the boundary benchmark as functions of arrow-udf.

#[path = "../../../guests/kernels/src/kernels.rs"]
#[allow(dead_code, reason = "those of other roles are not compared")]
mod kernels;

use std::fmt::Write;

use arrow_udf::function;
use arrow_udf::types::StructType;

#[function("add_one(int64) -> int64")]
fn add_one(n: i64) -> i64 {
    kernels::add_one(n)
}

#[function("weigh(string) -> float64")]
fn weigh(text: &str) -> f64 {
    kernels::weigh(text)
}

#[function("shout(string) -> string")]
fn shout(text: &str) -> String {
    kernels::shout(text)
}

/// Its writer takes whole texts only, so one is made in between.
#[function("shout_written(string) -> string")]
fn shout_written(text: &str, to: &mut impl Write) {
    let mut raised = text.to_owned();
    kernels::raise(&mut raised);
    let _ = to.write_str(&raised);
}

#[derive(StructType)]
struct Measured<'a> {
    bytes: i64,
    first: &'a str,
}

#[function("measure(string) -> struct Measured")]
fn measure(text: &str) -> Measured<'_> {
    let (bytes, first) = kernels::measure(text);
    Measured { bytes, first }
}
