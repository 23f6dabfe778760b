//! The signals that end a command: Ctrl-C, a polite kill, a terminal that is closed.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tsugi_sandbox::Cancel;

use super::Ended;

/// How long work that was stopped may take to give way. What it leaves behind then is what a kill
/// leaves behind: nothing that a reader sees, and all that the ledger needs.
const GRACE: Duration = Duration::from_secs(3);

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// None under `nohup`, which had it ignored before this command began.
    hangup: Option<Signal>,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: match is_ignored(libc::SIGHUP) {
                true => None,
                false => Some(signal(SignalKind::hangup())?),
            },
        })
    }

    async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hangup => {}
        }
    }
}

fn is_ignored(number: libc::c_int) -> bool {
    let mut now = std::mem::MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action `sigaction` only writes the present one, and `now` is read
    // only when it says that it did.
    unsafe {
        libc::sigaction(number, std::ptr::null(), now.as_mut_ptr()) == 0
            && now.assume_init().sa_sigaction == libc::SIG_IGN
    }
}

/// What a signal did so far.
pub(super) struct Stop {
    /// Set before guests are stopped: one that fails then did not fail by itself.
    pub(super) is_set: Arc<AtomicBool>,
    /// Resolves when the command must end.
    pub(super) now: oneshot::Receiver<()>,
}

/// Listens from a thread of its own, since the work may be inside a guest, a planner or a join that
/// does not give way. With `finish` the first signal only sets that switch, and the second one ends.
/// Once work is stopped, one more signal ends the process at once.
pub(super) fn listen(finish: Option<Arc<AtomicBool>>) -> io::Result<Stop> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut signals = {
        let _entered = runtime.enter();
        Signals::new()?
    };
    let is_set = Arc::new(AtomicBool::new(false));
    let (sender, now) = oneshot::channel();
    let set = Arc::clone(&is_set);
    let listening = async move {
        if let Some(finish) = finish {
            signals.next().await;
            finish.store(true, Relaxed);
        }
        signals.next().await;
        set.store(true, Relaxed);
        Cancel::all();
        let _ = sender.send(());
        let _ = tokio::time::timeout(GRACE, signals.next()).await;
        end_at_once();
    };
    thread::Builder::new()
        .name("tsugi-signals".to_owned())
        .spawn(move || runtime.block_on(listening))?;
    Ok(Stop { is_set, now })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the work does not give way, so that no destructor of it can run"
)]
fn end_at_once() {
    std::process::exit(Ended::Interrupted as i32)
}
