//! `disproportionality` as SQL sees it.

use super::whole;
use crate::disproportionality::reports::{Counting, Report, ReportReader, Statement};
use crate::disproportionality::{self, Signal};
use crate::stats::finite;
use crate::stats::two_by_two::TwoByTwo;
use std::borrow::Cow;
use tsugi_plugin::{
    Batch, Batches, Collect, Collected, DataType, Error, Inputs, Names, Record, Row, Schema,
    TableCall, TableSignature, schema_of,
};

/// How the rows of `disproportionality` say what they say.
#[derive(Clone, Copy)]
enum Form {
    Topic,
    Hit,
    Hits,
}

/// `disproportionality((SELECT unit, topic, n …))`, or with `hit`, or with `hits` and `n`.
pub type DisproportionalityTable = Collect<Disproportionality>;

/// Units held against each other by their reports alone.
pub struct Disproportionality {
    names: Names,
    form: Form,
    has_n: bool,
    options: disproportionality::Options,
    reader: ReportReader,
}

/// A row of reports; its columns are named by options.
#[derive(Row)]
#[row(optional)]
struct ReportColumns<'a> {
    family: Option<Cow<'a, str>>,
    unit: Option<Cow<'a, str>>,
    topic: Option<Cow<'a, str>>,
    /// Whether the report is a hit: a boolean, or 0 or not.
    hit: Option<f64>,
    hits: Option<f64>,
    n: Option<f64>,
    report: Option<Cow<'a, str>>,
}

/// A row of `disproportionality`.
#[derive(Record)]
struct SignalRow {
    rank: i64,
    family: Option<String>,
    unit: String,
    topic: Option<String>,
    a: i64,
    b: i64,
    c: i64,
    d: i64,
    expected: f64,
    prr: Option<f64>,
    prr_low: Option<f64>,
    prr_high: Option<f64>,
    ror: Option<f64>,
    ror_low: Option<f64>,
    ror_high: Option<f64>,
    unbounded: Option<String>,
    ic: f64,
    ic025: Option<f64>,
    bcpnn025: Option<f64>,
    ebgm: Option<f64>,
    eb05: Option<f64>,
    eb95: Option<f64>,
    g2: f64,
    chi2: f64,
    fisher_p: Option<f64>,
    q_value: Option<f64>,
    pairs_tested: i64,
    prior_alpha1: Option<f64>,
    prior_beta1: Option<f64>,
    prior_alpha2: Option<f64>,
    prior_beta2: Option<f64>,
    prior_share: Option<f64>,
    verdict: String,
    reason: String,
}

/// Which ratios are infinite because a cell is empty.
fn unbounded(table: &TwoByTwo) -> Option<String> {
    let words = match (table.a, table.b, table.c, table.d) {
        (1.., _, 0, 1..) => "PRR and ROR",
        (1.., 0, _, 1..) => "ROR",
        _ => return None,
    };
    Some(words.to_owned())
}

impl From<Signal> for SignalRow {
    fn from(from: Signal) -> Self {
        let table = from.table;
        let ((prr, prr_at), (ror, ror_at), (ic, ic025)) = (table.prr(), table.ror(), table.ic());
        let [alpha1, beta1, alpha2, beta2, share] = match from.prior {
            Some(prior) => prior.numbers().map(Some),
            None => [None; 5],
        };
        Self {
            rank: whole(from.rank),
            family: from.family,
            unit: from.unit,
            topic: from.topic,
            a: whole(table.a),
            b: whole(table.b),
            c: whole(table.c),
            d: whole(table.d),
            expected: table.expected(),
            prr,
            prr_low: prr_at.low,
            prr_high: prr_at.high,
            ror,
            ror_low: ror_at.low,
            ror_high: ror_at.high,
            unbounded: unbounded(&table),
            ic,
            ic025,
            bcpnn025: from.bcpnn_low,
            ebgm: from.shrunk.and_then(|shrunk| finite(shrunk.ebgm)),
            eb05: from.shrunk.and_then(|shrunk| shrunk.low),
            eb95: from.shrunk.and_then(|shrunk| shrunk.high),
            g2: table.g2(),
            chi2: table.yates(),
            fisher_p: from.fisher_p,
            q_value: from.q_value,
            pairs_tested: whole(from.pairs_tested),
            prior_alpha1: alpha1,
            prior_beta1: beta1,
            prior_alpha2: alpha2,
            prior_beta2: beta2,
            prior_share: share,
            verdict: from.verdict.text().to_owned(),
            reason: from.reason,
        }
    }
}

/// Finds the columns: `unit`, one of `topic`, `hit` and `hits`, and perhaps `n`, `report` and `family`,
/// or what the options of these names name.
fn names(call: &TableCall) -> Result<(Names, Form), Error> {
    let used = |role: &str| call.text(role).is_some() || call.has_column(0, role);
    let forms = [
        ("topic", Form::Topic),
        ("hit", Form::Hit),
        ("hits", Form::Hits),
    ];
    let mut found = forms.into_iter().filter(|(role, _)| used(role));
    let (role, form) = match (found.next(), found.next()) {
        (Some(one), None) => one,
        (None, _) => {
            let message = "the rows need a column topic, hit or hits";
            return Err(Error::config("missing-column", message)
                .detail("name yours with topic => '…', hit => '…' or hits => '…'"));
        }
        (Some((one, _)), Some((other, _))) => {
            let message =
                format!("both {one} and {other} are there; the rows can say only one of them");
            return Err(two_forms(message));
        }
    };
    if used("report") && used("n") {
        return Err(two_forms(
            "both report and n are there; a named report counts once",
        ));
    }
    if used("report") && matches!(form, Form::Hits) {
        return Err(two_forms(
            "both report and hits are there; a named report has a topic or a hit",
        ));
    }
    if matches!(form, Form::Hits) && !used("n") {
        let message = "hits needs a column n: how many reports there were";
        return Err(Error::config("missing-column", message));
    }
    let optional = ["family", "n", "report"]
        .into_iter()
        .filter(|role| used(role));
    let roles = ["unit", role].into_iter().chain(optional);
    let mut names = Names::new();
    for role in roles {
        let name = call.text(role).unwrap_or(role);
        if let Some(schema) = call.input(0) {
            schema.select([name])?;
        }
        names = names.with(role, name);
    }
    call.check::<ReportColumns<'_>>(0, &names)?;
    Ok((names, form))
}

fn two_forms(message: impl Into<String>) -> Error {
    Error::config("two-forms", message).detail("select one of the columns")
}

impl Collected for Disproportionality {
    fn signature() -> TableSignature {
        TableSignature::new("disproportionality", "Which units carry more of a topic than the others, from reports alone.")
            .port("reports", Schema::new(), "Rows of unit and topic, of unit and hit (boolean), or of unit, hits and n; with n, a row counts as n reports.")
            .option("unit", DataType::Utf8, "The column of the unit (unit).")
            .option("topic", DataType::Utf8, "The column of the topic (topic).")
            .option("hit", DataType::Utf8, "The boolean column that says whether a report is a hit (hit).")
            .option("hits", DataType::Utf8, "The column that counts hits (hits).")
            .option("n", DataType::Utf8, "The column that counts reports (n, else 1 a row).")
            .option("report", DataType::Utf8, "The column that names the report (report, else each row is one): rows of one report count once.")
            .option("family", DataType::Utf8, "The column within whose values units are compared (family, else all).")
            .option("unknown", DataType::Utf8, "The unit of reports whose unit is not known: compared with, never tested.")
            .option("minimum", DataType::I64, "Units with fewer reports are not tested (1).")
            .option("minimum_together", DataType::I64, "Pairs with fewer reports together are not tested (0).")
            .option("alpha", DataType::F64, "q below this makes a leading suspect (0.05).")
            .option("review_alpha", DataType::F64, "q below this needs a person (0.10).")
            .option("min_complaints", DataType::I64, "Reports a leading suspect must have at least (5).")
            .option("prior", DataType::Utf8, "The prior of EBGM: 'fit', 'fit all' (pairs without reports too), 'none', or 'alpha1,beta1,alpha2,beta2,share' ('fit').")
    }

    fn open(call: &TableCall) -> Result<Self, Error> {
        let checked = disproportionality::Options::check(
            call.number("alpha").unwrap_or(0.05),
            call.number("review_alpha").unwrap_or(0.10),
            call.integer("minimum").unwrap_or(1),
            call.integer("minimum_together").unwrap_or(0),
            call.integer("min_complaints").unwrap_or(5),
            call.text("prior"),
        )?;
        let options = disproportionality::Options {
            unknown: call.text("unknown").map(str::to_owned),
            ..checked
        };
        let (names, form) = names(call)?;
        let has = |role: &str| call.text(role).is_some() || call.has_column(0, role);
        let counting = match has("report") {
            true => Counting::Named,
            false => Counting::Rows,
        };
        Ok(Self {
            names,
            form,
            has_n: has("n"),
            options,
            reader: ReportReader::new(counting),
        })
    }

    fn returns(&self) -> Schema {
        schema_of::<SignalRow>()
    }

    fn receive(&mut self, _port: usize, rows: Batch) -> Result<Option<Batch>, Error> {
        for row in rows.read_named::<ReportColumns<'_>>(&self.names)? {
            let row = row?;
            self.reader.push(Report {
                family: row.family.as_deref(),
                unit: row.unit.as_deref(),
                statement: match self.form {
                    Form::Topic => Statement::Topic(row.topic.as_deref()),
                    Form::Hit => Statement::Hit(row.hit.map(|hit| hit != 0.0)),
                    Form::Hits => Statement::Hits(row.hits),
                },
                n: if self.has_n { row.n } else { Some(1.0) },
                id: row.report.as_deref(),
            })?;
        }
        Ok(None)
    }

    fn compute(&mut self, _inputs: &Inputs) -> Result<Batches, Error> {
        let reader = std::mem::replace(&mut self.reader, ReportReader::new(Counting::Rows));
        let answer = disproportionality::disproportionality(reader.finish(), self.options.clone())?;
        Ok(Batches::rows(answer.map(SignalRow::from)))
    }
}
