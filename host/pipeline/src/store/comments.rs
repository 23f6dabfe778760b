//! What the comment of a published column says: whether the column is about persons, and its
//! description. DuckDB shows no other tag of a column, so both go into one text: `personal`,
//! `personal: DESCRIPTION` or `DESCRIPTION`.

use std::collections::{BTreeMap, BTreeSet};

use ducklake::{COMMENT, LakeTable, Tags};

use super::names::lake_name;
use tsugi_core::name::TableName;

/// The comment of a personal column, or its beginning.
const PERSONAL: &str = "personal";

/// The columns of a table whose comment marks them as personal.
pub(super) fn personal_columns(table: &LakeTable) -> BTreeSet<String> {
    let columns = table.columns.iter().map(|column| &column.name);
    let personal = columns.filter(|column| {
        let comment = table.tag(column, COMMENT);
        comment.is_some_and(|comment| parts(comment).0)
    });
    personal.cloned().collect()
}

/// What the comment of a column says beside whether it is personal.
pub(super) fn description<'t>(table: &'t LakeTable, column: &str) -> Option<&'t str> {
    parts(table.tag(column, COMMENT)?).1
}

/// Sets the comments of a table from its personal columns and from descriptions by column. Of a
/// model the header decides: a column without a description has none. The columns of other tables
/// (`None`) retain what another client wrote about them. Nothing is set where a published comment
/// is already equal, unless the table is staged: its columns may be new ones.
pub(crate) fn set_comments(
    tags: &mut Tags,
    table: &TableName,
    published: Option<&LakeTable>,
    is_staged: bool,
    personal: &BTreeSet<String>,
    descriptions: Option<&BTreeMap<String, String>>,
) {
    if published.is_none() && !is_staged {
        return;
    }
    let commented = published.into_iter().flat_map(|table| table.tags.keys());
    let columns: BTreeSet<&String> = commented
        .chain(personal)
        .chain(descriptions.into_iter().flat_map(BTreeMap::keys))
        .collect();
    for column in columns {
        let before = published.and_then(|table| table.tag(column, COMMENT));
        let theirs = before.and_then(|comment| parts(comment).1);
        let description = match descriptions {
            Some(own) => own.get(column).map(String::as_str),
            None => theirs,
        };
        let after = match (personal.contains(column), description) {
            (true, Some(words)) => Some(format!("{PERSONAL}: {words}")),
            (true, None) => Some(PERSONAL.to_owned()),
            (false, words) => words.map(str::to_owned),
        };
        if is_staged || after.as_deref() != before {
            tags.set(&lake_name(table), column, COMMENT, after.as_deref());
        }
    }
}

/// Whether a comment marks a personal column, and its other words.
fn parts(comment: &str) -> (bool, Option<&str>) {
    match comment.strip_prefix(PERSONAL) {
        Some("") => (true, None),
        Some(rest) => match rest.strip_prefix(": ") {
            Some(words) => (true, Some(words)),
            None => (false, Some(comment)),
        },
        None => (false, Some(comment)),
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_comment_has_a_mark_and_words() {
        assert_eq!(parts("personal"), (true, None));
        assert_eq!(
            parts("personal: Where they live."),
            (true, Some("Where they live."))
        );
        assert_eq!(parts("personality type"), (false, Some("personality type")));
        assert_eq!(parts("Where they live."), (false, Some("Where they live.")));
    }
}
