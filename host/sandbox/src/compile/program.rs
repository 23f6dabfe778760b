//! Compiles in a child process, which has bounds on its memory and its time and can be killed.

use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::component::COMPONENT_MAX_BYTES;
use crate::engine;
use crate::error::SandboxError;
use crate::limits::COMPILE_MEMORY_MAX_BYTES;
use crate::plugin::PluginFile;

/// The argument by which a program knows that it is to compile.
pub const COMPILE_ARGUMENT: &str = "compile-component";
/// The exit code of a component that is at fault; its reason is on standard error.
const REFUSED: u8 = 3;
/// The longest reason that is read.
const REASON_MAX_BYTES: u64 = 64 * 1024;

/// The error of a component that takes too long.
pub(super) fn too_slow(file: &PluginFile, started: Instant) -> SandboxError {
    SandboxError::OverLimit {
        plugin: file.name.clone(),
        entry: "compile".into(),
        name: "compile time",
        limit: file.limits.compile_max_ms,
        requested: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// Compiles with a child of `program`. The inner error is the reason why the component does not
/// compile.
pub(super) fn compile(
    program: &Path,
    file: &PluginFile,
) -> Result<Result<Vec<u8>, String>, SandboxError> {
    let host = |reason: String| SandboxError::Host {
        what: format!("compile the plugin `{}`", file.name),
        reason,
    };
    let started = Instant::now();
    let mut child = Command::new(program)
        .arg(COMPILE_ARGUMENT)
        // What a user's environment asks of the host is nothing that a compiler needs.
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| host(error.to_string()))?;
    let done = exchange(&mut child, file);
    let outcome = match done.recv_timeout(Duration::from_millis(file.limits.compile_max_ms)) {
        Ok(outcome) => outcome.map_err(|error| host(error.to_string())),
        Err(RecvTimeoutError::Timeout) => Err(too_slow(file, started)),
        Err(RecvTimeoutError::Disconnected) => Err(host("its output cannot be read".into())),
    };
    let (code, reason) = outcome.inspect_err(|_| {
        // A child that is already gone is what is wanted; the error above is the one to report.
        let _ = child.kill();
        let _ = child.wait();
    })?;
    let status = child.wait().map_err(|error| host(error.to_string()))?;
    verdict(status, code, reason, file)
}

fn verdict(
    status: ExitStatus,
    code: Vec<u8>,
    reason: String,
    file: &PluginFile,
) -> Result<Result<Vec<u8>, String>, SandboxError> {
    match status.code() {
        Some(0) => Ok(Ok(code)),
        Some(code) if code == i32::from(REFUSED) => Ok(Err(reason)),
        // Without memory the child aborts; so it does when the compiler panics.
        None if reason.contains("memory allocation") => Err(SandboxError::OverLimit {
            plugin: file.name.clone(),
            entry: "compile".into(),
            name: "bytes of memory to compile",
            limit: COMPILE_MEMORY_MAX_BYTES,
            requested: COMPILE_MEMORY_MAX_BYTES.saturating_add(1),
        }),
        _ => Ok(Err(format!("the compiler ended with {status}"))),
    }
}

type Exchanged = io::Result<(Vec<u8>, String)>;

/// Writes the component to the child and reads code and reason, each on a thread of its own: a pipe
/// that is full stops its writer.
fn exchange(child: &mut Child, file: &PluginFile) -> mpsc::Receiver<Exchanged> {
    let (sender, receiver) = mpsc::channel();
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let component = file.code.clone();
    let write = std::thread::spawn(move || {
        // A child that reads no further has a reason, which is read below.
        let _ = stdin.map(|mut pipe| pipe.write_all(component.bytes()));
    });
    let errors = std::thread::spawn(move || {
        let mut reason = Vec::new();
        if let Some(pipe) = stderr {
            pipe.take(REASON_MAX_BYTES).read_to_end(&mut reason)?;
        }
        io::Result::Ok(String::from_utf8_lossy(&reason).trim().to_owned())
    });
    std::thread::spawn(move || {
        let mut code = Vec::new();
        let read = stdout.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut code));
        let gone = || io::Error::other("a thread that read its output failed");
        let reason = errors.join().unwrap_or_else(|_| Err(gone()));
        let _ = write.join();
        // The receiver is gone when the time was over.
        let _ = sender.send(read.and_then(|_| Ok((code, reason?))));
    });
    receiver
}

/// Compiles the component on standard input and writes its machine code to standard output: what a
/// program does that is named to [`super::Compiler::in_process`].
#[must_use]
pub fn compile_stdin() -> ExitCode {
    let compiled = bound_this_process()
        .and_then(|()| {
            let mut bytes = Vec::new();
            let limit = COMPONENT_MAX_BYTES + 1;
            io::stdin().take(limit).read_to_end(&mut bytes)?;
            Ok(bytes)
        })
        .map_err(|error| error.to_string())
        .and_then(|bytes| {
            let engine = engine::compiling().map_err(|error| format!("{error:#}"))?;
            let code = engine.precompile_component(&bytes);
            code.map_err(|error| format!("{error:#}"))
        });
    // The parent reads both pipes to their ends; one that is gone needs no answer.
    match compiled {
        Ok(code) => match io::stdout().write_all(&code) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(reason) => {
            let _ = io::stderr().write_all(reason.as_bytes());
            ExitCode::from(REFUSED)
        }
    }
}

/// Bounds memory, forbids core files, and ends with its parent.
fn bound_this_process() -> io::Result<()> {
    let limit = |what, value| {
        let limit = libc::rlimit {
            rlim_cur: value,
            rlim_max: value,
        };
        // SAFETY: the pointer is to a value that lives through the call.
        match unsafe { libc::setrlimit(what, &raw const limit) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    limit(libc::RLIMIT_CORE, 0)?;
    // Of written memory, not of address space: an engine reserves much and writes little.
    limit(libc::RLIMIT_DATA, COMPILE_MEMORY_MAX_BYTES)?;
    #[cfg(target_os = "linux")]
    // SAFETY: the arguments are plain numbers.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
    Ok(())
}
