//! Words that say how to run a query, not what it is: `AS [NOT] MATERIALIZED (…)`.

use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// The same text with blanks in place of such words, so that every place in it stays.
pub(crate) fn without_hints(sql: &str) -> String {
    let has_word = sql
        .as_bytes()
        .windows("materialized".len())
        .any(|window| window.eq_ignore_ascii_case(b"materialized"));
    let tokens = match has_word {
        true => Tokenizer::new(&GenericDialect {}, sql).tokenize_with_location(),
        false => return sql.to_owned(),
    };
    let Ok(tokens) = tokens else {
        return sql.to_owned();
    };
    let tokens: Vec<_> = tokens
        .into_iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
        .collect();
    let mut blanked = sql.to_owned();
    for (at, _) in tokens.iter().enumerate() {
        let Some(rest) = tokens.get(at..) else { break };
        let words = match rest {
            [one, two, three, ..] if is(one, "as") && is(two, "materialized") && is_open(three) => {
                std::slice::from_ref(two)
            }
            [one, two, three, four, ..]
                if is(one, "as")
                    && is(two, "not")
                    && is(three, "materialized")
                    && is_open(four) =>
            {
                rest.get(1..3).unwrap_or_default()
            }
            _ => continue,
        };
        for word in words {
            blank(&mut blanked, word);
        }
    }
    blanked
}

fn is(token: &TokenWithSpan, word: &str) -> bool {
    matches!(&token.token, Token::Word(found)
        if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
}

fn is_open(token: &TokenWithSpan) -> bool {
    token.token == Token::LParen
}

/// Blanks a word of ASCII at its place; lines and columns are counted from 1, columns in
/// characters.
fn blank(sql: &mut String, word: &TokenWithSpan) {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    let start = word.span.start;
    let line = sql
        .split_inclusive('\n')
        .take(number(start.line).saturating_sub(1));
    let line_start: usize = line.map(str::len).sum();
    let Some(line) = sql.get(line_start..) else {
        return;
    };
    let column = line
        .char_indices()
        .nth(number(start.column).saturating_sub(1));
    let Some((offset, _)) = column else { return };
    let length = word.token.to_string().len();
    let range = line_start + offset..line_start + offset + length;
    if sql.is_char_boundary(range.start) && sql.is_char_boundary(range.end) {
        sql.replace_range(range, &" ".repeat(length));
    }
}
