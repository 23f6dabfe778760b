//! Plain functions in every role, to measure the boundary with.

mod kernels;

use tsugi_plugin::{
    Aggregate, Batch, DataType, Error, ReadRequest, Receipt, Record, Schema, Sink, SinkHost,
    Source, SourceHost, Step, StreamInfo, Streamed, TableCall, TableSignature, TextWriter, WriteRequest,
    column, scalar,
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
pub fn shout_written(text: &str, to: &mut TextWriter) {
    to.push_str(text);
    kernels::raise(to.written());
}

/// What [`measure`] finds out about a text.
#[derive(Debug, PartialEq, Record)]
pub struct Measured<'a> {
    /// Bytes.
    pub bytes: i64,
    /// The first word.
    pub first: &'a str,
}

/// The bytes of a text and its first word.
#[scalar]
pub fn measure(text: &str) -> Measured<'_> {
    let (bytes, first) = kernels::measure(text);
    Measured { bytes, first }
}

/// Aggregates whose groups keep one value each, which is state and answer alike.
macro_rules! aggregates {
    ($($name:ident $sql:literal: $arg:ty => $kept:ty, $take:expr, $merge:expr;)*) => {$(
        #[doc = concat!("`", $sql, "`: see the kernel.")]
        #[derive(Clone, Default, Record)]
        pub struct $name {
            kept: $kept,
        }

        impl Aggregate for $name {
            const NAME: &'static str = $sql;
            const PARAMS: &'static [&'static str] = &["x"];
            type Args<'a> = ($arg,);
            type State = Self;
            type Output = $kept;

            fn update(&mut self, (x,): Self::Args<'_>) -> Result<(), Error> {
                $take(&mut self.kept, x);
                Ok(())
            }

            fn merge(&mut self, other: Self) -> Result<(), Error> {
                $merge(&mut self.kept, other.kept);
                Ok(())
            }

            fn state(&self) -> Self {
                self.clone()
            }

            fn result(&self) -> $kept {
                self.kept.clone()
            }
        }
    )*};
}
aggregates! {
    Sum "plain_sum": i64 => i64, kernels::add, kernels::add;
    Weight "plain_weight": &'a str => f64, kernels::add_weight, |sum: &mut f64, n: f64| *sum += n;
    Longest "longest": &'a str => String, kernels::keep_longest,
        |kept: &mut String, other: String| kernels::keep_longest(kept, &other);
}

/// `worked((SELECT x …), kernel => 'weigh')`: a kernel over the rows of a relation.
pub struct Worked {
    kernel: String,
}

impl Streamed for Worked {
    fn signature() -> TableSignature {
        TableSignature::new("worked", "A kernel over the rows of a relation.")
            .port("rows", Schema::new(), "One column, `x`.")
            .required_option("kernel", DataType::Utf8, "The name of a scalar function.")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let kernel = call.text("kernel").unwrap_or_default().to_owned();
        Ok(Self { kernel })
    }

    fn returns(&self) -> Schema {
        let x = Schema::new();
        match self.kernel.as_str() {
            "add_one" => x.i64("x").nullable(),
            "weigh" => x.f64("x").nullable(),
            "measure" => x.i64("bytes").nullable().utf8("first").nullable(),
            _ => x.utf8("x").nullable(),
        }
    }

    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error> {
        if self.kernel == "add_one" {
            let numbers = rows.i64("x")?.iter();
            return Batch::new([column("x", numbers.map(|n| n.map(kernels::add_one)))]).map(Some);
        }
        let texts = || Ok::<_, Error>(rows.utf8("x")?.iter());
        let columns = match self.kernel.as_str() {
            "weigh" => vec![column("x", texts()?.map(|text| text.map(kernels::weigh)))],
            "measure" => {
                let measured = || Ok::<_, Error>(texts()?.map(|text| text.map(kernels::measure)));
                let bytes = measured()?.map(|both| both.map(|(bytes, _)| bytes));
                let first = measured()?.map(|both| both.map(|(_, first)| first));
                vec![column("bytes", bytes), column("first", first)]
            }
            _ => vec![column("x", texts()?.map(|text| text.map(kernels::shout)))],
        };
        Batch::new(columns).map(Some)
    }
}

/// Streams without an end, as many rows a step as the host takes at most.
pub struct Endless {
    stream: String,
    rows: i64,
    next: i64,
}

/// Numbers, words, and both.
const STREAMS: [&str; 3] = ["numbers", "words", "both"];

fn columns(stream: &str) -> Schema {
    match stream {
        "numbers" => Schema::new().i64("n"),
        "words" => Schema::new().utf8("word"),
        _ => Schema::new().i64("n").utf8("word"),
    }
}

impl Source for Endless {
    fn discover(_config: &str, _host: &SourceHost) -> Result<Vec<StreamInfo>, Error> {
        let stream = |name| StreamInfo::new(name, columns(name), "Rows without an end.");
        Ok(STREAMS.map(stream).into())
    }

    fn open(_config: &str, request: ReadRequest, _host: SourceHost) -> Result<Self, Error> {
        Ok(Self {
            stream: request.stream,
            rows: i64::from(request.max_rows),
            next: 0,
        })
    }

    fn returns(&self) -> Schema {
        columns(&self.stream)
    }

    fn next(&mut self) -> Result<Step, Error> {
        let from = self.next;
        self.next += self.rows;
        let numbers = || column("n", from..from + self.rows);
        let words = || column("word", (from..from + self.rows).map(kernels::word));
        let columns = match self.stream.as_str() {
            "numbers" => vec![numbers()],
            "words" => vec![words()],
            _ => vec![numbers(), words()],
        };
        Ok(Step::rows(Batch::new(columns)?))
    }
}

/// Takes every row and keeps none.
pub struct Taking;

impl Sink for Taking {
    fn open(_config: &str, _request: WriteRequest, _host: SinkHost) -> Result<Self, Error> {
        Ok(Self)
    }

    fn write(&mut self, _sequence: u32, rows: &Batch) -> Result<Receipt, Error> {
        let mut sum = 0_i64;
        for column in rows.columns() {
            match column.data_type() {
                DataType::I64 => {
                    let numbers = column.i64()?;
                    numbers
                        .iter()
                        .flatten()
                        .for_each(|n| kernels::add(&mut sum, n));
                }
                _ => {
                    let texts = column.utf8()?;
                    texts
                        .iter()
                        .flatten()
                        .for_each(|text| sum += text.len() as i64);
                }
            }
        }
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
    aggregate: [Sum, Weight, Longest],
    table: [tsugi_plugin::Stream<Worked>],
    source: Endless,
    sink: Taking,
}
