//! Forged batches: seventy ways in which bytes are not what was promised, in every role that
//! returns rows.

use tsugi_sandbox::Granted;

use super::stage::{Entry, evil, goes_on, refused, through};

const HONEST: &str = "";

/// A forgery, and what is said of it. Where how many rows must come is known, that may be said
/// instead: the third text is then the one of tables and sources, which may give any number.
const FORGED: [(&str, &str, Option<&str>); 69] = [
    ("fewer_rows", "2 rows where 3 were due", Some(HONEST)),
    ("more_rows", "4 rows where 3 were due", Some(HONEST)),
    (
        "rows_without_values",
        "4294967295 rows where 3 were due",
        Some("`x` has 0 bytes of data where 34359738360 are due"),
    ),
    ("node_shorter", "`x` holds 2 values for 3 rows", None),
    ("node_longer", "`x` holds 4 values for 3 rows", None),
    ("node_huge", "`x` holds 4294967295 values for 3 rows", None),
    ("no_node", "`x` has no node", None),
    (
        "two_nodes",
        "1 nodes and 0 buffers more than the schema has",
        None,
    ),
    ("no_buffers", "`x` has no validity buffer", None),
    ("no_data", "`x` has no data buffer", None),
    (
        "extra_buffer",
        "0 nodes and 1 buffers more than the schema has",
        None,
    ),
    (
        "many_buffers",
        "0 nodes and 99998 buffers more than the schema has",
        None,
    ),
    (
        "data_short",
        "`x` has 23 bytes of data where 24 are due",
        None,
    ),
    (
        "data_long",
        "`x` has 25 bytes of data where 24 are due",
        None,
    ),
    (
        "data_empty",
        "`x` has 0 bytes of data where 24 are due",
        None,
    ),
    (
        "nulls_without_bitmap",
        "`x` has 0 bytes of validity for 3 values",
        None,
    ),
    (
        "bitmap_without_nulls",
        "`x` has a validity bitmap and says it has no nulls",
        None,
    ),
    (
        "bitmap_long",
        "`x` has 2 bytes of validity for 3 values",
        None,
    ),
    ("nulls_too_few", "`x` says 1 nulls, its bitmap has 2", None),
    ("nulls_too_many", "`x` says 3 nulls, its bitmap has 2", None),
    ("nulls_beyond", "`x` says 9 nulls, its bitmap has 2", None),
    (
        "nulls_huge",
        "`x` says 4294967295 nulls, its bitmap has 2",
        None,
    ),
    (
        "offsets_short",
        "`x` has 12 bytes of offsets where 16 are due",
        None,
    ),
    (
        "offsets_long",
        "`x` has 20 bytes of offsets where 16 are due",
        None,
    ),
    (
        "offsets_none",
        "`x` has 0 bytes of offsets where 16 are due",
        None,
    ),
    (
        "offsets_ragged",
        "`x` has 15 bytes of offsets where 16 are due",
        None,
    ),
    (
        "offsets_start_late",
        "the offsets of `x` do not start at 0",
        None,
    ),
    (
        "offsets_start_negative",
        "the offsets of `x` do not start at 0",
        None,
    ),
    ("offsets_fall", "the offsets of `x` fall", None),
    ("offsets_negative", "the offsets of `x` fall", None),
    ("offsets_end_negative", "the offsets of `x` fall", None),
    ("offsets_least", "the offsets of `x` fall", None),
    (
        "offsets_past_end",
        "`x` has 3 bytes of data, its offsets end at 9",
        None,
    ),
    (
        "offsets_before_end",
        "`x` has 3 bytes of data, its offsets end at 2",
        None,
    ),
    (
        "offsets_huge",
        "`x` has 3 bytes of data, its offsets end at 2147483647",
        None,
    ),
    ("not_utf8", "`x` holds bytes that are not UTF-8", None),
    ("overlong", "`x` holds bytes that are not UTF-8", None),
    ("surrogate", "`x` holds bytes that are not UTF-8", None),
    ("beyond_unicode", "`x` holds bytes that are not UTF-8", None),
    (
        "half_a_character",
        "`x` holds bytes that are not UTF-8",
        None,
    ),
    (
        "lone_continuation",
        "`x` holds bytes that are not UTF-8",
        None,
    ),
    ("cut_character", "an offset of `x` cuts a character", None),
    (
        "numbers_for_texts",
        "`x` has 24 bytes of offsets where 16 are due",
        None,
    ),
    (
        "texts_for_numbers",
        "`x` has 16 bytes of data where 24 are due",
        None,
    ),
    ("raw_offsets_fall", "the offsets of `x` fall", None),
    (
        "raw_past_end",
        "`x` has 3 bytes of data, its offsets end at 4",
        None,
    ),
    ("bits_none", "`x` has 0 bytes of data where 1 are due", None),
    ("bits_many", "`x` has 2 bytes of data where 1 are due", None),
    (
        "wide_for_narrow",
        "`x` has 24 bytes of data where 12 are due",
        None,
    ),
    (
        "narrow_for_wide",
        "`x` has 12 bytes of data where 24 are due",
        None,
    ),
    (
        "time_short",
        "`x` has 20 bytes of data where 24 are due",
        None,
    ),
    (
        "date_long",
        "`x` has 13 bytes of data where 12 are due",
        None,
    ),
    (
        "interval_short",
        "`x` has 47 bytes of data where 48 are due",
        None,
    ),
    (
        "decimal_short",
        "`x` has 47 bytes of data where 48 are due",
        None,
    ),
    (
        "decimal_digits",
        "`x` holds a number of more than 5 digits",
        None,
    ),
    (
        "list_child_shorter",
        "`x[]` holds 2 values for 3 rows",
        None,
    ),
    ("list_child_longer", "`x[]` holds 4 values for 3 rows", None),
    ("list_offsets_fall", "the offsets of `x` fall", None),
    (
        "list_end_huge",
        "`x[]` holds 3 values for 2147483647 rows",
        None,
    ),
    (
        "list_child_null",
        "`x[]` holds 1 nulls and must have none",
        None,
    ),
    ("list_without_child", "`x[]` has no node", None),
    (
        "record_child_shorter",
        "`x.a` holds 2 values for 3 rows",
        None,
    ),
    ("record_child_missing", "`x.b` has no node", None),
    (
        "record_child_extra",
        "1 nodes and 0 buffers more than the schema has",
        None,
    ),
    (
        "record_child_null",
        "`x.a` holds 1 nulls and must have none",
        None,
    ),
    (
        "record_text_broken",
        "`x.b` holds bytes that are not UTF-8",
        None,
    ),
    (
        "map_key_null",
        "`x[].key` holds 1 nulls and must have none",
        None,
    ),
    (
        "map_entries_null",
        "`x[]` holds 1 nulls and must have none",
        None,
    ),
    (
        "map_entries_shorter",
        "`x[]` holds 2 values for 3 rows",
        None,
    ),
];

#[test]
fn forged_batches_are_refused_in_every_role() {
    let plugin = evil("none", Granted::default());
    let mut attacks = 0;
    for role in [
        Entry::Scalar,
        Entry::Aggregate,
        Entry::State,
        Entry::Table,
        Entry::Source,
    ] {
        let entry = match role {
            Entry::Scalar => "`scalar.evaluator.evaluate`",
            Entry::Aggregate => "`aggregate.groups.evaluate`",
            Entry::State => "`aggregate.groups.state`",
            Entry::Table => "`table.operator.pull`",
            Entry::Source | Entry::Sink | Entry::Aborted => "`source.reader.next`",
        };
        for (name, words, of_any_number) in FORGED {
            let what = format!("{name} as {role:?}");
            let free = matches!(role, Entry::Table | Entry::Source);
            let words = of_any_number.filter(|_| free).unwrap_or(words);
            let went = through(&plugin, role, name);
            if words == HONEST {
                went.unwrap_or_else(|error| panic!("{what} is no lie: {error}"));
                continue;
            }
            let message = went
                .as_ref()
                .err()
                .map(ToString::to_string)
                .unwrap_or_default();
            assert!(message.contains(entry), "{what}: {message}");
            refused(went, "sandbox::malformed", words, &what);
            attacks += 1;
        }
        goes_on(&plugin, &format!("{role:?}"));
    }
    println!("{attacks} forged batches refused");
}
