//! A few plain functions to try a host with: scalars, one aggregate, one table function.
use tsugi_plugin::{
    Aggregate, Batch, Error, Record, Schema, Streamed, TableCall, TableSignature, column, scalar,
};

/// The text in capitals.
#[scalar]
pub fn shout(text: &str) -> String {
    text.to_uppercase()
}

/// One more. Fails the row at the largest number.
#[scalar]
pub fn add_one(n: i64) -> Result<i64, String> {
    n.checked_add(1)
        .ok_or_else(|| format!("{n} is the largest number there is"))
}

/// What [`measure`] finds out about a text.
#[derive(Debug, PartialEq, Record)]
pub struct Measured {
    /// Characters.
    pub characters: i64,
    /// The first word, if there is any.
    pub first: Option<String>,
}

/// Counts the characters of a text and finds its first word.
#[scalar]
pub fn measure(text: &str) -> Measured {
    let characters = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    Measured {
        characters,
        first: text.split_whitespace().next().map(str::to_owned),
    }
}

/// The text cut after so many characters.
#[scalar]
pub fn shorten(text: &str, characters: i64) -> &str {
    let characters = usize::try_from(characters).unwrap_or(0);
    text.char_indices()
        .nth(characters)
        .map_or(text, |(end, _)| &text[..end])
}

/// The text cut after ten characters.
#[scalar(name = "shorten")]
pub fn shorten_to_ten(text: &str) -> &str {
    shorten(text, 10)
}

/// The mean of numbers.
#[derive(Clone, Default, Record)]
pub struct Mean {
    sum: f64,
    count: i64,
}

impl Aggregate for Mean {
    const NAME: &'static str = "plain_mean";
    const DOC: &'static str = "The mean of the numbers of a group.";
    const PARAMS: &'static [&'static str] = &["x"];
    type Args<'a> = (f64,);
    type State = Self;
    type Output = Option<f64>;

    fn update(&mut self, (x,): (f64,)) -> Result<(), Error> {
        self.merge(Self { sum: x, count: 1 })
    }

    fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.sum += other.sum;
        self.count += other.count;
        Ok(())
    }

    fn state(&self) -> Self {
        self.clone()
    }

    fn result(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / self.count as f64)
    }
}

/// `numbered((SELECT word …), from => 100)`: the words with a running number.
pub struct Numbered {
    next: i64,
}

impl Streamed for Numbered {
    fn signature() -> TableSignature {
        TableSignature::new("numbered", "Numbers the words of a relation.")
            .port("words", Schema::new().utf8("word").nullable(), "The words.")
            .option(
                "from",
                tsugi_plugin::DataType::I64,
                "The first number; 1 without it.",
            )
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        Ok(Self {
            next: call.integer("from").unwrap_or(1),
        })
    }

    fn returns(&self) -> Schema {
        Schema::new().i64("number").utf8("word").nullable()
    }

    fn next(&mut self, rows: Batch) -> Result<Option<Batch>, Error> {
        let words = rows.utf8("word")?;
        let numbers = self.next..;
        self.next += i64::try_from(rows.rows()).unwrap_or(i64::MAX);
        let numbers = numbers.take(rows.rows());
        Batch::new([column("number", numbers), column("word", words.iter())]).map(Some)
    }
}

tsugi_plugin::export! {
    manifest: "plugin.toml",
    scalar: [shout, add_one, measure, shorten, shorten_to_ten],
    aggregate: [Mean],
    table: [tsugi_plugin::Stream<Numbered>],
}
