//! Named windows, written out where they are used.
//!
//! The planner finds them in the SELECT list alone, and drops the name of a window that another one
//! begins with: `OVER (w ORDER BY x)` would be planned as `OVER (ORDER BY x)`.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, NamedWindowDefinition, NamedWindowExpr, Query, Select, SetExpr, VisitMut,
    VisitorMut, WindowSpec, WindowType,
};

use super::super::refusal::{Refusal, Verdict};
use super::normal;

type Windows = BTreeMap<String, WindowSpec>;

/// Writes the windows of every SELECT of a query out.
pub(super) fn write_out(query: &mut Query) -> Verdict {
    let Query { body, order_by, .. } = query;
    if let SetExpr::Select(select) = body.as_mut() {
        let windows = definitions(select)?;
        run(&mut **select, &windows)?;
        return run(order_by, &windows);
    }
    in_body(body)
}

fn in_body(body: &mut SetExpr) -> Verdict {
    match body {
        SetExpr::Select(select) => {
            let windows = definitions(select)?;
            run(&mut **select, &windows)
        }
        SetExpr::SetOperation { left, right, .. } => {
            in_body(left)?;
            in_body(right)
        }
        _ => Ok(()),
    }
}

/// The windows that a SELECT names, each without reference to another; none remains in it.
fn definitions(select: &mut Select) -> Result<Windows, Refusal> {
    let mut windows = Windows::new();
    for NamedWindowDefinition(name, expr) in select.named_window.drain(..) {
        let spec = match expr {
            NamedWindowExpr::NamedWindow(other) => find(&windows, &other)?.clone(),
            NamedWindowExpr::WindowSpec(spec) => complete(spec, &windows)?,
        };
        if windows.insert(normal(&name), spec).is_some() {
            let message = format!("the window `{name}` is named twice");
            return Err(Refusal::at(message, name.span, "choose another name"));
        }
    }
    Ok(windows)
}

fn find<'w>(windows: &'w Windows, name: &Ident) -> Result<&'w WindowSpec, Refusal> {
    windows.get(&normal(name)).ok_or_else(|| {
        let message = format!("there is no window `{name}`");
        Refusal::at(message, name.span, "name it: WINDOW … AS (…)")
    })
}

/// A window with the one it begins with: that one partitions, and may order; the frame is its own.
fn complete(spec: WindowSpec, windows: &Windows) -> Result<WindowSpec, Refusal> {
    let Some(name) = &spec.window_name else {
        return Ok(spec);
    };
    let base = find(windows, name)?;
    let clash = |what: &str| {
        let message = format!("the window `{name}` has its own {what}");
        Err(Refusal::at(message, name.span, "write the whole window"))
    };
    if !spec.partition_by.is_empty() {
        return clash("PARTITION BY");
    }
    if !spec.order_by.is_empty() && !base.order_by.is_empty() {
        return clash("ORDER BY");
    }
    if base.window_frame.is_some() {
        return clash("frame");
    }
    Ok(WindowSpec {
        window_name: None,
        partition_by: base.partition_by.clone(),
        order_by: if spec.order_by.is_empty() {
            base.order_by.clone()
        } else {
            spec.order_by
        },
        window_frame: spec.window_frame,
    })
}

fn run(node: &mut impl VisitMut, windows: &Windows) -> Verdict {
    match node.visit(&mut Writer { windows, depth: 0 }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(refusal) => Err(refusal),
    }
}

/// Writes windows into the calls of one SELECT; queries inside have windows of their own.
struct Writer<'w> {
    windows: &'w Windows,
    depth: usize,
}

impl VisitorMut for Writer<'_> {
    type Break = Refusal;

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<Refusal> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<Refusal> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<Refusal> {
        let Expr::Function(call) = expression else {
            return ControlFlow::Continue(());
        };
        if self.depth > 0 {
            return ControlFlow::Continue(());
        }
        let spec = match call.over.take() {
            None => return ControlFlow::Continue(()),
            Some(WindowType::NamedWindow(name)) => find(self.windows, &name).cloned(),
            Some(WindowType::WindowSpec(spec)) => complete(spec, self.windows),
        };
        match spec {
            Ok(spec) => {
                call.over = Some(WindowType::WindowSpec(spec));
                ControlFlow::Continue(())
            }
            Err(refusal) => ControlFlow::Break(refusal),
        }
    }
}
