//! `[personal]` and `[retention]`: which columns are about persons, and how long rows are kept.

use std::collections::BTreeMap;

use serde::Serialize;

use super::written::Section;
use tsugi_core::diagnostic::Place;
use tsugi_core::name::TableName;

/// The longest that rows can be kept: a century.
pub(crate) const RETAIN_DAYS_MAX: u64 = 36_525;

/// How long rows of a table are kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Retain {
    /// Days before `as_of`.
    pub days: u32,
    /// The column with the day that counts.
    pub by: String,
}

/// What pipeline.toml says of personal data in tables of sources and seeds; models say it in
/// their headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Personal {
    /// The column that says, in any table, whom a row is about.
    pub subject: Option<String>,
    /// Columns about persons, each with its place.
    pub columns: BTreeMap<TableName, Vec<(String, Place)>>,
    /// How long rows are kept, with the place.
    pub retain: BTreeMap<TableName, (Retain, Place)>,
}

impl Personal {
    pub(super) fn read(root: &Section<'_, '_>) -> Self {
        let mut read = Self::default();
        if let Some(section) = root.section("personal") {
            read.subject = section.string("subject").map(|written| written.value);
            if let Some(columns) = section.section("columns") {
                read.columns(&columns);
            }
            section.finish();
        }
        if let Some(all) = root.section("retention") {
            for (name, value) in all.entries() {
                let Some(section) = all.section_of(&name.value, &name.span, value) else {
                    continue;
                };
                let retain = retain(&section);
                section.finish();
                let place = all.file().text().place(&name.span);
                if let (Some(table), Some(retain)) = (all.file().name(&name), retain) {
                    read.retain.insert(table, (retain, place));
                }
            }
        }
        read
    }

    /// `"crm.customers" = ["name", "email"]`.
    fn columns(&mut self, section: &Section<'_, '_>) {
        let file = section.file();
        for (name, value) in section.entries() {
            let columns = section.strings_of(&name.value, value).into_iter();
            let columns = columns.map(|column| (column.value, file.text().place(&column.span)));
            let columns: Vec<_> = columns.collect();
            if let Some(table) = file.name(&name) {
                self.columns.insert(table, columns);
            }
        }
    }
}

fn retain(section: &Section<'_, '_>) -> Option<Retain> {
    if !section.has("days") {
        section.missing("days", "days = 730");
    }
    let days = section.number("days", 1, RETAIN_DAYS_MAX);
    let by = section.required("by", "by = \"created_on\"");
    Some(Retain {
        days: u32::try_from(days?).ok()?,
        by: by?.value,
    })
}
