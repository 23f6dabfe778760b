//! `tsugi grants DIR`: what each plugin may reach, in which role, and its reason.

use super::Ended;
use super::args;
use super::printer::Printer;
use super::ready;
use super::table::render;
use tsugi_pipeline::project::grant::Grants;
use tsugi_pipeline::project::pipeline::Sink;
use tsugi_pipeline::project::plugin::DeclaredPlugin;
use tsugi_pipeline::run::{RunError, granted_words};

/// One grant, or none at all.
struct Line {
    plugin: String,
    used_as: String,
    may: String,
    reason: String,
}

/// Lists the grants; nothing is built or run for it.
pub(crate) fn main(args: &args::ProjectArgs, printer: &Printer) -> Result<Ended, RunError> {
    let project = ready::load(args)?;
    let mut lines = Vec::new();
    for plugin in project.plugins.values() {
        let before = lines.len();
        // What is granted to a plugin as such is reached through its uses; functions are pure.
        for (used_as, grants) in project.grants_of(&plugin.name).into_iter().skip(1) {
            lines.extend(of_use(plugin, &used_as, grants));
        }
        let sinks = project.sinks.values();
        let sinks = sinks.filter(|sink| sink.plugin == plugin.name);
        lines.extend(sinks.filter_map(reaching_people));
        if lines.len() == before {
            lines.push(Line {
                plugin: plugin.name.to_string(),
                used_as: "functions".into(),
                may: "nothing".into(),
                reason: String::new(),
            });
        }
    }
    let rows: Vec<Vec<String>> = lines
        .into_iter()
        .map(|line| {
            if printer.is_json() {
                printer.object(&serde_json::json!({
                    "plugin": line.plugin, "as": line.used_as, "may": line.may, "reason": line.reason,
                }));
            }
            vec![line.plugin, line.used_as, line.may, line.reason]
        })
        .collect();
    if !printer.is_json() {
        for line in render(&["plugin", "as", "may reach", "what for"], &rows) {
            printer.data(&line);
        }
    }
    Ok(Ended::Done)
}

/// A sink that sends what people receive; its deliveries need a review.
fn reaching_people(sink: &Sink) -> Option<Line> {
    Some(Line {
        plugin: sink.plugin.to_string(),
        used_as: format!("sink {}", sink.name),
        may: "people, with messages that are reviewed".to_owned(),
        reason: sink.reaches_people()?.to_owned(),
    })
}

fn of_use(plugin: &DeclaredPlugin, used_as: &str, grants: &Grants) -> Vec<Line> {
    let words = granted_words(grants).into_iter();
    let lines = words.map(|may| {
        let want = may.split(" = ").next().unwrap_or_default();
        let body = plugin.manifest.body_of(want);
        let body = body.map_or(String::new(), |body| format!(", each message as {body}"));
        let wants = plugin.manifest.wants.0.iter();
        let reason = wants
            .filter(|(want, _)| may.split(" = ").next() == Some(want.to_string().as_str()))
            .map(|(_, terms)| terms.reason.clone())
            .next();
        Line {
            plugin: plugin.name.to_string(),
            used_as: used_as.to_owned(),
            may: may + &body,
            reason: reason.unwrap_or_default(),
        }
    });
    lines.collect()
}
