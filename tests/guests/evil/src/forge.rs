//! Batches that are not what was promised, each by its name. All are laid out by hand for three
//! rows (1, 2, 3), and each differs from an honest batch in one place.
use std::sync::atomic::{AtomicI64, Ordering};

use tsugi_plugin::bindings::imports::tsugi::plugin::types::{Batch, Field, Node};

/// One lie: what is promised, and what comes.
pub struct Forgery {
    pub name: &'static str,
    pub promise: fn() -> Vec<Field>,
    pub batch: fn() -> Batch,
}

/// A field of a promised schema.
pub fn field(name: &str, format: &str, nullable: bool, children: u32) -> Field {
    Field {
        name: name.into(),
        format: format.into(),
        nullable,
        children,
        metadata: Vec::new(),
    }
}

fn node(length: u32, nulls: u32) -> Node {
    Node { length, nulls }
}

fn of(rows: u32, nodes: Vec<Node>, buffers: Vec<Vec<u8>>) -> Batch {
    Batch {
        rows,
        nodes,
        buffers,
    }
}

fn bytes<const N: usize>(all: impl IntoIterator<Item = [u8; N]>) -> Vec<u8> {
    all.into_iter().flatten().collect()
}

fn number() -> Vec<Field> {
    vec![field("x", "l", true, 0)]
}

/// 1, 2, 3.
pub fn numbers() -> Batch {
    of(
        3,
        vec![node(3, 0)],
        vec![vec![], bytes([1_i64, 2, 3].map(i64::to_le_bytes))],
    )
}

/// Three times how often this copy of the component has been called, which it remembers.
pub fn counts() -> Batch {
    static CALLS: AtomicI64 = AtomicI64::new(0);
    let calls = CALLS.fetch_add(1, Ordering::Relaxed) + 1;
    let data = bytes([calls; 3].map(i64::to_le_bytes));
    of(3, vec![node(3, 0)], vec![vec![], data])
}

fn text() -> Vec<Field> {
    vec![field("x", "u", true, 0)]
}

fn raw() -> Vec<Field> {
    vec![field("x", "z", true, 0)]
}

fn texts(offsets: &[i32], data: &[u8]) -> Batch {
    let offsets = bytes(offsets.iter().map(|at| at.to_le_bytes()));
    of(3, vec![node(3, 0)], vec![vec![], offsets, data.to_vec()])
}

fn list() -> Vec<Field> {
    vec![field("x", "+l", true, 1), field("item", "l", false, 0)]
}

fn lists(offsets: [i32; 4], child: Node, validity: Vec<u8>) -> Batch {
    let data = bytes((0..i64::from(child.length)).map(i64::to_le_bytes));
    let offsets = bytes(offsets.map(i32::to_le_bytes));
    of(
        3,
        vec![node(3, 0), child],
        vec![vec![], offsets, validity, data],
    )
}

fn record() -> Vec<Field> {
    vec![
        field("x", "+s", true, 2),
        field("a", "l", false, 0),
        field("b", "u", true, 0),
    ]
}

fn records() -> Batch {
    let (a, b) = (numbers(), texts(&[0, 1, 2, 3], b"abc"));
    let nodes = vec![node(3, 0), a.nodes[0], b.nodes[0]];
    of(3, nodes, [vec![vec![]], a.buffers, b.buffers].concat())
}

fn map() -> Vec<Field> {
    vec![
        field("x", "+m", true, 1),
        field("entries", "+s", false, 2),
        field("key", "u", false, 0),
        field("value", "l", true, 0),
    ]
}

fn maps() -> Batch {
    let (key, value) = (texts(&[0, 1, 2, 3], b"abc"), numbers());
    let offsets = bytes([0_i32, 1, 2, 3].map(i32::to_le_bytes));
    let nodes = vec![node(3, 0), node(3, 0), key.nodes[0], value.nodes[0]];
    of(
        3,
        nodes,
        [vec![vec![], offsets, vec![]], key.buffers, value.buffers].concat(),
    )
}

/// An honest batch, spoiled.
fn but(mut batch: Batch, spoil: impl FnOnce(&mut Batch)) -> Batch {
    spoil(&mut batch);
    batch
}

fn nulls(says: u32, bitmap: &[u8]) -> Batch {
    but(numbers(), |b| {
        b.nodes[0].nulls = says;
        b.buffers[0] = bitmap.to_vec();
    })
}

fn sized(bytes: usize) -> Batch {
    but(numbers(), |b| b.buffers[1].resize(bytes, 0))
}

macro_rules! forgeries {
    ($($name:ident: $promise:expr, $batch:expr;)*) => {
        /// All of them.
        pub const FORGERIES: &[Forgery] = &[$(Forgery {
            name: stringify!($name),
            promise: || $promise,
            batch: || $batch,
        }),*];
    };
}

forgeries! {
    fewer_rows: number(), but(numbers(), |b| {
        b.rows = 2;
        b.nodes[0].length = 2;
        b.buffers[1].truncate(16);
    });
    more_rows: number(), of(4, vec![node(4, 0)], vec![vec![], vec![0; 32]]);
    rows_without_values: number(), of(u32::MAX, vec![node(u32::MAX, 0)], vec![vec![], vec![]]);
    node_shorter: number(), but(numbers(), |b| b.nodes[0].length = 2);
    node_longer: number(), but(numbers(), |b| b.nodes[0].length = 4);
    node_huge: number(), but(numbers(), |b| b.nodes[0].length = u32::MAX);
    no_node: number(), but(numbers(), |b| b.nodes.clear());
    two_nodes: number(), but(numbers(), |b| b.nodes.push(node(3, 0)));
    no_buffers: number(), but(numbers(), |b| b.buffers.clear());
    no_data: number(), but(numbers(), |b| b.buffers.truncate(1));
    extra_buffer: number(), but(numbers(), |b| b.buffers.push(vec![7]));
    many_buffers: number(), but(numbers(), |b| b.buffers.resize(100_000, Vec::new()));
    data_short: number(), sized(23);
    data_long: number(), sized(25);
    data_empty: number(), sized(0);
    nulls_without_bitmap: number(), nulls(1, &[]);
    bitmap_without_nulls: number(), nulls(0, &[7]);
    bitmap_long: number(), nulls(1, &[5, 0]);
    nulls_too_few: number(), nulls(1, &[1]);
    nulls_too_many: number(), nulls(3, &[1]);
    nulls_beyond: number(), nulls(9, &[1]);
    nulls_huge: number(), nulls(u32::MAX, &[1]);
    offsets_short: text(), texts(&[0, 1, 2], b"ab");
    offsets_long: text(), texts(&[0, 1, 2, 3, 3], b"abc");
    offsets_none: text(), texts(&[], b"abc");
    offsets_ragged: text(), but(texts(&[0, 1, 2, 3], b"abc"), |b| { b.buffers[1].pop(); });
    offsets_start_late: text(), texts(&[1, 1, 2, 3], b"abc");
    offsets_start_negative: text(), texts(&[-1, 1, 2, 3], b"abc");
    offsets_fall: text(), texts(&[0, 2, 1, 3], b"abc");
    offsets_negative: text(), texts(&[0, -1, 2, 3], b"abc");
    offsets_end_negative: text(), texts(&[0, 1, 2, -3], b"abc");
    offsets_least: text(), texts(&[0, i32::MIN, i32::MIN, i32::MIN], b"");
    offsets_past_end: text(), texts(&[0, 1, 2, 9], b"abc");
    offsets_before_end: text(), texts(&[0, 1, 2, 2], b"abc");
    offsets_huge: text(), texts(&[0, 1, 2, i32::MAX], b"abc");
    not_utf8: text(), texts(&[0, 1, 2, 3], &[0xff, 0xfe, 0xfd]);
    overlong: text(), texts(&[0, 2, 2, 2], &[0xc0, 0x80]);
    surrogate: text(), texts(&[0, 3, 3, 3], &[0xed, 0xa0, 0x80]);
    beyond_unicode: text(), texts(&[0, 4, 4, 4], &[0xf5, 0x80, 0x80, 0x80]);
    half_a_character: text(), texts(&[0, 1, 2, 3], &[0x61, 0xe3, 0x81]);
    lone_continuation: text(), texts(&[0, 1, 2, 3], &[0x61, 0x80, 0x62]);
    cut_character: text(), texts(&[0, 1, 2, 3], "あ".as_bytes());
    numbers_for_texts: text(), numbers();
    texts_for_numbers: number(), texts(&[0, 1, 2, 3], b"abc");
    raw_offsets_fall: raw(), texts(&[0, 3, 2, 3], b"abc");
    raw_past_end: raw(), texts(&[0, 3, 3, 4], b"abc");
    bits_none: vec![field("x", "b", true, 0)], sized(0);
    bits_many: vec![field("x", "b", true, 0)], sized(2);
    wide_for_narrow: vec![field("x", "i", true, 0)], numbers();
    narrow_for_wide: vec![field("x", "g", true, 0)], sized(12);
    time_short: vec![field("x", "tsu:UTC", true, 0)], sized(20);
    date_long: vec![field("x", "tdD", true, 0)], sized(13);
    interval_short: vec![field("x", "tin", true, 0)], sized(47);
    decimal_short: vec![field("x", "d:5,2", true, 0)], sized(47);
    decimal_digits: vec![field("x", "d:5,2", true, 0)], but(numbers(), |b| {
        b.buffers[1] = bytes([1_i128, 1_000_000_000, -3].map(i128::to_le_bytes));
    });
    list_child_shorter: list(), lists([0, 1, 2, 3], node(2, 0), vec![]);
    list_child_longer: list(), lists([0, 1, 2, 3], node(4, 0), vec![]);
    list_offsets_fall: list(), lists([0, 2, 1, 3], node(3, 0), vec![]);
    list_end_huge: list(), lists([0, 1, 2, i32::MAX], node(3, 0), vec![]);
    list_child_null: list(), lists([0, 1, 2, 3], node(3, 1), vec![5]);
    list_without_child: list(), but(lists([0, 1, 2, 3], node(3, 0), vec![]), |b| b.nodes.truncate(1));
    record_child_shorter: record(), but(records(), |b| b.nodes[1].length = 2);
    record_child_missing: record(), but(records(), |b| b.nodes.truncate(2));
    record_child_extra: record(), but(records(), |b| b.nodes.push(node(3, 0)));
    record_child_null: record(), but(records(), |b| {
        b.nodes[1].nulls = 1;
        b.buffers[1] = vec![3];
    });
    record_text_broken: record(), but(records(), |b| b.buffers[5] = vec![0xff; 3]);
    map_key_null: map(), but(maps(), |b| {
        b.nodes[2].nulls = 1;
        b.buffers[3] = vec![3];
    });
    map_entries_null: map(), but(maps(), |b| {
        b.nodes[1].nulls = 1;
        b.buffers[2] = vec![3];
    });
    map_entries_shorter: map(), but(maps(), |b| b.nodes[1].length = 2);
    map_offsets_fall: map(), but(maps(), |b| {
        b.buffers[1] = bytes([0_i32, 3, 2, 3].map(i32::to_le_bytes));
    });
}

/// The forgery of a name.
pub fn find(name: &str) -> Option<&'static Forgery> {
    FORGERIES.iter().find(|one| one.name == name)
}
