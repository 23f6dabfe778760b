//! A row of the rules table as an analyst writes it.

/// One row of the rules table.
#[derive(Clone, Copy, Debug, Default)]
pub struct RuleRow<'a> {
    /// The topic that a match gives. Several rows may give the same one.
    pub topic: &'a str,
    /// How bad the topic is, in the analyst's own words; handed on.
    pub severity: &'a str,
    /// The language the row is written in (`ja`, `en`, `de`, …); blank for all.
    pub lang: &'a str,
    /// What is broken: alternatives separated by `|`, `@` names a family; blank when the defect alone says it.
    pub part: &'a str,
    /// What happened to it: alternatives separated by `|`.
    pub defect: &'a str,
    /// Alternatives that cancel a match: see the README.
    pub exclude: &'a str,
    /// How far part and defect may stand apart: characters in Japanese, words elsewhere.
    pub max_gap: Option<u32>,
}
