//! Rows read by column name: which types a field takes, what may be absent, and what an error names.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::borrow::Cow;

use tsugi_plugin::testing;
use tsugi_plugin::{
    Batch, BatchBuilder, Batches, Collect, Collected, Date, Decimal, Error, Inputs, Names, Record,
    Rest, Row, Schema, TableCall, TableSignature, Timestamp, Value, column, schema_of,
};

#[derive(Debug, PartialEq, Row)]
struct Sale<'a> {
    lot: &'a str,
    units: i64,
    price: f64,
    sold_on: Date,
    #[row(optional)]
    note: Option<Cow<'a, str>>,
}

#[test]
fn numbers_of_any_width_are_read() {
    #[derive(Debug, PartialEq, Row)]
    struct Number {
        whole: i64,
        number: Option<f64>,
    }
    let read = |batch: Batch| batch.read::<Number>().unwrap().next().unwrap().unwrap();
    let expected = Number {
        whole: 7,
        number: Some(7.0),
    };
    macro_rules! widths {
        ($($t:ty),*) => {$(
            let columns = [column("whole", [7 as $t]), column("number", [7 as $t])];
            assert_eq!(read(Batch::new(columns).unwrap()), expected, stringify!($t));
        )*};
    }
    widths!(i8, i16, i32, i64, u8, u16, u32);
    let decimal = Schema::new()
        .i64("whole")
        .decimal("number", 9, 2)
        .nullable();
    let mut rows = BatchBuilder::new(&decimal);
    let seven = Decimal {
        unscaled: 700,
        scale: 2,
    };
    rows.row([Value::Int(7), Value::Decimal(seven)]).unwrap();
    assert_eq!(read(rows.finish().unwrap()), expected);
    for number in [column("number", [7_u64]), column("number", [7_f32])] {
        let columns = [column("whole", [7_i64]), number];
        assert_eq!(read(Batch::new(columns).unwrap()), expected);
    }
    let flags = Batch::new([column("whole", [7_i64]), column("number", [true])]).unwrap();
    assert_eq!(read(flags).number, Some(1.0));
    let null = Batch::new([column("whole", [7_i64]), column("number", [None::<i64>])]).unwrap();
    assert_eq!(read(null).number, None);
}

#[test]
fn any_value_is_read_as_text_and_as_a_value() {
    #[derive(Row)]
    struct Any<'a> {
        text: Cow<'a, str>,
        value: Value<'a>,
        decimal: Option<Decimal>,
        at: Timestamp,
        bytes: &'a [u8],
        list: Vec<String>,
    }
    let schema = Schema::new()
        .date("text")
        .i64("value")
        .nullable()
        .decimal("decimal", 9, 2)
        .timestamp("at")
        .binary("bytes")
        .list("list", tsugi_plugin::DataType::Utf8);
    let mut rows = BatchBuilder::new(&schema);
    let decimal = Decimal {
        unscaled: -5,
        scale: 2,
    };
    rows.row([
        Value::Date(Date::parse("2026-03-31").unwrap()),
        Value::Null,
        Value::Decimal(decimal),
        Value::Timestamp(Timestamp(5)),
        Value::Bytes(b"ab"),
        Value::List(vec![Value::Text("x"), Value::Null]),
    ])
    .unwrap();
    let batch = rows.finish().unwrap();
    let row: Any<'_> = batch.read().unwrap().next().unwrap().unwrap();
    assert_eq!((&*row.text, row.value), ("2026-03-31", Value::Null));
    assert_eq!(row.decimal.unwrap().to_string(), "-0.05");
    assert_eq!((row.at, row.bytes), (Timestamp(5), &b"ab"[..]));
    assert_eq!(row.list, ["x"]);
    let text = Batch::new([column("text", ["as it is"])]).unwrap();
    let values = text.read_column::<Cow<'_, str>>("text").unwrap();
    assert!(matches!(values.get(0), Some(Cow::Borrowed("as it is"))));
}

#[test]
fn columns_may_be_absent_or_have_other_names_where_that_is_said() {
    #[derive(Row)]
    #[row(optional)]
    struct Target<'a> {
        id: &'a str,
        language: Option<&'a str>,
        #[row(name = "cap per day")]
        cap: Option<i64>,
        #[row(rest)]
        others: Rest<'a>,
    }
    let batch = Batch::new([
        column("customer", ["C-1", "C-2"]),
        column("cap per day", [None, Some(3_i16)]),
        column("shoe", ["boot", "slipper"]),
        column("size", [42_i64, 39]),
    ])
    .unwrap();
    let names = Names::new().with("id", "customer");
    let rows: Vec<Target<'_>> = batch
        .read_named(&names)
        .unwrap()
        .collect::<Result<_, Error>>()
        .unwrap();
    let second = &rows[1];
    assert_eq!(
        (second.id, second.language, second.cap),
        ("C-2", None, Some(3))
    );
    let others: Vec<_> = second.others.iter().collect();
    assert_eq!(
        others,
        [("shoe", Value::Text("slipper")), ("size", Value::Int(39))]
    );
    assert_eq!(rows[0].others.value("size"), Value::Int(42));
    assert_eq!(rows[0].others.value("customer"), Value::Null);
    let error = batch.read::<Target<'_>>().map(|_| ()).unwrap_err();
    assert_eq!(error.message, "there is no column `id`");
}

#[derive(Record)]
struct Sold {
    lot: String,
    units: i64,
}

/// Units by lot; a lot without units is a pause of the answer.
struct SoldByLot {
    received: usize,
}

impl Collected for SoldByLot {
    fn signature() -> TableSignature {
        TableSignature::new("sold_by_lot", "Units sold of each lot.")
            .rows::<Sale<'_>>("sales", "Rows of lot, units, price and sold_on.")
            .optional_port("ignored", Schema::new(), "Rows that are not held.")
    }
    fn open(_call: &TableCall) -> Result<Self, Error> {
        Ok(Self { received: 0 })
    }
    fn returns(&self) -> Schema {
        schema_of::<Sold>()
    }
    fn receive(&mut self, port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        self.received += rows.rows();
        Ok((port == 0).then_some(rows))
    }
    fn compute(&mut self, inputs: &Inputs) -> Result<Batches, Error> {
        assert!(inputs.batches(1).is_empty());
        let mut sold: Vec<Option<Sold>> = Vec::new();
        for sale in inputs.read::<Sale<'_>>(0)? {
            let Sale { lot, units, .. } = sale?;
            let lot = lot.to_owned();
            sold.push((units > 0).then_some(Sold { lot, units }));
        }
        let units = self.received as i64;
        let lot = "all rows".to_owned();
        sold.push(Some(Sold { lot, units }));
        Ok(Batches::steps(2, sold))
    }
}

fn sales() -> [(tsugi_plugin::Field, tsugi_plugin::Array); 4] {
    let day = Date::parse("2026-03-31").unwrap();
    [
        column("lot", ["a", "b", "c", "d"]),
        column("units", [1_i64, 0, 2, 3]),
        column("price", [1.5; 4]),
        column("sold_on", [day; 4]),
    ]
}

#[test]
fn a_collected_function_reads_as_rows_come_and_answers_in_steps() {
    let run = testing::table::<Collect<SoldByLot>>().input("sales", Batch::new(sales()).unwrap());
    let answer = run.run().unwrap();
    let lots: Vec<_> = answer.utf8("lot").unwrap().iter().flatten().collect();
    assert_eq!(lots, ["a", "c", "d", "all rows"]);
    let words = Batch::new([column("word", ["x"])]).unwrap();
    let answer = run.input("ignored", words).run().unwrap();
    assert_eq!(answer.i64("units").unwrap().get(3), Some(5));
}

#[test]
fn errors_name_port_column_and_both_types_before_any_row_is_read() {
    let planned = |columns: Vec<(tsugi_plugin::Field, tsugi_plugin::Array)>| {
        testing::table::<Collect<SoldByLot>>()
            .input("sales", Batch::new(columns).unwrap())
            .returns()
            .unwrap_err()
    };
    let mut columns = sales().to_vec();
    columns[1] = column("units", ["many"; 4]);
    let error = planned(columns);
    assert_eq!(error.code, "wrong-type");
    assert_eq!(
        error.message,
        "port `sales`: column `units` is VARCHAR, expected a whole number up to BIGINT"
    );
    let error = planned(sales()[..2].to_vec());
    assert_eq!(error.code, "missing-column");
    assert_eq!(error.message, "port `sales`: there is no column `price`");
    assert_eq!(error.detail.as_deref(), Some("the columns are: lot, units"));

    let mut columns = sales().to_vec();
    columns[0] = column("lot", [Some("a"), None, None, None]);
    let error = testing::table::<Collect<SoldByLot>>()
        .input("sales", Batch::new(columns).unwrap())
        .run_cut(9)
        .unwrap_err();
    assert_eq!(
        error.message,
        "port `sales`: column `lot` is null in row 2 of a batch"
    );
}
