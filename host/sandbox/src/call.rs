//! One guarded call into a guest: clock started, returned bytes bounded, every failure typed.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower, ResourceAny, TypedFunc,
};
use wasmtime::{Store, Trap};

use super::error::SandboxError;
use super::flow::Reject;
use super::limits::{Budget, Charge, Clock, HANDLES_MAX};
use super::plugin::Plugin;
use super::reach::{Granted, Notice, Reach, advice};
use super::state::{self, Breach, Cancel, State};
use super::wire::PluginError;
use tsugi_core::role::Role;

/// A live instance and its store. It belongs to one owner and is never shared.
pub struct Guest {
    pub(super) store: Store<State>,
    instance: Instance,
    plugin: Arc<Plugin>,
    /// Set by any failure that leaves the guest's memory in doubt; such a guest is thrown away.
    spoiled: bool,
}

/// How an instance runs.
enum Mode {
    /// To the end, on the calling thread, without reach.
    Pure,
    /// Giving way at every tick, reaching what was granted and is for this role.
    Hosted(Role),
}

/// What an instance is started with.
#[derive(Clone, Default)]
pub struct Start {
    pub budget: Option<Arc<dyn Budget>>,
    pub cancel: Cancel,
}

fn store(plugin: &Arc<Plugin>, start: Start, mode: &Mode) -> Store<State> {
    let charge = Charge::new(start.budget);
    let mut state = State::new(
        plugin.limits.clone(),
        charge,
        start.cancel,
        plugin.started_ms,
    );
    let granted = match mode {
        Mode::Hosted(role) => plugin.granted.within(*role),
        Mode::Pure => Granted::default(),
    };
    state.reach = Some(Reach::new(granted));
    if state.is_granted(|granted| granted.random) {
        state.random = RandomState::new().build_hasher().finish();
    }
    let mut store = Store::new(plugin.engine(), state);
    store.limiter(|state| state);
    store.set_max_component_handles(HANDLES_MAX);
    store
        .set_hostcall_fuel(usize::try_from(plugin.limits.returned_max_bytes).unwrap_or(usize::MAX));
    store
}

impl Guest {
    /// A fresh instance for pure calls.
    pub fn pure(plugin: &Arc<Plugin>, start: Start) -> Result<Self, SandboxError> {
        let mut store = store(plugin, start, &Mode::Pure);
        store.epoch_deadline_callback(|mut cx| Ok(state::on_tick(cx.data_mut())));
        begin(&mut store, Clock::Call);
        match plugin.pure.instantiate(&mut store) {
            Ok(instance) => Ok(Self {
                store,
                instance,
                plugin: Arc::clone(plugin),
                spoiled: false,
            }),
            Err(error) => Err(typed(plugin, &mut store, "instantiate", &error)),
        }
    }

    /// A fresh instance for hosted calls in a role.
    pub async fn hosted(
        plugin: &Arc<Plugin>,
        role: Role,
        start: Start,
    ) -> Result<Self, SandboxError> {
        let mut store = store(plugin, start, &Mode::Hosted(role));
        store.epoch_deadline_callback(|mut cx| Ok(state::on_tick_yielding(cx.data_mut())));
        begin(&mut store, Clock::Call);
        match plugin.hosted.instantiate_async(&mut store).await {
            Ok(instance) => Ok(Self {
                store,
                instance,
                plugin: Arc::clone(plugin),
                spoiled: false,
            }),
            Err(error) => Err(typed(plugin, &mut store, "instantiate", &error)),
        }
    }

    /// The plugin this is an instance of.
    pub fn plugin(&self) -> &Arc<Plugin> {
        &self.plugin
    }

    /// Whether it may be called again.
    pub fn is_clean(&self) -> bool {
        !self.spoiled
    }

    /// Linear memory it holds.
    pub fn memory_bytes(&self) -> usize {
        usize::try_from(self.store.data().memory_bytes()).unwrap_or(usize::MAX)
    }

    /// A function of the contract by its place in the component.
    pub fn function<P, R>(
        &mut self,
        index: &ComponentExportIndex,
        entry: &str,
    ) -> Result<TypedFunc<P, R>, SandboxError>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        self.instance
            .get_typed_func::<P, R>(&mut self.store, index)
            .map_err(|error| SandboxError::Refused {
                plugin: self.plugin.name.clone(),
                reason: format!("its `{entry}` is not that of the contract: {error:#}"),
                hint: "rebuild it with the tsugi-plugin of this version".into(),
            })
    }

    /// Calls a pure function.
    pub fn call<P, R>(
        &mut self,
        f: &TypedFunc<P, R>,
        args: P,
        entry: &str,
    ) -> Result<R, SandboxError>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        self.ready(entry)?;
        begin(&mut self.store, Clock::Call);
        let answer = f.call(&mut self.store, args);
        self.answered(answer, entry)
    }

    /// Calls a hosted function; `clock` bounds the guest's own running time.
    pub async fn call_async<P, R>(
        &mut self,
        f: &TypedFunc<P, R>,
        args: P,
        entry: &str,
        clock: Clock,
    ) -> Result<R, SandboxError>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        self.ready(entry)?;
        begin(&mut self.store, clock);
        // Set first: a call that is dropped half way must not be followed by another.
        self.spoiled = true;
        let answer = f.call_async(&mut self.store, args).await;
        self.spoiled = false;
        self.answered(answer, entry)
    }

    fn ready(&self, entry: &str) -> Result<(), SandboxError> {
        if self.spoiled {
            return Err(self.malformed(entry, "the instance has failed before".into()));
        }
        Ok(())
    }

    fn answered<R>(&mut self, answer: wasmtime::Result<R>, entry: &str) -> Result<R, SandboxError> {
        answer.map_err(|error| {
            self.spoiled = true;
            typed(&self.plugin, &mut self.store, entry, &error)
        })
    }

    /// An error the guest answered with.
    pub fn failed(&self, entry: &str, error: PluginError) -> SandboxError {
        SandboxError::Failed {
            plugin: self.plugin.name.clone(),
            entry: entry.to_owned(),
            error: Box::new(clipped(error)),
        }
    }

    /// An answer that is not what the contract says. The guest is not asked again.
    pub fn malformed(&self, entry: &str, what: String) -> SandboxError {
        SandboxError::Malformed {
            plugin: self.plugin.name.clone(),
            entry: entry.to_owned(),
            what,
        }
    }

    /// Marks the guest as not to be used again.
    pub fn spoil(&mut self) {
        self.spoiled = true;
    }

    /// Drops a resource the guest gave us.
    pub fn drop_resource(&mut self, resource: ResourceAny) {
        if self.spoiled {
            return;
        }
        begin(&mut self.store, Clock::Call);
        if resource.resource_drop(&mut self.store).is_err() {
            self.spoiled = true;
        }
    }

    /// What the guest has reported since the last look.
    pub fn reported(&mut self) -> (Vec<Reject>, Vec<Notice>) {
        let reach = self.store.data_mut().reach.as_mut();
        reach.map(Reach::take_reported).unwrap_or_default()
    }
}

fn begin(store: &mut Store<State>, clock: Clock) {
    store.data_mut().start(clock);
    store.set_epoch_deadline(1);
}

/// Longest text of a guest's error that is passed on, in bytes.
const MESSAGE_MAX_BYTES: usize = 4096;

/// A guest's words, cut to what a person reads.
pub fn clip(mut text: String) -> String {
    if text.len() > MESSAGE_MAX_BYTES {
        let mut end = MESSAGE_MAX_BYTES;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

fn clipped(error: PluginError) -> PluginError {
    PluginError {
        code: clip(error.code),
        message: clip(error.message),
        detail: error.detail.map(clip),
        at: error.at.map(clip),
        extra: Vec::new(),
        ..error
    }
}

/// What wasmtime reports, as what happened: the breach that was noted, else the trap.
fn typed(
    plugin: &Plugin,
    store: &mut Store<State>,
    entry: &str,
    error: &wasmtime::Error,
) -> SandboxError {
    let (name, entry) = (plugin.name.clone(), entry.to_owned());
    let trapped = error.downcast_ref::<Trap>();
    match store.data_mut().breach.take() {
        // A guest whose growth was refused usually panics of its own; either way memory is why.
        Some(Breach::Limit {
            name: what,
            limit,
            asked,
        }) => {
            return SandboxError::OverLimit {
                plugin: name,
                entry,
                name: what,
                limit,
                asked,
            };
        }
        Some(Breach::Denied { kind, name: want }) => {
            return SandboxError::Denied {
                hint: advice(&name, &entry, kind, &want),
                plugin: name,
                entry,
                want: format!("{kind} `{want}`"),
            };
        }
        Some(Breach::Secret(error)) => return *error,
        Some(Breach::Cancelled) => {
            return SandboxError::Cancelled {
                plugin: name,
                entry,
            };
        }
        None => {}
    }
    let message = format!("{error:#}");
    // wasmtime gives these failures no type of their own; the words are the only mark they have.
    let marked = [
        (
            "fuel allocated for hostcalls",
            "bytes returned",
            plugin.limits.returned_max_bytes,
        ),
        ("handle limit exceeded", "live handles", HANDLES_MAX as u64),
    ];
    if let Some((_, what, limit)) = marked.iter().find(|(mark, _, _)| message.contains(mark)) {
        return SandboxError::OverLimit {
            plugin: name,
            entry,
            name: what,
            limit: *limit,
            asked: limit + 1,
        };
    }
    let message = trapped.map_or_else(
        || clip(error.root_cause().to_string()),
        |trap| trap.to_string(),
    );
    SandboxError::Trapped {
        plugin: name,
        entry,
        message,
        log: clip(store.data().log_tail()),
    }
}
