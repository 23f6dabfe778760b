//! `[roles]` and `[people]`: who may decide on messages, and how far.

use std::collections::BTreeMap;

use super::error::ProjectError;
use super::written::Section;
use tsugi_core::diagnostic::nearest;

/// The most that a limit of a role may say.
const LIMIT_MAX: u64 = 1_000_000_000;

/// `[roles.NAME]`: what people of a role may approve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleRole {
    /// Recipients of one text; any number when absent.
    pub recipients_max: Option<u64>,
    /// What the remedy of one message may be worth, in the money of the pipeline; any when absent.
    pub remedy_max: Option<u64>,
    /// Whether texts to important customers are theirs to approve.
    pub important: bool,
}

/// `[people."NAME"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name of their role, which is there.
    pub role: String,
    /// The account of this machine from which they decide; any when absent.
    pub login: Option<String>,
}

/// The people who may decide. Where a pipeline names none, everyone with access to it may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    pub roles: BTreeMap<String, PeopleRole>,
    /// By name, as in `--by`.
    pub people: BTreeMap<String, Person>,
}

impl People {
    pub(super) fn read(root: &Section<'_, '_>) -> Self {
        let mut read = Self::default();
        named(root, "roles", |name, section| {
            let role = PeopleRole {
                recipients_max: section.number("recipients_max", 1, LIMIT_MAX),
                remedy_max: section.number("remedy_max", 0, LIMIT_MAX),
                important: section.boolean("important").unwrap_or(false),
            };
            read.roles.insert(name, role);
        });
        let roles = read.roles.clone();
        named(root, "people", |name, section| {
            let role = section.required("role", "role = \"…\"");
            let login = section.string("login").map(|written| written.value);
            let Some(role) = role else { return };
            if roles.contains_key(&role.value) {
                let role = role.value;
                read.people.insert(name, Person { role, login });
                return;
            }
            let near = nearest(&role.value, roles.keys().map(String::as_str));
            let error = ProjectError::Unknown {
                what: "role",
                nearest: near.into_iter().map(str::to_owned).collect(),
                otherwise: format!("add a section `[roles.{}]`", role.value),
                name: role.value.clone(),
            };
            section.file().find(&role.span, &error);
        });
        read
    }
}

/// Calls `read` for every section under a key, whatever its name.
fn named(
    root: &Section<'_, '_>,
    key: &'static str,
    mut read: impl FnMut(String, &Section<'_, '_>),
) {
    let Some(all) = root.section(key) else {
        return;
    };
    for (name, value) in all.entries() {
        if let Some(section) = all.section_of(&name.value, &name.span, value) {
            read(name.value, &section);
            section.finish();
        }
    }
}
