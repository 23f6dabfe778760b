//! A failure of the engine in our words: the one place where its messages are read.

mod planned;
mod read;
#[cfg(test)]
mod tests;

use std::fmt;

use datafusion::arrow::error::ArrowError;
use datafusion::common::DataFusionError;
use datafusion::parquet::errors::ParquetError;

use super::semantics::ComputeError;
use super::site::Site;
use super::types::in_sql;
pub use planned::UnknownName;
pub(super) use planned::{names, planned, unknown_name};
use planned::{refusal, tree};
use read::{arguments, cast, constant, subquery};

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A value has no meaning in the type that it is cast to.
    Cast,
    Division,
    /// A result does not fit its type.
    Overflow,
    /// A constant that a function does not know: a date part, a zone, a pattern.
    Constant,
    /// A subquery that must give one value gave several.
    Rows,
    /// A form of SQL that is not supported.
    Unsupported,
    /// A file that a query reads.
    File,
    /// Everything else.
    Other,
}

/// What the engine could not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub fault: Fault,
    /// One sentence, without any value of a row.
    pub message: String,
    /// The value that it failed at, where the engine quotes one.
    pub value: Option<String>,
    pub hint: Option<String>,
    /// The expression that failed and a row that it fails at.
    pub site: Option<Box<Site>>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(value) = &self.value {
            write!(f, ": {value}")?;
        }
        if let Some(row) = self.site.as_ref().and_then(|site| site.row.as_ref()) {
            write!(f, ", in the row {row}")?;
        }
        Ok(())
    }
}

impl Failure {
    pub(crate) fn new(fault: Fault, message: impl Into<String>) -> Self {
        let hint = match fault {
            Fault::Division => Some("write NULLIF(divisor, 0): the result is null then"),
            Fault::Overflow => Some("cast to a wider type before: CAST(… AS DECIMAL(38, 0))"),
            Fault::Rows => {
                Some("add an aggregate such as max(…), or a condition that leaves one row")
            }
            _ => None,
        };
        Self {
            fault,
            message: message.into(),
            value: None,
            hint: hint.map(str::to_owned),
            site: None,
        }
    }

    fn value(mut self, value: impl Into<String>) -> Self {
        self.value = Some(value.into());
        self
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure without any value of a row.
    #[must_use]
    pub fn without_values(mut self) -> Self {
        self.value = None;
        if let Some(site) = &mut self.site {
            site.row = None;
        }
        self
    }

    /// Reads a failure of the engine.
    pub(super) fn of(error: &DataFusionError) -> Self {
        match root(error) {
            Root::Arrow(error) => of_arrow(error),
            Root::Engine(error) => of_engine(error),
        }
    }
}

impl From<ComputeError> for Failure {
    fn from(error: ComputeError) -> Self {
        let hint = error.hint();
        let failure = match error {
            ComputeError::Overflow {
                expression,
                data_type,
                values,
            } => {
                let message = format!("`{expression}` does not fit {data_type}");
                Self::new(Fault::Overflow, message).value(values)
            }
            ComputeError::Total {
                expression,
                data_type,
            } => Self::new(
                Fault::Overflow,
                format!("`{expression}` does not fit {data_type}"),
            ),
            ComputeError::DivisionByZero { expression, values } => {
                let message = format!("`{expression}` divides by zero");
                Self::new(Fault::Division, message).value(values)
            }
            ComputeError::Zone { zone } => {
                Self::new(Fault::Constant, "there is no such time zone").value(format!("'{zone}'"))
            }
        };
        failure.hint(hint)
    }
}

enum Root<'e> {
    Arrow(&'e ArrowError),
    Engine(&'e DataFusionError),
}

/// The innermost error.
fn root(error: &DataFusionError) -> Root<'_> {
    match error {
        DataFusionError::Context(_, within) | DataFusionError::Diagnostic(_, within) => {
            root(within)
        }
        DataFusionError::Shared(within) => root(within),
        DataFusionError::Collection(errors) => errors.first().map_or(Root::Engine(error), root),
        DataFusionError::ArrowError(within, _) => root_of_arrow(within),
        DataFusionError::ParquetError(within) => match within.as_ref() {
            ParquetError::External(cause) => match cause.downcast_ref::<ArrowError>() {
                Some(within) => root_of_arrow(within),
                None => Root::Engine(error),
            },
            _ => Root::Engine(error),
        },
        DataFusionError::External(within) => {
            if let Some(within) = within.downcast_ref::<DataFusionError>() {
                root(within)
            } else if let Some(within) = within.downcast_ref::<ArrowError>() {
                root_of_arrow(within)
            } else {
                Root::Engine(error)
            }
        }
        other => Root::Engine(other),
    }
}

fn root_of_arrow(error: &ArrowError) -> Root<'_> {
    let ArrowError::ExternalError(within) = error else {
        return Root::Arrow(error);
    };
    match within.downcast_ref::<DataFusionError>() {
        Some(within) => root(within),
        None => Root::Arrow(error),
    }
}

fn of_arrow(error: &ArrowError) -> Failure {
    match error {
        ArrowError::DivideByZero => Failure::new(Fault::Division, "a division by zero"),
        ArrowError::ArithmeticOverflow(text) => {
            let failure = Failure::new(Fault::Overflow, "a result does not fit its type");
            match text.strip_prefix("Overflow happened on: ") {
                Some(operation) => failure.value(operation),
                None => failure,
            }
        }
        ArrowError::IoError(text, _) | ArrowError::ParquetError(text) => {
            Failure::new(Fault::File, format!("a file cannot be read: {text}"))
        }
        ArrowError::CastError(text)
        | ArrowError::ParseError(text)
        | ArrowError::ComputeError(text)
        | ArrowError::InvalidArgumentError(text)
        | ArrowError::NotYetImplemented(text)
        | ArrowError::SchemaError(text) => of_text(text, Fault::Other),
        ArrowError::ExternalError(error) => of_text(&error.to_string(), Fault::Other),
        other => of_text(&other.to_string(), Fault::Other),
    }
}

fn of_engine(error: &DataFusionError) -> Failure {
    match error {
        DataFusionError::Plan(text)
        | DataFusionError::Execution(text)
        | DataFusionError::Configuration(text) => of_text(text, Fault::Other),
        DataFusionError::NotImplemented(text) => of_text(text, Fault::Unsupported),
        DataFusionError::Internal(text) => of_internal(text),
        DataFusionError::IoError(error) => {
            Failure::new(Fault::File, format!("a file cannot be read: {error}"))
        }
        DataFusionError::ObjectStore(error) => {
            Failure::new(Fault::File, format!("a file cannot be read: {error}"))
        }
        DataFusionError::ParquetError(error) => of_text(&error.to_string(), Fault::Other),
        // Names are resolved before: one that is lost later was moved by a rewrite of the engine.
        DataFusionError::SchemaError(..) => nested(),
        DataFusionError::External(error) => of_text(&error.to_string(), Fault::Other),
        other => of_text(&other.strip_backtrace(), Fault::Other),
    }
}

fn nested() -> Failure {
    let message =
        "a subquery that names columns of the query around it has a form that is not supported";
    Failure::new(Fault::Unsupported, message)
        .hint("write it as a JOIN, with a GROUP BY in the subquery where it has an aggregate")
}

fn window() -> Failure {
    let message = "a window function is computed after WHERE, GROUP BY and HAVING";
    Failure::new(Fault::Unsupported, message)
        .hint("write its condition in QUALIFY, or compute it in a step of WITH before")
}

fn of_internal(text: &str) -> Failure {
    if text.contains("ScalarSubqueryExpr evaluated before") {
        return Failure::new(
            Fault::Unsupported,
            "a subquery inside VALUES is not supported",
        )
        .hint("write SELECT … UNION ALL SELECT … instead of VALUES");
    }
    let known = of_text(text, Fault::Unsupported);
    if known.message != clean(text) {
        return known;
    }
    Failure::new(
        Fault::Unsupported,
        "this query has a form that cannot be executed",
    )
    .hint("split it into two models, or write it another way; tell the makers of tsugi the SQL")
}

/// Reads a message of the engine.
fn of_text(text: &str, fault: Fault) -> Failure {
    let within = in_filter(text);
    let text = within.as_deref().unwrap_or(text);
    let text = text
        .trim_start_matches("Internal error: ")
        .trim_start_matches("Execution error: ");
    let found = cast(text)
        .or_else(|| constant(text))
        .or_else(|| subquery(text))
        .or_else(|| tree(text))
        .or_else(|| refusal(text))
        .or_else(|| arguments(text));
    found.unwrap_or_else(|| match text {
        _ if text.contains("Divide by zero") => of_arrow(&ArrowError::DivideByZero),
        _ if is_overflow(text) => Failure::new(Fault::Overflow, "a result does not fit its type"),
        _ => Failure::new(fault, clean(text)),
    })
}

/// What a filter of the reader of Parquet failed with, which it only says as debug text:
/// `Error evaluating filter predicate: ArrowError(CastError("…"), Some(""))`.
fn in_filter(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("Error evaluating filter predicate: ")?;
    let (_, message) = rest.split_once("(\"")?;
    let end = message.find("\")").unwrap_or(message.len());
    let message = message.get(..end)?.replace("\\\"", "\"");
    Some(message.replace("\\\\", "\\"))
}

fn is_overflow(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("overflow") && !lower.contains("stack")
}

/// A message of the engine without what only its makers understand.
fn clean(text: &str) -> String {
    let mut text = text.trim();
    let prefixes = [
        "Error during planning: ",
        "Execution error: ",
        "Internal error: ",
        "Schema error: ",
        "Arrow error: ",
        "Cast error: ",
        "Parser error: ",
        "Compute error: ",
        "Invalid argument error: ",
        "This feature is not implemented: ",
        "External error: ",
        "Optimizer rule 'simplify_expressions' failed",
        "type_coercion",
        "caused by",
        "\n",
    ];
    while let Some(rest) = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix)) {
        text = rest.trim_start();
    }
    let end = ["\n\nThis issue", ".\nThis issue", "\nbacktrace", " { "];
    let end = end.iter().filter_map(|mark| text.find(mark)).min();
    let text = text.get(..end.unwrap_or(text.len())).unwrap_or(text);
    let text = in_sql(text.trim_end_matches(['.', ' ', '\n']));
    match text.is_empty() {
        true => "this query cannot be executed".into(),
        false => text.replace("DataFusion", "the engine"),
    }
}
