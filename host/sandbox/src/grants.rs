//! What a plugin may reach, and which role a grant is for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, path};
use tsugi_core::channel::{HttpGrant, MailGrant};
use tsugi_core::grant::{Grants, grant_line};
use tsugi_core::pattern::Pattern;
use tsugi_core::role::Role;

/// A folder of an object store that a plugin may reach.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The store, rooted so that nothing outside the grant can be named.
    pub store: Arc<dyn ObjectStore>,
    /// The folder inside the store.
    pub prefix: path::Path,
    /// Which of its files, by the last part of their names; none for all.
    pub pattern: Option<Pattern>,
    /// The folder on this machine, if it is there: links must not lead out of it.
    pub root: Option<PathBuf>,
}

/// A granted folder that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot use the granted folder `{}`: {reason}", folder.display())]
pub struct FolderError {
    pub folder: PathBuf,
    pub reason: String,
}

impl Folder {
    /// A folder of this machine, or its files whose names match a pattern.
    fn local(folder: &Path, pattern: Option<Pattern>) -> Result<Self, FolderError> {
        let store = LocalFileSystem::new_with_prefix(folder)
            .map_err(|error| folder_error(folder, &error))?;
        Ok(Self {
            store: Arc::new(store),
            prefix: path::Path::default(),
            pattern,
            root: Some(folder.to_owned()),
        })
    }

    pub(crate) fn shows(&self, name: &str) -> bool {
        let last = name.rsplit('/').next().unwrap_or(name);
        self.pattern
            .as_ref()
            .is_none_or(|pattern| pattern.matches(last))
    }

    /// Whether a name, which need not exist, leads to a place inside the folder when all links are
    /// followed.
    pub(crate) fn holds(&self, name: &str) -> bool {
        let Some(root) = &self.root else {
            return true;
        };
        let Ok(real_root) = root.canonicalize() else {
            return false;
        };
        let named = root.join(name);
        // What does not exist is created in its nearest existing ancestor.
        named
            .ancestors()
            .find_map(|ancestor| ancestor.canonicalize().ok())
            .is_some_and(|real| real.starts_with(&real_root))
    }
}

fn folder_error(folder: &Path, error: &dyn std::error::Error) -> FolderError {
    FolderError {
        folder: folder.to_owned(),
        reason: error.to_string(),
    }
}

/// What one use of a plugin may reach, by the names of its wants.
#[derive(Clone, Debug, Default)]
pub struct Granted {
    /// Several folders may answer one want; the first that has a name counts.
    pub inputs: BTreeMap<String, Vec<Folder>>,
    pub outputs: BTreeMap<String, Folder>,
    pub http: BTreeMap<String, HttpGrant>,
    pub mail: BTreeMap<String, MailGrant>,
    /// The real time instead of the start of the run.
    pub clock: bool,
    /// Real randomness instead of a seeded sequence.
    pub random: bool,
    /// Outputs are checked and not written.
    pub dry_run: bool,
}

/// The roles that a kind of want is for.
fn roles_of(kind: &str) -> &'static [Role] {
    match kind {
        "inputs" => &[Role::Source],
        "http" => &[Role::Source, Role::Sink],
        "outputs" | "mail" => &[Role::Sink],
        _ => &[],
    }
}

impl Granted {
    /// Opens what is granted. Folders to read that do not exist are left out, folders to write are
    /// created.
    ///
    /// # Errors
    /// When a folder cannot be opened or created.
    pub fn open(grants: &Grants) -> Result<Self, FolderError> {
        let mut granted = Self {
            clock: grants.clock,
            random: grants.random,
            ..Self::default()
        };
        for (want, folders) in &grants.inputs {
            let existing = folders.iter().filter(|one| one.folder.is_dir());
            let opened = existing.map(|one| Folder::local(&one.folder, one.pattern.clone()));
            let opened = opened.collect::<Result<_, _>>()?;
            granted.inputs.insert(want.to_string(), opened);
        }
        for (want, one) in &grants.outputs {
            std::fs::create_dir_all(&one.folder)
                .map_err(|error| folder_error(&one.folder, &error))?;
            let opened = Folder::local(&one.folder, None)?;
            granted.outputs.insert(want.to_string(), opened);
        }
        let http = grants.http.iter();
        granted.http = http
            .map(|(want, grant)| (want.to_string(), grant.clone()))
            .collect();
        let mail = grants.mail.iter();
        granted.mail = mail
            .map(|(want, grant)| (want.to_string(), grant.clone()))
            .collect();
        Ok(granted)
    }

    /// The part for a role: sources read, sinks write and send, and functions reach nothing, so that
    /// a query never sends what was granted for a delivery.
    pub(crate) fn within(&self, role: Role) -> Self {
        let mut own = match role {
            Role::Source | Role::Sink => self.clone(),
            Role::Scalar | Role::Aggregate | Role::Table => Self::default(),
        };
        let is_for = |kind: &str| roles_of(kind).contains(&role);
        own.inputs.retain(|_, _| is_for("inputs"));
        own.outputs.retain(|_, _| is_for("outputs"));
        own.http.retain(|_, _| is_for("http"));
        own.mail.retain(|_, _| is_for("mail"));
        own
    }
}

/// The hint of a denial: the line that grants the want, if its role can be granted it.
pub(crate) fn denial_hint(plugin: &str, entry: &str, kind: &str, name: &str) -> String {
    let interface = entry.split(['.', '-']).next().unwrap_or_default();
    let role = Role::ALL.into_iter().find(|role| role.name() == interface);
    match role.filter(|role| !roles_of(kind).contains(role)) {
        Some(role) => {
            let roles: Vec<&str> = roles_of(kind).iter().map(|role| role.name()).collect();
            let roles = roles.join(" or a ");
            format!("{kind} are for a {roles}: no grant gives them to the role {role}")
        }
        None => {
            let line = grant_line(kind, name, role == Some(Role::Source));
            format!("add to `[plugins.{plugin}]` in pipeline.toml: {line}")
        }
    }
}
