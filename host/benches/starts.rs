//! What it takes until a plugin can be called: mapped from the cache, instantiated, dropped.

use std::hint::black_box;
use std::sync::Arc;

use tsugi_sandbox::{BoundScalar, Cancel, Sandbox};

use crate::guests::{file, plugin};
use crate::measure::{Clock, ROUNDS, contender, print, race};
use crate::natives::numbers;

/// The smallest component and the largest of the sample.
const FOLDERS: [&str; 2] = ["tests/guests/kernels", "plugins/outreach"];

pub fn run(sandbox: &Arc<Sandbox>) {
    for folder in FOLDERS {
        let file = file(folder);
        let (bytes, loaded) = (file.code.bytes().len(), plugin(sandbox, folder));
        let figures = race(
            ROUNDS,
            Clock::Thread,
            vec![
                contender("instantiate and drop", || {
                    loaded.start_and_drop().expect("an instance")
                }),
                contender("map from the cache and link", || {
                    black_box(sandbox.load(file.clone()).expect("a plugin"));
                }),
                contender("instantiate and ask for the signatures", || {
                    black_box(loaded.metadata().expect("signatures"));
                }),
            ],
        );
        print(
            &format!("`{folder}`, a component of {bytes} bytes"),
            1,
            &figures,
        );
    }
    first_call(sandbox);
}

/// A function's first call against a later one: what the pool of instances saves.
fn first_call(sandbox: &Arc<Sandbox>) {
    let plugin = plugin(sandbox, FOLDERS[0]);
    let metadata = plugin.metadata().expect("signatures");
    let function = metadata
        .scalars
        .iter()
        .find(|one| one.name == "add_one")
        .expect("a function");
    let (column, cancel) = ([numbers(1)], Cancel::default());
    let bind = || BoundScalar::new(&plugin, function.clone(), &[None], None).expect("a binding");
    let kept = bind();
    let figures = race(
        ROUNDS,
        Clock::Thread,
        vec![
            contender("a later call", || {
                drop(kept.evaluate(&column, 1, &cancel).expect("a column"))
            }),
            contender("bind and the first call", || {
                drop(bind().evaluate(&column, 1, &cancel).expect("a column"));
            }),
        ],
    );
    print("one row through `add_one`", 1, &figures);
}
