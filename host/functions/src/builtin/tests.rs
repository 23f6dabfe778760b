//! Every function by its answers.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::{SessionConfig, SessionContext};

/// The rows of a query, as a table of text; or its error.
async fn answer(sql: &str) -> Result<String, String> {
    let config = SessionConfig::new().with_target_partitions(2);
    let context = SessionContext::new_with_config(config);
    super::register(&context);
    let planned = context.sql(sql).await.map_err(|error| error.to_string())?;
    let rows = planned
        .collect()
        .await
        .map_err(|error| error.strip_backtrace())?;
    let shown = pretty_format_batches(&rows).unwrap().to_string();
    let mut lines = shown.lines().filter(|line| !line.starts_with('+'));
    lines.next();
    let lines = lines.map(|line| line.replace(' ', "").trim_matches('|').to_owned());
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

#[tokio::test]
async fn days_are_counted_from_the_first_date_to_the_second() {
    for (from, to, days) in [
        ("DATE '2025-02-27'", "DATE '2025-03-01'", "2"),
        ("DATE '2025-03-01'", "DATE '2025-02-27'", "-2"),
        ("TIMESTAMP '2025-01-01T23:59:59'", "DATE '2025-01-02'", "1"),
        (
            "TIMESTAMP '1969-12-31T23:00:00'",
            "TIMESTAMP '1970-01-01T01:00:00'",
            "1",
        ),
        ("NULL", "DATE '2025-01-02'", ""),
        ("DATE '2025-01-02'", "CAST(NULL AS TIMESTAMP)", ""),
    ] {
        let sql = format!("SELECT days_between({from}, {to})");
        assert_eq!(answer(&sql).await.unwrap(), days, "{sql}");
    }
    let rows = "(VALUES (DATE '2025-01-01'), (DATE '2025-01-11'), (NULL)) AS t(day)";
    let sql = format!("SELECT days_between(DATE '2025-01-01', day) AS n FROM {rows} ORDER BY n");
    assert_eq!(answer(&sql).await.unwrap(), "0\n10\n");
    let sql = "SELECT arrow_typeof(days_between(DATE '2025-01-01', DATE '2025-01-01'))";
    assert_eq!(answer(sql).await.unwrap(), "Int32");
    let refused = answer("SELECT days_between('x', DATE '2025-01-02')").await;
    let refused = refused.unwrap_err();
    assert!(refused.contains("days_between takes two"), "{refused}");
}

#[tokio::test]
async fn an_exact_sum_is_the_sum_of_decimals() {
    let rows = "(SELECT value % 7 AS g, CAST(value AS DOUBLE) * 0.1234567 AS x \
                FROM generate_series(1, 20000))";
    let sums = "exact_sum(x) AS ours, CAST(sum(CAST(x AS DECIMAL(20, 6))) AS DOUBLE) AS due";
    for sql in [
        format!("SELECT count(*) FROM (SELECT {sums} FROM {rows}) WHERE ours = due"),
        format!("SELECT count(*) FROM (SELECT g, {sums} FROM {rows} GROUP BY g) WHERE ours = due"),
    ] {
        let groups = if sql.contains("GROUP") { "7" } else { "1" };
        assert_eq!(answer(&sql).await.unwrap(), groups, "{sql}");
    }
}

#[tokio::test]
async fn an_exact_sum_slides_and_filters() {
    let rows = "(VALUES (1, 0.1), (2, 0.2), (3, NULL), (4, 0.3)) AS t(n, x)";
    let window = "OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)";
    let sql = format!("SELECT exact_sum(x) {window} FROM {rows} ORDER BY n");
    assert_eq!(answer(&sql).await.unwrap(), "0.1\n0.3\n0.2\n0.3");
    let sql = format!("SELECT exact_sum(x) FILTER (WHERE n > 1) FROM {rows}");
    assert_eq!(answer(&sql).await.unwrap(), "0.5");
    let sql = format!("SELECT exact_sum(DISTINCT x / x) FROM {rows}");
    assert_eq!(answer(&sql).await.unwrap(), "1.0");
    let sql = format!("SELECT exact_sum(x) FROM {rows} WHERE n > 9");
    assert_eq!(answer(&sql).await.unwrap(), "");
    let sql = format!("SELECT exact_sum(n) FROM {rows}");
    assert_eq!(answer(&sql).await.unwrap(), "10.0");
}

#[tokio::test]
async fn what_does_not_fit_is_an_error() {
    let refused = answer("SELECT exact_sum(x) FROM (VALUES (1e15)) AS t(x)").await;
    let refused = refused.unwrap_err();
    assert!(refused.contains("precision"), "{refused}");
    let refused = answer("SELECT exact_sum('a')").await.unwrap_err();
    assert!(refused.contains("exact_sum takes one number"), "{refused}");
}
