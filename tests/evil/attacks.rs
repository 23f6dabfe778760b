//! Every attack in one table: what the component does, in which of its entries, and the error that it
//! must end in.

use std::fmt;
use std::time::{Duration, Instant};

use tsugi_sandbox::Granted;

use super::answers::granted;
use super::stage::{CALL_MAX_MS, Entry, Went, check_refused, evil, goes_on, through};

const MALFORMED: &str = "sandbox::malformed";
const OVER: &str = "sandbox::over-limit";
const TRAPPED: &str = "sandbox::trapped";
const FAILED: &str = "sandbox::failed";
const DENIED: &str = "sandbox::denied";

/// What the component does.
#[derive(Clone, Copy)]
enum Attack {
    /// The way of this name, at the place of the entry.
    Everywhere(&'static str),
    /// The attack of this name is written into the component.
    Written(&'static str),
    /// The function, stream or target of this name attacks.
    Named(&'static str),
}
use Attack::{Everywhere, Named, Written};

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Everywhere(name) | Written(name) | Named(name)) = self;
        f.write_str(name)
    }
}

/// Every entry with the place of an attack there, as the component names it.
#[rustfmt::skip]
const PLACES: [(&str, &str); 24] = [
    ("signatures", "scalar.signatures"),
    ("open", "scalar.evaluator.open"),
    ("call", "scalar.evaluator.evaluate"),
    ("aggregates", "aggregate.signatures"),
    ("open", "aggregate.groups.open"),
    ("update", "aggregate.groups.update"),
    ("call", "aggregate.groups.evaluate"),
    ("state", "aggregate.groups.state"),
    ("merge", "aggregate.groups.merge"),
    ("tables", "table.signatures"),
    ("open", "table.operator.open"),
    ("returns", "table.operator.returns"),
    ("push", "table.operator.push"),
    ("close", "table.operator.close"),
    ("call", "table.operator.pull"),
    ("discover", "source.discover"),
    ("open", "source.reader.open"),
    ("returns", "source.reader.returns"),
    ("call", "source.reader.next"),
    ("describe", "sink-terms.describe"),
    ("open", "sink.writer.open"),
    ("call", "sink.writer.write"),
    ("commit", "sink.writer.commit"),
    ("abort", "sink.writer.abort"),
];

/// All of them.
const EVERY_ENTRY: [&str; PLACES.len()] = {
    let mut entries = [""; PLACES.len()];
    let mut at = 0;
    while at < PLACES.len() {
        entries[at] = PLACES[at].1;
        at += 1;
    }
    entries
};
/// What a component says of its functions and streams.
const SIGNATURES: &[&str] = &["scalar.signatures", "source.discover"];
/// Where each role begins.
const BEGINNINGS: &[&str] = &[
    "scalar.evaluator.open",
    "aggregate.groups.open",
    "table.operator.open",
    "source.reader.open",
    "sink.writer.open",
];
/// Where rows come back of which the host knows how many are due.
const COUNTED_ROWS: &[&str] = &[
    "scalar.evaluator.evaluate",
    "aggregate.groups.evaluate",
    "aggregate.groups.state",
];
/// Where any number of rows may come back.
const FREE_ROWS: &[&str] = &["table.operator.pull", "source.reader.next"];
/// Where rows come back.
const ROWS: &[&str] = &[
    "scalar.evaluator.evaluate",
    "aggregate.groups.evaluate",
    "aggregate.groups.state",
    "table.operator.pull",
    "source.reader.next",
];

/// The attack, the entries that it is tried in, and the code and words of the error.
#[rustfmt::skip]
const ATTACKS: &[(Attack, &[&str], &str, &str)] = &[
    // Entries that do not come back, or not well: each is bounded in time and memory.
    (Everywhere("loops"), &EVERY_ENTRY, OVER, "its limit of 1000 for time"),
    (Everywhere("eats"), &EVERY_ENTRY, OVER, "its limit of 50331648 for memory"),
    (Everywhere("panics"), &EVERY_ENTRY, TRAPPED, "the guest panics on purpose"),
    // Ways to stop that are the same in every entry.
    (Written("call_recurses"), &["scalar.evaluator.evaluate"], TRAPPED, "stack"),
    (Written("call_logs"), &["scalar.evaluator.evaluate"], OVER, "for time"),
    (Written("call_exits"), &["scalar.evaluator.evaluate"], TRAPPED, ""),
    (Written("call_aborts"), &["scalar.evaluator.evaluate"], TRAPPED, ""),
    (Written("call_divides"), &["scalar.evaluator.evaluate"], TRAPPED, "attempt to divide by zero"),
    (Written("call_indexes"), &["scalar.evaluator.evaluate"], TRAPPED, "index out of bounds"),
    (Written("call_threads"), &["scalar.evaluator.evaluate"], TRAPPED, "a thread: false"),
    // What a component says of itself, and cannot be.
    (Written("name_empty"), SIGNATURES, MALFORMED, "the name `` is not lower-case letters, digits and `_`"),
    (Written("name_capital"), SIGNATURES, MALFORMED, "the name `Sum` is not lower-case letters"),
    (Written("name_quoted"), SIGNATURES, MALFORMED, "is not lower-case letters, digits and `_`"),
    (Written("name_lines"), SIGNATURES, MALFORMED, "is not lower-case letters, digits and `_`"),
    (Written("name_long"), SIGNATURES, MALFORMED, "is not lower-case letters, digits and `_`"),
    (Written("name_huge"), SIGNATURES, MALFORMED, "is not lower-case letters, digits and `_`"),
    (Written("name_zero"), SIGNATURES, MALFORMED, "is not lower-case letters, digits and `_`"),
    (Written("name_number"), SIGNATURES, MALFORMED, "the name `1a` is not lower-case letters"),
    (Written("names_thousands"), SIGNATURES, MALFORMED, "entries: at most 1000"),
    (Written("schema_unknown"), SIGNATURES, MALFORMED, "the field `x` has the format `?`, which does not cross"),
    (Written("schema_empty_format"), SIGNATURES, MALFORMED, "the field `x` has the format ``, which does not cross"),
    (Written("schema_long_format"), SIGNATURES, MALFORMED, "which does not cross"),
    (Written("schema_view"), SIGNATURES, MALFORMED, "`vu`, which does not cross"),
    (Written("schema_large"), SIGNATURES, MALFORMED, "`U`, which does not cross"),
    (Written("schema_dictionary"), SIGNATURES, MALFORMED, "`w:3`, which does not cross"),
    (Written("schema_union"), SIGNATURES, MALFORMED, "the field `x` has the format `+us:0,1` and children: it takes none"),
    (Written("schema_run_end"), SIGNATURES, MALFORMED, "the field `x` has the format `+r` and children: it takes none"),
    (Written("schema_decimal_wide"), SIGNATURES, MALFORMED, "`d:39,2`, which does not cross"),
    (Written("schema_decimal_none"), SIGNATURES, MALFORMED, "`d:0,0`, which does not cross"),
    (Written("schema_decimal_words"), SIGNATURES, MALFORMED, "`d:many,few`, which does not cross"),
    (Written("schema_decimal_256"), SIGNATURES, MALFORMED, "`d:40,2,256`, which does not cross"),
    (Written("schema_unit"), SIGNATURES, MALFORMED, "`tsq:UTC`, which does not cross"),
    (Written("schema_zone"), SIGNATURES, MALFORMED, "which does not cross"),
    (Written("schema_children_missing"), SIGNATURES, MALFORMED, "a field whose children are missing"),
    (Written("schema_children_huge"), SIGNATURES, MALFORMED, "a field whose children are missing"),
    (Written("schema_children_of_none"), SIGNATURES, MALFORMED, "the field `x` has the format `l` and children: it takes none"),
    (Written("schema_list_of_two"), SIGNATURES, MALFORMED, "with 2 children: it takes one"),
    (Written("schema_list_of_none"), SIGNATURES, MALFORMED, "with 0 children: it takes one"),
    (Written("schema_map_of_number"), SIGNATURES, MALFORMED, "whose child must be a non-null struct of two"),
    (Written("schema_map_null_entries"), SIGNATURES, MALFORMED, "whose child must be a non-null struct of two"),
    (Written("schema_deep"), SIGNATURES, MALFORMED, "a type nested deeper than 16"),
    (Written("schema_wide"), SIGNATURES, MALFORMED, "a schema of 5000 fields: at most 4096"),
    (Written("schema_name_long"), SIGNATURES, MALFORMED, "a field name of 300 bytes: at most 256"),
    (Written("names_flood"), SIGNATURES, OVER, "its limit of 16777216 for bytes returned"),
    (Written("schema_none"), &["scalar.signatures"], MALFORMED, "0 results where one is due"),
    (Written("schema_two"), &["scalar.signatures"], MALFORMED, "2 results where one is due"),
    (Written("volatility"), &["scalar.signatures"], MALFORMED, "the volatility `sometimes`"),
    (Written("state_none"), &["aggregate.signatures"], MALFORMED, "no state, so that it could not be merged"),
    (Written("names_twice"), &["table.signatures"], MALFORMED, "the name `honest` twice"),
    (Written("ports_twice"), &["table.signatures"], MALFORMED, "the name `rows` twice"),
    (Written("ports_thousands"), &["table.signatures"], MALFORMED, "1001 entries: at most 1000"),
    (Written("port_named_badly"), &["table.signatures"], MALFORMED, "the name `my rows` is not lower-case letters"),
    (Written("option_of_list"), &["table.signatures"], MALFORMED, "the option `a` has the format `+l`"),
    (Written("options_twice"), &["table.signatures"], MALFORMED, "the name `a` twice"),
    (Written("option_of_nothing"), &["table.signatures"], MALFORMED, "the option `a` has the format `qqq"),
    (Written("names_twice"), &["source.discover"], MALFORMED, "the name `honest` twice"),
    (Written("key_missing"), &["source.discover"], MALFORMED, "is not a column"),
    (Written("other_columns"), &["source.reader.returns"], MALFORMED, ""),
    (Written("error_huge"), &["scalar.evaluator.open", "aggregate.groups.open", "table.operator.open"], FAILED, "no no no"),
    (Written("error_huge"), &["source.discover", "sink.writer.open"], FAILED, "no no no"),
    // Answers that hang together wrongly: failed rows, checkpoints, receipts, names of files.
    (Named("refuses"), BEGINNINGS, FAILED, "no (at no)"),
    (Named("failed_without_null"), &["scalar.evaluator.evaluate"], MALFORMED, "row 0 is said to have failed and is not null"),
    (Named("failed_beyond"), &["scalar.evaluator.evaluate"], MALFORMED, "row 3 is said to have failed and is not null"),
    (Named("failed_huge"), &["scalar.evaluator.evaluate"], MALFORMED, "row 4294967295 is said to have failed"),
    (Named("failed_millions"), &["scalar.evaluator.evaluate"], OVER, "for"),
    (Named("needs_beyond"), &["table.operator.pull"], MALFORMED, "it needs port 1, which it does not have"),
    (Named("state_huge"), &["source.reader.next"], MALFORMED, "a checkpoint of 307200 bytes: at most 262144"),
    (Named("rows_nan"), &["source.reader.next"], MALFORMED, "a checkpoint whose number of rows is no number"),
    (Named("rows_negative"), &["source.reader.next"], MALFORMED, "a checkpoint whose number of rows is no number"),
    (Named("rows_endless"), &["source.reader.next"], MALFORMED, "a checkpoint whose number of rows is no number"),
    (Named("rows_back"), &["source.reader.next"], MALFORMED, "a checkpoint of 8 rows after one of 9"),
    (Named("rejects_huge"), &["source.reader.next"], OVER, "for bytes re"),
    (Named("rejects_millions"), &["source.reader.next"], OVER, "its limit of 100000 for rejects in one step"),
    (Named("reads_ungranted"), &["source.reader.next"], DENIED, "was denied inputs `secrets`"),
    (Named("reads_above"), &["source.reader.next"], FAILED, "`../../../etc/passwd` is not a file name below the grant"),
    (Named("handles"), &["source.reader.next"], OVER, "its limit of 1000 for live handles"),
    (Named("accepts_more"), &["sink.writer.write"], MALFORMED, "a receipt for 4 accepted and 0 failed of 3 rows"),
    (Named("accepts_fewer"), &["sink.writer.write"], MALFORMED, "a receipt for 2 accepted and 0 failed of 3 rows"),
    (Named("accepts_huge"), &["sink.writer.write"], MALFORMED, "a receipt for 4294967295 accepted"),
    (Named("fails_beyond"), &["sink.writer.write"], MALFORMED, "a receipt for 2 accepted and 1 failed of 3 rows"),
    (Named("fails_twice"), &["sink.writer.write"], MALFORMED, "a receipt for 1 accepted and 2 failed of 3 rows"),
    (Named("fails_and_accepts"), &["sink.writer.write"], MALFORMED, "a receipt for 3 accepted and 1 failed of 3 rows"),
    (Named("durable_before_sent"), &["sink.writer.write"], MALFORMED, "batch 1 is said to be durable, 0 is the last one sent"),
    (Named("durable_huge"), &["sink.writer.write"], MALFORMED, "batch 4294967295 is said to be durable"),
    (Named("puts_ungranted"), &["sink.writer.write"], DENIED, "was denied outputs `elsewhere`"),
    (Named("puts_above"), &["sink.writer.write"], FAILED, "`../../a.jsonl` is not a file name below the grant"),
    (Named("puts_root"), &["sink.writer.write"], FAILED, "`/tmp/a.jsonl` is not a file name below the grant"),
    (Named("puts_nothing"), &["sink.writer.write"], FAILED, "`` is not a file name below the grant"),
    (Named("puts_long"), &["sink.writer.write"], FAILED, "aaaa"),
    (Named("puts_zero"), &["sink.writer.write"], FAILED, "is not a file name below the grant"),
    // Bytes that are not what was promised, in every role that returns rows.
    (Named("fewer_rows"), COUNTED_ROWS, MALFORMED, "2 rows where 3 were due"),
    (Named("more_rows"), COUNTED_ROWS, MALFORMED, "4 rows where 3 were due"),
    (Named("rows_without_values"), COUNTED_ROWS, MALFORMED, "4294967295 rows where 3 were due"),
    (Named("rows_without_values"), FREE_ROWS, MALFORMED, "`x` has 0 bytes of data where 34359738360 are due"),
    (Named("node_shorter"), ROWS, MALFORMED, "`x` holds 2 values for 3 rows"),
    (Named("node_longer"), ROWS, MALFORMED, "`x` holds 4 values for 3 rows"),
    (Named("node_huge"), ROWS, MALFORMED, "`x` holds 4294967295 values for 3 rows"),
    (Named("no_node"), ROWS, MALFORMED, "`x` has no node"),
    (Named("two_nodes"), ROWS, MALFORMED, "1 nodes and 0 buffers more than the schema has"),
    (Named("no_buffers"), ROWS, MALFORMED, "`x` has no validity buffer"),
    (Named("no_data"), ROWS, MALFORMED, "`x` has no data buffer"),
    (Named("extra_buffer"), ROWS, MALFORMED, "0 nodes and 1 buffers more than the schema has"),
    (Named("many_buffers"), ROWS, MALFORMED, "0 nodes and 99998 buffers more than the schema has"),
    (Named("data_short"), ROWS, MALFORMED, "`x` has 23 bytes of data where 24 are due"),
    (Named("data_long"), ROWS, MALFORMED, "`x` has 25 bytes of data where 24 are due"),
    (Named("data_empty"), ROWS, MALFORMED, "`x` has 0 bytes of data where 24 are due"),
    (Named("nulls_without_bitmap"), ROWS, MALFORMED, "`x` has 0 bytes of validity for 3 values"),
    (Named("bitmap_without_nulls"), ROWS, MALFORMED, "`x` has a validity bitmap and says it has no nulls"),
    (Named("bitmap_long"), ROWS, MALFORMED, "`x` has 2 bytes of validity for 3 values"),
    (Named("nulls_too_few"), ROWS, MALFORMED, "`x` says 1 nulls, its bitmap has 2"),
    (Named("nulls_too_many"), ROWS, MALFORMED, "`x` says 3 nulls, its bitmap has 2"),
    (Named("nulls_beyond"), ROWS, MALFORMED, "`x` says 9 nulls, its bitmap has 2"),
    (Named("nulls_huge"), ROWS, MALFORMED, "`x` says 4294967295 nulls, its bitmap has 2"),
    (Named("offsets_short"), ROWS, MALFORMED, "`x` has 12 bytes of offsets where 16 are due"),
    (Named("offsets_long"), ROWS, MALFORMED, "`x` has 20 bytes of offsets where 16 are due"),
    (Named("offsets_none"), ROWS, MALFORMED, "`x` has 0 bytes of offsets where 16 are due"),
    (Named("offsets_ragged"), ROWS, MALFORMED, "`x` has 15 bytes of offsets where 16 are due"),
    (Named("offsets_start_late"), ROWS, MALFORMED, "the offsets of `x` do not start at 0"),
    (Named("offsets_start_negative"), ROWS, MALFORMED, "the offsets of `x` do not start at 0"),
    (Named("offsets_fall"), ROWS, MALFORMED, "the offsets of `x` fall"),
    (Named("offsets_negative"), ROWS, MALFORMED, "the offsets of `x` fall"),
    (Named("offsets_end_negative"), ROWS, MALFORMED, "the offsets of `x` fall"),
    (Named("offsets_least"), ROWS, MALFORMED, "the offsets of `x` fall"),
    (Named("offsets_past_end"), ROWS, MALFORMED, "`x` has 3 bytes of data, its offsets end at 9"),
    (Named("offsets_before_end"), ROWS, MALFORMED, "`x` has 3 bytes of data, its offsets end at 2"),
    (Named("offsets_huge"), ROWS, MALFORMED, "`x` has 3 bytes of data, its offsets end at 2147483647"),
    (Named("not_utf8"), ROWS, MALFORMED, "`x` holds bytes that are not UTF-8"),
    (Named("overlong"), ROWS, MALFORMED, "`x` holds bytes that are not UTF-8"),
    (Named("surrogate"), ROWS, MALFORMED, "`x` holds bytes that are not UTF-8"),
    (Named("beyond_unicode"), ROWS, MALFORMED, "`x` holds bytes that are not UTF-8"),
    (Named("half_a_character"), ROWS, MALFORMED, "`x` holds bytes that are not UTF-8"),
    (Named("lone_continuation"), ROWS, MALFORMED, "`x` holds bytes that are not UTF-8"),
    (Named("cut_character"), ROWS, MALFORMED, "an offset of `x` cuts a character"),
    (Named("numbers_for_texts"), ROWS, MALFORMED, "`x` has 24 bytes of offsets where 16 are due"),
    (Named("texts_for_numbers"), ROWS, MALFORMED, "`x` has 16 bytes of data where 24 are due"),
    (Named("raw_offsets_fall"), ROWS, MALFORMED, "the offsets of `x` fall"),
    (Named("raw_past_end"), ROWS, MALFORMED, "`x` has 3 bytes of data, its offsets end at 4"),
    (Named("bits_none"), ROWS, MALFORMED, "`x` has 0 bytes of data where 1 are due"),
    (Named("bits_many"), ROWS, MALFORMED, "`x` has 2 bytes of data where 1 are due"),
    (Named("wide_for_narrow"), ROWS, MALFORMED, "`x` has 24 bytes of data where 12 are due"),
    (Named("narrow_for_wide"), ROWS, MALFORMED, "`x` has 12 bytes of data where 24 are due"),
    (Named("time_short"), ROWS, MALFORMED, "`x` has 20 bytes of data where 24 are due"),
    (Named("date_long"), ROWS, MALFORMED, "`x` has 13 bytes of data where 12 are due"),
    (Named("interval_short"), ROWS, MALFORMED, "`x` has 47 bytes of data where 48 are due"),
    (Named("decimal_short"), ROWS, MALFORMED, "`x` has 47 bytes of data where 48 are due"),
    (Named("decimal_digits"), ROWS, MALFORMED, "`x` holds a number of more than 5 digits"),
    (Named("list_child_shorter"), ROWS, MALFORMED, "`x[]` holds 2 values for 3 rows"),
    (Named("list_child_longer"), ROWS, MALFORMED, "`x[]` holds 4 values for 3 rows"),
    (Named("list_offsets_fall"), ROWS, MALFORMED, "the offsets of `x` fall"),
    (Named("list_end_huge"), ROWS, MALFORMED, "`x[]` holds 3 values for 2147483647 rows"),
    (Named("list_child_null"), ROWS, MALFORMED, "`x[]` holds 1 nulls and must have none"),
    (Named("list_without_child"), ROWS, MALFORMED, "`x[]` has no node"),
    (Named("record_child_shorter"), ROWS, MALFORMED, "`x.a` holds 2 values for 3 rows"),
    (Named("record_child_missing"), ROWS, MALFORMED, "`x.b` has no node"),
    (Named("record_child_extra"), ROWS, MALFORMED, "1 nodes and 0 buffers more than the schema has"),
    (Named("record_child_null"), ROWS, MALFORMED, "`x.a` holds 1 nulls and must have none"),
    (Named("record_text_broken"), ROWS, MALFORMED, "`x.b` holds bytes that are not UTF-8"),
    (Named("map_key_null"), ROWS, MALFORMED, "`x[].key` holds 1 nulls and must have none"),
    (Named("map_entries_null"), ROWS, MALFORMED, "`x[]` holds 1 nulls and must have none"),
    (Named("map_entries_shorter"), ROWS, MALFORMED, "`x[]` holds 2 values for 3 rows"),
];

/// The way through the role that passes an entry.
fn way(entry: &str) -> Entry {
    match entry.split('.').collect::<Vec<_>>().as_slice() {
        ["scalar", ..] => Entry::Scalar,
        ["aggregate", _, "state" | "merge"] => Entry::State,
        ["aggregate", ..] => Entry::Aggregate,
        ["table", ..] => Entry::Table,
        ["source", ..] => Entry::Source,
        ["sink", _, "abort"] => Entry::Aborted,
        _ => Entry::Sink,
    }
}

/// What came of an attack, and how long its way took.
fn attempt(attack: Attack, entry: &str, granted: &Granted) -> (Went, Duration) {
    let (written, name) = match attack {
        Everywhere(way) => {
            let place = PLACES.iter().find(|(_, known)| *known == entry);
            (
                format!("{}_{way}", place.expect("a known entry").0),
                "honest",
            )
        }
        Written(attack) => (attack.to_owned(), "honest"),
        Named(name) => ("none".to_owned(), name),
    };
    let plugin = evil(&written, granted.clone());
    let started = Instant::now();
    let went = through(&plugin, way(entry), name);
    let took = started.elapsed();
    if let Named(name) = attack {
        goes_on(&plugin, name);
    }
    (went, took)
}

#[test]
fn any_number_of_rows_may_come_back_where_none_is_due() {
    let plugin = evil("none", Granted::default());
    for name in ["fewer_rows", "more_rows"] {
        for entry in FREE_ROWS {
            let went = through(&plugin, way(entry), name);
            went.unwrap_or_else(|error| panic!("{name} in {entry} is no lie: {error}"));
        }
    }
}

#[test]
fn every_attack_ends_in_its_error_at_its_entry_in_time() {
    let (granted, root) = granted();
    let (mut tried, mut wrong) = (0, Vec::new());
    for (attack, entries, code, words) in ATTACKS {
        for entry in *entries {
            tried += 1;
            let (went, took) = attempt(*attack, entry, &granted);
            if let Err(why) = check_refused(went, code, &[entry, words]) {
                wrong.push(format!("{attack} in {entry}: {why}"));
            }
            // Orders of magnitude above the bound, and below what a hanging guest would take.
            if took > Duration::from_millis(CALL_MAX_MS) * 30 {
                wrong.push(format!("{attack} in {entry} took {took:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{tried} attacks:\n{}", wrong.join("\n"));
    let written = std::fs::read_dir(root.join("outbox")).expect("a folder");
    assert_eq!(written.count(), 0, "nothing was written");
    assert!(!root.join("a.jsonl").exists() && !std::path::Path::new("/tmp/a.jsonl").exists());
    println!("{tried} attacks refused");
}
