//! How large and how deep a query may be, found on its tokens before anything recurses over it.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use super::balance::{balanced, step};
use super::error::QueryError;
use tsugi_core::diagnostic::Place;

/// Tokens of one query: a list of 200,000 values.
const TOKENS_MAX: usize = 500_000;
/// Parentheses, CASEs and brackets inside each other.
pub(super) const NESTING_MAX: usize = 100;
/// Operators after each other without a parenthesis, as in `a + a + …`: each is one level of the
/// expression. ANDs and ORs are balanced and count no more than their logarithm.
const CHAIN_MAX: usize = 500;

/// ANDs and ORs after each other: the engine evaluates a long conjunction one level deeper for each
/// of its conditions, for which the threads of queries have a stack.
const CONDITIONS_MAX: usize = 25_000;

/// What is counted at one level of parentheses.
#[derive(Default)]
struct Level {
    chain: usize,
    conditions: usize,
}

/// The tokens of SQL that planning gets through, with parentheses around the middle of long chains
/// of ANDs and ORs: as they are written, each is one level deeper than the last
/// (apache/datafusion#22936, #8900; open). Nothing for what is no sequence of tokens, which the
/// parser refuses with its place.
///
/// # Errors
/// Names what there is too much of, with its place.
pub(super) fn bounded(file: &str, sql: &str) -> Result<Option<Vec<TokenWithSpan>>, QueryError> {
    let dialect = GenericDialect {};
    let Ok(tokens) = Tokenizer::new(&dialect, sql).tokenize_with_location() else {
        return Ok(None);
    };
    let mut levels = vec![Level::default()];
    let mut count = 0_usize;
    for token in &tokens {
        let at = token.span.start;
        if matches!(token.token, Token::Whitespace(_)) {
            continue;
        }
        count += 1;
        if count > TOKENS_MAX {
            let what = format!("the query has more than {TOKENS_MAX} words and signs");
            return Err(refused(
                file,
                at,
                what,
                "put long lists into a seed and join it",
            ));
        }
        match step(&token.token) {
            1 => levels.push(Level::default()),
            -1 if levels.len() > 1 => {
                levels.pop();
            }
            _ => count_in(levels.last_mut(), &token.token),
        }
        if levels.len() > NESTING_MAX {
            let what =
                format!("more than {NESTING_MAX} parentheses or CASEs are inside each other");
            return Err(refused(
                file,
                at,
                what,
                "name a part of it in WITH … AS (…)",
            ));
        }
        if levels
            .last()
            .is_some_and(|level| level.conditions > CONDITIONS_MAX)
        {
            let what = format!("more than {CONDITIONS_MAX} conditions follow each other");
            let hint = "put the values into a seed and join it, or write IN (…)";
            return Err(refused(file, at, what, hint));
        }
        if levels.last().is_some_and(|level| level.chain > CHAIN_MAX) {
            let what = format!("more than {CHAIN_MAX} operators follow each other");
            let hint =
                "put the operands into rows and aggregate them, or name parts in WITH … AS (…)";
            return Err(refused(file, at, what, hint));
        }
    }
    Ok(Some(balanced(balanced(tokens, Keyword::AND), Keyword::OR)))
}

fn count_in(level: Option<&mut Level>, token: &Token) {
    let Some(level) = level else {
        return;
    };
    match token {
        // A new expression begins.
        Token::Comma | Token::SemiColon => *level = Level::default(),
        Token::Word(word) => match word.keyword {
            Keyword::SELECT
            | Keyword::FROM
            | Keyword::WHERE
            | Keyword::GROUP
            | Keyword::HAVING
            | Keyword::ORDER
            | Keyword::UNION
            | Keyword::ON
            | Keyword::WHEN
            | Keyword::THEN
            | Keyword::ELSE => *level = Level::default(),
            Keyword::AND | Keyword::OR => {
                level.chain = 0;
                level.conditions += 1;
            }
            Keyword::NOT | Keyword::IS | Keyword::LIKE | Keyword::ILIKE | Keyword::COLLATE => {
                level.chain += 1;
            }
            _ => {}
        },
        Token::Plus
        | Token::Minus
        | Token::Mul
        | Token::Div
        | Token::Mod
        | Token::StringConcat
        | Token::Eq
        | Token::DoubleEq
        | Token::Neq
        | Token::Lt
        | Token::Gt
        | Token::LtEq
        | Token::GtEq
        | Token::DoubleColon
        | Token::Ampersand
        | Token::Pipe
        | Token::Caret
        | Token::Tilde
        | Token::ExclamationMark
        | Token::Arrow
        | Token::LongArrow => level.chain += 1,
        _ => {}
    }
}

fn refused(file: &str, at: Location, message: String, hint: &str) -> QueryError {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    QueryError::Sql {
        message,
        place: Some(Place {
            file: file.to_owned(),
            line: number(at.line),
            column: number(at.column),
        }),
        hint: Some(hint.to_owned()),
    }
}
