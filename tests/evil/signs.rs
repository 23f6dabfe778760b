//! What a component says of itself, and cannot be: refused before anything is planned with it.

use tsugi_sandbox::Granted;

use super::stage::{Entry, evil, refused, through};

/// Lies of every function of a role: the attack, and what is said of it.
const LIES: [(&str, &str); 34] = [
    (
        "name_empty",
        "the name `` is not lower-case letters, digits and `_`",
    ),
    ("name_capital", "the name `Sum` is not lower-case letters"),
    ("name_quoted", "is not lower-case letters, digits and `_`"),
    ("name_lines", "is not lower-case letters, digits and `_`"),
    ("name_long", "is not lower-case letters, digits and `_`"),
    ("name_huge", "is not lower-case letters, digits and `_`"),
    ("name_zero", "is not lower-case letters, digits and `_`"),
    ("name_number", "the name `1a` is not lower-case letters"),
    ("names_thousands", "entries: at most 1000"),
    (
        "schema_unknown",
        "the field `x` has the format `?`, which does not cross",
    ),
    (
        "schema_empty_format",
        "the field `x` has the format ``, which does not cross",
    ),
    ("schema_long_format", "which does not cross"),
    ("schema_view", "`vu`, which does not cross"),
    ("schema_large", "`U`, which does not cross"),
    ("schema_dictionary", "`w:3`, which does not cross"),
    (
        "schema_union",
        "the field `x` has the format `+us:0,1` and children: it takes none",
    ),
    (
        "schema_run_end",
        "the field `x` has the format `+r` and children: it takes none",
    ),
    ("schema_decimal_wide", "`d:39,2`, which does not cross"),
    ("schema_decimal_none", "`d:0,0`, which does not cross"),
    ("schema_decimal_words", "`d:many,few`, which does not cross"),
    ("schema_decimal_256", "`d:40,2,256`, which does not cross"),
    ("schema_unit", "`tsq:UTC`, which does not cross"),
    ("schema_zone", "which does not cross"),
    (
        "schema_children_missing",
        "a field whose children are missing",
    ),
    ("schema_children_huge", "a field whose children are missing"),
    (
        "schema_children_of_none",
        "the field `x` has the format `l` and children: it takes none",
    ),
    ("schema_list_of_two", "with 2 children: it takes one"),
    ("schema_list_of_none", "with 0 children: it takes one"),
    (
        "schema_map_of_number",
        "whose child must be a non-null struct of two",
    ),
    (
        "schema_map_null_entries",
        "whose child must be a non-null struct of two",
    ),
    ("schema_deep", "a type nested deeper than 16"),
    ("schema_wide", "a schema of 5000 fields: at most 4096"),
    ("schema_name_long", "a field name of 300 bytes: at most 256"),
    ("names_flood", "its limit of 16777216 for bytes returned"),
];

/// Lies of one role.
const OF_ONE_ROLE: [(Entry, &str, &str); 12] = [
    (Entry::Scalar, "schema_none", "0 results where one is due"),
    (Entry::Scalar, "schema_two", "2 results where one is due"),
    (Entry::Scalar, "volatility", "the volatility `sometimes`"),
    (
        Entry::Aggregate,
        "state_none",
        "no state, so that it could not be merged",
    ),
    (Entry::Table, "names_twice", "the name `honest` twice"),
    (Entry::Table, "ports_twice", "the name `rows` twice"),
    (
        Entry::Table,
        "ports_thousands",
        "1001 entries: at most 1000",
    ),
    (
        Entry::Table,
        "port_named_badly",
        "the name `my rows` is not lower-case letters",
    ),
    (
        Entry::Table,
        "option_of_list",
        "the option `a` has the format `+l`",
    ),
    (Entry::Table, "options_twice", "the name `a` twice"),
    (
        Entry::Table,
        "option_of_nothing",
        "the option `a` has the format `qqq",
    ),
    (Entry::Source, "names_twice", "the name `honest` twice"),
];

#[test]
fn descriptions_of_what_cannot_be_are_refused() {
    for role in [Entry::Scalar, Entry::Source] {
        for (attack, words) in LIES {
            let went = through(&evil(attack, Granted::default()), role, "honest");
            let code = match attack {
                "names_flood" => "sandbox::over-limit",
                _ => "sandbox::malformed",
            };
            refused(went, code, words, &format!("{attack} as {role:?}"));
        }
    }
    for (role, attack, words) in OF_ONE_ROLE {
        let went = through(&evil(attack, Granted::default()), role, "honest");
        refused(
            went,
            "sandbox::malformed",
            words,
            &format!("{attack} as {role:?}"),
        );
    }
    println!(
        "{} descriptions refused",
        LIES.len() * 2 + OF_ONE_ROLE.len()
    );
}

#[test]
fn a_key_that_is_no_column_and_columns_that_change_are_refused() {
    let went = through(
        &evil("key_missing", Granted::default()),
        Entry::Source,
        "honest",
    );
    refused(went, "sandbox::malformed", "is not a column", "key_missing");
    let went = through(
        &evil("other_columns", Granted::default()),
        Entry::Source,
        "honest",
    );
    refused(
        went,
        "sandbox::malformed",
        "source.reader.returns",
        "other_columns",
    );
}
