//! `[tables]`: which published tables hold what the command line shows.

use super::located::Located;
use super::written::Section;
use tsugi_core::name::TableName;

/// Tables with a part of their own; none where pipeline.toml names none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tables {
    /// Sentences that a run ends with.
    pub headlines: Option<Located<TableName>>,
    /// One row a customer, for `tsugi brief`.
    pub customer_brief: Option<Located<TableName>>,
    /// One row an incident, for `tsugi brief --incident`.
    pub incident_brief: Option<Located<TableName>>,
    /// Phone and serial numbers of customers, for `tsugi brief`.
    pub lookup: Option<Located<TableName>>,
}

impl Tables {
    pub(super) fn read(root: &Section<'_, '_>) -> Self {
        let Some(section) = root.section("tables") else {
            return Self::default();
        };
        let table = |key| {
            let written = section.string(key)?;
            let name = section.file().name(&written)?;
            Some(Located::new(section.file().text(), &written).with(name))
        };
        let tables = Self {
            headlines: table("headlines"),
            customer_brief: table("customer_brief"),
            incident_brief: table("incident_brief"),
            lookup: table("lookup"),
        };
        section.finish();
        tables
    }

    /// Every table that is named, with its key.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &Located<TableName>)> {
        let all = [
            ("headlines", &self.headlines),
            ("customer_brief", &self.customer_brief),
            ("incident_brief", &self.incident_brief),
            ("lookup", &self.lookup),
        ];
        all.into_iter()
            .filter_map(|(key, table)| Some((key, table.as_ref()?)))
    }
}
