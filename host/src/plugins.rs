//! `tsugi plugins DIR`: what each plugin is, wants and is granted.

use super::Ended;
use super::args;
use super::printer::Printer;
use super::ready;
use super::table::render;
use tsugi_core::name::PluginName;
use tsugi_pipeline::project::Project;
use tsugi_pipeline::project::grant::Want;
use tsugi_pipeline::run::{DescribedFunction, RunError, accept, describe_functions};

pub(crate) fn main(args: &args::PluginsArgs, printer: &Printer) -> Result<Ended, RunError> {
    let project = ready::load(&args.project)?;
    let built = ready::built(&project, printer)?;
    let components = project.components(&built).map_err(RunError::Project)?;
    if !args.accept.is_empty() {
        accept(&project, &components, &args.accept)?;
    }
    if args.functions {
        let functions = describe_functions(&*ready::sandbox()?, &project, &components)?;
        list(&functions, printer);
        return Ok(Ended::Done);
    }
    let mut rows = Vec::new();
    for (name, component) in &components {
        let roles: Vec<&str> = component.roles.iter().map(|role| role.name()).collect();
        let wants: Vec<String> = component
            .manifest
            .wants
            .0
            .keys()
            .map(Want::to_string)
            .collect();
        let granted = granted(&project, name);
        if printer.is_json() {
            printer.object(&serde_json::json!({
                "name": name.to_string(),
                "plugin": component.manifest.name.to_string(),
                "version": component.manifest.version,
                "digest": component.code.digest().to_string(),
                "size_bytes": component.code.bytes().len(),
                "roles": roles,
                "wants": component.manifest.wants.0.iter()
                    .map(|(want, terms)| serde_json::json!({"want": want.to_string(), "reason": terms.reason}))
                    .collect::<Vec<_>>(),
                "grants": granted,
            }));
        }
        let none = || "-".to_owned();
        rows.push(vec![
            name.to_string(),
            component.manifest.version.clone(),
            component.code.digest().short(),
            roles.join(" "),
            if wants.is_empty() {
                none()
            } else {
                wants.join(" ")
            },
            if granted.is_empty() {
                none()
            } else {
                granted.join(" ")
            },
        ]);
    }
    if !printer.is_json() {
        let header = ["plugin", "version", "digest", "roles", "wants", "grants"];
        for line in render(&header, &rows) {
            printer.data(&line);
        }
    }
    Ok(Ended::Done)
}

/// Each function with its call, then its columns.
fn list(functions: &[DescribedFunction], printer: &Printer) {
    for (number, function) in functions.iter().enumerate() {
        if printer.is_json() {
            printer.object(function);
            continue;
        }
        if number > 0 {
            printer.data("");
        }
        let (plugin, kind) = (&function.plugin, function.kind);
        printer.data(&format!("{}  ({kind} of {plugin})", function.call));
        printer.data(&format!("  {}", function.doc));
        let columns = function
            .columns
            .iter()
            .map(|(name, kind)| match name.as_str() {
                "" => kind.clone(),
                name => format!("{name} {kind}"),
            });
        let columns: Vec<String> = columns.collect();
        printer.data(&match columns.is_empty() {
            true => format!(
                "  returns: columns that depend on the call; DESCRIBE SELECT * FROM {}(…) lists them",
                function.name
            ),
            false => format!("  returns: {}", columns.join(", ")),
        });
    }
}

/// Every grant of a plugin, wherever in the pipeline it is given.
fn granted(project: &Project, name: &PluginName) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (_, grants) in project.grants_of(name) {
        for word in tsugi_pipeline::run::granted_words(grants) {
            if !all.contains(&word) {
                all.push(word);
            }
        }
    }
    all
}
