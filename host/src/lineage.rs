//! `tsugi lineage DIR TABLE`: all that a table is made of, and all that is made of it, as two trees.

use std::collections::BTreeSet;

use super::Ended;
use super::args;
use super::printer::Printer;
use super::ready::{self, Ready};
use tsugi_core::name::TableName;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::{OpenProject, RunError};

/// Which way a tree grows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Reads,
    ReadBy,
}

/// Prints both trees.
pub(crate) fn main(args: &args::TableArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let project = ready::load(&args.project)?;
    ready.run(async {
        let open = ready::open(project, printer, Depth::Types).await?;
        open.kind_of(&args.table)?;
        for (way, title) in [(Way::Reads, "made of"), (Way::ReadBy, "goes into")] {
            let mut tree = Tree {
                open: &open,
                way,
                seen: BTreeSet::new(),
                edges: Vec::new(),
                lines: Vec::new(),
            };
            tree.grow(&args.table.to_string(), "");
            if printer.is_json() {
                let edges = tree.edges;
                printer.object(
                    &serde_json::json!({ "table": args.table, "way": title, "edges": edges }),
                );
                continue;
            }
            printer.data(&format!("{} {title}", args.table));
            match tree.lines.is_empty() {
                true => printer.data("  nothing"),
                false => tree.lines.iter().for_each(|line| printer.data(line)),
            }
        }
        Ok(Ended::Done)
    })
}

/// One tree on its way to lines.
struct Tree<'o> {
    open: &'o OpenProject,
    way: Way,
    /// What has been written with its branches.
    seen: BTreeSet<String>,
    /// Who reads what: the table, and the one beside it.
    edges: Vec<(String, String)>,
    lines: Vec<String>,
}

impl Tree<'_> {
    /// Adds what is beside a table, each with its own below it. What stands further up already is named
    /// once more without them.
    fn grow(&mut self, name: &str, indent: &str) {
        // Checks and deliveries are the ends.
        let Ok(table) = name.parse::<TableName>() else {
            return;
        };
        let beside = self.open.neighbours(&table);
        let beside = match self.way {
            Way::Reads => beside.reads,
            Way::ReadBy => beside.read_by,
        };
        let last = beside.last().cloned();
        for one in beside {
            let is_last = last.as_ref() == Some(&one);
            let (branch, below) = if is_last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            self.edges.push((name.to_owned(), one.clone()));
            let is_new = self.seen.insert(one.clone());
            let again = match is_new || !self.has_more(&one) {
                true => "",
                false => "  (see above)",
            };
            self.lines.push(format!("{indent}{branch}{one}{again}"));
            if is_new {
                self.grow(&one, &format!("{indent}{below}"));
            }
        }
    }

    fn has_more(&self, name: &str) -> bool {
        let beside = name.parse().map(|table| self.open.neighbours(&table));
        beside.is_ok_and(|beside| match self.way {
            Way::Reads => !beside.reads.is_empty(),
            Way::ReadBy => !beside.read_by.is_empty(),
        })
    }
}
