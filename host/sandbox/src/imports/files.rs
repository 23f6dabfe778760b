//! The imports `inputs` and `outputs`: granted files to read and granted folders to write.

use std::collections::BTreeMap;

use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutMode, PutOptions};
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut};

use crate::boundary::wire::{Entry, PluginError, Recovery};
use crate::contract::interface;
use crate::grants::Folder;
use crate::instance::state::State;
use crate::limits::READ_MAX_BYTES;

/// An open file of a grant.
struct Reader {
    folder: Folder,
    path: Path,
    at: u64,
    size: u64,
}

type Cx<'a> = StoreContextMut<'a, State>;
type Checked<T> = std::result::Result<T, PluginError>;
/// What an import returns to the guest.
type Returned<T> = (Checked<T>,);
/// Most files of one grant.
const ENTRIES_MAX: usize = 100_000;

pub(super) fn add_to_linker(linker: &mut Linker<State>, hosted: bool) -> Result<()> {
    if hosted {
        inputs(linker)?;
        outputs(linker)
    } else {
        denied(linker)
    }
}

fn denied(linker: &mut Linker<State>) -> Result<()> {
    let mut instance = linker.instance(&interface("inputs"))?;
    instance.resource("reader", ResourceType::host::<Reader>(), |_, _| Ok(()))?;
    instance.func_wrap(
        "entries",
        |mut cx: Cx, (input, _): (String, String)| -> Result<Returned<Vec<Entry>>> {
            Err(cx.data_mut().deny("inputs", &input))
        },
    )?;
    instance.func_wrap(
        "[static]reader.open",
        |mut cx: Cx, (input, _, _): (String, String, f64)| -> Result<Returned<Resource<Reader>>> {
            Err(cx.data_mut().deny("inputs", &input))
        },
    )?;
    instance.func_wrap(
        "[method]reader.read",
        |mut cx: Cx, (_, _): (Resource<Reader>, u32)| -> Result<Returned<Option<Vec<u8>>>> {
            Err(cx.data_mut().deny("inputs", "reader"))
        },
    )?;
    linker.instance(&interface("outputs"))?.func_wrap(
        "put",
        |mut cx: Cx, (output, _, _): (String, String, Vec<u8>)| -> Result<Returned<()>> {
            Err(cx.data_mut().deny("outputs", &output))
        },
    )
}

fn input(state: &mut State, name: &str) -> Result<Vec<Folder>> {
    let found = state.access.granted.inputs.get(name).cloned();
    found.ok_or_else(|| state.deny("inputs", name))
}

fn output(state: &mut State, name: &str) -> Result<Folder> {
    let found = state.access.granted.outputs.get(name).cloned();
    found.ok_or_else(|| state.deny("outputs", name))
}

/// The path of a name below a grant: its parts are literal, and none may climb.
fn below(folder: &Folder, name: &str) -> Checked<Path> {
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

/// A link does not grant its target.
fn leads_out(name: &str) -> PluginError {
    let message = format!(
        "`{name}` is a link out of the granted folder: copy the file into it, or grant the folder where it lies"
    );
    PluginError::from_host(Recovery::FixConfig, "leads-out", message)
}

fn store_error(what: &str, error: &object_store::Error) -> PluginError {
    let (recovery, code) = match error {
        object_store::Error::NotFound { .. } => (Recovery::FixConfig, "missing-file"),
        _ => (Recovery::Retry, "unreadable-file"),
    };
    PluginError::from_host(recovery, code, format!("{what}: {error}"))
}

fn inputs(linker: &mut Linker<State>) -> Result<()> {
    let mut instance = linker.instance(&interface("inputs"))?;
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
                let listed: Returned<Vec<Entry>> = (entries(&folders, &prefix).await,);
                Ok(listed)
            })
        },
    )?;
    instance.func_wrap_async(
        "[static]reader.open",
        |mut cx: Cx, (input, name, offset): (String, String, f64)| {
            Box::new(async move {
                let folders = self::input(cx.data_mut(), &input)?;
                let opened: Returned<Resource<Reader>> = match open(folders, &name, offset).await {
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
                let read: Returned<Option<Vec<u8>>> =
                    (read(cx.data_mut().table.get_mut(&reader)?, max).await,);
                Ok(read)
            })
        },
    )
}

async fn entries(folders: &[Folder], prefix: &str) -> Checked<Vec<Entry>> {
    let mut out: BTreeMap<String, Entry> = BTreeMap::new();
    let failed = |error| store_error("the granted folder cannot be listed", &error);
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

async fn open(folders: Vec<Folder>, name: &str, offset: f64) -> Checked<Reader> {
    let mut last = None;
    for folder in folders.into_iter().filter(|folder| folder.shows(name)) {
        let path = below(&folder, name)?;
        match folder.store.head(&path).await {
            // A float-to-integer cast saturates, so that any offset is in range.
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
        |error| store_error(&format!("`{name}`"), &error),
    ))
}

async fn read(reader: &mut Reader, max: u32) -> Checked<Option<Vec<u8>>> {
    let end = (reader.at + u64::from(max.clamp(1, READ_MAX_BYTES))).min(reader.size);
    if end <= reader.at {
        return Ok(None);
    }
    let bytes = reader
        .folder
        .store
        .get_range(&reader.path, reader.at..end)
        .await
        .map_err(|error| store_error(&format!("`{}`", reader.path), &error))?;
    reader.at = end;
    Ok(Some(bytes.to_vec()))
}

fn outputs(linker: &mut Linker<State>) -> Result<()> {
    linker.instance(&interface("outputs"))?.func_wrap_async(
        "put",
        |mut cx: Cx, (output, name, bytes): (String, String, Vec<u8>)| {
            Box::new(async move {
                let folder = self::output(cx.data_mut(), &output)?;
                let dry_run = cx.data().access.granted.dry_run;
                let put: Returned<()> = (put(&folder, &name, bytes, dry_run).await,);
                if let ((Ok(()),), Some(gate)) = (&put, &cx.data().access.gate) {
                    gate.stored();
                }
                Ok(put)
            })
        },
    )
}

/// Stores one object under a new name; the same name with the same bytes again is no error.
async fn put(folder: &Folder, name: &str, bytes: Vec<u8>, dry_run: bool) -> Checked<()> {
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
            let existing = async { folder.store.get(&path).await?.bytes().await };
            let existing = existing
                .await
                .map_err(|error| store_error(&format!("`{name}`"), &error))?;
            if existing == bytes {
                return Ok(());
            }
            let message = format!("`{name}` is there already, with other content");
            Err(PluginError::from_host(
                Recovery::GiveUp,
                "content-differs",
                message,
            ))
        }
        Err(error) => Err(store_error(&format!("`{name}` cannot be written"), &error)),
    }
}
