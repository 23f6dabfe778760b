//! The arguments of the verbs that look at a project: `ls`, `show`, `lineage`, `plan`, `preview`.

use clap::{Args as ClapArgs, ValueEnum};

use super::{Format, ProjectArgs};
use tsugi_core::name::TableName;
use tsugi_pipeline::run::ItemKind;

/// A kind of thing to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listed {
    /// Tables that sources give
    Source,
    /// Tables of seeds
    Seed,
    /// Models that are published
    Table,
    /// Models that are planned into their readers
    View,
    /// Queries that must return no row
    Check,
    /// What leaves, and through which table
    Delivery,
    /// Functions of plugins
    Function,
    /// Variables with their values
    Variable,
}

impl Listed {
    pub(crate) fn kind(self) -> ItemKind {
        match self {
            Self::Source => ItemKind::Source,
            Self::Seed => ItemKind::Seed,
            Self::Table => ItemKind::Table,
            Self::View => ItemKind::View,
            Self::Check => ItemKind::Check,
            Self::Delivery => ItemKind::Delivery,
            Self::Function => ItemKind::Function,
            Self::Variable => ItemKind::Variable,
        }
    }
}

/// `tsugi ls`.
#[derive(Debug, ClapArgs)]
pub(crate) struct LsArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Only this kind; may be given more than once
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Vec<Listed>,
}

/// `tsugi show` and `tsugi lineage`.
#[derive(Debug, ClapArgs)]
pub(crate) struct TableArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The table or view, as schema.name
    pub table: TableName,
}

/// `tsugi preview`.
#[derive(Debug, ClapArgs)]
pub(crate) struct PreviewArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// A table or view as schema.name, or one SELECT; `-` reads it from standard input
    pub what: String,
    /// How rows are printed
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Print at most so many rows, 0 for all
    #[arg(long, value_name = "ROWS", default_value_t = 20)]
    pub limit: usize,
}
