//! One guarded call into a guest: clock started, returned bytes bounded, every failure classified.

use std::sync::Arc;

use tsugi_core::role::Role;
use wasmtime::component::{
    ComponentExportIndex, ComponentNamedList, Instance, Lift, Lower, ResourceAny, TypedFunc,
};
use wasmtime::{Store, Trap};

use super::breach::Breach;
use super::cancel::Cancel;
use super::reports::Notice;
use super::state::{self, State};
use crate::boundary::wire::{PluginError, Reject};
use crate::error::SandboxError;
use crate::gate::SendGate;
use crate::grants::{Granted, denial_hint};
use crate::limits::{Budget, Charge, Clock, HANDLES_MAX};
use crate::plugin::Plugin;
use crate::text::clip;

/// A live instance and its store. It belongs to one owner and is never shared.
pub(crate) struct Guest {
    store: Store<State>,
    instance: Instance,
    plugin: Arc<Plugin>,
    /// Set by any failure that leaves the guest's memory in doubt; such a guest is dropped.
    is_poisoned: bool,
}

#[derive(Clone, Default)]
pub(crate) struct StartOptions {
    pub budget: Option<Arc<dyn Budget>>,
    pub cancel: Cancel,
}

fn store(plugin: &Plugin, options: StartOptions, granted: Granted) -> Store<State> {
    let limits = plugin.limits();
    let charge = Charge::new(options.budget);
    let state = State::new(
        limits.clone(),
        granted,
        charge,
        options.cancel,
        plugin.started_ms(),
    );
    let mut store = Store::new(plugin.engine(), state);
    store.limiter(|state| state);
    store.set_max_component_handles(HANDLES_MAX);
    store.set_hostcall_fuel(usize::try_from(limits.returned_max_bytes).unwrap_or(usize::MAX));
    store
}

impl Guest {
    /// A fresh instance for calls that run to the end on the calling thread, with no access.
    pub(crate) fn pure(plugin: &Arc<Plugin>, options: StartOptions) -> Result<Self, SandboxError> {
        let mut store = store(plugin, options, Granted::default());
        store.epoch_deadline_callback(|mut cx| Ok(state::on_tick(cx.data_mut())));
        begin(&mut store, Clock::Call);
        let instance = plugin.pure().instantiate(&mut store);
        Self::started(plugin, store, instance)
    }

    /// A fresh instance for async calls in a role, with what is granted to it.
    pub(crate) async fn hosted(
        plugin: &Arc<Plugin>,
        role: Role,
        options: StartOptions,
    ) -> Result<Self, SandboxError> {
        let mut store = store(plugin, options, plugin.granted().within(role));
        store.epoch_deadline_callback(|mut cx| Ok(state::on_tick_yielding(cx.data_mut())));
        begin(&mut store, Clock::Call);
        let instance = plugin.hosted().instantiate_async(&mut store).await;
        Self::started(plugin, store, instance)
    }

    fn started(
        plugin: &Arc<Plugin>,
        mut store: Store<State>,
        instance: wasmtime::Result<Instance>,
    ) -> Result<Self, SandboxError> {
        match instance {
            Ok(instance) => Ok(Self {
                store,
                instance,
                plugin: Arc::clone(plugin),
                is_poisoned: false,
            }),
            Err(error) => Err(classify(plugin, &mut store, "instantiate", &error)),
        }
    }

    pub(crate) fn plugin(&self) -> &Arc<Plugin> {
        &self.plugin
    }

    /// Whether it may be called again.
    pub(crate) fn is_usable(&self) -> bool {
        !self.is_poisoned
    }

    /// Linear memory of the instance.
    pub(crate) fn memory_bytes(&self) -> usize {
        usize::try_from(self.store.data().memory_bytes()).unwrap_or(usize::MAX)
    }

    /// A function of the contract; the types are checked against the component.
    pub(crate) fn function<P, R>(
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
                plugin: self.plugin.name().to_owned(),
                reason: format!("its `{entry}` is not that of the contract: {error:#}"),
                hint: "rebuild it with the tsugi-plugin of this version".into(),
            })
    }

    /// Calls a pure function.
    pub(crate) fn call<P, R>(
        &mut self,
        function: &TypedFunc<P, R>,
        args: P,
        entry: &str,
    ) -> Result<R, SandboxError>
    where
        P: ComponentNamedList + Lower,
        R: ComponentNamedList + Lift,
    {
        self.check_usable(entry)?;
        begin(&mut self.store, Clock::Call);
        let result = function.call(&mut self.store, args);
        self.finish(result, entry)
    }

    /// Calls a hosted function; `clock` bounds the guest's own running time.
    pub(crate) async fn call_async<P, R>(
        &mut self,
        function: &TypedFunc<P, R>,
        args: P,
        entry: &str,
        clock: Clock,
    ) -> Result<R, SandboxError>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        self.check_usable(entry)?;
        begin(&mut self.store, clock);
        // Set first: a call that is dropped half way must not be followed by another.
        self.is_poisoned = true;
        let result = function.call_async(&mut self.store, args).await;
        self.is_poisoned = false;
        self.finish(result, entry)
    }

    fn check_usable(&self, entry: &str) -> Result<(), SandboxError> {
        if self.is_poisoned {
            return Err(self.malformed(entry, "the instance has failed before".into()));
        }
        Ok(())
    }

    fn finish<R>(&mut self, result: wasmtime::Result<R>, entry: &str) -> Result<R, SandboxError> {
        result.map_err(|error| {
            self.is_poisoned = true;
            classify(&self.plugin, &mut self.store, entry, &error)
        })
    }

    /// The error for an error that the guest returned.
    pub(crate) fn failed(&self, entry: &str, error: PluginError) -> SandboxError {
        SandboxError::Failed {
            plugin: self.plugin.name().to_owned(),
            entry: entry.to_owned(),
            error: Box::new(clipped(error)),
        }
    }

    /// The error for a result that the contract forbids.
    pub(crate) fn malformed(&self, entry: &str, what: String) -> SandboxError {
        SandboxError::Malformed {
            plugin: self.plugin.name().to_owned(),
            entry: entry.to_owned(),
            what,
        }
    }

    /// Forbids further calls.
    pub(crate) fn poison(&mut self) {
        self.is_poisoned = true;
    }

    /// Drops a resource of the guest.
    pub(crate) fn drop_resource(&mut self, resource: ResourceAny) {
        if self.is_poisoned {
            return;
        }
        begin(&mut self.store, Clock::Call);
        if resource.resource_drop(&mut self.store).is_err() {
            self.is_poisoned = true;
        }
    }

    /// What the guest has reported since the last call of this.
    pub(crate) fn drain_reports(&mut self) -> (Vec<Reject>, Vec<Notice>) {
        self.store.data_mut().reports.drain()
    }

    pub(crate) fn set_cancel(&mut self, cancel: Cancel) {
        self.store.data_mut().cancel = cancel;
    }

    pub(crate) fn set_dry_run(&mut self, dry_run: bool) {
        self.store.data_mut().access.granted.dry_run = dry_run;
    }

    /// What decides about everything that the guest sends.
    pub(crate) fn set_gate(&mut self, gate: Option<Arc<dyn SendGate>>) {
        self.store.data_mut().access.gate = gate;
    }

    /// Reads the secrets of the grants.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(crate) fn read_secrets(&mut self) -> Result<(), SandboxError> {
        let access = &mut self.store.data_mut().access;
        access.secrets = Ok(access.read_secrets(self.plugin.name())?);
        Ok(())
    }

    /// As [`Guest::read_secrets`], but a secret that cannot be read fails the request that needs
    /// it: a source may list its streams without a request.
    pub(crate) fn try_read_secrets(&mut self) {
        let access = &mut self.store.data_mut().access;
        access.secrets = access.read_secrets(self.plugin.name());
    }
}

fn begin(store: &mut Store<State>, clock: Clock) {
    store.data_mut().begin_call(clock);
    store.set_epoch_deadline(1);
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

/// The cause of a failed call: the breach that was noted, else a bound of wasmtime, else the trap.
fn classify(
    plugin: &Plugin,
    store: &mut Store<State>,
    entry: &str,
    error: &wasmtime::Error,
) -> SandboxError {
    // A guest whose growth was refused usually panics; the cause is the memory either way.
    if let Some(breach) = store.data_mut().breach.take() {
        return of_breach(plugin.name(), entry, breach);
    }
    let (name, entry) = (plugin.name().to_owned(), entry.to_owned());
    let message = format!("{error:#}");
    // wasmtime has no types for these failures; only their messages identify them.
    let bounds = [
        (
            "fuel allocated for hostcalls",
            "bytes returned",
            plugin.limits().returned_max_bytes,
        ),
        ("handle limit exceeded", "live handles", HANDLES_MAX as u64),
    ];
    if let Some((_, what, limit)) = bounds.iter().find(|(mark, _, _)| message.contains(mark)) {
        return SandboxError::OverLimit {
            plugin: name,
            entry,
            name: what,
            limit: *limit,
            requested: limit + 1,
        };
    }
    let message = match error.downcast_ref::<Trap>() {
        Some(trap) => trap.to_string(),
        None => clip(error.root_cause().to_string()),
    };
    SandboxError::Trapped {
        plugin: name,
        entry,
        message,
        log: clip(store.data().log_tail()),
    }
}

fn of_breach(plugin: &str, entry: &str, breach: Breach) -> SandboxError {
    let (name, entry) = (plugin.to_owned(), entry.to_owned());
    match breach {
        Breach::Limit {
            name: what,
            limit,
            requested,
        } => SandboxError::OverLimit {
            plugin: name,
            entry,
            name: what,
            limit,
            requested,
        },
        Breach::Denied { kind, name: want } => SandboxError::Denied {
            hint: denial_hint(&name, &entry, kind, &want),
            plugin: name,
            entry,
            want: format!("{kind} `{want}`"),
        },
        Breach::Secret(error) => *error,
        Breach::Cancelled => SandboxError::Cancelled {
            plugin: name,
            entry,
        },
    }
}
