//! One SELECT as text: parsed, its names found with their places, its variables replaced.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use datafusion::sql::parser::{DFParserBuilder, Statement as DfStatement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{
    DataType as SqlType, Expr, Function, Ident, ObjectName, Statement, TypedString,
    Value as SqlValue, ValueWithSpan, visit_expressions, visit_expressions_mut, visit_relations,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::depth;
use super::dialect::without_hints;
use super::error::QueryError;
use super::semantics::syntax;
use super::travel::{self, OlderTable, VersionClause};
use super::unparsed::unparsed;
use crate::plan::facts::TableUse;
use crate::project::value::ConfigValue;
use tsugi_core::diagnostic::{Place, nearest};
use tsugi_core::name::{TableName, VarName};

/// The variables a query may name.
pub type Vars = BTreeMap<VarName, ConfigValue>;

/// Calls of the parser inside each other, of which a parenthesis takes several.
const RECURSION_MAX: usize = depth::NESTING_MAX * 5;

#[derive(Debug, Clone)]
pub struct Parsed {
    statement: Statement,
    file: String,
    /// Clauses about older snapshots, which the parser does not know.
    versions: Vec<VersionClause>,
    text: String,
}

impl Parsed {
    /// Parses the text of `file`.
    ///
    /// # Errors
    /// When it is not exactly one query, with the place where parsing stopped.
    pub fn new(file: &str, sql: &str) -> Result<Self, QueryError> {
        let refuse = |message: String, place: Option<Place>, hint: &str| QueryError::Sql {
            message,
            place,
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
        };
        let (blanked, versions) = travel::take_out(file, sql)?;
        let sql = without_hints(blanked.as_deref().unwrap_or(sql));
        let builder = match depth::bounded(file, sql.as_str())? {
            Some(tokens) => DFParserBuilder::new(tokens),
            None => DFParserBuilder::new(sql.as_str()),
        };
        let mut parser = builder
            .with_recursion_limit(RECURSION_MAX)
            .build()
            .map_err(|error| unparsed(file, &sql, &error.strip_backtrace()))?;
        let mut statements = parser
            .parse_statements()
            .map_err(|error| unparsed(file, &sql, &error.strip_backtrace()))?;
        let whole = Some(Place::of_file(file));
        let one = "write one SELECT a file; WITH … AS (…) names the steps before it";
        match (statements.pop_front(), statements.len()) {
            (Some(DfStatement::Statement(statement)), 0) => match *statement {
                Statement::Query(_) => Ok(Self {
                    statement: *statement,
                    file: file.to_owned(),
                    versions,
                    text: sql.to_owned(),
                }),
                other => {
                    let word = other.to_string();
                    let word = word
                        .split_whitespace()
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                    let hint = match is_description(&word) {
                        true => "`tsugi query` answers it; a model or check is one SELECT",
                        false => one,
                    };
                    Err(refuse(format!("`{word}` is not a query"), whole, hint))
                }
            },
            (Some(_), 0) => Err(refuse("this is not a query".into(), whole, one)),
            (None, _) => Err(refuse("there is no SQL".into(), whole, one)),
            (Some(_), more) => Err(refuse(
                format!("there are {} statements", more + 1),
                whole,
                one,
            )),
        }
    }

    /// The SQL without comments, in one layout.
    pub fn canonical(&self) -> String {
        self.statement.to_string()
    }

    /// The tables that it reads from older snapshots.
    ///
    /// # Errors
    /// A clause that follows no table.
    pub fn older_tables(&self) -> Result<Vec<OlderTable>, QueryError> {
        match self.versions.is_empty() {
            true => Ok(Vec::new()),
            false => travel::tables(&self.file, &self.statement, &self.versions),
        }
    }

    /// Reads those tables, in the same order, under the names by which a session knows them.
    pub fn read_older(&mut self, names: &[TableName]) {
        travel::rename(&mut self.statement, &self.versions, names);
    }

    /// The file it is from.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The statement, for planning.
    pub fn statement(&self) -> DfStatement {
        DfStatement::Statement(Box::new(self.statement.clone()))
    }

    /// The text it was parsed from.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A statement as it is planned: what the engine reads otherwise than SQL means is rewritten.
    pub(super) fn meant(&self, mut statement: Statement) -> Statement {
        syntax::rewrite(&mut statement);
        self.name_columns(&mut statement);
        statement
    }

    pub(super) fn sql(&self) -> &Statement {
        &self.statement
    }

    /// The same file with another syntax tree.
    pub(super) fn with_sql(&self, statement: Statement) -> Self {
        Self {
            statement,
            versions: self.versions.clone(),
            text: self.text.clone(),
            file: self.file.clone(),
        }
    }

    pub(super) fn place(&self, span: Span) -> Place {
        let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
        Place {
            file: self.file.clone(),
            line: number(span.start.line),
            column: number(span.start.column),
        }
    }

    /// Every table it names, without its common table expressions and calls of `functions`.
    ///
    /// # Errors
    /// When names cannot be resolved.
    pub fn tables(&self, functions: &BTreeSet<String>) -> Result<Vec<TableUse>, QueryError> {
        let (named, _) =
            resolve_table_references(&self.statement(), true).map_err(QueryError::from_engine)?;
        let named: BTreeSet<String> = named.iter().map(ToString::to_string).collect();
        let mut uses: Vec<TableUse> = Vec::new();
        let _ = visit_relations(&self.statement, |name: &ObjectName| {
            let (table, span) = spelled(name);
            let known = named.contains(&table) && !functions.contains(&table);
            if known && !uses.iter().any(|seen| seen.table == table) {
                uses.push(TableUse {
                    table,
                    place: self.place(span),
                });
            }
            ControlFlow::<()>::Continue(())
        });
        Ok(uses)
    }

    /// Every function it calls, tables of functions included, in lower case.
    pub fn calls(&self) -> BTreeSet<String> {
        let mut calls = BTreeSet::new();
        let _ = visit_expressions(&self.statement, |expr: &Expr| {
            if let Expr::Function(Function { name, .. }) = expr {
                calls.insert(spelled(name).0);
            }
            ControlFlow::<()>::Continue(())
        });
        let _ = visit_relations(&self.statement, |name: &ObjectName| {
            calls.insert(spelled(name).0);
            ControlFlow::<()>::Continue(())
        });
        calls
    }

    /// Replaces every `$name` by its value, and returns the names.
    ///
    /// # Errors
    /// When it names a variable that does not exist.
    pub fn bind(&mut self, vars: &Vars) -> Result<BTreeSet<VarName>, QueryError> {
        let mut used = BTreeSet::new();
        let mut unknown: Option<(String, Span)> = None;
        let _ = visit_expressions_mut(&mut self.statement, |expr: &mut Expr| {
            let Expr::Value(ValueWithSpan {
                value: SqlValue::Placeholder(name),
                span,
            }) = expr
            else {
                return ControlFlow::<()>::Continue(());
            };
            let span = *span;
            let bare = name.trim_start_matches('$').to_owned();
            match vars.iter().find(|(var, _)| var.to_string() == bare) {
                Some((var, value)) => {
                    used.insert(var.clone());
                    *expr = literal(value, span);
                    ControlFlow::Continue(())
                }
                None => {
                    unknown = Some((bare, span));
                    ControlFlow::Break(())
                }
            }
        });
        match unknown {
            None => Ok(used),
            Some((name, span)) => {
                let names: Vec<String> = vars.keys().map(ToString::to_string).collect();
                let hint = match nearest(&name, names.iter().map(String::as_str)).first() {
                    Some(near) => format!("did you mean `${near}`?"),
                    None => format!("add `{name} = …` under [vars] in pipeline.toml"),
                };
                let place = Some(self.place(span));
                let message = format!("there is no variable `${name}`");
                Err(QueryError::Sql {
                    message,
                    place,
                    hint: Some(hint),
                })
            }
        }
    }
}

/// Whether a statement is answered by `tsugi query` and cannot be a model.
fn is_description(first_word: &str) -> bool {
    let words = ["SHOW", "DESCRIBE", "DESC", "EXPLAIN", "SUMMARIZE"];
    words.contains(&first_word.to_uppercase().as_str())
}

/// `schema.table` as DataFusion normalises it, and its place.
pub(super) fn spelled(name: &ObjectName) -> (String, Span) {
    let parts: Vec<&Ident> = name.0.iter().filter_map(|part| part.as_ident()).collect();
    let spelled = parts.iter().map(|ident| match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    });
    let span = parts.first().map_or_else(Span::empty, |ident| ident.span);
    (spelled.collect::<Vec<_>>().join("."), span)
}

fn literal(value: &ConfigValue, span: Span) -> Expr {
    let plain = |value: SqlValue| Expr::Value(ValueWithSpan { value, span });
    match value {
        ConfigValue::Text(text) => plain(SqlValue::SingleQuotedString(text.clone())),
        ConfigValue::Integer(number) => negatable(number.to_string(), span),
        ConfigValue::Float(number) => negatable(format!("{number:e}"), span),
        ConfigValue::Boolean(truth) => plain(SqlValue::Boolean(*truth)),
        ConfigValue::Date(day) => Expr::TypedString(TypedString {
            data_type: SqlType::Date,
            value: ValueWithSpan {
                value: SqlValue::SingleQuotedString(day.to_string()),
                span,
            },
            uses_odbc_syntax: false,
        }),
    }
}

fn negatable(text: String, span: Span) -> Expr {
    use datafusion::sql::sqlparser::ast::UnaryOperator;
    let number = |text: &str| {
        let value = SqlValue::Number(text.to_owned(), false);
        Expr::Value(ValueWithSpan { value, span })
    };
    match text.strip_prefix('-') {
        None => number(&text),
        Some(text) => {
            let negative = Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr: Box::new(number(text)),
            };
            Expr::Nested(Box::new(negative))
        }
    }
}
