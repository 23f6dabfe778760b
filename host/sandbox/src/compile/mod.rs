//! Compiles components to machine code: bounded in what they contain, in time and in memory.

mod cache;
mod program;
mod thread;

use std::path::PathBuf;

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::component::expanded;
use crate::error::SandboxError;
use crate::limits::{PARTS_MAX, TABLE_ENTRIES_MAX};
use crate::plugin::PluginFile;

use cache::Cache;
pub use program::{COMPILE_ARGUMENT, compile_stdin};
use thread::Overdue;

/// Who compiles components, and where compiled code is kept. By default a thread of this process
/// does, and nothing is kept.
#[derive(Debug, Default)]
pub struct Compiler {
    cache: Option<PathBuf>,
    program: Option<PathBuf>,
}

impl Compiler {
    /// Keeps compiled code in a folder that only this user can enter; it is created if need be.
    #[must_use]
    pub fn cached(mut self, folder: PathBuf) -> Self {
        self.cache = Some(folder);
        self
    }

    /// Compiles in a child process, whose memory is bounded too and which is killed when its time is
    /// over: the program must, with [`COMPILE_ARGUMENT`] as its only argument, call [`compile_stdin`]. Use it for components of others.
    #[must_use]
    pub fn in_process(mut self, program: PathBuf) -> Self {
        self.program = Some(program);
        self
    }
}

impl From<PathBuf> for Compiler {
    fn from(folder: PathBuf) -> Self {
        Self::default().cached(folder)
    }
}

/// A compiler that is ready.
#[derive(Debug)]
pub(crate) struct Ready {
    cache: Option<Cache>,
    program: Option<PathBuf>,
    overdue: Overdue,
}

impl Ready {
    /// # Errors
    /// When the folder of compiled code is not private and cannot be made so.
    pub(crate) fn new(compiler: Compiler, engine: &Engine) -> Result<Self, SandboxError> {
        Ok(Self {
            cache: compiler
                .cache
                .map(|folder| Cache::open(folder, engine))
                .transpose()?,
            program: compiler.program,
            overdue: Overdue::default(),
        })
    }

    /// The compiled component of a file, from the cache if possible.
    pub(crate) fn component(
        &self,
        engine: &Engine,
        file: &PluginFile,
    ) -> Result<Component, SandboxError> {
        if let Some(code) = self.cache.as_ref().and_then(|cache| cache.get(&file.code)) {
            // SAFETY: the keyed digest says that `put` below wrote exactly these bytes for this
            // component and engine; wasmtime checks version and settings again.
            if let Ok(component) = unsafe { Component::deserialize(engine, &code) } {
                return Ok(component);
            }
        }
        let refused = |reason: String, hint: &str| SandboxError::Refused {
            plugin: file.name.clone(),
            reason,
            hint: hint.to_owned(),
        };
        expanded::bounded(file.code.bytes())
            .map_err(|error| refused(error.to_string(), expanded::HINT))?;
        let code = match &self.program {
            Some(program) => program::compile(program, file)?,
            None => thread::compile(engine, &self.overdue, file)?,
        };
        let code = code.map_err(|reason| {
            refused(
                format!("it does not compile: {reason}"),
                "build it for wasm32-wasip2 with tsugi-plugin",
            )
        })?;
        // SAFETY: an engine of the same settings has just produced `code`.
        let component = unsafe { Component::deserialize(engine, &code) };
        let component = component.map_err(|error| {
            refused(
                format!("no instance of it has room: {error:#}"),
                &format!(
                    "a component has one memory, {PARTS_MAX} core instances and tables, {TABLE_ENTRIES_MAX} entries in a table"
                ),
            )
        })?;
        if let Some(cache) = &self.cache {
            cache.put(&file.code, &code)?;
        }
        Ok(component)
    }
}
