//! The imports of `wit/host.wit`: log for everyone, reports, granted files and granted folders;
//! channels stand in [`super::channel`].
//!
//! What was not granted is still linked, as a call that stops the guest with a denial naming
//! the line to add: a component may carry a role that wants files beside one that does not.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode, PutOptions};
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};

use super::flow::{Entry, Level, Reject};
use super::limits::{LISTED_MAX, READ_MAX_BYTES};
use super::reach::{Folder, Notice, deny, reaching};
use super::state::State;
use super::wire::{PluginError, Recovery};

/// An open file of a grant.
struct Reader {
    folder: Folder,
    path: Path,
    at: u64,
    size: u64,
}

type Cx<'a> = StoreContextMut<'a, State>;
type Answer<T> = (std::result::Result<T, PluginError>,);
const CONTRACT: &str = "0.1.0";
/// Files one grant may hold.
const ENTRIES_MAX: usize = 100_000;

pub(super) fn named(interface: &str) -> String {
    format!("tsugi:plugin/{interface}@{CONTRACT}")
}

/// Defines the imports. `hosted` instances reach what was granted; pure ones only log.
pub fn add_to_linker(linker: &mut Linker<State>, hosted: bool) -> Result<()> {
    linker.instance(&named("log"))?.func_wrap(
        "log",
        |mut cx: Cx, (level, message, _): (Level, String, Vec<(String, String)>)| {
            cx.data_mut()
                .write_log(format!("{level:?}: {message}\n").as_bytes());
            Ok(())
        },
    )?;
    report(linker)?;
    super::channel::add_to_linker(linker, hosted)?;
    if hosted {
        inputs(linker)?;
        outputs(linker)
    } else {
        denied(linker)
    }
}

fn report(linker: &mut Linker<State>) -> Result<()> {
    let mut instance = linker.instance(&named("report"))?;
    instance.func_wrap("rejects", |mut cx: Cx, (rows,): (Vec<Reject>,)| {
        let bytes = rows.iter().map(Reject::bytes).sum();
        if let Some(reach) = reaching(cx.data_mut(), rows.len(), bytes)? {
            reach.rejects.extend(rows);
        }
        Ok(())
    })?;
    instance.func_wrap(
        "notice",
        |mut cx: Cx, (stream, code, message): (String, String, String)| {
            let bytes = stream.len() + code.len() + message.len();
            if let Some(reach) = reaching(cx.data_mut(), 0, bytes)?
                && reach.notices.len() < LISTED_MAX
            {
                reach.notices.push(Notice {
                    stream,
                    code,
                    message,
                });
            }
            Ok(())
        },
    )
}

fn denied(linker: &mut Linker<State>) -> Result<()> {
    let mut instance = linker.instance(&named("inputs"))?;
    instance.resource("reader", ResourceType::host::<Reader>(), |_, _| Ok(()))?;
    instance.func_wrap(
        "entries",
        |mut cx: Cx, (input, _): (String, String)| -> Result<Answer<Vec<Entry>>> {
            Err(deny(cx.data_mut(), "inputs", &input))
        },
    )?;
    instance.func_wrap(
        "[static]reader.open",
        |mut cx: Cx, (input, _, _): (String, String, f64)| -> Result<Answer<Resource<Reader>>> {
            Err(deny(cx.data_mut(), "inputs", &input))
        },
    )?;
    instance.func_wrap(
        "[method]reader.read",
        |mut cx: Cx, (_, _): (Resource<Reader>, u32)| -> Result<Answer<Option<Vec<u8>>>> {
            Err(deny(cx.data_mut(), "inputs", "reader"))
        },
    )?;
    linker.instance(&named("outputs"))?.func_wrap(
        "put",
        |mut cx: Cx, (output, _, _): (String, String, Vec<u8>)| -> Result<Answer<()>> {
            Err(deny(cx.data_mut(), "outputs", &output))
        },
    )
}

fn input(state: &mut State, name: &str) -> Result<Vec<Folder>> {
    let found = state
        .reach
        .as_ref()
        .and_then(|reach| reach.granted.inputs.get(name).cloned());
    found.ok_or_else(|| deny(state, "inputs", name))
}

fn output(state: &mut State, name: &str) -> Result<Folder> {
    let found = state
        .reach
        .as_ref()
        .and_then(|reach| reach.granted.outputs.get(name).cloned());
    found.ok_or_else(|| deny(state, "outputs", name))
}

/// A name below a grant: parts are taken literally and none may climb.
fn below(folder: &Folder, name: &str) -> std::result::Result<Path, PluginError> {
    let climbs = name
        .split('/')
        .any(|part| part.is_empty() || part == "." || part == "..");
    let relative = Path::parse(name)
        .ok()
        .filter(|_| !climbs && !name.contains('\\'));
    let relative = relative.ok_or_else(|| {
        let message = format!("`{name}` is not a file name below the grant");
        PluginError::from_host(Recovery::Defect, "bad-name", message)
    })?;
    if !folder.holds(name) {
        return Err(leads_out(name));
    }
    Ok(folder.prefix.parts().chain(relative.parts()).collect())
}

/// A link is no grant for what it points to.
fn leads_out(name: &str) -> PluginError {
    let message = format!(
        "`{name}` is a link out of the granted folder: copy the file into it, or grant the folder where it lies"
    );
    PluginError::from_host(Recovery::FixConfig, "leads-out", message)
}

fn outside(what: &str, error: &object_store::Error) -> PluginError {
    let (recovery, code) = match error {
        object_store::Error::NotFound { .. } => (Recovery::FixConfig, "missing-file"),
        _ => (Recovery::Retry, "unreadable-file"),
    };
    PluginError::from_host(recovery, code, format!("{what}: {error}"))
}

fn inputs(linker: &mut Linker<State>) -> Result<()> {
    let mut instance = linker.instance(&named("inputs"))?;
    instance.resource("reader", ResourceType::host::<Reader>(), |mut cx, rep| {
        cx.data_mut()
            .table
            .delete(Resource::<Reader>::new_own(rep))?;
        Ok(())
    })?;
    instance.func_wrap_async(
        "entries",
        |mut cx: Cx, (input, prefix): (String, String)| {
            Box::new(async move {
                let folders = self::input(cx.data_mut(), &input)?;
                let listed: Answer<Vec<Entry>> = (entries(&folders, &prefix).await,);
                Ok(listed)
            })
        },
    )?;
    instance.func_wrap_async(
        "[static]reader.open",
        |mut cx: Cx, (input, name, offset): (String, String, f64)| {
            Box::new(async move {
                let folders = self::input(cx.data_mut(), &input)?;
                let opened: Answer<Resource<Reader>> = match open(folders, &name, offset).await {
                    Ok(reader) => (Ok(cx.data_mut().table.push(reader)?),),
                    Err(error) => (Err(error),),
                };
                Ok(opened)
            })
        },
    )?;
    instance.func_wrap_async(
        "[method]reader.read",
        |mut cx: Cx, (reader, max): (Resource<Reader>, u32)| {
            Box::new(async move {
                let read: Answer<Option<Vec<u8>>> =
                    (read(cx.data_mut().table.get_mut(&reader)?, max).await,);
                Ok(read)
            })
        },
    )
}

async fn entries(folders: &[Folder], prefix: &str) -> std::result::Result<Vec<Entry>, PluginError> {
    let mut out: BTreeMap<String, Entry> = BTreeMap::new();
    let failed = |error| outside("the granted folder cannot be listed", &error);
    for folder in folders {
        let mut listed = folder.store.list(Some(&folder.prefix));
        while let Some(meta) = listed.try_next().await.map_err(failed)? {
            let Some(parts) = meta.location.prefix_match(&folder.prefix) else {
                continue;
            };
            let parts: Vec<String> = parts.map(|part| part.as_ref().to_owned()).collect();
            let name = parts.join("/");
            if !name.starts_with(prefix) || !folder.shows(&name) || out.contains_key(&name) {
                continue;
            }
            if !folder.holds(&name) {
                return Err(leads_out(&name));
            }
            let modified_ms = meta.last_modified.timestamp_millis() as f64;
            out.insert(
                name.clone(),
                Entry {
                    name,
                    size: meta.size as f64,
                    modified_ms,
                },
            );
            if out.len() > ENTRIES_MAX {
                let message = format!("the granted folder holds more than {ENTRIES_MAX} files");
                return Err(PluginError::from_host(
                    Recovery::FixConfig,
                    "too-many-files",
                    message,
                ));
            }
        }
    }
    Ok(out.into_values().collect())
}

async fn open(
    folders: Vec<Folder>,
    name: &str,
    offset: f64,
) -> std::result::Result<Reader, PluginError> {
    let mut last = None;
    for folder in folders.into_iter().filter(|folder| folder.shows(name)) {
        let path = below(&folder, name)?;
        match folder.store.head(&path).await {
            // A float-to-integer cast saturates, so a negative, huge or absent offset stays
            // in range.
            Ok(meta) => {
                return Ok(Reader {
                    folder,
                    path,
                    at: (offset as u64).min(meta.size),
                    size: meta.size,
                });
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(
        || {
            PluginError::from_host(
                Recovery::FixConfig,
                "missing-file",
                format!("`{name}` is not among the granted files"),
            )
        },
        |error| outside(&format!("`{name}`"), &error),
    ))
}

async fn read(reader: &mut Reader, max: u32) -> std::result::Result<Option<Vec<u8>>, PluginError> {
    let end = (reader.at + u64::from(max.clamp(1, READ_MAX_BYTES))).min(reader.size);
    if end <= reader.at {
        return Ok(None);
    }
    let bytes = reader
        .folder
        .store
        .get_range(&reader.path, reader.at..end)
        .await
        .map_err(|error| outside(&format!("`{}`", reader.path), &error))?;
    reader.at = end;
    Ok(Some(bytes.to_vec()))
}

fn outputs(linker: &mut Linker<State>) -> Result<()> {
    linker.instance(&named("outputs"))?.func_wrap_async(
        "put",
        |mut cx: Cx, (output, name, bytes): (String, String, Vec<u8>)| {
            Box::new(async move {
                let folder = self::output(cx.data_mut(), &output)?;
                let dry_run = cx
                    .data()
                    .reach
                    .as_ref()
                    .is_some_and(|reach| reach.granted.dry_run);
                let put: Answer<()> = (put(&folder, &name, bytes, dry_run).await,);
                Ok(put)
            })
        },
    )
}

/// Stores one object under a name that is taken once: again with the same bytes is no error.
async fn put(
    folder: &Folder,
    name: &str,
    bytes: Vec<u8>,
    dry_run: bool,
) -> std::result::Result<(), PluginError> {
    let path = below(folder, name)?;
    if dry_run {
        return Ok(());
    }
    let create = PutOptions::from(PutMode::Create);
    match folder
        .store
        .put_opts(&path, bytes.clone().into(), create)
        .await
    {
        Ok(_) => Ok(()),
        Err(object_store::Error::AlreadyExists { .. }) => {
            let there = async { folder.store.get(&path).await?.bytes().await };
            let there = there
                .await
                .map_err(|error| outside(&format!("`{name}`"), &error))?;
            if there == bytes {
                return Ok(());
            }
            let message = format!("`{name}` is there already, with other content");
            Err(PluginError::from_host(
                Recovery::GiveUp,
                "content-differs",
                message,
            ))
        }
        Err(error) => Err(outside(&format!("`{name}` cannot be written"), &error)),
    }
}
