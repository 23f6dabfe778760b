//! One call of an aggregate, a table function, a source and a sink over batches of many sizes,
//! against the same Rust code run natively and against copying the same bytes.

use std::hint::black_box;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, Int64Array, RecordBatch, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type, Schema};
use tokio::runtime::Runtime;
use tsugi_sandbox::{
    BoundTable, Cancel, Groups, InputPort, OperatorStep, Plugin, ReadRequest, SinkWriter,
    SourceReader, TableOperator, Target,
};

use crate::calls::{Tables, against};
use crate::kernels;
use crate::natives::{SIZES, numbers, scalars, texts};

/// Groups that rows are spread over.
const GROUPS: u32 = 64;

/// Every role at every size. The second plugin is the first in an engine that cannot stop it.
pub fn run(plugins: [&Arc<Plugin>; 2], runtime: &Runtime) {
    let mut out = Tables::default();
    for rows in SIZES {
        aggregates(&mut out, plugins, rows);
        tables(&mut out, plugins, rows, runtime);
        sources(&mut out, plugins, rows, runtime);
        sinks(&mut out, plugins, rows, runtime);
    }
    out.print();
}

/// Adds rows to what each of the groups keeps.
type Update = Box<dyn FnMut(&ArrayRef, &[u32])>;

fn aggregates(out: &mut Tables, plugins: [&Arc<Plugin>; 2], rows: usize) {
    let groups = GROUPS as usize;
    let (mut sums, mut weights, mut longest) = (
        vec![0; groups],
        vec![0.0; groups],
        vec![String::new(); groups],
    );
    let natives: [(&str, ArrayRef, Update); 3] = [
        (
            "plain_sum",
            numbers(rows),
            Box::new(move |column, groups| {
                let numbers = column.as_primitive::<Int64Type>().values();
                numbers
                    .iter()
                    .zip(groups)
                    .for_each(|(n, group)| kernels::add(&mut sums[*group as usize], *n));
            }),
        ),
        (
            "plain_weight",
            texts(rows),
            Box::new(move |column, groups| {
                let texts = column.as_string::<i32>().iter().flatten();
                texts
                    .zip(groups)
                    .for_each(|(t, group)| kernels::add_weight(&mut weights[*group as usize], t));
            }),
        ),
        (
            "longest",
            texts(rows),
            Box::new(move |column, groups| {
                let texts = column.as_string::<i32>().iter().flatten();
                texts
                    .zip(groups)
                    .for_each(|(t, group)| kernels::keep_longest(&mut longest[*group as usize], t));
            }),
        ),
    ];
    let of_row: Vec<u32> = (0..rows as u32).map(|row| row % GROUPS).collect();
    for (name, column, mut native) in natives {
        let ours = plugins.map(|plugin| {
            let functions = plugin.metadata().expect("signatures").aggregates;
            let function = functions.into_iter().find(|one| one.name == name);
            let function = function.expect("an aggregate");
            let mut groups = Groups::open(plugin, &function, Cancel::default()).expect("groups");
            let (columns, of_row) = ([Arc::clone(&column)], of_row.clone());
            move || groups.update(&columns, &of_row, GROUPS).expect("an update")
        });
        let crossing = [
            Arc::clone(&column),
            Arc::new(UInt32Array::from(of_row.clone())) as ArrayRef,
        ];
        let title = format!("aggregate `{name}`, update");
        let against = against(
            &format!("{title}, {rows} rows a call"),
            rows,
            || native(black_box(&column), black_box(&of_row)),
            &crossing,
            ours,
        );
        out.add(title, rows, against);
    }
}

fn batch(columns: Vec<ArrayRef>) -> RecordBatch {
    let fields = columns.iter().zip(["x", "y"]);
    let fields = fields.map(|(column, name)| Field::new(name, column.data_type().clone(), true));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    RecordBatch::try_new(schema, columns).expect("a batch")
}

fn tables(out: &mut Tables, plugins: [&Arc<Plugin>; 2], rows: usize, runtime: &Runtime) {
    // Writing into the column is for scalar functions.
    for (name, input, native) in scalars().into_iter().filter(|one| one.0 != "shout_written") {
        let input = input(rows);
        let given = batch(vec![Arc::clone(&input)]);
        let ours = plugins.map(|plugin| {
            let mut table = runtime.block_on(table(plugin, name, &given));
            let given = given.clone();
            move || {
                runtime.block_on(async {
                    table.push(0, black_box(&given)).await.expect("a push");
                    while let OperatorStep::Batch(rows) = table.pull().await.expect("a pull") {
                        black_box(rows);
                    }
                });
            }
        });
        let title = format!("table `{name}`, push and pull");
        let against = against(
            &format!("{title}, {rows} rows a call"),
            rows,
            || drop(black_box(native(black_box(&input)))),
            &[Arc::clone(&input), native(&input)],
            ours,
        );
        out.add(title, rows, against);
    }
}

async fn table(plugin: &Arc<Plugin>, kernel: &str, given: &RecordBatch) -> TableOperator {
    let port = InputPort {
        name: "rows".into(),
        fields: given.schema().fields().clone(),
    };
    let option: FieldRef = Arc::new(Field::new("kernel", DataType::Utf8, false));
    let kernel: ArrayRef = Arc::new(StringArray::from(vec![kernel]));
    let bound = BoundTable::new(plugin, "worked", vec![port], &[(option, kernel)]);
    let bound = Arc::new(bound.expect("a binding"));
    let mut open = bound
        .open(None, Cancel::default())
        .await
        .expect("an operator");
    while !matches!(open.pull().await.expect("a pull"), OperatorStep::Need(_)) {}
    open
}

/// The columns of a stream from a row on.
type Columns = fn(i64, i64) -> Vec<ArrayRef>;

fn sources(out: &mut Tables, plugins: [&Arc<Plugin>; 2], rows: usize, runtime: &Runtime) {
    fn numbers(from: i64, to: i64) -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(from..to))
    }
    fn words(from: i64, to: i64) -> ArrayRef {
        Arc::new(StringArray::from_iter_values((from..to).map(kernels::word)))
    }
    let natives: [(&str, &[&str], Columns); 3] = [
        ("numbers", &["n"], |from, to| vec![numbers(from, to)]),
        ("words", &["word"], |from, to| vec![words(from, to)]),
        ("both", &["n", "word"], |from, to| {
            vec![numbers(from, to), words(from, to)]
        }),
    ];
    for (stream, names, native) in natives {
        let crossing = native(0, rows as i64);
        let fields = names.iter().zip(&crossing);
        let fields =
            fields.map(|(name, column)| Field::new(*name, column.data_type().clone(), false));
        let expected = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let ours = plugins.map(|plugin| {
            let mut source = runtime.block_on(source(plugin, stream, rows, Arc::clone(&expected)));
            move || {
                black_box(runtime.block_on(source.next()).expect("a step").rows);
            }
        });
        let mut from = 0;
        let title = format!("source `{stream}`, next");
        let against = against(
            &format!("{title}, {rows} rows a call"),
            rows,
            move || {
                drop(black_box(native(from, from + rows as i64)));
                from += rows as i64;
            },
            &crossing,
            ours,
        );
        out.add(title, rows, against);
    }
}

async fn source(
    plugin: &Arc<Plugin>,
    stream: &str,
    rows: usize,
    expected: Arc<Schema>,
) -> SourceReader {
    let request = ReadRequest::whole(stream, rows as u32, u32::MAX);
    let reader = plugin.read("{}", request, expected, None, Cancel::default());
    reader.await.expect("a reader")
}

fn sinks(out: &mut Tables, plugins: [&Arc<Plugin>; 2], rows: usize, runtime: &Runtime) {
    let given = [
        ("int64", vec![numbers(rows)]),
        ("utf8", vec![texts(rows)]),
        ("int64 and utf8", vec![numbers(rows), texts(rows)]),
    ];
    for (types, columns) in given {
        let given = batch(columns.clone());
        let ours = plugins.map(|plugin| {
            let (mut sink, given) = (runtime.block_on(sink(plugin, &given)), given.clone());
            let mut sequence = 0;
            move || {
                sequence += 1;
                let written = runtime.block_on(sink.write(sequence, black_box(&given)));
                black_box(written.expect("a receipt"));
            }
        });
        let title = format!("sink, {types}, write");
        let against = against(
            &format!("{title}, {rows} rows a call"),
            rows,
            || {
                black_box(sum_of(black_box(&columns)));
            },
            &columns,
            ours,
        );
        out.add(title, rows, against);
    }
}

/// What the sink does with its rows.
fn sum_of(columns: &[ArrayRef]) -> i64 {
    let mut sum = 0_i64;
    for column in columns {
        match column.as_primitive_opt::<Int64Type>() {
            Some(numbers) => numbers
                .values()
                .iter()
                .for_each(|n| kernels::add(&mut sum, *n)),
            None => {
                let texts = column.as_string::<i32>().iter().flatten();
                texts.for_each(|text| sum += text.len() as i64);
            }
        }
    }
    sum
}

async fn sink(plugin: &Arc<Plugin>, batch: &RecordBatch) -> SinkWriter {
    let target = Target {
        name: "all".into(),
        key: Vec::new(),
        fields: batch.schema().fields().clone(),
        run_id: "measured".into(),
        dry_run: false,
        gate: None,
    };
    let writer = plugin.write("{}", &target, Cancel::default());
    writer.await.expect("a writer")
}
