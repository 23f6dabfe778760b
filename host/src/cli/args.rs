//! What can be typed.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// SQL pipelines over CRM and ERP exports; every judging step is a sandboxed plugin.
#[derive(Debug, Parser)]
#[command(name = "tsugi", version, about, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a pipeline and publish its tables, all or none
    Run(Run),
    /// Find everything that is wrong with a pipeline without running it
    Check(Project),
    /// Ask the published tables
    Query(Query),
    /// List the plugins of a pipeline with what they want and are granted
    Plugins(Project),
    /// Send what is due and needs no person, each message once
    Deliver(Deliver),
    /// See and approve messages that wait for a person
    Review(Review),
    /// Describe export files
    Sources(Sources),
}

/// Which project.
#[derive(Debug, ClapArgs)]
pub struct Project {
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
pub enum Lang {
    /// English
    En,
    /// 日本語
    Ja,
    /// Deutsch
    De,
}

/// `tsugi run`.
#[derive(Debug, ClapArgs)]
pub struct Run {
    /// Which project.
    #[command(flatten)]
    pub project: Project,
    /// The language of the summary; without it that of the pipeline, then of the locale
    #[arg(long, value_enum)]
    pub lang: Option<Lang>,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A drawn table
    Table,
    /// CSV with a header row
    Csv,
    /// One JSON object a line
    Json,
    /// An Arrow IPC stream
    Arrow,
}

/// `tsugi query`.
#[derive(Debug, ClapArgs)]
pub struct Query {
    /// The folder that holds pipeline.toml
    pub dir: PathBuf,
    /// One SELECT over the published tables
    pub sql: String,
    /// One of its [environments]
    #[arg(long, value_name = "NAME")]
    pub env: Option<String>,
    /// How rows are printed
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
}

/// `tsugi deliver`.
#[derive(Debug, ClapArgs)]
pub struct Deliver {
    /// Which project.
    #[command(flatten)]
    pub project: Project,
    /// Say what would be sent, and send nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `tsugi review`.
#[derive(Debug, ClapArgs)]
pub struct Review {
    /// Which project.
    #[command(flatten)]
    pub project: Project,
    /// Approve the messages of this review, by its number in the list
    #[arg(long, value_name = "REVIEW", requires = "by")]
    pub approve: Option<String>,
    /// Who approves
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
}

/// `tsugi sources`.
#[derive(Debug, ClapArgs)]
pub struct Sources {
    /// What to do with a file.
    #[command(subcommand)]
    pub verb: SourcesVerb,
}

/// The verbs of `tsugi sources`.
#[derive(Debug, Subcommand)]
pub enum SourcesVerb {
    /// Print a mapping for a sample file, with guessed types and keys, to be looked over
    Draft {
        /// The file: CSV, JSON, JSON Lines or XLSX, also packed
        file: PathBuf,
    },
}
