//! The imports `log` and `report`, which every instance has.

use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use crate::boundary::wire::{Level, Reject};
use crate::contract::interface;
use crate::instance::reports::Notice;
use crate::instance::state::State;

type Cx<'a> = StoreContextMut<'a, State>;

pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    linker.instance(&interface("log"))?.func_wrap(
        "log",
        |mut cx: Cx, (level, message, _): (Level, String, Vec<(String, String)>)| {
            cx.data_mut()
                .write_log(format!("{level:?}: {message}\n").as_bytes());
            Ok(())
        },
    )?;
    let mut report = linker.instance(&interface("report"))?;
    report.func_wrap("rejects", |mut cx: Cx, (rows,): (Vec<Reject>,)| {
        let state = cx.data_mut();
        let added = state.reports.add_rejects(rows);
        added.map_err(|breach| state.stop(breach))
    })?;
    report.func_wrap(
        "notice",
        |mut cx: Cx, (stream, code, message): (String, String, String)| {
            let state = cx.data_mut();
            let added = state.reports.add_notice(Notice {
                stream,
                code,
                message,
            });
            added.map_err(|breach| state.stop(breach))
        },
    )
}
