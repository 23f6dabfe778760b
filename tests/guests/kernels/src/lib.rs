//! Plain functions in every role, to measure the boundary with.

mod kernels;

use tsugi_plugin::{
    Aggregate, Batch, Error, ReadRequest, Receipt, Record, Schema, Sink, SinkHost, Source,
    SourceHost, Step, StreamInfo, Streamed, TableCall, TableSignature, Text, WriteRequest, column,
    scalar,
};

/// One more.
#[scalar]
pub fn add_one(n: i64) -> i64 {
    kernels::add_one(n)
}

/// A score of a text.
#[scalar]
pub fn weigh(text: &str) -> f64 {
    kernels::weigh(text)
}

/// The text in capitals.
#[scalar]
pub fn shout(text: &str) -> String {
    kernels::shout(text)
}

/// The text in capitals, written into the column.
#[scalar]
pub fn shout_written(text: &str, to: &mut Text) {
    to.push_str(text);
    kernels::raise(to.written());
}

/// What [`measure`] finds out about a text.
#[derive(Debug, PartialEq, Record)]
pub struct Measured {
    /// Bytes.
    pub bytes: i64,
    /// The first word.
    pub first: String,
}

/// The bytes of a text and its first word.
#[scalar]
pub fn measure(text: &str) -> Measured {
    let (bytes, first) = kernels::measure(text);
    Measured {
        bytes,
        first: first.to_owned(),
    }
}

/// The sum of numbers.
#[derive(Clone, Default, Record)]
pub struct Sum {
    sum: i64,
}

impl Aggregate for Sum {
    const NAME: &'static str = "plain_sum";
    const DOC: &'static str = "The sum of the numbers of a group.";
    const PARAMS: &'static [&'static str] = &["n"];
    type Args<'a> = (i64,);
    type State = Self;
    type Output = i64;

    fn update(&mut self, (n,): (i64,)) -> Result<(), Error> {
        self.sum = self.sum.wrapping_add(n);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.update((other.sum,))
    }

    fn state(&self) -> Self {
        self.clone()
    }

    fn result(&self) -> i64 {
        self.sum
    }
}

/// `added((SELECT n …))`: the numbers, each one more.
pub struct Added;

impl Streamed for Added {
    fn signature() -> TableSignature {
        let rows = Schema::new().i64("n").nullable();
        TableSignature::new("added", "Numbers, each one more.").port("rows", rows, "The numbers.")
    }

    fn open(_call: &TableCall) -> Result<Self, Error> {
        Ok(Self)
    }

    fn returns(&self) -> Schema {
        Schema::new().i64("n").nullable()
    }

    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error> {
        let numbers = rows.i64("n")?;
        Batch::new([column("n", numbers.iter().map(|n| n.map(kernels::add_one)))]).map(Some)
    }
}

/// One stream of numbers without an end, as many a step as the host takes at most.
pub struct Numbers {
    rows: i64,
    next: i64,
}

fn numbers() -> Schema {
    Schema::new().i64("n")
}

impl Source for Numbers {
    fn discover(_config: &str, _host: &SourceHost) -> Result<Vec<StreamInfo>, Error> {
        Ok(vec![StreamInfo::new(
            "numbers",
            numbers(),
            "Numbers without an end.",
        )])
    }

    fn open(_config: &str, request: ReadRequest, _host: SourceHost) -> Result<Self, Error> {
        Ok(Self {
            rows: i64::from(request.max_rows),
            next: 0,
        })
    }

    fn returns(&self) -> Schema {
        numbers()
    }

    fn next(&mut self) -> Result<Step, Error> {
        let from = self.next;
        self.next += self.rows;
        Ok(Step::rows(Batch::new([column("n", from..self.next)])?))
    }
}

/// Takes every row and keeps none.
pub struct Taking;

impl Sink for Taking {
    fn open(_config: &str, _request: WriteRequest, _host: SinkHost) -> Result<Self, Error> {
        Ok(Self)
    }

    fn write(&mut self, _sequence: u32, rows: &Batch) -> Result<Receipt, Error> {
        let numbers = rows.i64("n")?;
        let sum = numbers.iter().flatten().fold(0_i64, i64::wrapping_add);
        Ok(Receipt::accepted(
            rows.rows(),
            if sum == i64::MIN { "least" } else { "" },
        ))
    }

    fn commit(&mut self) -> Result<Receipt, Error> {
        Ok(Receipt::accepted(0, "done"))
    }

    fn abort(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

tsugi_plugin::export! {
    manifest: "plugin.toml",
    scalar: [add_one, weigh, shout, shout_written, measure],
    aggregate: [Sum],
    table: [tsugi_plugin::Stream<Added>],
    source: Numbers,
    sink: Taking,
}
