//! Every type that crosses, as a column of three rows: 1, null, 3, laid out by hand.
use tsugi_plugin::bindings::imports::tsugi::plugin::types::{Batch, Field, Node};

/// Formats of a fixed width, and their bytes.
const FIXED: [(&str, usize); 29] = [
    ("c", 1),
    ("C", 1),
    ("s", 2),
    ("S", 2),
    ("i", 4),
    ("I", 4),
    ("l", 8),
    ("L", 8),
    ("f", 4),
    ("g", 8),
    ("d:10,2", 16),
    ("d:38,38", 16),
    ("tdD", 4),
    ("tdm", 8),
    ("tts", 4),
    ("ttm", 4),
    ("ttu", 8),
    ("ttn", 8),
    ("tss:", 8),
    ("tsm:+09:00", 8),
    ("tsu:UTC", 8),
    ("tsn:Asia/Tokyo", 8),
    ("tDs", 8),
    ("tDm", 8),
    ("tDu", 8),
    ("tDn", 8),
    ("tiM", 4),
    ("tiD", 8),
    ("tin", 16),
];

/// A column as it crosses.
pub struct Column {
    /// The field and those below it, in pre-order.
    pub fields: Vec<Field>,
    nodes: Vec<Node>,
    buffers: Vec<Vec<u8>>,
}

const VALIDITY: u8 = 0b101;

fn node(length: u32, nulls: u32) -> Node {
    Node { length, nulls }
}

fn offsets(all: &[i32]) -> Vec<u8> {
    all.iter().flat_map(|at| at.to_le_bytes()).collect()
}

impl Column {
    fn of(format: &str, data: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let field = Field {
            name: "x".into(),
            format: format.into(),
            nullable: true,
            children: 0,
            metadata: Vec::new(),
        };
        Self {
            fields: vec![field],
            nodes: vec![node(3, 1)],
            buffers: [vec![VALIDITY]].into_iter().chain(data).collect(),
        }
    }

    fn named(mut self, name: &str) -> Self {
        self.fields[0].name = name.into();
        self
    }

    /// The same column without nulls, of so many rows.
    fn dense(mut self, rows: u32) -> Self {
        self.fields[0].nullable = false;
        self.nodes[0] = node(rows, 0);
        self.buffers[0] = Vec::new();
        self
    }

    fn above(mut self, children: impl IntoIterator<Item = Column>) -> Self {
        for child in children {
            self.fields[0].children += 1;
            self.fields.extend(child.fields);
            self.nodes.extend(child.nodes);
            self.buffers.extend(child.buffers);
        }
        self
    }
}

/// 1, null and 3 in so many bytes each.
fn fixed((format, width): (&str, usize)) -> Column {
    let value = |n: u8| -> Vec<u8> {
        match format {
            "f" => f32::from(n).to_le_bytes().into(),
            "g" => f64::from(n).to_le_bytes().into(),
            _ => (0..width).map(|at| if at == 0 { n } else { 0 }).collect(),
        }
    };
    Column::of(format, [[value(1), value(0), value(3)].concat()])
}

/// `a`, null and a character of three bytes.
fn text(format: &str) -> Column {
    let data = "a靴".as_bytes().to_vec();
    Column::of(format, [offsets(&[0, 1, 1, 4]), data])
}

/// A struct of a number and a text, null where they are.
fn pair() -> Column {
    let children = [fixed(("l", 8)).named("a"), text("u").named("b")];
    Column::of("+s", []).above(children)
}

/// Lists of one, none and two.
fn list(of: Column) -> Column {
    Column::of("+l", [offsets(&[0, 1, 1, 3])]).above([of.named("item")])
}

/// One entry, none and two.
fn map() -> Column {
    let key = Column::of("u", [offsets(&[0, 1, 2, 3]), b"kij".to_vec()]);
    let entries = Column::of("+s", []).named("entries").dense(3);
    let entries = entries.above([key.named("key").dense(3), fixed(("l", 8)).named("value")]);
    Column::of("+m", [offsets(&[0, 1, 1, 3])]).above([entries])
}

/// The type of functions that take nanoseconds alone.
pub fn nanos() -> Column {
    fixed(("tsn:", 8)).named("at")
}

/// A column of every type, named `c0`, `c1` and so on.
pub fn columns() -> Vec<Column> {
    let truths = Column::of("b", [vec![0b001]]);
    let nested = [
        pair(),
        list(fixed(("l", 8))),
        list(text("u")),
        list(pair()),
        map(),
    ];
    let all = [truths].into_iter().chain(FIXED.map(fixed));
    let all = all.chain([text("u"), text("z")]).chain(nested);
    all.enumerate()
        .map(|(at, column)| column.named(&format!("c{at}")))
        .collect()
}

/// All of them as one batch.
pub fn batch() -> Batch {
    let (mut nodes, mut buffers) = (Vec::new(), Vec::new());
    for column in columns() {
        nodes.extend(column.nodes);
        buffers.extend(column.buffers);
    }
    Batch {
        rows: 3,
        nodes,
        buffers,
    }
}

/// The fields of all of them.
pub fn schema() -> Vec<Field> {
    columns()
        .into_iter()
        .flat_map(|column| column.fields)
        .collect()
}
