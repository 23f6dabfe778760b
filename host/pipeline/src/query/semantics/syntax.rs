//! Syntax that the engine reads otherwise than SQL means it, rewritten before it is planned.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    CastKind, CharacterLength, DataType as SqlType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, Ident, ObjectName, Statement, TimezoneInfo,
    TypedString, Value as SqlValue, ValueWithSpan, visit_expressions_mut,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::zone::AT_TIME_ZONE;

/// What cannot be rewritten: a message, the place, a hint.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) message: String,
    pub(crate) span: Span,
    pub(crate) hint: String,
}

/// Rewrites a statement in place.
///
/// # Errors
/// When a literal cannot mean what it says.
pub(crate) fn rewrite(statement: &mut Statement) -> Result<(), Refused> {
    let found = visit_expressions_mut(statement, |expression: &mut Expr| {
        match replaced(expression) {
            Ok(None) => {}
            Ok(Some(other)) => *expression = other,
            Err(refused) => return ControlFlow::Break(refused),
        }
        ControlFlow::Continue(())
    });
    match found {
        ControlFlow::Break(refused) => Err(refused),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// Children are rewritten before; what is returned is not visited again.
fn replaced(expression: &Expr) -> Result<Option<Expr>, Refused> {
    Ok(match expression {
        Expr::AtTimeZone {
            timestamp,
            time_zone,
        } => {
            let arguments = vec![(**timestamp).clone(), (**time_zone).clone()];
            Some(call(AT_TIME_ZONE, arguments))
        }
        // A number with an exponent is a double, one with a point alone a decimal.
        Expr::Value(ValueWithSpan {
            value: SqlValue::Number(text, _),
            span,
        }) if text.contains(['e', 'E']) => {
            let value = SqlValue::SingleQuotedString(text.clone());
            let text = Expr::Value(ValueWithSpan { value, span: *span });
            Some(cast(text, SqlType::DoublePrecision))
        }
        Expr::TypedString(TypedString {
            data_type: SqlType::Timestamp(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone),
            value:
                ValueWithSpan {
                    value: SqlValue::SingleQuotedString(text),
                    span,
                },
            ..
        }) if has_offset(text) => {
            return Err(Refused {
                message: format!("TIMESTAMP '{text}' has an offset, which a TIMESTAMP cannot keep"),
                span: *span,
                hint: format!("write TIMESTAMPTZ '{text}' for the moment, or leave the offset out"),
            });
        }
        Expr::Cast {
            kind,
            expr,
            data_type,
            array: false,
            format: None,
        } => cut(kind, expr, data_type),
        _ => None,
    })
}

/// `CAST(x AS VARCHAR(3))` keeps three characters; the engine's own keeps them all.
fn cut(kind: &CastKind, operand: &Expr, data_type: &SqlType) -> Option<Expr> {
    let length = match data_type {
        SqlType::Varchar(length)
        | SqlType::CharacterVarying(length)
        | SqlType::CharVarying(length)
        | SqlType::Char(length)
        | SqlType::Character(length) => length.as_ref(),
        _ => None,
    };
    let Some(CharacterLength::IntegerLength { length, .. }) = length else {
        return None;
    };
    let text = Expr::Cast {
        kind: kind.clone(),
        expr: Box::new(operand.clone()),
        data_type: SqlType::Text,
        array: false,
        format: None,
    };
    let span = Span::empty();
    let value = SqlValue::Number(length.to_string(), false);
    let length = Expr::Value(ValueWithSpan { value, span });
    Some(call("left", vec![text, length]))
}

/// Whether a timestamp ends in `Z` or an offset of hours.
fn has_offset(text: &str) -> bool {
    let text = text.trim_end();
    let Some((_, time)) = text.split_once(['T', 't', ' ']) else {
        return false;
    };
    time.ends_with(['Z', 'z']) || time.contains(['+', '-'])
}

fn cast(operand: Expr, data_type: SqlType) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(operand),
        data_type,
        array: false,
        format: None,
    }
}

fn call(name: &str, arguments: Vec<Expr>) -> Expr {
    let argument = |argument| FunctionArg::Unnamed(FunctionArgExpr::Expr(argument));
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: arguments.into_iter().map(argument).collect(),
            clauses: vec![],
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: vec![],
    })
}
