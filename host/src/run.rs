//! `tsugi run DIR`: runs, publishes, and sums up in plain words what was found.

use super::Ended;
use super::args::{self, Lang};
use super::printer::Printer;
use super::ready::{self, Ready};
use super::state;
use tsugi_core::count::{count, grouped};
use tsugi_core::diagnostic::Diagnostic;
use tsugi_pipeline::project::pipeline::Language;
use tsugi_pipeline::query::Depth;
use tsugi_pipeline::run::{Headline, OpenProject, Report, RunError};
use tsugi_pipeline::store::Warehouse;

pub(crate) fn main(args: &args::RunArgs, printer: &Printer) -> Result<Ended, RunError> {
    let ready = Ready::new()?;
    let project = ready::load(&args.project)?;
    let query = ready.query();
    let done = ready.run(async {
        let open = ready::open(project, printer, Depth::Types).await?;
        printer.report_planned(&open);
        let warehouse = Warehouse::open(&open.project.warehouse).await?;
        warehouse.sign_with(state::signer);
        let report = tsugi_care::execute(&open, &warehouse, &query, printer).await?;
        let lang = language(args.lang, &open);
        let published = open.published(&warehouse, &query);
        let headlines = published
            .headlines(&open.project.tables, Language::from(lang).code())
            .await?;
        Ok::<_, RunError>((report, headlines, lang, open))
    });
    let (report, headlines, lang, open) = match done {
        Err(RunError::Project(findings)) => return Err(all(args, printer, &ready, findings)),
        other => other?,
    };
    summarize(printer, args, &report, &headlines, lang, &open);
    Ok(Ended::Done)
}

/// Everything that keeps a project from running: a run stops at the first kind of it.
fn all(
    args: &args::RunArgs,
    printer: &Printer,
    ready: &Ready,
    findings: Vec<Diagnostic>,
) -> RunError {
    let checked = ready.run(async {
        let project = ready::load(&args.project)?;
        ready::open(project, printer, Depth::Execution).await
    });
    match checked {
        Err(RunError::Project(more)) if more.len() > findings.len() => RunError::Project(more),
        _ => RunError::Project(findings),
    }
}

/// The `--lang` argument, else the pipeline's language, else the locale's.
fn language(argument: Option<Lang>, open: &OpenProject) -> Lang {
    let of_pipeline = open.project.language.map(|language| match language {
        Language::En => Lang::En,
        Language::Ja => Lang::Ja,
        Language::De => Lang::De,
    });
    let locale = || {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        match set.as_deref().and_then(|set| set.get(..2)) {
            Some("ja") => Lang::Ja,
            Some("de") => Lang::De,
            _ => Lang::En,
        }
    };
    argument.or(of_pipeline).unwrap_or_else(locale)
}

fn summarize(
    printer: &Printer,
    args: &args::RunArgs,
    report: &Report,
    headlines: &[Headline],
    lang: Lang,
    open: &OpenProject,
) {
    if printer.is_json() {
        printer.object(&serde_json::json!({
            "event": "done",
            "run": report.run,
            "published": report.published,
            "snapshot": report.snapshot,
            "made": report.made(),
            "unchanged": report.unchanged(),
            "quarantined": report.quarantined,
            "changes": report.changes,
            "dropped": report.dropped,
            "left_out": report.left_out,
            "expired_snapshots": report.expired,
            "tidied_snapshots": report.tidied,
            "elapsed_ms": report.elapsed_ms,
            "headlines": headlines,
        }));
        return;
    }
    rows_apart(printer, report, lang);
    for headline in headlines {
        printer.data(&headline.sentence);
    }
    printer.line("");
    commands(printer, args, headlines, lang, open);
    printer.line(&done(report, lang));
}

/// Rows that are in no table, or whose values are missing, and the files that changed.
fn rows_apart(printer: &Printer, report: &Report, lang: Lang) {
    for change in &report.changes {
        printer.line(change);
    }
    for (source, rows) in report.quarantined.iter().filter(|(_, rows)| **rows > 0) {
        let number = grouped(*rows);
        printer.line(&match lang {
            Lang::En => format!(
                "{} of {source} could not be read; see quarantine.{source}",
                count(*rows, "row")
            ),
            Lang::Ja => format!(
                "{source} の {number} 行は読み取れず、quarantine.{source} に理由とともに保管しました"
            ),
            Lang::De => format!(
                "nicht lesbar und mit ihrem Grund in quarantine.{source}: {number} {} von {source}",
                if *rows == 1 { "Zeile" } else { "Zeilen" }
            ),
        });
    }
    for line in report.left_out_sentences() {
        printer.line(&line);
    }
    for (function, failures) in &report.failed_rows {
        let first = failures
            .samples
            .first()
            .map(String::as_str)
            .unwrap_or_default();
        printer.line(&format!(
            "{} became null in {function}: {first}",
            count(failures.rows, "row")
        ));
    }
}

/// The last line of a run.
fn done(report: &Report, lang: Lang) -> String {
    let seconds = report.elapsed_ms as f64 / 1000.0;
    let snapshot = report.snapshot.map(|id| id.to_string()).unwrap_or_default();
    let (made, unchanged, quarantined) = (
        report.made(),
        report.unchanged(),
        grouped(report.quarantined_rows()),
    );
    match (report.published, lang) {
        (true, _) => format!(
            "done made={made} unchanged={unchanged} quarantined={quarantined} snapshot={snapshot} in {seconds:.1} s"
        ),
        (false, Lang::En) => format!(
            "done nothing changed: {} as published in snapshot {snapshot}",
            count(unchanged, "table")
        ),
        (false, Lang::Ja) => format!(
            "done 変更はありません: スナップショット {snapshot} の {unchanged} 個の表はそのままです"
        ),
        (false, Lang::De) => format!(
            "done Nichts geändert: {unchanged} Tabellen sind unverändert in Snapshot {snapshot}"
        ),
    }
}

/// Up to three commands to paste, the proofs first.
fn commands(
    printer: &Printer,
    args: &args::RunArgs,
    headlines: &[Headline],
    lang: Lang,
    open: &OpenProject,
) {
    let dir = shell_word(&args.project.dir.display().to_string());
    let env = args.project.env.as_ref();
    let env = env.map(|env| format!(" --env {}", shell_word(env)));
    let env = env.unwrap_or_default();
    let mut commands: Vec<String> = headlines
        .iter()
        .filter_map(|headline| headline.query.as_ref())
        .map(|sql| format!("tsugi query {dir}{env} {}", shell_word(sql)))
        .take(2)
        .collect();
    if !open.plan.deliveries.is_empty() {
        commands.push(format!("tsugi deliver {dir}{env} --dry-run"));
    }
    commands.push(format!("tsugi plugins {dir}{env}"));
    commands.truncate(3);
    printer.line(match lang {
        Lang::En => "Next:",
        Lang::Ja => "次に:",
        Lang::De => "Weiter:",
    });
    for command in commands {
        printer.line(&format!("  {command}"));
    }
    printer.line("");
}

/// A word for a shell that stays one word and runs nothing, whatever is in it.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    match text.contains(['$', '`', '\\', '"', '!']) {
        true => format!("'{}'", text.replace('\'', "'\\''")),
        // SQL has single quotes of its own, so these read better.
        false => format!("\"{text}\""),
    }
}

impl Printer {
    fn report_planned(&self, open: &OpenProject) {
        use tsugi_pipeline::run::{Event, Watch as _};
        self.notify(Event::Planned {
            reads: open.plan.reads.len(),
            models: open.plan.steps.len(),
            checks: open.plan.checks.len(),
        });
    }
}
