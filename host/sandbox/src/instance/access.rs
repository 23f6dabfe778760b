//! What one instance may reach: its grants, their secrets, and how often it may send.
//!
//! A secret is read when a reader or a writer is opened and lives in the host's memory only.

use std::collections::BTreeMap;
use std::sync::Arc;

use tsugi_core::channel::Secret;

use super::breach::Breach;
use crate::error::SandboxError;
use crate::gate::SendGate;
use crate::grants::Granted;
use crate::limits::SENDS_MAX;

/// Secrets by kind and name of their want.
pub(crate) type Secrets = BTreeMap<(&'static str, String), Secret>;

/// The grants of one instance and what has been used of them.
#[derive(Debug)]
pub(crate) struct Access {
    pub granted: Granted,
    /// The secrets of the grants, or why they cannot be read.
    pub secrets: Result<Secrets, SandboxError>,
    /// What decides about everything that is sent; none where the grants alone decide.
    pub gate: Option<Arc<dyn SendGate>>,
    /// Requests and messages of the current call.
    sends: usize,
}

impl Access {
    pub(crate) fn new(granted: Granted) -> Self {
        Self {
            granted,
            secrets: Ok(Secrets::new()),
            gate: None,
            sends: 0,
        }
    }

    pub(crate) fn begin_call(&mut self) {
        self.sends = 0;
    }

    /// Counts a request or message.
    ///
    /// # Errors
    /// The bound that it breaks.
    pub(crate) fn count_send(&mut self) -> Result<(), Breach> {
        self.sends += 1;
        if self.sends > SENDS_MAX {
            return Err(Breach::over("requests of one call", SENDS_MAX, self.sends));
        }
        Ok(())
    }

    /// Reads every secret that a grant names.
    pub(crate) fn read_secrets(&self, plugin: &str) -> Result<Secrets, SandboxError> {
        let http = self.granted.http.iter().filter_map(|(name, grant)| {
            let secret = grant.secret.as_ref()?;
            Some(("http", name, &secret.source))
        });
        let mail = self.granted.mail.iter().filter_map(|(name, grant)| {
            let (_, source) = grant.login.as_ref()?;
            Some(("mail", name, source))
        });
        http.chain(mail)
            .map(|(kind, name, source)| {
                let secret = source.read().map_err(|why| SandboxError::Secret {
                    plugin: plugin.to_owned(),
                    want: format!("{kind}.{name}"),
                    place: source.to_string(),
                    why,
                })?;
                Ok(((kind, name.clone()), secret))
            })
            .collect()
    }
}
