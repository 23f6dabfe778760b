//! Long chains of ANDs and ORs, balanced by parentheses: `a OR (b OR c) OR d` has the value of
//! `a OR b OR c OR d`, and the depth of a tree.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Span, Token, TokenWithSpan};

/// Shorter chains stay as they are written.
const CHAIN_MIN: usize = 64;

/// 1 where a level of parentheses begins, -1 where it ends.
pub(super) fn step(token: &Token) -> i8 {
    match token {
        Token::LParen | Token::LBracket | Token::LBrace => 1,
        Token::RParen | Token::RBracket | Token::RBrace => -1,
        Token::Word(word) if word.keyword == Keyword::CASE => 1,
        Token::Word(word) if word.keyword == Keyword::END => -1,
        _ => 0,
    }
}

/// The same tokens with parentheses around operands in the middle of long chains of `operator`.
pub(super) fn balanced(tokens: Vec<TokenWithSpan>, operator: Keyword) -> Vec<TokenWithSpan> {
    let mut opens = vec![0_u32; tokens.len() + 1];
    let mut closes = vec![0_u32; tokens.len() + 1];
    let mut is_any = false;
    for chain in chains(&tokens, operator) {
        if let [first, .., last] = chain.as_slice()
            && chain.len() >= CHAIN_MIN
        {
            // What is before the first operator and after the last belongs to no parenthesis: only
            // the parser knows where these operands begin and end.
            is_any = true;
            let middle = chain.get(1..chain.len() - 1).unwrap_or_default();
            enclose(first + 1, *last, middle, &mut opens, &mut closes);
        }
    }
    if !is_any {
        return tokens;
    }
    let mut all = Vec::with_capacity(tokens.len() * 2);
    let mark = |token: Token, span: Span| TokenWithSpan { token, span };
    for (at, token) in tokens.into_iter().enumerate() {
        let span = token.span;
        let (closing, opening) = (closes.get(at), opens.get(at));
        (0..*closing.unwrap_or(&0)).for_each(|_| all.push(mark(Token::RParen, span)));
        (0..*opening.unwrap_or(&0)).for_each(|_| all.push(mark(Token::LParen, span)));
        all.push(token);
    }
    all
}

/// Puts a parenthesis around tokens `from..to`, whose operators are at `operators`, and around each
/// half of them.
fn enclose(from: usize, to: usize, operators: &[usize], opens: &mut [u32], closes: &mut [u32]) {
    if operators.is_empty() {
        return;
    }
    if let (Some(open), Some(close)) = (opens.get_mut(from), closes.get_mut(to)) {
        *open += 1;
        *close += 1;
    }
    let (before, rest) = operators.split_at(operators.len() / 2);
    if let Some((middle, after)) = rest.split_first() {
        enclose(from, *middle, before, opens, closes);
        enclose(middle + 1, to, after, opens, closes);
    }
}

/// The positions of the operators of each chain: at one level, without the end of an expression
/// between them.
fn chains(tokens: &[TokenWithSpan], operator: Keyword) -> Vec<Vec<usize>> {
    let mut done = Vec::new();
    let mut levels: Vec<(Vec<usize>, bool)> = vec![(Vec::new(), false)];
    for (at, token) in tokens.iter().enumerate() {
        match step(&token.token) {
            1 => levels.push((Vec::new(), false)),
            -1 => {
                done.extend(levels.pop().map(|(chain, _)| chain));
                if levels.is_empty() {
                    levels.push((Vec::new(), false));
                }
            }
            _ => {
                let Some((chain, is_between)) = levels.last_mut() else {
                    continue;
                };
                match &token.token {
                    Token::Word(word) if word.keyword == Keyword::BETWEEN => *is_between = true,
                    // The AND of a BETWEEN is none of the chain.
                    Token::Word(word) if word.keyword == Keyword::AND && *is_between => {
                        *is_between = false;
                    }
                    Token::Word(word) if word.keyword == operator => chain.push(at),
                    token if ends_an_expression(token, operator) => {
                        done.push(std::mem::take(chain));
                        *is_between = false;
                    }
                    _ => {}
                }
            }
        }
    }
    done.extend(levels.into_iter().map(|(chain, _)| chain));
    done
}

/// Whether no chain goes on behind a token; an OR also ends a chain of ANDs.
fn ends_an_expression(token: &Token, operator: Keyword) -> bool {
    let Token::Word(word) = token else {
        return matches!(token, Token::Comma | Token::SemiColon | Token::Colon);
    };
    match word.keyword {
        Keyword::OR | Keyword::XOR => operator == Keyword::AND,
        Keyword::AND
        | Keyword::NoKeyword
        | Keyword::NOT
        | Keyword::IS
        | Keyword::IN
        | Keyword::LIKE
        | Keyword::ILIKE
        | Keyword::NULL
        | Keyword::TRUE
        | Keyword::FALSE
        | Keyword::BETWEEN
        | Keyword::DATE
        | Keyword::TIMESTAMP => false,
        other => BOUNDARIES.contains(&other),
    }
}

const BOUNDARIES: [Keyword; 26] = [
    Keyword::SELECT,
    Keyword::FROM,
    Keyword::WHERE,
    Keyword::GROUP,
    Keyword::HAVING,
    Keyword::QUALIFY,
    Keyword::WINDOW,
    Keyword::ORDER,
    Keyword::LIMIT,
    Keyword::OFFSET,
    Keyword::FETCH,
    Keyword::UNION,
    Keyword::EXCEPT,
    Keyword::INTERSECT,
    Keyword::VALUES,
    Keyword::ON,
    Keyword::USING,
    Keyword::JOIN,
    Keyword::WHEN,
    Keyword::THEN,
    Keyword::ELSE,
    Keyword::AS,
    Keyword::ASC,
    Keyword::DESC,
    Keyword::WITH,
    Keyword::RETURNING,
];
