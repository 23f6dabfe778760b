//! Random queries over `c.many`, `c.lookup` and `c.sixty`: filters, joins, groups, windows, sets,
//! subqueries. A seed gives the same queries on every machine.

use fastrand::Rng;

use super::statement::Statement;

/// `count` queries of a seed.
pub(super) fn statements(seed: u64, count: usize) -> Vec<Statement> {
    let mut source = Source(Rng::with_seed(seed));
    (0..count)
        .map(|number| Statement {
            place: format!("random query {number} of seed {seed}"),
            sql: source.query(),
            duckdb: None,
            is_error: false,
        })
        .collect()
}

struct Source(Rng);

const ORDERS: [&str; 8] = [
    "id",
    "a, id",
    "x DESC NULLS LAST, id",
    "b NULLS FIRST, id",
    "y DESC, id",
    "s, id",
    "d DESC, id",
    "m, id DESC",
];
const BETWEEN: [&str; 3] = ["<", ">", "="];

impl Source {
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.0.usize(..of.len())]
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.0.u32(..limit)
    }

    fn column(&mut self) -> &'static str {
        self.one(&["id", "a", "b", "x", "y", "m"])
    }

    fn comparison(&mut self) -> &'static str {
        self.one(&["<", ">", "<=", ">=", "=", "<>"])
    }

    /// A condition on one row of `c.many`, whose columns are named with `t` before them.
    fn condition(&mut self, t: &str, depth: u32) -> String {
        let op = self.comparison();
        match self.below(18) {
            0 => format!("{t}id {op} {}", self.below(300_000)),
            1 => format!("{t}a {op} {}", self.below(1000)),
            2 => format!("{t}b {op} {}", self.below(97)),
            3 => format!("{t}b IS {}NULL", self.one(&["", "NOT "])),
            4 => format!(
                "{t}x {op} {}",
                self.one(&["-10", "0", "0.5", "12.25", "70"])
            ),
            5 => format!(
                "{t}y {op} {}",
                self.one(&["0", "1", "1249.5", "600.25", "5000", "-1"])
            ),
            6 => format!(
                "{t}s {op} '{}'",
                self.one(&["い", "k", "", "lot4", "lot", "m"])
            ),
            7 => format!(
                "{t}s LIKE '{}'",
                self.one(&["lot%", "%4", "%t1%", "_", "い", "k%"])
            ),
            8 => format!("{t}s {}IN ('k', 'い', 'lot9')", self.one(&["", "NOT "])),
            9 => format!("{t}d {op} DATE '2023-0{}-15'", 1 + self.below(9)),
            10 => format!("{t}b IN ({}, {}, NULL)", self.below(97), self.below(97)),
            11 => {
                let (from, to) = (self.below(200_000), self.below(300_000));
                format!("{t}id {}BETWEEN {from} AND {to}", self.one(&["", "NOT "]))
            }
            12 => format!("coalesce({t}b, -1) {op} {}", self.below(97)),
            13 => format!("{t}m {op} {}.5", self.below(900)),
            14 => format!("({t}b % 3 = {}) IS NOT TRUE", self.below(3)),
            15 => format!(
                "CASE WHEN {t}b > 50 THEN {t}x ELSE {t}y END {op} {}",
                self.below(90)
            ),
            16 if depth < 2 => format!("NOT ({})", self.condition(t, depth + 1)),
            17 if depth < 2 => {
                let (left, right) = (self.condition(t, depth + 1), self.condition(t, depth + 1));
                format!("({left} {} {right})", self.one(&["AND", "OR"]))
            }
            _ => format!("{t}early"),
        }
    }

    fn query(&mut self) -> String {
        match self.below(18) {
            0 | 1 => self.top(),
            2 | 3 => self.totals(),
            4 | 5 => self.groups(),
            6 | 7 => self.join(),
            8 | 9 => self.subquery(),
            10 => self.window_over_many(),
            11 => self.window_over_few(),
            12 => self.scalar_subquery(),
            13 => self.set(),
            14 => self.steps(),
            15 => self.pieces(),
            16 => self.distinct(),
            _ => self.nested(),
        }
    }

    fn top(&mut self) -> String {
        let (column, filter) = (self.column(), self.condition("", 0));
        let order = self.one(&ORDERS);
        let (limit, offset) = (1 + self.below(20), self.one(&["0", "3", "17"]));
        format!(
            "SELECT id, {column} AS z FROM c.many WHERE {filter} ORDER BY {order} \
             LIMIT {limit} OFFSET {offset}"
        )
    }

    fn totals(&mut self) -> String {
        let (a, b, filter) = (self.column(), self.column(), self.condition("", 0));
        format!(
            "SELECT count(*) AS n, count({a}) AS c, sum({a}) AS s, min({b}) AS lo, max({b}) AS hi, \
             count(DISTINCT s) AS ds FROM c.many WHERE {filter}"
        )
    }

    fn groups(&mut self) -> String {
        let key = self.one(&["a % 7", "b % 5", "s", "early", "extract(year FROM d)"]);
        let (column, filter) = (self.column(), self.condition("", 0));
        let having = match self.below(3) {
            0 => format!(" HAVING count(*) > {}", self.below(9000)),
            _ => String::new(),
        };
        format!(
            "SELECT {key} AS g, count(*) AS n, sum(b) AS sb, count(DISTINCT a) AS da, \
             max({column}) AS hi FROM c.many WHERE {filter} GROUP BY 1{having} \
             ORDER BY 1 NULLS LAST"
        )
    }

    fn join(&mut self) -> String {
        let kind = self.one(&["JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN"]);
        let on = self.one(&["", " AND d.k > 50", " AND q.a > 500", " AND q.x < d.k"]);
        let filter = self.one(&[
            "true",
            "d.k IS NULL",
            "d.k > 10 OR d.k IS NULL",
            "q.id IS NOT NULL",
            "q.a < 300",
            "coalesce(d.k, 0) < 40",
            "q.b IS DISTINCT FROM d.k",
        ]);
        format!(
            "SELECT count(*) AS n, sum(q.id) AS s, count(d.n) AS c, max(d.n) AS m \
             FROM c.many AS q {kind} c.lookup AS d ON q.b = d.b{on} WHERE {filter}"
        )
    }

    fn subquery(&mut self) -> String {
        let filter = self.condition("q.", 0);
        let head = "SELECT count(*) AS n, sum(q.id) AS s FROM c.many AS q WHERE";
        let not = self.one(&["", "NOT "]);
        match self.below(3) {
            0 => {
                let inner = self.one(&[
                    "d.b IS NOT NULL",
                    "d.k < 50",
                    "true",
                    "d.k % 2 = 0 AND d.b IS NOT NULL",
                    "false",
                ]);
                format!(
                    "{head} {filter} AND q.b {not}IN (SELECT d.b FROM c.lookup AS d WHERE {inner})"
                )
            }
            1 => {
                let (op, k) = (self.one(&BETWEEN), self.below(100));
                let inner = format!("SELECT 1 FROM c.lookup AS d WHERE d.b = q.b AND d.k {op} {k}");
                format!("{head} {not}EXISTS ({inner}) AND {filter}")
            }
            _ => {
                let (op, k) = (self.comparison(), self.below(120));
                let quantifier = self.one(&["ANY", "ALL"]);
                let inner = format!("SELECT d.b FROM c.lookup AS d WHERE d.k > {k}");
                format!("{head} {filter} AND q.b {op} {quantifier} ({inner})")
            }
        }
    }

    fn window_over_many(&mut self) -> String {
        let (filter, order) = (self.condition("", 0), self.one(&ORDERS));
        let most = 1 + self.below(3);
        format!(
            "SELECT id, row_number() OVER (PARTITION BY a % 3 ORDER BY {order}) AS r \
             FROM c.many WHERE {filter} QUALIFY r <= {most} ORDER BY id"
        )
    }

    fn window_over_few(&mut self) -> String {
        let from = self.one(&["2 PRECEDING", "UNBOUNDED PRECEDING", "1 PRECEDING"]);
        let to = self.one(&["CURRENT ROW", "1 FOLLOWING", "UNBOUNDED FOLLOWING"]);
        let value = self.one(&["lag(v)", "lead(v, 2)", "first_value(v)", "last_value(v)"]);
        format!(
            "SELECT id, sum(v) OVER (PARTITION BY g ORDER BY id ROWS BETWEEN {from} AND {to}) AS w, \
             rank() OVER (ORDER BY v NULLS LAST) AS r, {value} OVER (PARTITION BY g ORDER BY id) AS f, \
             count(v) OVER (ORDER BY id RANGE BETWEEN 3 PRECEDING AND CURRENT ROW) AS c \
             FROM c.sixty ORDER BY id"
        )
    }

    fn scalar_subquery(&mut self) -> String {
        let value = self.one(&[
            "count(*)",
            "sum(v)",
            "max(s.id)",
            "coalesce(sum(v), 0)",
            "avg(v)",
        ]);
        let more = self.one(&["", " AND s.v > 2", " AND s.v IS NULL"]);
        format!(
            "SELECT d.k, (SELECT {value} FROM c.sixty AS s WHERE s.g = d.k % 12{more}) AS z \
             FROM c.lookup AS d ORDER BY d.k LIMIT 40"
        )
    }

    fn set(&mut self) -> String {
        let (filter, op) = (
            self.condition("", 0),
            self.one(&[
                "UNION",
                "UNION ALL",
                "EXCEPT",
                "INTERSECT",
                "EXCEPT ALL",
                "INTERSECT ALL",
            ]),
        );
        format!(
            "SELECT count(*) AS n, sum(b) AS s FROM \
             (SELECT b FROM c.many WHERE {filter} {op} SELECT b FROM c.lookup) AS z"
        )
    }

    fn steps(&mut self) -> String {
        let (filter, more) = (self.condition("", 0), self.one(&["0", "100", "3000"]));
        format!(
            "WITH g AS (SELECT a % 10 AS g, count(*) AS n, sum(x) AS sx FROM c.many \
             WHERE {filter} GROUP BY 1) SELECT h.g, h.n, h.sx, l.n AS name FROM g AS h \
             LEFT JOIN c.lookup AS l ON l.k = h.g WHERE h.n > {more} ORDER BY h.g"
        )
    }

    fn pieces(&mut self) -> String {
        let expression = self.one(&[
            "coalesce(b, a)",
            "nullif(a, 7)",
            "CASE WHEN x > 0 THEN 'up' WHEN x <= 0 THEN 'down' END",
            "upper(s)",
            "length(s)",
            "substr(s, 2)",
            "extract(month FROM d)",
            "abs(x)",
            "round(x, 1)",
            "m * 3",
            "m + b",
            "greatest(a, b)",
            "s || '-' || a",
            "a & 12",
        ]);
        let filter = self.condition("", 0);
        format!(
            "SELECT {expression} AS e, count(*) AS n, min(id) AS i FROM c.many WHERE {filter} \
             GROUP BY 1 ORDER BY 2 DESC, 3 LIMIT 12"
        )
    }

    fn distinct(&mut self) -> String {
        let (key, filter) = (
            self.one(&["b", "s", "a % 3", "early"]),
            self.condition("", 0),
        );
        let limit = self.one(&["3", "10"]);
        format!(
            "SELECT DISTINCT {key} AS g FROM c.many WHERE {filter} ORDER BY 1 NULLS LAST LIMIT {limit}"
        )
    }

    fn nested(&mut self) -> String {
        let (inner, outer) = (self.condition("", 1), self.condition("q.", 1));
        let order = self.one(&ORDERS);
        format!(
            "SELECT count(*) AS n, sum(q.a) AS s FROM (SELECT * FROM c.many WHERE {inner} \
             ORDER BY {order} LIMIT 500) AS q WHERE {outer}"
        )
    }
}
