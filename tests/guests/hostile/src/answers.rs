//! Scalar functions whose answers are not what their signatures say, laid out by hand.
use tsugi_plugin::bindings::imports::tsugi::plugin::types::{Batch, Node};
use tsugi_plugin::scalar::{Arguments, Evaluated, Scalar, Signature, signature};
use tsugi_plugin::{DataType, Error, RowError};

/// The names below as functions of one number that promise a text, or a number.
macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident($sql:literal): $returns:ty, $body:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl Scalar for $name {
            fn signature() -> Signature {
                signature::<$returns>($sql, &[("n", DataType::I64)], "immutable", "")
            }

            fn evaluate(args: &Arguments<'_>) -> Result<Evaluated, Error> {
                let body: fn(usize) -> Result<Evaluated, Error> = $body;
                body(args.rows())
            }
        }
    )*};
}

/// A column of texts from its raw parts.
fn texts(rows: usize, offsets: Vec<i32>, data: Vec<u8>) -> Evaluated {
    let offsets = offsets.into_iter().flat_map(i32::to_le_bytes).collect();
    of(rows, vec![Vec::new(), offsets, data])
}

fn of(rows: usize, buffers: Vec<Vec<u8>>) -> Evaluated {
    let nodes = vec![Node {
        length: rows as u32,
        nulls: 0,
    }];
    Evaluated {
        column: Batch {
            rows: rows as u32,
            nodes,
            buffers,
        },
        failed: Vec::new(),
    }
}

fn numbers(rows: usize) -> Evaluated {
    of(rows, vec![Vec::new(), vec![0; rows * 8]])
}

answers! {
    /// One row fewer than it was given.
    FewRows("few_rows"): i64, |rows| Ok(numbers(rows - 1));
    /// Bytes that are no UTF-8.
    BadText("bad_text"): String, |rows| {
        Ok(texts(rows, (0..=rows as i32).collect(), vec![0xff; rows]))
    };
    /// Numbers where texts were promised.
    WrongType("wrong_type"): String, |rows| Ok(numbers(rows));
    /// Texts that end before they begin.
    FallingOffsets("falling_offsets"): String, |rows| {
        let mut offsets = vec![0; rows + 1];
        offsets[0] = 1;
        Ok(texts(rows, offsets, Vec::new()))
    };
    /// A row that is said to have failed and holds a value.
    FalseFailure("false_failure"): i64, |rows| {
        let failed = vec![RowError { row: 0, code: "x".into(), message: "x".into() }];
        Ok(Evaluated { failed, ..numbers(rows) })
    };
    /// A column without its bytes.
    NoBuffers("no_buffers"): i64, |rows| Ok(of(rows, Vec::new()));
    /// An error of its own for the whole batch.
    WholeBatch("whole_batch"): i64, |_| {
        Err(Error::give_up("out-of-words", "there is nothing to say").detail("ask another plugin"))
    };
}
