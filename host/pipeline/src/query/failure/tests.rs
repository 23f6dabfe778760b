//! Tests of [`super`]: no word of the engine gets through.

use super::*;

fn shown(error: DataFusionError) -> String {
    let failure = Failure::of(&error);
    match failure.hint.as_deref() {
        Some(hint) => format!("{failure} | {hint}"),
        None => failure.to_string(),
    }
}

fn arrow(error: ArrowError) -> DataFusionError {
    DataFusionError::ArrowError(Box::new(error), None)
}

#[test]
fn values_that_do_not_fit_are_named_with_the_type_that_was_meant() {
    for (text, expected) in [
        (
            "Cannot cast string 'x' to value of Int32 type",
            "a text is not an INT: 'x'",
        ),
        (
            "Cannot cast string 'O'Hara' to value of Date32 type",
            "a text is not a DATE: 'O'Hara'",
        ),
        (
            "Cannot cast value 'maybe' to value of Boolean type",
            "a text is not a BOOLEAN: 'maybe'",
        ),
        (
            "Can't cast value 300 to type Int8",
            "a value does not fit into TINYINT: 300",
        ),
        (
            "Cannot cast to Decimal128(5, 2). Overflowing on 123456",
            "a value does not fit into DECIMAL(5, 2): 123456",
        ),
        (
            "123.456 is too large to store in a Decimal128 of precision 5. Max is 99.999",
            "a value does not fit into DECIMAL(5, …): 123.456",
        ),
    ] {
        let shown = shown(arrow(ArrowError::CastError(text.to_owned())));
        assert_eq!(shown.split(" | ").next(), Some(expected));
        assert!(shown.contains("TRY_CAST"), "{shown}");
    }
    let overflow = ArrowError::ArithmeticOverflow("Overflow happened on: 7 * 8".into());
    assert!(shown(arrow(overflow)).starts_with("a result does not fit its type: 7 * 8 | "));
    assert!(
        shown(arrow(ArrowError::DivideByZero)).starts_with("a division by zero | write NULLIF")
    );
}

#[test]
fn errors_are_found_inside_others() {
    let cast = || {
        arrow(ArrowError::CastError(
            "Cannot cast string 'x' to value of Int64 type".into(),
        ))
    };
    let within = [
        cast().context("Optimizer rule 'simplify_expressions' failed"),
        DataFusionError::External(Box::new(cast())),
        arrow(ArrowError::ExternalError(Box::new(cast()))),
        DataFusionError::Shared(std::sync::Arc::new(cast())),
        DataFusionError::Collection(vec![cast(), cast()]),
    ];
    for error in within {
        assert!(shown(error).starts_with("a text is not a BIGINT: 'x'"));
    }
}

#[test]
fn what_the_engine_cannot_do_is_said_with_what_to_write_instead() {
    let tree = "Physical plan does not support logical expression InSubquery(InSubquery { expr: Column(Column { relation: Some(Bare";
    for (error, expected) in [
        (
            DataFusionError::NotImplemented(tree.into()),
            "IN (SELECT …) outside of WHERE is not supported | join the subquery",
        ),
        (
            DataFusionError::NotImplemented("Physical plan does not support logical expression OuterReferenceColumn(Field".into()),
            "a subquery that names columns of the query around it has a form that is not supported | write it as a JOIN",
        ),
        (
            DataFusionError::Internal("ScalarSubqueryExpr evaluated before the subquery was executed.\nThis issue was likely caused by a bug".into()),
            "a subquery inside VALUES is not supported | write SELECT",
        ),
        (
            DataFusionError::Internal("Assertion failed: a tree { of: things }.\nThis issue was likely caused by a bug in DataFusion's code. Please help us to resolve this by filing a bug report".into()),
            "this query has a form that cannot be executed | split it",
        ),
        (
            DataFusionError::Execution("Unsupported date_trunc granularity: 'dya'. Supported values are: year, day".into()),
            "date_trunc does not know the date part: 'dya' | known: year, day",
        ),
        (
            arrow(ArrowError::ParseError("Invalid timezone \"Asia/Tokio\": failed to parse timezone".into())),
            "there is no such time zone: 'Asia/Tokio' | zones are",
        ),
        (
            DataFusionError::Execution("Regular expression did not compile: Syntax(\nregex parse error:\n    (\n    ^\nerror: unclosed group".into()),
            "a regular expression is not valid (unclosed group)",
        ),
        (
            DataFusionError::Plan("Failed to coerce arguments to satisfy a call to 'sum' function: coercion from Utf8 to the signature OneOf([Coercible]) failed".into()),
            "`sum` does not take (VARCHAR)",
        ),
        (
            DataFusionError::Execution("Scalar subquery returned more than one row".into()),
            "a subquery that must give one value gave several rows | add an aggregate",
        ),
    ] {
        let shown = shown(error);
        assert!(shown.starts_with(expected), "{shown}\nis not\n{expected}");
    }
}

#[test]
fn no_word_of_the_engine_is_left_in_what_is_not_known() {
    for error in [
        DataFusionError::Plan(
            "Cannot infer common argument type for comparison operation Utf8 = Int64".into(),
        ),
        DataFusionError::NotImplemented(
            "DataFusion has no such thing: Interval(MonthDayNano)".into(),
        ),
        DataFusionError::Internal("could not downcast to Decimal128(38, 2)".into()),
        DataFusionError::Execution("Execution error: Arrow error: Cast error: odd".into()),
        arrow(ArrowError::ComputeError(
            "Internal Error: Cannot cast to Int64Array".into(),
        )),
        DataFusionError::Plan(String::new()),
    ] {
        let text = shown(error);
        for word in [
            "DataFusion",
            "Arrow",
            "Utf8",
            "Int64 ",
            "MonthDayNano",
            "bug report",
            " { ",
            "Execution error",
            "planning",
        ] {
            assert!(!text.contains(word), "{word}: {text}");
        }
        assert!(!text.is_empty());
    }
}

#[test]
fn without_values_nothing_of_a_row_is_left() {
    let text = "Cannot cast string 'Urschla' to value of Int64 type";
    let failure = Failure::of(&arrow(ArrowError::CastError(text.into()))).without_values();
    assert_eq!(failure.to_string(), "a text is not a BIGINT");
}

#[test]
fn what_a_filter_of_parquet_says_is_read() {
    let text = "Error evaluating filter predicate: ArrowError(CastError(\"Cannot cast string 'Ann \\\"A\\\"' to value of Date32 type\"), Some(\"\"))";
    let error = ParquetError::External(Box::new(ArrowError::ComputeError(text.into())));
    assert!(
        shown(DataFusionError::ParquetError(Box::new(error)))
            .starts_with("a text is not a DATE: 'Ann \"A\"' | ")
    );
}
