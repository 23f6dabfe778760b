//! A function that does not exist, or not with such arguments: what to write instead.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Statement, TableFactor, Visit as _, Visitor};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::foreign::instead_of;
use super::types::in_sql;
use tsugi_core::diagnostic::{did_you_mean, nearest};

/// What the planner says of a function that it does not know.
const UNKNOWN: [(&str, &str); 3] = [
    ("Invalid function '", "'"),
    ("Invalid function `", "`"),
    ("table function '", "' not found"),
];

const REFUSED: &str = "does not take";

/// A function that the planner does not know, from its message.
pub(super) fn unknown(message: &str) -> Option<&str> {
    UNKNOWN.iter().find_map(|(begin, end)| {
        let (_, rest) = message.split_once(begin)?;
        rest.split_once(end).map(|(name, _)| name)
    })
}

/// What to write instead of a function that does not exist.
pub(super) fn instead(function: &str, known: &BTreeSet<String>) -> String {
    let function = function.to_lowercase();
    if let Some(instead) = instead_of(&function) {
        return format!("write {instead}");
    }
    if known.contains(&function) {
        return "it takes other arguments; pipelines/FUNCTIONS.md shows them".to_owned();
    }
    let near = nearest(&function, known.iter().map(String::as_str));
    let all = "pipelines/FUNCTIONS.md lists the functions of SQL here";
    did_you_mean(&near).unwrap_or_else(|| all.to_owned())
}

/// Where a function is called first.
pub(super) fn place(statement: &Statement, function: &str) -> Option<Span> {
    let mut calls = Calls {
        function,
        found: None,
    };
    let _ = statement.visit(&mut calls);
    calls.found
}

struct Calls<'f> {
    function: &'f str,
    found: Option<Span>,
}

impl Calls<'_> {
    fn look(&mut self, name: &datafusion::sql::sqlparser::ast::ObjectName) -> ControlFlow<()> {
        let first = name.0.first().and_then(|part| part.as_ident());
        match first {
            Some(ident) if ident.value.eq_ignore_ascii_case(self.function) => {
                self.found = Some(ident.span);
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }
}

impl Visitor for Calls<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        match expr {
            Expr::Function(function) => self.look(&function.name),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<()> {
        match table {
            TableFactor::Table {
                name,
                args: Some(_),
                ..
            } => self.look(name),
            _ => ControlFlow::Continue(()),
        }
    }
}

/// The name of two columns of one SELECT, from the planner's message.
pub(super) fn twice(message: &str) -> Option<String> {
    let begins = [
        (
            "unique expression names but the expression \"",
            "\" at position",
        ),
        ("contains duplicate unqualified field name ", "\n"),
        ("contains duplicate qualified field name ", "\n"),
    ];
    let name = begins.iter().find_map(|(begin, end)| {
        let (_, rest) = message.split_once(begin)?;
        rest.split(end).next()
    })?;
    let name = name.trim_matches('"');
    if let Some((_, alias)) = name.rsplit_once(" AS ") {
        return Some(alias.to_owned());
    }
    // The columns of tables are known by their last part.
    let is_plain = !name.contains(['(', ' ', '\'']);
    let last = name.rsplit('.').next().filter(|_| is_plain);
    Some(last.unwrap_or(name).trim_matches('"').to_owned())
}

/// A call whose arguments do not fit, from the planner's message: the function with the types of
/// the arguments, and what it takes.
pub(in crate::query) fn mismatch(message: &str) -> Option<(String, String)> {
    let (_, rest) = message.split_once("No function matches the given name and argument types")?;
    let (call, rest) = rest
        .trim_start()
        .strip_prefix(['\'', '`'])?
        .split_once(")'")
        .or_else(|| {
            rest.trim_start()
                .strip_prefix(['\'', '`'])?
                .split_once(")`")
        })
        .or_else(|| rest.trim_start().strip_prefix(['\'', '`'])?.split_once(')'))?;
    let (name, types) = call.split_once('(')?;
    let several = types.contains(',');
    let of_a_row = match name {
        "max" if several => Some("greatest"),
        "min" if several => Some("least"),
        _ => None,
    };
    if let Some(instead) = of_a_row {
        let row = if instead == "greatest" {
            "largest"
        } else {
            "smallest"
        };
        return Some((
            format!("`{name}` {REFUSED} ({})", in_sql(types)),
            format!(
                "write {instead}(a, b): `{name}` is the {row} value of one column over its rows"
            ),
        ));
    }
    let (_, candidates) = rest.split_once("Candidate functions:")?;
    let candidates: Vec<String> = candidates
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with(name))
        .map(in_sql)
        .map(|line| line.replace("Numeric(1)", "a number"))
        .filter(|line| is_readable(line))
        .collect();
    let takes = match candidates.as_slice() {
        [] => "other arguments; pipelines/FUNCTIONS.md shows them".to_owned(),
        some => some
            .iter()
            .take(4)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" or "),
    };
    Some((
        format!("`{name}` {REFUSED} ({})", in_sql(types)),
        format!("it takes {takes}"),
    ))
}

/// Whether a signature has none of the words that only the makers of the engine know.
fn is_readable(signature: &str) -> bool {
    let theirs = [
        "UserDefined",
        "Coercible",
        "Uniform",
        "Variadic",
        "Exact",
        "Comparable",
        "Any(",
        "OneOf",
        "ArraySignature",
        "Numeric(",
        "String(",
        "Nullary",
        "/",
    ];
    !theirs.iter().any(|word| signature.contains(word))
}

/// The function that a message of [`mismatch`] is about.
pub(super) fn refused(message: &str) -> Option<&str> {
    let (name, rest) = message.strip_prefix('`')?.split_once('`')?;
    rest.trim_start().starts_with(REFUSED).then_some(name)
}
