//! `FROM a.x AT (VERSION => 3)` and `AT (TIMESTAMP => '2026-03-31')`: tables of older snapshots, as
//! DuckDB writes them. The parser's dialect does not know the clause, so that it is taken out of the
//! text first; its places remain.

use std::ops::ControlFlow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use datafusion::sql::sqlparser::ast::{
    Ident, ObjectName, ObjectNamePart, Statement, TableAlias, TableFactor, VisitMut as _,
    VisitorMut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use super::error::QueryError;
use tsugi_core::diagnostic::Place;
use tsugi_core::name::TableName;

/// Which snapshot a table is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// By its number.
    Snapshot(i64),
    /// The last one that was published until then.
    Moment(DateTime<Utc>),
}

/// One clause, and where it begins.
#[derive(Debug, Clone)]
pub(super) struct VersionClause {
    version: Version,
    location: Location,
    /// Where the word before it ends: the name of its table.
    follows: Option<Location>,
}

/// A table that is read from an older snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OlderTable {
    /// The table as it is written.
    pub table: String,
    pub version: Version,
    pub place: Place,
}

/// Takes the clauses out of a text and leaves blanks. A text that the tokenizer refuses is left for
/// the parser to explain.
///
/// # Errors
/// A clause that names neither a number nor a moment.
pub(super) fn take_out(
    file: &str,
    sql: &str,
) -> Result<(Option<String>, Vec<VersionClause>), QueryError> {
    // Nearly every query: nothing to look for.
    if !sql.contains("=>") {
        return Ok((None, Vec::new()));
    }
    let dialect = GenericDialect {};
    let Ok(tokens) = Tokenizer::new(&dialect, sql).tokenize_with_location() else {
        return Ok((None, Vec::new()));
    };
    let tokens: Vec<TokenWithSpan> = tokens
        .into_iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
        .collect();
    let (mut clauses, mut blanked) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(rest) = tokens.get(at..).filter(|rest| !rest.is_empty()) {
        match clause(file, rest)? {
            Some((version, length)) => {
                let first = rest.first().map(|token| token.span.start);
                let last = rest.get(length - 1).map(|token| token.span.end);
                let before = at.checked_sub(1).and_then(|before| tokens.get(before));
                if let (Some(location), Some(end)) = (first, last) {
                    clauses.push(VersionClause {
                        version,
                        location,
                        follows: before.map(|before| before.span.end),
                    });
                    blanked.push((location, end));
                }
                at += length;
            }
            None => at += 1,
        }
    }
    let text = (!blanked.is_empty()).then(|| blank(sql, &blanked));
    Ok((text, clauses))
}

/// The clause that the tokens begin with, and how many of them it is.
fn clause(file: &str, tokens: &[TokenWithSpan]) -> Result<Option<(Version, usize)>, QueryError> {
    let is_word = |at: usize, word: &str| {
        matches!(tokens.get(at).map(|token| &token.token), Some(Token::Word(found))
            if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
    };
    let is = |at: usize, wanted: &Token| tokens.get(at).is_some_and(|one| one.token == *wanted);
    let kind = match (is_word(2, "version"), is_word(2, "timestamp")) {
        (true, _) => "VERSION",
        (_, true) => "TIMESTAMP",
        _ => return Ok(None),
    };
    if !is_word(0, "at") || !is(1, &Token::LParen) || !is(3, &Token::RArrow) {
        return Ok(None);
    }
    // `TIMESTAMP => TIMESTAMP '…'` and `DATE '…'` are what people write too.
    let value = match is_word(4, "timestamp") || is_word(4, "date") {
        true => 5,
        false => 4,
    };
    let version = match (kind, tokens.get(value).map(|token| &token.token)) {
        ("VERSION", Some(Token::Number(number, _))) => number.parse().ok().map(Version::Snapshot),
        ("TIMESTAMP", Some(Token::SingleQuotedString(text))) => moment(text).map(Version::Moment),
        _ => None,
    };
    match version.filter(|_| is(value + 1, &Token::RParen)) {
        Some(version) => Ok(Some((version, value + 2))),
        None => Err(QueryError::Sql {
            message: "AT names no snapshot".into(),
            place: tokens.first().map(|token| place(file, token.span.start)),
            hint: Some(
                "write AT (VERSION => 3), or AT (TIMESTAMP => '2026-03-31 12:00:00') in UTC".into(),
            ),
        }),
    }
}

/// A moment in UTC where no zone is written; a day is its first moment.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    for zoned in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"] {
        if let Ok(moment) = DateTime::parse_from_str(text, zoned) {
            return Some(moment.with_timezone(&Utc));
        }
    }
    for local in [
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M",
    ] {
        if let Ok(moment) = NaiveDateTime::parse_from_str(text, local) {
            return Some(moment.and_utc());
        }
    }
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

/// The text with blanks from each place to its end.
fn blank(sql: &str, spans: &[(Location, Location)]) -> String {
    let (mut line, mut column) = (1, 1);
    let mut text = String::with_capacity(sql.len());
    for character in sql.chars() {
        let here = (line, column);
        let is_blank = spans
            .iter()
            .any(|(from, to)| (from.line, from.column) <= here && here < (to.line, to.column));
        text.push(if is_blank && character != '\n' {
            ' '
        } else {
            character
        });
        match character {
            '\n' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
    }
    text
}

fn place(file: &str, location: Location) -> Place {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        file: file.to_owned(),
        line: number(location.line),
        column: number(location.column),
    }
}

/// The tables that the clauses follow, in the order of the clauses.
///
/// # Errors
/// A clause that follows no table.
pub(super) fn tables(
    file: &str,
    statement: &Statement,
    clauses: &[VersionClause],
) -> Result<Vec<OlderTable>, QueryError> {
    let mut found = Matches {
        clauses,
        names: vec![None; clauses.len()],
        renamed: &[],
    };
    let _ = statement.clone().visit(&mut found);
    let tables = clauses.iter().zip(found.names).map(|(clause, name)| {
        let place = place(file, clause.location);
        match name {
            Some(table) => Ok(OlderTable {
                table,
                version: clause.version,
                place,
            }),
            None => Err(QueryError::Sql {
                message: "AT follows no table".into(),
                place: Some(place),
                hint: Some("write it after the table: FROM a.x AT (VERSION => 3) AS x".into()),
            }),
        }
    });
    tables.collect()
}

/// Gives each of these tables the name under which the session knows its older rows.
pub(super) fn rename(statement: &mut Statement, clauses: &[VersionClause], names: &[TableName]) {
    let mut renaming = Matches {
        clauses,
        names: vec![None; clauses.len()],
        renamed: names,
    };
    let _ = statement.visit(&mut renaming);
}

/// Walks the tables of a statement beside the clauses: each belongs to the table right before it.
struct Matches<'c> {
    clauses: &'c [VersionClause],
    names: Vec<Option<String>>,
    renamed: &'c [TableName],
}

impl VisitorMut for Matches<'_> {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let TableFactor::Table { name, alias, .. } = factor else {
            return ControlFlow::Continue(());
        };
        let idents: Vec<&Ident> = name.0.iter().filter_map(ObjectNamePart::as_ident).collect();
        let Some(last) = idents.last() else {
            return ControlFlow::Continue(());
        };
        let end = Some(last.span.end);
        let own = self.clauses.iter().position(|clause| clause.follows == end);
        let Some(own) = own else {
            return ControlFlow::Continue(());
        };
        if let Some(known) = self.names.get_mut(own) {
            *known = Some(
                idents
                    .iter()
                    .map(|i| i.value.as_str())
                    .collect::<Vec<_>>()
                    .join("."),
            );
        }
        if let Some(table) = self.renamed.get(own) {
            let shown = last.value.clone();
            alias.get_or_insert_with(|| TableAlias {
                explicit: false,
                name: Ident::with_quote('"', shown),
                columns: Vec::new(),
                at: None,
            });
            *name = ObjectName::from(vec![
                Ident::with_quote('"', table.schema.as_str()),
                Ident::with_quote('"', table.name.as_str()),
            ]);
        }
        ControlFlow::Continue(())
    }
}
