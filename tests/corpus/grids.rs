//! Statements that are products of a few words: every comparison with every quantifier, every
//! join with every condition, every window function in every frame.

use super::statement::Statement;

/// Every statement of every grid.
pub(super) fn statements() -> Vec<Statement> {
    let grids = [
        ("quantifiers", quantifiers()),
        ("memberships", memberships()),
        ("joins", joins()),
        ("sets", sets()),
        ("frames", frames()),
    ];
    let mut all = Vec::new();
    for (grid, statements) in grids {
        for (number, sql) in statements.into_iter().enumerate() {
            all.push(Statement {
                place: format!("grid of {grid}, number {number}"),
                sql,
                duckdb: None,
                is_error: false,
            });
        }
    }
    all
}

fn quantifiers() -> Vec<String> {
    let mut all = Vec::new();
    for op in ["=", "<>", "<", "<=", ">", ">="] {
        for quantifier in ["ANY", "ALL"] {
            for inner in [
                "SELECT id FROM c.few",
                "SELECT id FROM c.few_null",
                "SELECT id FROM c.none",
                "SELECT id FROM c.three",
                "SELECT v FROM c.scores AS s WHERE s.id >= three.id",
            ] {
                let sql = format!("SELECT id FROM c.three WHERE id {op} {quantifier} ({inner})");
                all.push(sql);
            }
        }
    }
    all
}

fn memberships() -> Vec<String> {
    let mut all = Vec::new();
    for left in ["o.id", "3", "CAST(NULL AS INT)"] {
        for op in ["IN", "NOT IN"] {
            for inner in [
                "SELECT id FROM c.few",
                "SELECT id FROM c.few_null",
                "SELECT id FROM c.none",
                "SELECT i.id FROM c.gaps_b AS i WHERE i.z = o.z",
                "SELECT i.id FROM c.gaps_b AS i WHERE i.z > o.z",
            ] {
                let member = format!("{left} {op} ({inner})");
                for filter in [
                    member.clone(),
                    format!("NOT ({member})"),
                    format!("{member} OR o.z = 40"),
                    format!("({member}) IS NULL"),
                ] {
                    all.push(format!(
                        "SELECT o.id, o.z FROM c.gaps_a AS o WHERE {filter}"
                    ));
                }
            }
        }
    }
    all
}

fn joins() -> Vec<String> {
    let mut all = Vec::new();
    for kind in ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"] {
        for on in [
            "o.k = n.k",
            "o.k > n.k",
            "o.k = n.k AND o.x > 20",
            "o.k = n.k AND n.y < 300",
            "o.k = n.k OR o.x = 10",
            "false",
        ] {
            all.push(format!(
                "SELECT o.k, o.x, n.k AS nk, n.y FROM c.old_keys AS o {kind} c.new_keys AS n ON {on}"
            ));
        }
        for columns in ["k", "*", "k, x, y", "count(*) AS n, min(k) AS k"] {
            let tables = format!("c.old_keys {kind} c.new_keys USING (k)");
            all.push(format!("SELECT {columns} FROM {tables}"));
            all.push(format!(
                "SELECT {columns} FROM c.old_keys NATURAL {kind} c.new_keys"
            ));
        }
        let tables = format!("c.old_keys {kind} c.new_keys USING (k)");
        all.push(format!("SELECT x, y FROM {tables} WHERE k >= 3"));
        all.push(format!("SELECT k, count(*) AS n FROM {tables} GROUP BY k"));
        all.push(format!("SELECT k + 1 AS k FROM {tables} ORDER BY k"));
    }
    all
}

fn sets() -> Vec<String> {
    let mut all = Vec::new();
    for op in ["UNION", "EXCEPT", "INTERSECT"] {
        for every in ["", " ALL"] {
            for (left, right) in [("c.bag_a", "c.bag_b"), ("c.bag_b", "c.bag_a")] {
                all.push(format!(
                    "SELECT a FROM {left} {op}{every} SELECT a FROM {right}"
                ));
            }
            all.push(format!(
                "SELECT a FROM c.bag_a {op}{every} SELECT id FROM c.none"
            ));
            all.push(format!(
                "SELECT g, v FROM c.scores {op}{every} SELECT g, v FROM c.scores WHERE id IN (1, 4)"
            ));
        }
    }
    all
}

fn frames() -> Vec<String> {
    let mut all = Vec::new();
    for function in [
        "sum(v)",
        "count(*)",
        "min(v)",
        "first_value(id)",
        "last_value(id)",
    ] {
        for frame in [
            "ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
            "ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
            "ORDER BY id ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING",
            "ORDER BY id RANGE BETWEEN 2 PRECEDING AND CURRENT ROW",
            "ORDER BY g, id",
            "PARTITION BY g ORDER BY id DESC",
            "PARTITION BY g ORDER BY id GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
        ] {
            all.push(format!(
                "SELECT id, {function} OVER ({frame}) AS r FROM c.steps ORDER BY id"
            ));
        }
    }
    all
}
