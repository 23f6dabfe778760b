//! The WASI names that every std guest imports, answered by inert stubs.
//!
//! A guest gets no environment, no arguments, no files and no sockets. What it writes to standard
//! output and error goes to its bounded log. Unless the real ones are granted, its clock shows the
//! start of the run and its randomness is a seeded sequence. wasmtime's own WASI crate is not used:
//! its synchronous form blocks inside an async runtime, and it brings authority to remove.

use wasmtime::component::{ComponentType, Lift, Linker, Lower, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};

use crate::instance::state::State;

/// The version a `wasm32-wasip2` guest of our toolchain names; the linker accepts its neighbours.
const VERSION: &str = "0.2.6";

struct IoError;
struct Pollable;
struct InputStream;
struct OutputStream;
struct Terminal;

#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct Datetime {
    #[component(name = "seconds")]
    seconds: u64,
    #[component(name = "nanoseconds")]
    nanoseconds: u32,
}

type Streamed<T> = (std::result::Result<T, StreamError>,);
type Cx<'a> = StoreContextMut<'a, State>;

/// Largest write that `check-write` allows a guest.
const WRITE_BYTES: u64 = 4096;

/// Whether this file answers a WASI interface; a component that imports another is refused.
pub(crate) fn is_inert(import: &str) -> bool {
    let Some((name, _)) = import.split_once('@') else {
        return false;
    };
    matches!(
        name,
        "wasi:io/error"
            | "wasi:io/poll"
            | "wasi:io/streams"
            | "wasi:cli/environment"
            | "wasi:cli/exit"
            | "wasi:cli/stdin"
            | "wasi:cli/stdout"
            | "wasi:cli/stderr"
            | "wasi:cli/terminal-input"
            | "wasi:cli/terminal-output"
            | "wasi:cli/terminal-stdin"
            | "wasi:cli/terminal-stdout"
            | "wasi:cli/terminal-stderr"
            | "wasi:clocks/monotonic-clock"
            | "wasi:clocks/wall-clock"
            | "wasi:random/random"
            | "wasi:random/insecure"
            | "wasi:random/insecure-seed"
    )
}

pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    io(linker)?;
    cli(linker)?;
    clocks(linker)?;
    random(linker)
}

fn named(interface: &str) -> String {
    format!("wasi:{interface}@{VERSION}")
}

fn resource<T: 'static>(
    linker: &mut wasmtime::component::LinkerInstance<'_, State>,
    name: &str,
) -> Result<()> {
    linker.resource(name, ResourceType::host::<T>(), |_, _| Ok(()))
}

fn io(linker: &mut Linker<State>) -> Result<()> {
    let mut error = linker.instance(&named("io/error"))?;
    resource::<IoError>(&mut error, "error")?;
    error.func_wrap(
        "[method]error.to-debug-string",
        |_: Cx, (_,): (Resource<IoError>,)| Ok((String::new(),)),
    )?;

    let mut poll = linker.instance(&named("io/poll"))?;
    resource::<Pollable>(&mut poll, "pollable")?;
    poll.func_wrap(
        "[method]pollable.ready",
        |_: Cx, (_,): (Resource<Pollable>,)| Ok((true,)),
    )?;
    poll.func_wrap(
        "[method]pollable.block",
        |_: Cx, (_,): (Resource<Pollable>,)| Ok(()),
    )?;
    poll.func_wrap("poll", |_: Cx, (all,): (Vec<Resource<Pollable>>,)| {
        Ok(((0..all.len() as u32).collect::<Vec<u32>>(),))
    })?;

    let mut streams = linker.instance(&named("io/streams"))?;
    resource::<InputStream>(&mut streams, "input-stream")?;
    resource::<OutputStream>(&mut streams, "output-stream")?;
    for name in [
        "[method]input-stream.read",
        "[method]input-stream.blocking-read",
    ] {
        streams.func_wrap(
            name,
            |_: Cx, (_, _): (Resource<InputStream>, u64)| -> Result<Streamed<Vec<u8>>> {
                Ok((Err(StreamError::Closed),))
            },
        )?;
    }
    streams.func_wrap(
        "[method]input-stream.subscribe",
        |_: Cx, (_,): (Resource<InputStream>,)| Ok((Resource::<Pollable>::new_own(0),)),
    )?;
    output(&mut streams)
}

fn output(streams: &mut wasmtime::component::LinkerInstance<'_, State>) -> Result<()> {
    type Out = Resource<OutputStream>;
    streams.func_wrap(
        "[method]output-stream.check-write",
        |_: Cx, (_,): (Out,)| -> Result<Streamed<u64>> { Ok((Ok(WRITE_BYTES),)) },
    )?;
    for name in [
        "[method]output-stream.write",
        "[method]output-stream.blocking-write-and-flush",
    ] {
        streams.func_wrap(
            name,
            |mut cx: Cx, (_, bytes): (Out, Vec<u8>)| -> Result<Streamed<()>> {
                cx.data_mut().write_log(&bytes);
                Ok((Ok(()),))
            },
        )?;
    }
    for name in [
        "[method]output-stream.flush",
        "[method]output-stream.blocking-flush",
    ] {
        streams.func_wrap(name, |_: Cx, (_,): (Out,)| -> Result<Streamed<()>> {
            Ok((Ok(()),))
        })?;
    }
    streams.func_wrap("[method]output-stream.subscribe", |_: Cx, (_,): (Out,)| {
        Ok((Resource::<Pollable>::new_own(0),))
    })
}

fn cli(linker: &mut Linker<State>) -> Result<()> {
    let mut environment = linker.instance(&named("cli/environment"))?;
    environment.func_wrap("get-environment", |_: Cx, ()| {
        Ok((Vec::<(String, String)>::new(),))
    })?;
    environment.func_wrap("get-arguments", |_: Cx, ()| Ok((Vec::<String>::new(),)))?;
    environment.func_wrap("initial-cwd", |_: Cx, ()| Ok((None::<String>,)))?;

    let mut exit = linker.instance(&named("cli/exit"))?;
    exit.func_wrap(
        "exit",
        |_: Cx, (status,): (std::result::Result<(), ()>,)| -> Result<()> {
            Err(wasmtime::Error::msg(match status {
                Ok(()) => "it called exit",
                Err(()) => "it called exit with a failure",
            }))
        },
    )?;

    linker
        .instance(&named("cli/stdin"))?
        .func_wrap("get-stdin", |_: Cx, ()| {
            Ok((Resource::<InputStream>::new_own(0),))
        })?;
    for name in ["stdout", "stderr"] {
        linker
            .instance(&named(&format!("cli/{name}")))?
            .func_wrap(&format!("get-{name}"), |_: Cx, ()| {
                Ok((Resource::<OutputStream>::new_own(0),))
            })?;
    }
    for (interface, name) in [
        ("terminal-input", "terminal-input"),
        ("terminal-output", "terminal-output"),
    ] {
        resource::<Terminal>(
            &mut linker.instance(&named(&format!("cli/{interface}")))?,
            name,
        )?;
    }
    for name in ["stdin", "stdout", "stderr"] {
        linker
            .instance(&named(&format!("cli/terminal-{name}")))?
            .func_wrap(&format!("get-terminal-{name}"), |_: Cx, ()| {
                Ok((None::<Resource<Terminal>>,))
            })?;
    }
    Ok(())
}

fn clocks(linker: &mut Linker<State>) -> Result<()> {
    let mut monotonic = linker.instance(&named("clocks/monotonic-clock"))?;
    monotonic.func_wrap("now", |_: Cx, ()| Ok((0_u64,)))?;
    monotonic.func_wrap("resolution", |_: Cx, ()| Ok((1_000_000_u64,)))?;
    for name in ["subscribe-instant", "subscribe-duration"] {
        monotonic.func_wrap(name, |_: Cx, (_,): (u64,)| {
            Ok((Resource::<Pollable>::new_own(0),))
        })?;
    }
    let mut wall = linker.instance(&named("clocks/wall-clock"))?;
    wall.func_wrap("now", |cx: Cx, ()| {
        let now_ms = cx.data().now_ms();
        let nanoseconds = (now_ms % 1000) as u32 * 1_000_000;
        Ok((Datetime {
            seconds: now_ms / 1000,
            nanoseconds,
        },))
    })?;
    wall.func_wrap("resolution", |_: Cx, ()| {
        Ok((Datetime {
            seconds: 0,
            nanoseconds: 1_000_000,
        },))
    })
}

fn random(linker: &mut Linker<State>) -> Result<()> {
    /// Most random bytes of one call.
    const REQUEST_MAX_BYTES: u64 = 64 * 1024;
    for (interface, bytes, word) in [
        ("random", "get-random-bytes", "get-random-u64"),
        (
            "insecure",
            "get-insecure-random-bytes",
            "get-insecure-random-u64",
        ),
    ] {
        let mut instance = linker.instance(&named(&format!("random/{interface}")))?;
        instance.func_wrap(bytes, |mut cx: Cx, (len,): (u64,)| {
            if len > REQUEST_MAX_BYTES {
                return Err(wasmtime::Error::msg(
                    "it requested too many random bytes at once",
                ));
            }
            let state = cx.data_mut();
            let words = std::iter::repeat_with(|| state.next_random().to_le_bytes());
            let bytes: Vec<u8> = words.flatten().take(len as usize).collect();
            Ok((bytes,))
        })?;
        instance.func_wrap(word, |mut cx: Cx, ()| Ok((cx.data_mut().next_random(),)))?;
    }
    let mut seed = linker.instance(&named("random/insecure-seed"))?;
    seed.func_wrap("insecure-seed", |mut cx: Cx, ()| {
        let state = cx.data_mut();
        Ok(((state.next_random(), state.next_random()),))
    })
}
