//! What of a table in FROM, its alias and its joins the planner would drop.

use datafusion::sql::sqlparser::ast::{
    FunctionArg, Join, JoinConstraint, JoinOperator, Spanned, TableAlias, TableAliasColumnDef,
    TableFactor, TableFunctionArgs, TableWithJoins,
};
use datafusion::sql::sqlparser::tokenizer::Span;

use super::refusal::{Refusal, Verdict, absent};

/// One table in FROM, without the queries in it.
pub(super) fn factor(factor: &TableFactor) -> Verdict {
    let unsupported =
        |words: &str, hint: &str| Err(Refusal::unsupported(words, factor.span(), hint));
    let read = "read it with a plugin, or a function that returns a value";
    match factor {
        TableFactor::Table { .. } => table(factor),
        TableFactor::Derived {
            lateral: _,
            subquery: _,
            alias: name,
            sample,
        } => {
            alias(name.as_ref())?;
            sampled(sample.is_none(), factor.span())
        }
        TableFactor::Function {
            lateral: _,
            name: _,
            args,
            with_ordinality,
            alias: name,
        } => {
            alias(name.as_ref())?;
            ordinality(*with_ordinality, factor.span())?;
            args.iter()
                .try_for_each(|arg| positional(arg, factor.span()))
        }
        TableFactor::UNNEST {
            alias: name,
            array_exprs: _,
            with_offset,
            with_offset_alias,
            with_ordinality,
        } => {
            alias(name.as_ref())?;
            ordinality(*with_ordinality, factor.span())?;
            absent(!*with_offset && with_offset_alias.is_none(), || {
                let hint = "count with row_number() in a step of its own";
                Refusal::unsupported("WITH OFFSET", factor.span(), hint)
            })
        }
        TableFactor::NestedJoin {
            table_with_joins,
            alias: name,
        } => {
            alias(name.as_ref())?;
            joined(table_with_joins)
        }
        TableFactor::Pivot { alias: name, .. } | TableFactor::Unpivot { alias: name, .. } => {
            alias(name.as_ref())
        }
        TableFactor::TableFunction { expr: _, alias: _ } => {
            unsupported("TABLE", "write the function itself after FROM")
        }
        TableFactor::MatchRecognize { .. } => {
            unsupported("MATCH_RECOGNIZE", "compare rows with lag() and lead()")
        }
        TableFactor::JsonTable { .. } => unsupported("JSON_TABLE", read),
        TableFactor::OpenJsonTable { .. } => unsupported("OPENJSON", read),
        TableFactor::XmlTable { .. } => unsupported("XMLTABLE", read),
        TableFactor::SemanticView { .. } => {
            unsupported("SEMANTIC_VIEW", "write the query of the view as a step")
        }
    }
}

fn table(factor: &TableFactor) -> Verdict {
    let TableFactor::Table {
        name,
        alias: given,
        args,
        with_hints,
        version,
        with_ordinality,
        partitions,
        json_path,
        sample,
        index_hints,
    } = factor
    else {
        return Ok(());
    };
    let start = factor.span();
    alias(given.as_ref())?;
    let whole = "remove it: every query reads whole published tables";
    absent(with_hints.is_empty(), || {
        Refusal::ignored("WITH", start, whole)
    })?;
    absent(version.is_none(), || {
        Refusal::ignored("FOR", start, "a query reads the newest tables")
    })?;
    ordinality(*with_ordinality, start)?;
    absent(partitions.is_empty(), || {
        Refusal::ignored("PARTITION", start, "filter with WHERE")
    })?;
    absent(json_path.is_none(), || {
        Refusal::ignored("[", start, "unnest the column in a step of its own")
    })?;
    sampled(sample.is_none(), start)?;
    absent(index_hints.is_empty(), || {
        Refusal::ignored("INDEX", start, "remove it: tables have no indexes")
    })?;
    let Some(TableFunctionArgs { args: _, settings }) = args else {
        return Ok(());
    };
    absent(settings.is_none(), || {
        Refusal::ignored(
            "SETTINGS",
            start,
            "write limits under [limits] in pipeline.toml",
        )
    })?;
    // The planner takes the first part of the name alone.
    absent(name.0.len() == 1, || {
        let message = format!("`{name}` is a table, and takes no arguments");
        Refusal::at(message, start, whole)
    })
}

fn sampled(is_absent: bool, start: Span) -> Verdict {
    absent(is_absent, || {
        Refusal::ignored("TABLESAMPLE", start, "filter by a hash of a key instead")
    })
}

fn ordinality(given: bool, start: Span) -> Verdict {
    absent(!given, || {
        let hint = "count with row_number() in a step of its own";
        Refusal::ignored("WITH ORDINALITY", start, hint)
    })
}

/// The names of arguments after LATERAL are dropped.
fn positional(arg: &FunctionArg, start: Span) -> Verdict {
    match arg {
        FunctionArg::Unnamed(_) => Ok(()),
        FunctionArg::Named {
            name: _,
            arg,
            operator: _,
        } => refuse_named(&arg.to_string(), start),
        FunctionArg::ExprNamed {
            name: _,
            arg,
            operator: _,
        } => refuse_named(&arg.to_string(), start),
    }
}

fn refuse_named(arg: &str, start: Span) -> Verdict {
    let message = "the name of an argument would be ignored".to_owned();
    let hint = format!("write `{arg}` without a name, in the place of the argument");
    Err(Refusal::at(message, start, &hint))
}

/// The name of a table and of its columns.
pub(super) fn alias(alias: Option<&TableAlias>) -> Verdict {
    let Some(TableAlias {
        explicit: _,
        name,
        columns,
        at,
    }) = alias
    else {
        return Ok(());
    };
    absent(at.is_none(), || {
        Refusal::ignored("AT", name.span, "count with row_number()")
    })?;
    columns.iter().try_for_each(|column| {
        let TableAliasColumnDef { name, data_type } = column;
        absent(data_type.is_none(), || {
            let message = format!("the type of `{name}` would be ignored");
            Refusal::at(message, name.span, "write CAST(… AS …) in the SELECT list")
        })
    })
}

/// Tables and how they are joined.
pub(super) fn joined(tables: &TableWithJoins) -> Verdict {
    let TableWithJoins { relation, joins } = tables;
    let mut before = relation.span();
    for one in joins {
        join(one, before)?;
        before = one.relation.span();
    }
    Ok(())
}

fn join(join: &Join, before: Span) -> Verdict {
    let Join {
        relation,
        global,
        join_operator,
    } = join;
    let start = relation.span();
    absent(!*global, || {
        Refusal::ignored("GLOBAL", before, "remove it: one machine runs the query")
    })?;
    let unsupported = |words: &str, hint: &str| Err(Refusal::unsupported(words, before, hint));
    match join_operator {
        JoinOperator::Join(on)
        | JoinOperator::Inner(on)
        | JoinOperator::Left(on)
        | JoinOperator::LeftOuter(on)
        | JoinOperator::Right(on)
        | JoinOperator::RightOuter(on)
        | JoinOperator::FullOuter(on)
        | JoinOperator::LeftSemi(on)
        | JoinOperator::RightSemi(on)
        | JoinOperator::LeftAnti(on)
        | JoinOperator::RightAnti(on) => conditioned(on, start),
        JoinOperator::CrossJoin(JoinConstraint::None) => Ok(()),
        JoinOperator::CrossJoin(
            JoinConstraint::On(_) | JoinConstraint::Using(_) | JoinConstraint::Natural,
        ) => unsupported("CROSS JOIN … ON", "write JOIN … ON"),
        JoinOperator::Semi(_) => unsupported("SEMI JOIN", "write LEFT SEMI JOIN"),
        JoinOperator::Anti(_) => unsupported("ANTI JOIN", "write LEFT ANTI JOIN"),
        JoinOperator::CrossApply => unsupported("CROSS APPLY", "write CROSS JOIN LATERAL"),
        JoinOperator::OuterApply => unsupported("OUTER APPLY", "write LEFT JOIN LATERAL … ON TRUE"),
        JoinOperator::AsOf {
            match_condition: _,
            constraint: _,
        } => unsupported(
            "ASOF JOIN",
            "join by <=, then QUALIFY row_number() OVER (PARTITION BY … ORDER BY … DESC) = 1",
        ),
        JoinOperator::StraightJoin(_) => unsupported("STRAIGHT_JOIN", "write JOIN"),
        JoinOperator::ArrayJoin | JoinOperator::LeftArrayJoin | JoinOperator::InnerArrayJoin => {
            unsupported("ARRAY JOIN", "write unnest(…)")
        }
    }
}

/// A join without a condition would be a product of both tables.
fn conditioned(on: &JoinConstraint, start: Span) -> Verdict {
    match on {
        JoinConstraint::On(_) | JoinConstraint::Using(_) | JoinConstraint::Natural => Ok(()),
        JoinConstraint::None => {
            let message = "this join has no condition".to_owned();
            let hint = "write ON … or USING (…), or CROSS JOIN for every pair of rows";
            Err(Refusal::at(message, start, hint))
        }
    }
}
