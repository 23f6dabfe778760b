//! Notes of staff at the counter: who may note what, about a customer who is known, and how they read in a brief.

use super::approve::check_account;
use super::brief::{BriefKey, brief};
use super::error::CareError;
use crate::store::notes::{NoteKind, StaffNote, load_notes, record_note};
use tsugi_pipeline::project::Project;
use tsugi_pipeline::project::people::People;
use tsugi_pipeline::store::{Snapshot, Warehouse};

/// Records a note about a customer of the published tables, where the role of the person allows it.
pub(super) async fn note(
    project: &Project,
    warehouse: &Warehouse,
    snapshot: &Snapshot,
    note: &StaffNote,
) -> Result<(), CareError> {
    may_note(&project.people, note)?;
    let find = |key, value: &str| brief(&project.tables, snapshot, key, value);
    let unknown = || CareError::UnknownCustomer {
        customer: note.customer.clone(),
    };
    let known = find(BriefKey::Customer, &note.customer)?;
    if known.is_empty() {
        return Err(unknown());
    }
    if let Some(serial) = &note.serial {
        let owners = find(BriefKey::Serial, serial)?;
        let theirs = owners.iter().flatten();
        let mut theirs = theirs.filter(|(name, _)| name == "customer_id");
        if !theirs.any(|(_, owner)| *owner == note.customer) {
            return Err(CareError::NotTheirs {
                customer: note.customer.clone(),
                serial: serial.clone(),
            });
        }
    }
    if note.kind == NoteKind::Release {
        let notes = load_notes(warehouse, &note.customer).await?;
        let mut holds = notes.iter().rev();
        let last = holds.find(|one| matches!(one.kind, NoteKind::Hold | NoteKind::Release));
        if last.is_none_or(|last| last.kind == NoteKind::Release) {
            return Err(refused(note, "no hold of theirs is open".to_owned()));
        }
    }
    Ok(record_note(warehouse, note).await?)
}

fn refused(note: &StaffNote, what: String) -> CareError {
    CareError::MayNotNote {
        by: note.by.clone(),
        what,
        near: Vec::new(),
    }
}

/// A named person, from their account; a remedy within the limit of their role.
fn may_note(people: &People, note: &StaffNote) -> Result<(), CareError> {
    check_account(people, &note.by, &note.login).map_err(|error| match error {
        CareError::MayNotDecide { by, what, near } => CareError::MayNotNote { by, what, near },
        other => other,
    })?;
    if note.note.trim().is_empty() {
        return Err(refused(note, "the note is blank".to_owned()));
    }
    let role = people.people.get(&note.by).map(|person| &person.role);
    let role = role.and_then(|role| people.roles.get_key_value(role));
    let Some((name, most)) = role.and_then(|(name, role)| Some((name, role.remedy_max?))) else {
        return Ok(());
    };
    match (note.kind, note.value) {
        (NoteKind::Promise | NoteKind::Done, None) => Err(refused(
            note,
            format!("{name} may give a remedy worth {most}, and this one has no --value"),
        )),
        (NoteKind::Promise | NoteKind::Done, Some(value)) if value > most => Err(refused(
            note,
            format!("{name} may give a remedy worth {most}, and this is {value}"),
        )),
        _ => Ok(()),
    }
}

/// The notes about a customer as a brief shows them, the newest first; none where there are none.
pub(super) async fn noted(
    warehouse: &Warehouse,
    customer: &str,
) -> Result<Option<String>, CareError> {
    let notes = load_notes(warehouse, customer).await?;
    let lines: Vec<String> = notes.iter().rev().map(line).collect();
    Ok((!lines.is_empty()).then(|| lines.join(" | ")))
}

fn line(note: &StaffNote) -> String {
    let day = note.at.get(..10).unwrap_or(&note.at);
    let mut words = format!("{day} {} by {}", note.kind.word(), note.by);
    if let Some(serial) = &note.serial {
        words += &format!(" for {serial}");
    }
    if let Some(value) = note.value {
        words += &format!(" worth {value}");
    }
    if let Some(until) = &note.until {
        words += &format!(" until {until}");
    }
    format!("{words}: {}", note.note)
}
