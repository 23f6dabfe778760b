//! The arguments of the verbs at the counter: `tsugi brief` and `tsugi note`.

use chrono::NaiveDate;
use clap::Args as ClapArgs;

use super::ProjectArgs;
use crate::not_blank::not_blank;

/// `tsugi note`.
#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["promise", "done", "fact", "hold", "release"]))]
pub(crate) struct NoteArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The customer, by number
    #[arg(long, value_name = "ID")]
    pub customer: String,
    /// The pair, by the number on its receipt; without it the note is about the customer
    #[arg(long, value_name = "NUMBER")]
    pub serial: Option<String>,
    /// A remedy was promised
    #[arg(long, value_name = "TEXT")]
    pub promise: Option<String>,
    /// A remedy was given
    #[arg(long, value_name = "TEXT")]
    pub done: Option<String>,
    /// Something to know about the customer
    #[arg(long, value_name = "TEXT")]
    pub fact: Option<String>,
    /// Messages to the customer wait; a safety recall calls a person instead
    #[arg(long, value_name = "TEXT")]
    pub hold: Option<String>,
    /// They wait no longer
    #[arg(long, value_name = "TEXT")]
    pub release: Option<String>,
    /// What the remedy is worth, in the money of the pipeline
    #[arg(long, value_name = "AMOUNT", value_parser = clap::value_parser!(u64).range(..=1_000_000_000), conflicts_with_all = ["fact", "hold", "release"])]
    pub value: Option<u64>,
    /// The last day of the hold, such as 2026-03-31
    #[arg(long, value_name = "DAY", requires = "hold", conflicts_with_all = ["promise", "done", "fact", "release"])]
    pub until: Option<NaiveDate>,
    /// Who notes it
    #[arg(long, value_parser = not_blank, value_name = "NAME")]
    pub by: String,
}

/// `tsugi brief`.
#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("whom").required(true).args(["customer", "phone", "serial", "incident", "log"]))]
pub(crate) struct BriefArgs {
    #[command(flatten)]
    pub project: ProjectArgs,
    /// The customer with this number
    #[arg(long, value_name = "ID", requires = "by", requires = "why")]
    pub customer: Option<String>,
    /// The customer with this phone number, written in any way
    #[arg(long, value_name = "NUMBER", requires = "by", requires = "why")]
    pub phone: Option<String>,
    /// The owner of the product with this number
    #[arg(long, value_name = "NUMBER", requires = "by", requires = "why")]
    pub serial: Option<String>,
    /// The page for the staff about this incident
    #[arg(long, value_name = "INCIDENT", requires = "by", requires = "why")]
    pub incident: Option<String>,
    /// List every look-up: who, whom, why
    #[arg(long)]
    pub log: bool,
    /// Who looks this up
    #[arg(long, value_parser = not_blank, value_name = "NAME")]
    pub by: Option<String>,
    /// Reason; it is kept in the log
    #[arg(long, value_parser = not_blank, value_name = "TEXT")]
    pub why: Option<String>,
}
