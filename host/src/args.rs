//! The arguments of the command line, as clap parses and explains them.

mod counter;
mod doctor;
mod look;
mod report;
mod sources;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

use super::not_blank::not_blank;
use tsugi_core::name::{PluginName, TableName};
use tsugi_pipeline::project::keep::Keep;
use tsugi_pipeline::project::pipeline::Language;

pub(crate) use counter::{BriefArgs, NoteArgs};
pub(crate) use doctor::DoctorArgs;
pub(crate) use look::{LsArgs, PreviewArgs, TableArgs};
pub(crate) use report::ReportArgs;
pub(crate) use sources::{SourcesArgs, SourcesVerb};

/// SQL pipelines whose sources, functions and deliveries are sandboxed plugins.
#[derive(Debug, Parser)]
#[command(name = "tsugi", version, about, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub verb: Verb,
}

impl Args {
    /// Parses the arguments of a process. One that begins with a comment of SQL is no option.
    pub(crate) fn of(arguments: impl Iterator<Item = OsString>) -> Result<Self, clap::Error> {
        let is_comment = |text: &str| {
            text.strip_prefix("--").is_some_and(|rest| {
                let end = rest.find(|c: char| c == '=' || c.is_whitespace());
                end.is_some_and(|end| !rest.split_at(end).1.starts_with('='))
            })
        };
        Self::try_parse_from(arguments.map(|argument| match argument.to_str() {
            Some(text) if is_comment(text) => format!(" {text}").into(),
            _ => argument,
        }))
    }
}

/// One verb a file.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run a pipeline and publish its tables, all or none
    Run(RunArgs),
    /// Find everything that is wrong with a pipeline without running it
    Check(ProjectArgs),
    /// List what a pipeline has: tables, views, checks, deliveries, functions, variables
    Ls(LsArgs),
    /// Show one table: its columns, what it reads and what reads it
    Show(TableArgs),
    /// Show all that a table is made of, and all that is made of it
    Lineage(TableArgs),
    /// Show what a run would make now, and why
    Plan(ProjectArgs),
    /// Show rows of a model or query that is not published yet, and publish nothing
    Preview(PreviewArgs),
    /// Query the published tables
    Query(QueryArgs),
    /// Write the pages of a pipeline as HTML that needs no server and no network
    Report(ReportArgs),
    /// List the plugins of a pipeline with what they want and are granted
    Plugins(PluginsArgs),
    /// Show which plugin may reach what, and what for
    Grants(ProjectArgs),
    /// Send what is due and needs no person, each message once
    Deliver(DeliverArgs),
    /// See what waits for a person, and decide on it
    Review(ReviewArgs),
    /// See whether the ledger is as it was left, and accept what changed
    Doctor(DoctorArgs),
    /// Show what to know before speaking with one customer
    Brief(BriefArgs),
    /// Keep what staff promised, did or know, or want held
    Note(NoteArgs),
    /// Remove one person from everything that was published, sent or logged
    Forget(ForgetArgs),
    /// Write a published table as one file for each owner, with their own rows only
    Export(ExportArgs),
    /// Look after the files and older snapshots of the warehouse
    Warehouse(WarehouseArgs),
    /// Describe export files
    Sources(SourcesArgs),
}

/// The project that a verb works on.
#[derive(Debug, ClapArgs)]
pub(crate) struct ProjectArgs {
    /// The folder that holds pipeline.toml
    pub dir: PathBuf,
    /// One of its [environments]
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// One JSON object a line instead of text
    #[arg(long)]
    pub json: bool,
}

/// The language of sentences for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// English
    En,
    /// 日本語
    Ja,
    /// Deutsch
    De,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Ja => Self::Ja,
            Lang::De => Self::De,
        }
    }
}

/// `tsugi run`.
#[derive(Debug, ClapArgs)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The language of the summary; without it that of the pipeline, then of the locale
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table in plain text
    Table,
    /// CSV with a header row
    Csv,
    /// One JSON object a line
    Json,
    /// An Arrow IPC stream
    Arrow,
    /// A Parquet file
    Parquet,
}

/// `tsugi query`.
#[derive(Debug, ClapArgs)]
pub(crate) struct QueryArgs {
    /// The folder that holds pipeline.toml
    pub dir: PathBuf,
    /// One SELECT over the published tables; `-` reads it from standard input
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub sql: Option<String>,
    /// Read the SQL from a file
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// One of its [environments]
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// How rows are printed
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Print at most so many rows, 0 for all; without it 100 on a terminal and all elsewhere
    #[arg(long, value_name = "ROWS")]
    pub limit: Option<usize>,
    /// Print cells of CSV that begin like formulas as they are, without a `'` in front
    #[arg(long)]
    pub raw: bool,
    /// Begin CSV with the mark by which Excel knows UTF-8
    #[arg(long)]
    pub bom: bool,
    /// Show personal columns, which are masked otherwise; the look is logged
    #[arg(long, requires = "by", requires = "why")]
    pub show_personal: bool,
    /// Who looks
    #[arg(long, value_parser = not_blank, value_name = "NAME")]
    pub by: Option<String>,
    /// Reason; it is kept in the log
    #[arg(long, value_parser = not_blank, value_name = "TEXT")]
    pub why: Option<String>,
}

/// `tsugi plugins`.
#[derive(Debug, ClapArgs)]
pub(crate) struct PluginsArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// List the functions of the plugins: how each is called, and the columns it returns
    #[arg(long, conflicts_with = "accept")]
    pub functions: bool,
    /// Take the component of this plugin into pipeline.lock, in place of the one that was locked
    #[arg(long, value_name = "PLUGIN")]
    pub accept: Vec<PluginName>,
}

/// `tsugi forget`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ForgetArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The id of the person, as in the column that `[personal] subject` names
    pub person: String,
    /// Who does it
    #[arg(long, value_parser = not_blank, value_name = "NAME")]
    pub by: String,
    /// Reason; it is kept in the log
    #[arg(long, value_parser = not_blank, value_name = "TEXT")]
    pub why: String,
    /// Report where the person appears, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `tsugi deliver`.
#[derive(Debug, ClapArgs)]
pub(crate) struct DeliverArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// Report what would be sent, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `tsugi review`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ReviewArgs {
    #[command(subcommand)]
    pub verb: ReviewVerb,
}

/// The verbs of `tsugi review`.
#[derive(Debug, Subcommand)]
pub(crate) enum ReviewVerb {
    /// List what waits for a person, and what became of it
    List(ProjectArgs),
    /// Show the messages of a review and why a person must look
    Show(ReviewShowArgs),
    /// Approve a text for its audience
    Approve(ReviewDecideArgs),
    /// Reject a text for its audience
    Reject(ReviewDecideArgs),
    /// Assign a review to somebody else
    Assign(ReviewAssignArgs),
    /// Record what became of a message whose receipt never came
    Settle(ReviewSettleArgs),
    /// List every decision: who, what, when
    Log(ProjectArgs),
}

/// `tsugi review show`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ReviewShowArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The review, by its number in the list
    pub review: String,
}

/// `tsugi review approve` and `reject`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ReviewDecideArgs {
    #[command(flatten)]
    pub on: ReviewShowArgs,
    /// Who decides
    #[arg(long, value_parser = not_blank, value_name = "NAME")]
    pub by: String,
    /// Reason; it is kept in the log
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
}

/// `tsugi review assign`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ReviewAssignArgs {
    #[command(flatten)]
    pub decide: ReviewDecideArgs,
    /// Who is to look
    #[arg(long, value_name = "NAME")]
    pub to: String,
}

/// `tsugi review settle`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ReviewSettleArgs {
    #[command(flatten)]
    pub decide: ReviewDecideArgs,
    /// It arrived: it is not sent again
    #[arg(long, conflicts_with = "lost", required_unless_present = "lost")]
    pub arrived: bool,
    /// It never left: it is owed again
    #[arg(long)]
    pub lost: bool,
}

impl ReviewVerb {
    /// The project that the verb works on.
    pub(crate) fn project(&self) -> &ProjectArgs {
        match self {
            Self::List(project) | Self::Log(project) => project,
            Self::Show(show) => &show.project,
            Self::Approve(decide) | Self::Reject(decide) => &decide.on.project,
            Self::Assign(assign) => &assign.decide.on.project,
            Self::Settle(settle) => &settle.decide.on.project,
        }
    }
}

/// `tsugi export`.
#[derive(Debug, ClapArgs)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The published table, as schema.name
    pub table: TableName,
    /// The column that names the owner of a row
    #[arg(long, value_name = "COLUMN")]
    pub owner: String,
    /// The folder for the files, which holds nothing else
    #[arg(long, value_name = "FOLDER")]
    pub to: PathBuf,
    /// The format of the files
    #[arg(long, value_enum, default_value = "csv")]
    pub format: Format,
    /// Write cells of CSV that begin like formulas as they are, without a `'` in front
    #[arg(long)]
    pub raw: bool,
    /// Begin CSV with the mark by which Excel knows UTF-8
    #[arg(long)]
    pub bom: bool,
    /// Who hands them out
    #[arg(long, value_parser = not_blank, value_name = "NAME")]
    pub by: String,
    /// Reason; it is kept in the log
    #[arg(long, value_parser = not_blank, value_name = "TEXT")]
    pub why: String,
}

/// `tsugi warehouse`.
#[derive(Debug, ClapArgs)]
pub(crate) struct WarehouseArgs {
    #[command(subcommand)]
    pub verb: WarehouseVerb,
}

/// The verbs of `tsugi warehouse`.
#[derive(Debug, Subcommand)]
pub(crate) enum WarehouseVerb {
    /// Remove older snapshots, and the files that only they name
    Expire(WarehouseExpireArgs),
    /// Read every file that a snapshot names, and report what is lost or damaged
    Verify(ProjectArgs),
    /// Let the next run make lost and damaged tables again
    Repair(ProjectArgs),
    /// Publish the tables of an older snapshot again
    Rollback(WarehouseRollbackArgs),
    /// Show how much each table takes: live, in older snapshots alone, left over
    Size(ProjectArgs),
}

/// `tsugi warehouse expire`.
#[derive(Debug, ClapArgs)]
pub(crate) struct WarehouseExpireArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// What is kept: "30 days", "12 hours", "10 snapshots", "forever"; without it `[warehouse] keep`
    #[arg(long, value_name = "RULE")]
    pub keep: Option<Keep>,
    /// Report what would go, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `tsugi warehouse rollback`.
#[derive(Debug, ClapArgs)]
pub(crate) struct WarehouseRollbackArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The number of the snapshot, as a run prints it
    pub snapshot: i64,
}

impl WarehouseVerb {
    /// The project that the verb works on.
    pub(crate) fn project(&self) -> &ProjectArgs {
        match self {
            Self::Verify(project) | Self::Repair(project) | Self::Size(project) => project,
            Self::Expire(expire) => &expire.project,
            Self::Rollback(rollback) => &rollback.project,
        }
    }
}
