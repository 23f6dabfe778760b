//! Syntax that the engine reads otherwise than SQL means it, rewritten before it is planned.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    CastKind, CharacterLength, DataType as SqlType, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentList, FunctionArguments, Ident, ObjectName, Statement, Value as SqlValue,
    ValueWithSpan, visit_expressions_mut,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::zone::AT_TIME_ZONE;

/// Rewrites a statement in place.
pub(crate) fn rewrite(statement: &mut Statement) {
    let _ = visit_expressions_mut(statement, |expression: &mut Expr| {
        if let Some(other) = replaced(expression) {
            *expression = other;
        }
        ControlFlow::<()>::Continue(())
    });
}

/// Children are rewritten before; what is returned is not visited again.
fn replaced(expression: &Expr) -> Option<Expr> {
    match expression {
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
        Expr::Cast {
            kind,
            expr,
            data_type,
            array: false,
            format: None,
        } => cut(kind, expr, data_type),
        _ => None,
    }
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
