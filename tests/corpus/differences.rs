//! The list of agreed differences: what each engine answers, and why that is so.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;

/// One agreed difference.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Difference {
    pub(super) sql: String,
    /// `meant: …` where Tsugi is right by its own rules, `missing: …` where it refuses what DuckDB
    /// answers, `wrong: …` where it is wrong, which must vanish.
    pub(super) reason: String,
    pub(super) tsugi: String,
    pub(super) duckdb: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    difference: Vec<Difference>,
}

/// The list, by statement.
pub(super) fn load(file: &Path) -> BTreeMap<String, Difference> {
    let text = std::fs::read_to_string(file).unwrap();
    let list: List = toml::from_str(&text).unwrap();
    let mut all = BTreeMap::new();
    for one in list.difference {
        let begins = ["meant: ", "missing: ", "wrong: "];
        let has_reason = begins.iter().any(|begin| one.reason.starts_with(begin));
        assert!(has_reason, "`{}` has no reason: {}", one.sql, one.reason);
        let before = all.insert(one.sql.clone(), one);
        assert!(before.is_none(), "listed twice: {before:?}");
    }
    all
}

const HEAD: &str = "\
# Where Tsugi and DuckDB differ, and why. A reason begins with `meant:` (right by our own rules),
# `missing:` (refused here) or `wrong:` (a fault that must vanish). `UPDATE_EXPECT=1` writes the
# answers anew and leaves out what agrees by now; the reason of a new one is written by a person.
";

/// Writes the list.
pub(super) fn save(file: &Path, all: &[Difference]) {
    let mut text = HEAD.to_owned();
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    for one in all {
        let Difference {
            sql,
            reason,
            tsugi,
            duckdb,
        } = one;
        let _ = write!(
            text,
            "\n[[difference]]\nsql = {}\nreason = {}\ntsugi = {}\nduckdb = {}\n",
            quoted(sql),
            quoted(reason),
            quoted(tsugi),
            quoted(duckdb)
        );
    }
    std::fs::write(file, text).unwrap();
}
