//! The types that cross, through a real component in every role; the layouts that are gathered into
//! them; and those that are refused before anything runs.

use std::sync::Arc;

use arrow::array::*;
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{cast, concat, concat_batches};
use arrow::datatypes::*;
use datafusion::arrow;
use tsugi_sandbox::{Cancel, Granted, PluginLimits, SandboxError, Target};

use super::bench::{Bench, Refused, plugin};
use super::sources;

const MIRROR: &str = "tests/guests/mirror";

fn pair() -> ArrayRef {
    let fields = Fields::from(vec![
        Field::new("a", DataType::Int64, true),
        Field::new("b", DataType::Utf8, true),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from(vec![Some(1), None, Some(3)])),
        Arc::new(StringArray::from(vec![Some("a"), None, Some("靴")])),
    ];
    let nulls = NullBuffer::from(vec![true, false, true]);
    Arc::new(StructArray::new(fields, columns, Some(nulls)))
}

/// Lists of one, none and two of the items.
fn list(items: ArrayRef) -> ArrayRef {
    let item = Arc::new(Field::new("item", items.data_type().clone(), true));
    let offsets = OffsetBuffer::from_lengths([1, 0, 2]);
    let nulls = NullBuffer::from(vec![true, false, true]);
    Arc::new(ListArray::new(item, offsets, items, Some(nulls)))
}

fn map() -> ArrayRef {
    let fields = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Int64, true),
    ]);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec!["k", "i", "j"])),
        Arc::new(Int64Array::from(vec![Some(1), None, Some(3)])),
    ];
    let entries = StructArray::new(fields, columns, None);
    let field = Arc::new(Field::new("entries", entries.data_type().clone(), false));
    let offsets = OffsetBuffer::from_lengths([1, 0, 2]);
    let nulls = NullBuffer::from(vec![true, false, true]);
    Arc::new(MapArray::new(field, offsets, entries, Some(nulls), false))
}

/// 1, null, 3 of a type of numbers.
fn number<T: ArrowPrimitiveType>(one: T::Native, three: T::Native) -> ArrayRef {
    Arc::new(PrimitiveArray::<T>::from_iter([
        Some(one),
        None,
        Some(three),
    ]))
}

/// The named list: one column of three rows for every type that crosses.
fn columns() -> Vec<ArrayRef> {
    let of32 = |to: DataType| cast(&number::<Int32Type>(1, 3), &to).unwrap();
    let of64 = |to: DataType| cast(&number::<Int64Type>(1, 3), &to).unwrap();
    let decimal = |precision, scale| -> ArrayRef {
        let numbers = Decimal128Array::from_iter([Some(1_i128), None, Some(3)]);
        Arc::new(numbers.with_precision_and_scale(precision, scale).unwrap())
    };
    let stamp = |unit, zone: Option<&str>| of64(DataType::Timestamp(unit, zone.map(Into::into)));
    use TimeUnit::{Microsecond, Millisecond, Nanosecond, Second};
    let numbers = number::<Int64Type>(1, 3);
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("靴")]));
    vec![
        Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)])),
        number::<Int8Type>(1, 3),
        number::<UInt8Type>(1, 3),
        number::<Int16Type>(1, 3),
        number::<UInt16Type>(1, 3),
        number::<Int32Type>(1, 3),
        number::<UInt32Type>(1, 3),
        Arc::clone(&numbers),
        number::<UInt64Type>(1, 3),
        number::<Float32Type>(1.0, 3.0),
        number::<Float64Type>(1.0, 3.0),
        decimal(10, 2),
        decimal(38, 38),
        of32(DataType::Date32),
        of64(DataType::Date64),
        of32(DataType::Time32(Second)),
        of32(DataType::Time32(Millisecond)),
        of64(DataType::Time64(Microsecond)),
        of64(DataType::Time64(Nanosecond)),
        stamp(Second, None),
        stamp(Millisecond, Some("+09:00")),
        stamp(Microsecond, Some("UTC")),
        stamp(Nanosecond, Some("Asia/Tokyo")),
        of64(DataType::Duration(Second)),
        of64(DataType::Duration(Millisecond)),
        of64(DataType::Duration(Microsecond)),
        of64(DataType::Duration(Nanosecond)),
        number::<IntervalYearMonthType>(1, 3),
        number::<IntervalDayTimeType>(IntervalDayTime::new(1, 0), IntervalDayTime::new(3, 0)),
        number::<IntervalMonthDayNanoType>(
            IntervalMonthDayNano::new(1, 0, 0),
            IntervalMonthDayNano::new(3, 0, 0),
        ),
        Arc::clone(&texts),
        Arc::new(BinaryArray::from(vec![
            Some(b"a".as_slice()),
            None,
            Some("靴".as_bytes()),
        ])),
        pair(),
        list(numbers),
        list(texts),
        list(pair()),
        map(),
    ]
}

/// The columns as a table, with a running number.
fn table(columns: &[ArrayRef]) -> RecordBatch {
    let named = columns.iter().enumerate();
    let named = named.map(|(at, column)| (format!("c{at}"), Arc::clone(column), true));
    let n: ArrayRef = Arc::new(Int64Array::from_iter_values(0..columns[0].len() as i64));
    RecordBatch::try_from_iter_with_nullable(named.chain([("n".to_owned(), n, false)])).unwrap()
}

/// The mirror's functions, its stream as `types`, and the columns as `t`.
fn bench(columns: &[ArrayRef]) -> Bench {
    let (bench, _) = sources::bench(MIRROR, Granted::default(), "{}", Vec::new());
    let (rows, none) = (table(columns), table(columns).slice(0, 0));
    bench.put("main.t", vec![vec![rows], vec![none]]);
    bench
}

/// The columns of a query's rows.
#[track_caller]
fn answer(bench: &Bench, sql: &str) -> Vec<ArrayRef> {
    let answer = bench
        .ask(sql)
        .unwrap_or_else(|error| panic!("{sql}: {error:#?}"));
    let schema = answer.batches[0].schema();
    let whole = concat_batches(&schema, &answer.batches).unwrap();
    whole.columns().to_vec()
}

#[test]
fn every_type_crosses_in_every_role() {
    let columns = columns();
    let bench = bench(&columns);
    for (at, column) in columns.iter().enumerate() {
        for sql in [
            format!("SELECT same(c{at}) FROM t ORDER BY n"),
            format!("SELECT kept(c{at}) FROM t GROUP BY n ORDER BY n"),
        ] {
            assert_eq!(
                &answer(&bench, &sql)[0],
                column,
                "{sql}: {}",
                column.data_type()
            );
        }
    }
    let whole = answer(
        &bench,
        "SELECT * FROM mirrored((SELECT * FROM t)) ORDER BY n",
    );
    assert_eq!(whole[..columns.len()], columns, "table");
    let read = answer(&bench, "SELECT * FROM types");
    assert_eq!(read, columns, "source");
    // The sink takes only the very bytes that the source gave.
    let rows = table(&columns);
    let rows = rows
        .project(&(0..columns.len()).collect::<Vec<_>>())
        .unwrap();
    assert_eq!(bench.runtime.block_on(write(&rows)), Ok(3), "sink");
}

/// How many rows the mirror's sink takes.
async fn write(rows: &RecordBatch) -> Result<u32, String> {
    let mirror = plugin(MIRROR, PluginLimits::default(), Granted::default());
    let target = Target {
        name: "all".into(),
        key: Vec::new(),
        fields: rows.schema().fields().clone(),
        run_id: "r".into(),
        dry_run: false,
        gate: None,
    };
    let written = async {
        let mut writer = mirror.write("{}", &target, Cancel::default()).await?;
        writer.write(0, rows).await
    };
    let receipt = written
        .await
        .map_err(|error: SandboxError| error.to_string())?;
    Ok(receipt.accepted)
}

#[test]
fn other_layouts_are_gathered_into_the_plain_ones() {
    let (texts, bytes) = (columns().swap_remove(30), columns().swap_remove(31));
    let items = columns().swap_remove(33);
    let item = Arc::new(Field::new("item", DataType::Int64, true));
    let dictionary = |value| DataType::Dictionary(Box::new(DataType::Int8), Box::new(value));
    for (plain, to) in [
        (&texts, DataType::LargeUtf8),
        (&texts, DataType::Utf8View),
        (&texts, dictionary(DataType::Utf8)),
        (&bytes, DataType::LargeBinary),
        (&bytes, DataType::BinaryView),
        (&bytes, dictionary(DataType::Binary)),
        (&items, DataType::LargeList(Arc::clone(&item))),
        (&items, DataType::ListView(item)),
    ] {
        let given = cast(plain, &to).unwrap();
        let bench = bench(&[given]);
        for sql in [
            "SELECT same(c0) FROM t ORDER BY n",
            "SELECT kept(c0) FROM t GROUP BY n ORDER BY n",
            "SELECT c0 FROM mirrored((SELECT * FROM t)) ORDER BY n",
        ] {
            assert_eq!(&answer(&bench, sql)[0], plain, "{sql}: {to}");
        }
    }
}

#[track_caller]
fn refused(bench: &Bench, sql: &str) -> Refused {
    match bench.ask(sql) {
        Ok(_) => panic!("{sql} has an answer"),
        Err(error) => error,
    }
}

#[test]
fn timestamps_cross_in_the_unit_that_a_function_takes() {
    let seconds = |zone: Option<&str>| {
        let stamp = DataType::Timestamp(TimeUnit::Second, zone.map(Into::into));
        cast(&number::<Int64Type>(1, 253_402_214_400), &stamp).unwrap()
    };
    let to = |column: &ArrayRef, unit| {
        let DataType::Timestamp(_, zone) = column.data_type() else {
            unreachable!()
        };
        cast(column, &DataType::Timestamp(unit, zone.clone())).unwrap()
    };
    let (clock, moment) = (seconds(None), seconds(Some("UTC")));
    let micros = to(&clock, TimeUnit::Microsecond);
    let early = micros.slice(0, 1);
    let bench = bench(
        &[clock, micros, to(&moment.slice(0, 1), TimeUnit::Nanosecond)].map(|column| {
            let missing = 3 - column.len();
            concat(&[&column, &new_null_array(column.data_type(), missing)]).unwrap()
        }),
    );
    for call in ["nanos(c0)", "nanos(c1)", "kept_nanos(c0)", "kept_nanos(c1)"] {
        let sql = format!("SELECT {call} FROM t WHERE n = 0 GROUP BY n, c0, c1");
        let found = &answer(&bench, &sql)[0];
        assert_eq!(found, &to(&early, TimeUnit::Nanosecond), "{sql}");
        // The year 9999 has no nanoseconds.
        let error = refused(&bench, &sql.replace("n = 0", "n = 2"));
        assert_eq!(error.code, "sandbox::value", "{sql}: {error:#?}");
        assert!(error.message.contains("takes `at` as"), "{sql}: {error:#?}");
        assert!(
            error.message.contains("has no 9999-12-31T00:00:00"),
            "{sql}: {error:#?}"
        );
    }
    let constant = "SELECT nanos(TIMESTAMP '9999-12-31 00:00:00')";
    let error = refused(&bench, constant);
    assert_eq!(error.code, "sandbox::value", "{error:#?}");
    // A column in nanoseconds is not cut, and is taken where microseconds are.
    let kept = answer(&bench, "SELECT c2, same(c2) FROM t WHERE n = 0");
    let nanos = to(&moment.slice(0, 1), TimeUnit::Nanosecond);
    assert_eq!(
        kept,
        [nanos, to(&moment.slice(0, 1), TimeUnit::Microsecond)]
    );
    // A time without a zone is no moment.
    let error = bench.plan("SELECT nanos(c2) FROM t").expect_err("zone");
    assert_eq!(error.code, "query::call", "{error:#?}");
}

#[test]
fn slices_cross_as_what_they_show() {
    let columns = columns();
    // Three rows from the middle of nine, of nine in a list's child.
    let slices: Vec<ArrayRef> = columns
        .iter()
        .map(|column| {
            concat(&[column, column, column])
                .unwrap()
                .slice(2, 5)
                .slice(1, 3)
        })
        .collect();
    let bench = bench(&slices);
    let whole = answer(
        &bench,
        "SELECT * FROM mirrored((SELECT * FROM t)) ORDER BY n",
    );
    assert_eq!(whole[..columns.len()], columns);
    for (at, column) in columns.iter().enumerate() {
        let sql = format!("SELECT same(c{at}) FROM t ORDER BY n");
        assert_eq!(
            &answer(&bench, &sql)[0],
            column,
            "{sql}: {}",
            column.data_type()
        );
    }
}

#[test]
fn other_types_are_refused_while_a_query_is_planned() {
    let bytes = FixedSizeBinaryArray::try_from_iter([b"ab", b"cd", b"ef"].iter()).unwrap();
    let item = Arc::new(Field::new("item", DataType::Int8, true));
    let pairs = FixedSizeListArray::new(item, 1, number::<Int8Type>(1, 3), None);
    let runs = RunArray::<Int32Type>::try_new(
        &Int32Array::from(vec![1, 2, 3]),
        &Int8Array::from(vec![1, 2, 3]),
    );
    let half = cast(&number::<Float32Type>(1.0, 3.0), &DataType::Float16).unwrap();
    for column in [
        half,
        number::<Decimal32Type>(1, 3),
        number::<Decimal64Type>(1, 3),
        number::<Decimal256Type>(i256::ONE, i256::ONE),
        Arc::new(bytes),
        Arc::new(pairs),
        Arc::new(runs.unwrap()),
    ] {
        let (named, bench) = (
            column.data_type().to_string(),
            bench(&[Arc::clone(&column)]),
        );
        for sql in ["SELECT same(c0) FROM t", "SELECT kept(c0) FROM t"] {
            let refused = bench.plan(sql).expect_err(&named);
            assert_eq!(refused.code, "query::call", "{sql}: {refused:#?}");
        }
        let refused = bench.plan("SELECT * FROM mirrored((SELECT c0 FROM t))");
        let refused = refused.expect_err(&named);
        assert!(
            refused.message.contains("cannot cross"),
            "{named}: {refused:#?}"
        );
        let rows = table(&[column]);
        let refused = bench.runtime.block_on(write(&rows)).expect_err(&named);
        assert!(refused.contains("cannot cross"), "{named}: {refused}");
    }
}
