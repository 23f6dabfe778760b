//! One call of a scalar function over batches of many sizes, against the same Rust code run
//! natively and against copying the same bytes.

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef};
use tsugi_sandbox::{BoundScalar, Cancel, Plugin};

use crate::measure::{Clock, Contender, Figure, ROUNDS, contender, print, print_by_size, race};
use crate::natives::{Native, SIZES, scalars, values};

/// Every scalar function at every size. The second plugin is the first in an engine that cannot
/// stop it.
pub fn run(plugins: [&Arc<Plugin>; 2]) {
    let mut tables = Tables::default();
    for (name, input, native) in scalars() {
        for rows in SIZES {
            let against = scalar(plugins, name, &input(rows), native);
            tables.add(format!("scalar `{name}`"), rows, against);
        }
    }
    tables.print();
}

/// What came out for one piece of work at one size.
pub struct Against {
    native: Figure,
    copies: Figure,
    plugin: Figure,
    unstoppable: Figure,
}

/// What came out for every piece of work at every size.
#[derive(Default)]
pub struct Tables(Vec<(String, Vec<(usize, Against)>)>);

/// The size that is shown whole.
const SHOWN: usize = 8_192;

impl Tables {
    pub fn add(&mut self, name: String, rows: usize, against: Against) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sizes)) => sizes.push((rows, against)),
            None => self.0.push((name, vec![(rows, against)])),
        }
    }

    /// Prints the figures of one size, and the ratio to native at every size.
    pub fn print(&self) {
        println!(
            "\n| {SHOWN} rows a call | native µs | plugin µs | × native (least to most) | × the copies | not stoppable, × native |"
        );
        println!("|---|---|---|---|---|---|");
        for (name, sizes) in &self.0 {
            for (_, one) in sizes.iter().filter(|(rows, _)| *rows == SHOWN) {
                let [least, median, most] = one.plugin.times;
                println!(
                    "| {name} | {:.1} | {:.1} | {median:.2} ({least:.2} to {most:.2}) | {:.2} | {:.2} |",
                    one.native.ns / 1e3,
                    one.plugin.ns / 1e3,
                    one.plugin.ns / one.copies.ns,
                    one.unstoppable.times[1],
                );
            }
        }
        let lines = self.0.iter().map(|(name, sizes)| {
            let times = sizes.iter().map(|(_, one)| one.plugin.times[1]);
            (name.clone(), times.collect())
        });
        print_by_size("native", &SIZES, &lines.collect::<Vec<_>>());
    }
}

fn scalar(plugins: [&Arc<Plugin>; 2], name: &str, input: &ArrayRef, native: Native) -> Against {
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
    )
}

/// Prints what `ours` takes, with and without the checks that stop a guest, against the same work
/// done natively and against copying the columns that cross.
pub fn against(
    title: &str,
    rows: usize,
    native: impl FnMut(),
    crossing: &[ArrayRef],
    ours: [impl FnMut(); 2],
) -> Against {
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
    let mut figures = figures.into_iter();
    let mut next = || figures.next().expect("as many figures as contenders");
    Against {
        native: next(),
        copies: next(),
        plugin: next(),
        unstoppable: next(),
    }
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
