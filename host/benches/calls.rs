//! One call of each role over batches of many sizes, against the same Rust code run natively and
//! against copying the same bytes.

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Float64Array, Int64Array, Int64Builder, RecordBatch, StringArray,
    StringBuilder, StructArray,
};
use arrow::datatypes::{DataType, Field, Fields, Int64Type, Schema};
use tokio::runtime::Runtime;
use tsugi::sandbox::{
    BoundScalar, BoundTable, Cancel, Groups, InputPort, OperatorStep, Plugin, ReadRequest, Target,
};

use crate::kernels;
use crate::measure::{Clock, Contender, ROUNDS, contender, print, race};

const SIZES: [usize; 5] = [1, 64, 1_024, 8_192, 65_536];
/// Groups that rows are spread over.
const GROUPS: u32 = 64;

/// Numbers, one a row.
pub fn numbers(rows: usize) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(
        (0..rows).map(|row| (row * 7919 % 10_007) as i64),
    ))
}

/// Short texts of 6 to 90 bytes, one in eight of them Japanese.
pub fn texts(rows: usize) -> ArrayRef {
    const WORDS: [&str; 8] = [
        "the", "sole", "cracked", "after", "winter", "and", "nobody", "answered",
    ];
    let text = |row: usize| {
        if row % 8 == 3 {
            return "靴底がひび割れて歩けない".to_owned();
        }
        let words = (0..1 + row * 31 % 13).map(|at| WORDS[(row * 5 + at * 3) % WORDS.len()]);
        words.collect::<Vec<_>>().join(" ")
    };
    Arc::new(StringArray::from_iter_values((0..rows).map(text)))
}

/// Every scalar and every other role, at every size.
///
/// `unstoppable` is the same plugin in an engine that cannot stop it.
pub fn run(plugin: &Arc<Plugin>, unstoppable: &Arc<Plugin>, runtime: &Runtime) {
    for (name, input, native) in scalars() {
        for rows in SIZES {
            scalar([plugin, unstoppable], name, &input(rows), native);
        }
    }
    for rows in SIZES {
        others(plugin, runtime, rows);
    }
}

/// So many rows.
type Input = fn(usize) -> ArrayRef;
type Native = fn(&ArrayRef) -> ArrayRef;

fn scalars() -> [(&'static str, Input, Native); 5] {
    [
        ("add_one", numbers, |column| {
            Arc::new(
                column
                    .as_primitive::<Int64Type>()
                    .unary::<_, Int64Type>(kernels::add_one),
            )
        }),
        ("weigh", texts, |column| {
            let texts = column.as_string::<i32>();
            Arc::new(
                texts
                    .iter()
                    .map(|text| text.map(kernels::weigh))
                    .collect::<Float64Array>(),
            )
        }),
        ("shout", texts, |column| {
            let texts = column.as_string::<i32>();
            let mut out = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
            texts
                .iter()
                .for_each(|text| out.append_option(text.map(kernels::shout)));
            Arc::new(out.finish())
        }),
        ("shout_written", texts, |column| {
            let texts = column.as_string::<i32>();
            let mut out = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
            let mut raised = String::new();
            for text in texts {
                raised.clear();
                raised.push_str(text.unwrap_or_default());
                kernels::raise(&mut raised);
                out.append_option(text.map(|_| &raised));
            }
            Arc::new(out.finish())
        }),
        ("measure", texts, |column| {
            let texts = column.as_string::<i32>();
            let mut bytes = Int64Builder::with_capacity(texts.len());
            let mut first = StringBuilder::with_capacity(texts.len(), texts.len() * 8);
            for text in texts.iter().flatten() {
                let (length, word) = kernels::measure(text);
                bytes.append_value(length);
                first.append_value(word);
            }
            let fields = Fields::from(vec![
                Field::new("bytes", DataType::Int64, false),
                Field::new("first", DataType::Utf8, false),
            ]);
            let columns: Vec<ArrayRef> = vec![Arc::new(bytes.finish()), Arc::new(first.finish())];
            Arc::new(StructArray::new(fields, columns, None))
        }),
    ]
}

fn scalar(plugins: [&Arc<Plugin>; 2], name: &str, input: &ArrayRef, native: Native) {
    let bound = plugins.map(|plugin| {
        let metadata = plugin.metadata().expect("signatures");
        let mut functions = metadata.scalars.into_iter();
        let function = functions.find(|one| one.name == name).expect("a function");
        BoundScalar::new(plugin, function, &[None], None).expect("a binding")
    });
    let (rows, cancel) = (input.len(), Cancel::default());
    let call = |bound: &BoundScalar| {
        bound
            .evaluate(std::slice::from_ref(input), rows, &cancel)
            .expect("a column")
    };
    assert_eq!(
        values(&call(&bound[0]).column),
        values(&native(input)),
        "{name}: the same values"
    );
    let figures = race(
        ROUNDS,
        Clock::Thread,
        vec![
            contender("native", || drop(black_box(native(black_box(input))))),
            copies(input, &native(input)),
            contender("plugin", || drop(black_box(call(&bound[0])))),
            contender("plugin, not stoppable", || {
                drop(black_box(call(&bound[1])));
            }),
        ],
    );
    print(
        &format!("scalar `{name}`, {rows} rows a call"),
        rows,
        &figures,
    );
    let times = figures[2].ns / figures[1].ns;
    println!("\nplugin against the copies: {times:.2} ×");
}

/// The values as text: field names and nullability may differ.
fn values(column: &ArrayRef) -> Vec<String> {
    let shown = arrow::util::display::FormatOptions::default();
    let shown = arrow::util::display::ArrayFormatter::try_new(column, &shown).expect("printable");
    (0..column.len())
        .map(|row| shown.value(row).to_string())
        .collect()
}

/// Copies the bytes that go in and those that come out, into memory that is there already.
fn copies<'a>(input: &'a ArrayRef, output: &ArrayRef) -> Contender<'a> {
    let bytes = |column: &ArrayRef| {
        let mut all = Vec::new();
        gather(&column.to_data(), &mut all);
        all
    };
    let (given, returned) = (bytes(input), bytes(output));
    let mut to = vec![0_u8; given.iter().chain(&returned).map(Vec::len).sum()];
    contender("memcpy in and out", move || {
        let mut at = 0;
        for from in given.iter().chain(&returned) {
            to[at..at + from.len()].copy_from_slice(black_box(from));
            at += from.len();
        }
        black_box(&mut to);
    })
}

fn gather(data: &arrow::array::ArrayData, to: &mut Vec<Vec<u8>>) {
    to.extend(data.buffers().iter().map(|buffer| buffer.to_vec()));
    data.child_data().iter().for_each(|child| gather(child, to));
}

/// Aggregate, table, source and sink over the same numbers.
fn others(plugin: &Arc<Plugin>, runtime: &Runtime, rows: usize) {
    let column = numbers(rows);
    let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]));
    let batch = RecordBatch::try_new(schema, vec![Arc::clone(&column)]).expect("a batch");
    let mut aggregate = aggregate(plugin, &column);
    let mut table = runtime.block_on(table(plugin, &batch));
    let mut source = runtime.block_on(source(plugin, rows));
    let mut sink = runtime.block_on(sink(plugin, &batch));
    let mut sequence = 0;
    let sum = || {
        column
            .as_primitive::<Int64Type>()
            .values()
            .iter()
            .fold(0_i64, |a, n| a.wrapping_add(*n))
    };
    let figures = race(
        ROUNDS,
        Clock::Thread,
        vec![
            contender("native sum", || {
                black_box(sum());
            }),
            contender("aggregate: update", &mut aggregate),
            contender("table: push and pull", || {
                runtime.block_on(async {
                    table.push(0, black_box(&batch)).await.expect("a push");
                    while let OperatorStep::Batch(rows) = table.pull().await.expect("a pull") {
                        black_box(rows);
                    }
                });
            }),
            contender("source: next", || {
                black_box(runtime.block_on(source.next()).expect("a step").rows);
            }),
            contender("sink: write", || {
                sequence += 1;
                black_box(
                    runtime
                        .block_on(sink.write(sequence, &batch))
                        .expect("a receipt"),
                );
            }),
        ],
    );
    print(
        &format!("the other roles, int64, {rows} rows a call"),
        rows,
        &figures,
    );
}

fn aggregate(plugin: &Arc<Plugin>, column: &ArrayRef) -> impl FnMut() + use<> {
    let metadata = plugin.metadata().expect("signatures");
    let function = metadata.aggregates.first().expect("an aggregate").clone();
    let mut groups = Groups::open(plugin, &function, Cancel::default()).expect("accumulators");
    let of_row: Vec<u32> = (0..column.len() as u32).map(|row| row % GROUPS).collect();
    let columns = [Arc::clone(column)];
    move || groups.update(&columns, &of_row, GROUPS).expect("an update")
}

async fn table(plugin: &Arc<Plugin>, batch: &RecordBatch) -> tsugi::sandbox::TableOperator {
    let port = InputPort {
        name: "rows".into(),
        fields: batch.schema().fields().clone(),
    };
    let bound = Arc::new(BoundTable::new(plugin, "added", vec![port], &[]).expect("a binding"));
    let mut open = bound
        .open(None, Cancel::default())
        .await
        .expect("an operator");
    while !matches!(open.pull().await.expect("a pull"), OperatorStep::Need(_)) {}
    open
}

async fn source(plugin: &Arc<Plugin>, rows: usize) -> tsugi::sandbox::SourceReader {
    let request = ReadRequest {
        stream: "numbers".into(),
        mode: "full".into(),
        columns: None,
        filters: Vec::new(),
        limit: None,
        partition: None,
        since: Vec::new(),
        max_rows: rows as u32,
        max_bytes: u32::MAX,
        extra: Vec::new(),
    };
    let expected = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
    let reader = plugin.read("{}", request, expected, None, Cancel::default());
    reader.await.expect("a reader")
}

async fn sink(plugin: &Arc<Plugin>, batch: &RecordBatch) -> tsugi::sandbox::SinkWriter {
    let target = Target {
        name: "all".into(),
        key: Vec::new(),
        fields: batch.schema().fields().clone(),
        run_id: "measured".into(),
        dry_run: false,
    };
    plugin
        .write("{}", &target, Cancel::default())
        .await
        .expect("a writer")
}
