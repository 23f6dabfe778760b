//! How many instances a component has once everything in it is instantiated.
//!
//! A component that holds one that is instantiated twice, which holds another that is instantiated
//! twice, and so on, asks for 2^n instances in n × 60 bytes, and a compiler would lay out each.

use wasmparser::{ComponentInstance, ComponentTypeRef, Instance, Parser, Payload};

/// Most instances of modules and components; those of a Rust guest are about ten.
const INSTANCES_MAX: u64 = 1_000;
/// Deepest nesting: tools that join components nest them three deep.
const DEPTH_MAX: usize = 32;

pub(crate) const HINT: &str = "join fewer components, or leave out those that are used twice";

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExpandedError {
    #[error("it holds more than {INSTANCES_MAX} instances of modules and components")]
    Instances,
    #[error("its components nest deeper than {DEPTH_MAX}")]
    Depth,
    #[error("a component in it takes another component as an import")]
    ComponentImport,
    #[error("it is malformed at byte {offset}: {message}")]
    Malformed { offset: usize, message: String },
}

impl From<wasmparser::Error> for ExpandedError {
    fn from(error: wasmparser::Error) -> Self {
        Self::Malformed {
            offset: error.offset(),
            message: error.message().to_owned(),
        }
    }
}

/// Refuses a component whose instances are too many.
///
/// Which component an instance is made of is not resolved: each counts as the largest that came
/// before. So a component may be counted as larger than it is, never as smaller; one that is passed
/// as an import could be larger than any before, and is refused.
pub(crate) fn bounded(bytes: &[u8]) -> Result<(), ExpandedError> {
    let mut open: Vec<u64> = Vec::new();
    let mut largest = 0_u64;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { .. } => {
                open.push(0);
                if open.len() > DEPTH_MAX {
                    return Err(ExpandedError::Depth);
                }
            }
            Payload::End(_) => largest = largest.max(open.pop().unwrap_or_default()),
            Payload::InstanceSection(instances) => {
                for instance in instances {
                    if matches!(instance?, Instance::Instantiate { .. }) {
                        add(&mut open, 1)?;
                    }
                }
            }
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances {
                    if matches!(instance?, ComponentInstance::Instantiate { .. }) {
                        add(&mut open, largest.saturating_add(1))?;
                    }
                }
            }
            Payload::ComponentImportSection(imports) => {
                for import in imports {
                    if matches!(import?.ty, ComponentTypeRef::Component(_)) {
                        return Err(ExpandedError::ComponentImport);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn add(open: &mut [u64], instances: u64) -> Result<(), ExpandedError> {
    if let Some(innermost) = open.last_mut() {
        *innermost = innermost.saturating_add(instances);
        if *innermost > INSTANCES_MAX {
            return Err(ExpandedError::Instances);
        }
    }
    Ok(())
}
