//! One call of a scalar function over batches of many sizes, against the same Rust code run
//! natively and against copying the same bytes.

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use tsugi::sandbox::{BoundScalar, Cancel, Plugin};

use crate::measure::{Clock, Contender, ROUNDS, contender, print, race};
use crate::natives::{Native, SIZES, scalars, values};

/// Every scalar function at every size. The second plugin is the first in an engine that cannot
/// stop it.
pub fn run(plugins: [&Arc<Plugin>; 2]) {
    for (name, input, native) in scalars() {
        for rows in SIZES {
            scalar(plugins, name, &input(rows), native);
        }
    }
}

fn scalar(plugins: [&Arc<Plugin>; 2], name: &str, input: &ArrayRef, native: Native) {
    let bound = plugins.map(|plugin| {
        let metadata = plugin.metadata().expect("signatures");
        let mut functions = metadata.scalars.into_iter();
        let function = functions.find(|one| one.name == name).expect("a function");
        BoundScalar::new(plugin, function, &[None], None).expect("a binding")
    });
    let (rows, cancel) = (input.len(), Cancel::default());
    let call = |bound: &BoundScalar| {
        bound
            .evaluate(std::slice::from_ref(input), rows, &cancel)
            .expect("a column")
    };
    assert_eq!(
        values(&call(&bound[0]).column),
        values(&native(input)),
        "{name}: the same values"
    );
    let ours = bound
        .each_ref()
        .map(|bound| || drop(black_box(call(bound))));
    against(
        &format!("scalar `{name}`, {rows} rows a call"),
        rows,
        || drop(black_box(native(black_box(input)))),
        &[Arc::clone(input), native(input)],
        ours,
    );
}

/// Prints what `ours` takes, with and without the checks that stop a guest, against the same work
/// done natively and against copying the columns that cross.
pub fn against(
    title: &str,
    rows: usize,
    native: impl FnMut(),
    crossing: &[ArrayRef],
    ours: [impl FnMut(); 2],
) {
    let [plugin, unstoppable] = ours;
    let figures = race(
        ROUNDS,
        Clock::Thread,
        vec![
            contender("native", native),
            copies(crossing),
            contender("plugin", plugin),
            contender("plugin, not stoppable", unstoppable),
        ],
    );
    print(title, rows, &figures);
    let times = figures[2].ns / figures[1].ns;
    println!("\nplugin against the copies: {times:.2} ×");
}

/// Copies the bytes of columns into memory that is there already.
fn copies(columns: &[ArrayRef]) -> Contender<'static> {
    let mut all = Vec::new();
    columns
        .iter()
        .for_each(|column| gather(&column.to_data(), &mut all));
    let mut to = vec![0_u8; all.iter().map(Vec::len).sum()];
    contender("memcpy in and out", move || {
        let mut at = 0;
        for from in &all {
            to[at..at + from.len()].copy_from_slice(black_box(from));
            at += from.len();
        }
        black_box(&mut to);
    })
}

fn gather(data: &arrow::array::ArrayData, to: &mut Vec<Vec<u8>>) {
    to.extend(data.buffers().iter().map(|buffer| buffer.to_vec()));
    data.child_data().iter().for_each(|child| gather(child, to));
}
