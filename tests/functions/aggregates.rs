//! Aggregate functions: the same answer however the rows are spread, when memory is short, and
//! in windows; what is refused until it is built.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{Array, AsArray, Float64Array, Int64Array, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type};
use datafusion::arrow;
use datafusion::physical_plan::{ExecutionPlan, displayable};
use tsugi_pipeline::query::Settings;
use tsugi_sandbox::{Granted, PluginLimits};

use super::bench::{Answer, Bench, plugin};
use crate::support::scratch;

const PARTITIONS: usize = 8;
const BATCH: i64 = 8192;

fn bench(partitions: usize, memory_max_bytes: usize, groups: i64, rows: i64) -> Bench {
    let limits = PluginLimits::default();
    limited(partitions, memory_max_bytes, limits, groups, rows)
}

fn limited(
    partitions: usize,
    memory_max_bytes: usize,
    limits: PluginLimits,
    groups: i64,
    rows: i64,
) -> Bench {
    let spill_folder = Some(scratch("spill"));
    let settings = Settings {
        memory_max_bytes,
        partitions,
        spill_folder,
    };
    let load = |folder| plugin(folder, limits.clone(), Granted::default());
    let plugins = [load("tests/guests/minimal"), load("plugins/correlation")];
    let bench = Bench::with(&settings, &plugins);
    let mut parts: Vec<Vec<RecordBatch>> = vec![Vec::new(); PARTITIONS];
    let starts = (0..rows).step_by(BATCH as usize);
    for (at, from) in starts.enumerate() {
        let numbers = from..(from + BATCH).min(rows);
        parts[at % PARTITIONS].push(batch(numbers, groups));
    }
    bench.put("main.t", parts);
    bench
}

/// Numbers spread by a fixed rule; one x in seven is null.
fn batch(numbers: std::ops::Range<i64>, groups: i64) -> RecordBatch {
    let mixed = |i: i64| i.wrapping_mul(2_654_435_761).rem_euclid(1_000_003);
    let k: Int64Array = numbers.clone().map(|i| Some(mixed(i) % groups)).collect();
    let x: Float64Array = numbers
        .clone()
        .map(|i| (i % 7 != 3).then(|| mixed(i + 1) as f64 / 7.0 - 5e4))
        .collect();
    let hits: Int64Array = numbers
        .clone()
        .map(|i| Some(i64::from(mixed(i) % 11 == 0)))
        .collect();
    let n: Int64Array = numbers.map(|i| Some(mixed(i) % 5)).collect();
    let columns: [(&str, arrow::array::ArrayRef); 4] = [
        ("k", Arc::new(k)),
        ("x", Arc::new(x)),
        ("hits", Arc::new(hits)),
        ("n", Arc::new(n)),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// By key: whole numbers, and floats.
type Groups = BTreeMap<i64, (Vec<Option<i64>>, Vec<Option<f64>>)>;

/// The first column is the key.
fn groups(answer: &Answer) -> Groups {
    let mut groups = Groups::new();
    for batch in &answer.batches {
        for row in 0..batch.num_rows() {
            let (mut whole, mut floats) = (Vec::new(), Vec::new());
            for column in &batch.columns()[1..] {
                let there = column.is_valid(row);
                if let Some(column) = column.as_primitive_opt::<Int64Type>() {
                    whole.push(there.then(|| column.value(row)));
                } else {
                    let column = column.as_primitive::<Float64Type>();
                    floats.push(there.then(|| column.value(row)));
                }
            }
            let key = batch.column(0).as_primitive::<Int64Type>().value(row);
            assert!(
                groups.insert(key, (whole, floats)).is_none(),
                "group {key} came twice"
            );
        }
    }
    groups
}

#[track_caller]
fn same(left: &Groups, right: &Groups) {
    assert_eq!(
        left.keys().collect::<Vec<_>>(),
        right.keys().collect::<Vec<_>>()
    );
    for ((key, (whole, floats)), (whole_right, floats_right)) in left.iter().zip(right.values()) {
        assert_eq!(whole, whole_right, "group {key}");
        assert_eq!(floats.len(), floats_right.len(), "group {key}");
        for (a, b) in floats.iter().zip(floats_right) {
            let near = match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
                (a, b) => a.is_none() && b.is_none(),
            };
            assert!(near, "group {key}: {a:?} and {b:?}");
        }
    }
}

/// How often a plan spilled.
fn spills(plan: &Arc<dyn ExecutionPlan>) -> usize {
    let here = plan
        .metrics()
        .and_then(|metrics| metrics.spill_count())
        .unwrap_or(0);
    here + plan.children().into_iter().map(spills).sum::<usize>()
}

/// Every aggregate of the correlation plugin, each with all that it answers.
const CALLS: &str = "plain_mean(x) AS m, count(*) AS c, event_rate(hits, n) AS e, proportion(hits, hits + n) AS s, \
     proportion(x > 0) AS f, rate_ratio(hits, n, x > 0) AS r, mantel_haenszel(hits, n, n % 2, n + 1) AS h";
const FIELDS: &str = "e['events'] AS a, s['hits'] AS b, s['n'] AS d, f['hits'] AS g, f['n'] AS i, c, m, e['exposure'] AS j, \
     e['rate'] AS l, e['low'] AS o, e['high'] AS q, s['share'] AS t, s['low'] AS u, s['high'] AS v, f['share'] AS w, \
     f['low'] AS y, f['high'] AS z, r['ratio'] AS aa, r['low'] AS ab, r['high'] AS ac, r['p'] AS ad, h['ratio'] AS ae, \
     h['low'] AS af, h['high'] AS ag, h['p'] AS ah";

/// All of them for each group, or for all rows as one.
fn every_aggregate(grouped: bool) -> String {
    let (key, by) = if grouped {
        ("k", "GROUP BY k")
    } else {
        ("CAST(0 AS BIGINT) AS k", "")
    };
    format!("SELECT k, {FIELDS} FROM (SELECT {key}, {CALLS} FROM t {by})")
}

#[test]
fn one_partition_and_eight_give_the_same() {
    let (groups_of, rows) = (4_999, 200_000);
    let ask = |partitions| {
        bench(partitions, 1 << 30, groups_of, rows)
            .ask(&every_aggregate(true))
            .unwrap()
    };
    let (one, eight) = (ask(1), ask(8));
    let shown = displayable(eight.plan.as_ref()).indent(false).to_string();
    assert!(
        shown.contains("mode=Partial") && shown.contains("mode=FinalPartitioned"),
        "{shown}"
    );
    assert_eq!(groups(&one).len(), groups_of as usize);
    same(&groups(&one), &groups(&eight));

    // SQL's own aggregates are the judge of ours.
    let own = "SELECT k, avg(x) AS m, sum(hits) AS events, count(*) AS c FROM t GROUP BY k";
    let ours = "SELECT k, plain_mean(x) AS m, CAST(event_rate(hits, n)['events'] AS BIGINT) AS events, \
                count(*) AS c FROM t GROUP BY k";
    let judged = bench(8, 1 << 30, groups_of, rows);
    same(
        &groups(&judged.ask(own).unwrap()),
        &groups(&judged.ask(ours).unwrap()),
    );

    let of = |partitions| {
        groups(
            &bench(partitions, 1 << 30, groups_of, rows)
                .ask(&every_aggregate(false))
                .unwrap(),
        )
    };
    let (one, other) = (of(1), of(3));
    same(&one, &of(8));
    same(&one, &other);
    let answered = one[&0].1.iter().filter(|float| float.is_some());
    assert_eq!(
        answered.count(),
        one[&0].1.len(),
        "nothing is null: {one:?}"
    );
}

#[test]
fn memory_that_is_short_makes_it_spill_and_changes_nothing() {
    let (groups_of, rows) = (400_000, 900_000);
    let sql = "SELECT k, m, c, h['ratio'] AS ratio, h['p'] AS p FROM (SELECT k, plain_mean(x) AS m, count(*) AS c, \
               mantel_haenszel(hits, n, n % 2, n + 1) AS h FROM t GROUP BY k)";
    let wide = bench(2, 2 << 30, groups_of, rows).ask(sql).unwrap();
    assert_eq!(spills(&wide.plan), 0);
    let short = bench(2, 24 << 20, groups_of, rows).ask(sql).unwrap();
    println!("spilled {} times under 24 MiB", spills(&short.plan));
    assert!(spills(&short.plan) > 0);
    same(&groups(&wide), &groups(&short));
}

/// Memory of the pool does not run out, that of one instance would.
#[test]
fn an_instance_that_fills_makes_it_spill_and_changes_nothing() {
    let (groups_of, rows) = (400_000, 900_000);
    let sql = "SELECT k, r['ratio'] AS ratio, r['p'] AS p, c FROM (SELECT k, count(*) AS c, rate_ratio(hits, n, x > 0) AS r FROM t GROUP BY k)";
    let wide = bench(2, 2 << 30, groups_of, rows).ask(sql).unwrap();
    assert_eq!(spills(&wide.plan), 0);
    let small = PluginLimits {
        memory_max_bytes: 24 << 20,
        ..PluginLimits::default()
    };
    let short = limited(2, 2 << 30, small, groups_of, rows)
        .ask(sql)
        .unwrap();
    println!("spilled {} times in 24 MiB each", spills(&short.plan));
    assert!(spills(&short.plan) > 0);
    same(&groups(&wide), &groups(&short));
}

/// More than one call may return.
#[test]
fn groups_leave_in_as_many_calls_as_it_takes() {
    let settings = Settings {
        memory_max_bytes: 2 << 30,
        partitions: 2,
        spill_folder: None,
    };
    let kernels = plugin(
        "tests/guests/kernels",
        PluginLimits::default(),
        Granted::default(),
    );
    let bench = Bench::with(&settings, &[kernels]);
    bench.put("main.t", vec![vec![batch(0..40_000, 1_000_003)]]);
    let long = "SELECT longest(repeat('x', 1700) || k) AS text, k FROM t GROUP BY k";
    let rows = bench.lines(&format!(
        "SELECT count(*), sum(character_length(text)), bool_and(starts_with(text, 'xx') AND ends_with(text, CAST(k AS VARCHAR))) FROM ({long})"
    ));
    let plain = bench.lines(
        "SELECT count(*), sum(1700 + character_length(CAST(k AS VARCHAR))), true FROM (SELECT DISTINCT k FROM t)",
    );
    assert_eq!(rows, plain);
}

#[test]
fn a_join_without_an_equality_that_does_not_fit_says_so_and_never_answers_wrongly() {
    let left = "(SELECT k, repeat('x', 100) || k AS wide, count(*) AS c FROM t GROUP BY k)";
    for join in ["JOIN", "LEFT JOIN"] {
        let sql = format!(
            "SELECT count(l.wide) AS all, count(r.n) AS met FROM {left} AS l {join} (SELECT DISTINCT n FROM t) AS r ON l.c < r.n"
        );
        let wide = bench(2, 2 << 30, 400_000, 900_000);
        let equal = "SELECT count(*) FROM (SELECT k, count(*) AS c FROM t GROUP BY k) AS l, (SELECT DISTINCT n FROM t) AS r WHERE l.c < r.n";
        let answered = wide.ask(&sql).unwrap().lines();
        assert!(answered[0].ends_with(&wide.lines(equal)[0]), "{answered:?}");
        let refused = bench(2, 24 << 20, 400_000, 900_000).refused(&sql);
        assert_eq!(refused.code, "query::memory", "{refused:?}");
        assert!(
            refused.message.contains("with `=` in its ON"),
            "{refused:?}"
        );
    }
}

#[test]
fn a_filter_leaves_rows_out_and_a_group_without_rows_has_a_value() {
    let bench = bench(2, 1 << 30, 3, 1_000);
    let ours = "SELECT k, plain_mean(x) FILTER (WHERE n > 2) AS m, plain_mean(x) FILTER (WHERE n > 99) AS none \
                FROM t GROUP BY k";
    let own = "SELECT k, avg(x) FILTER (WHERE n > 2) AS m, avg(x) FILTER (WHERE n > 99) AS none FROM t GROUP BY k";
    same(
        &groups(&bench.ask(ours).unwrap()),
        &groups(&bench.ask(own).unwrap()),
    );
    assert_eq!(
        bench.lines("SELECT plain_mean(x) FROM t WHERE n > 99"),
        [""]
    );
    assert_eq!(
        bench.lines("SELECT k, plain_mean(x) FROM t WHERE n > 99 GROUP BY k"),
        [""; 0]
    );
}

#[test]
fn growing_window_frames_are_right() {
    let bench = bench(2, 1 << 30, 3, 40);
    for frame in [
        "ORDER BY x, n ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
        "PARTITION BY k ORDER BY x, n",
        "PARTITION BY k",
        "ORDER BY x, n ROWS BETWEEN UNBOUNDED PRECEDING AND 2 FOLLOWING",
    ] {
        let ask = |function: &str| {
            let sql = format!(
                "SELECT CAST(row_number() OVER (ORDER BY x, n, k) AS BIGINT) AS row, {function}(x) OVER ({frame}) AS m FROM t"
            );
            groups(&bench.ask(&sql).unwrap())
        };
        same(&ask("plain_mean"), &ask("avg"));
    }
}

#[test]
fn what_is_not_built_is_refused_while_it_is_planned() {
    let bench = bench(2, 1 << 30, 3, 40);
    let cases = [
        ("SELECT plain_mean(DISTINCT x) FROM t", "DISTINCT"),
        (
            "SELECT k, plain_mean(DISTINCT x), sum(n) FROM t GROUP BY k",
            "DISTINCT",
        ),
        (
            "SELECT plain_mean(x ORDER BY n) FROM t",
            "ORDER BY inside the call",
        ),
        ("SELECT plain_mean(x) IGNORE NULLS FROM t", "IGNORE NULLS"),
        (
            "SELECT plain_mean(x) IGNORE NULLS OVER (ORDER BY n) FROM t",
            "IGNORE NULLS",
        ),
        (
            "SELECT plain_mean(DISTINCT x) OVER (ORDER BY n) FROM t",
            "DISTINCT",
        ),
        (
            "SELECT plain_mean(x) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
            "a sliding window frame",
        ),
        (
            "SELECT * FROM (SELECT plain_mean(x) OVER (ORDER BY n ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS m FROM t) \
             WHERE m > 0",
            "a sliding window frame",
        ),
    ];
    for (sql, what) in cases {
        let refused = bench.plan(sql).unwrap_err();
        let message = format!("{what} is not supported yet for the plugin function `plain_mean`");
        assert_eq!(
            (refused.code, refused.message),
            ("query::unsupported", message),
            "{sql}"
        );
    }
}
