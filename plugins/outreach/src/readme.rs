//! README.md against the code: every column, rule and option is explained.

use tsugi_plugin::schema_of;

use crate::message::row::MessageRow;
use crate::rules::rule_types::RULE_TYPES;
use crate::rules::settings::OPTIONS;

const README: &str = include_str!("../README.md");

#[test]
fn the_readme_names_every_column_and_option() {
    let schema = schema_of::<MessageRow<'_>>();
    let columns = schema.fields().iter().map(|field| field.name.as_str());
    let options = OPTIONS.iter().map(|option| option.0);
    for name in columns.chain(options).chain(["as_of"]) {
        let quoted = format!("`{name}`");
        assert!(README.contains(&quoted), "README.md does not name {name}");
    }
}

#[test]
fn the_readme_explains_every_rule() {
    for rule_type in RULE_TYPES {
        let row = format!("| `{}` |", rule_type.name);
        let name = rule_type.name;
        assert!(README.contains(&row), "README.md does not explain {name}");
    }
}

/// Reason codes are literals of `Reason::new`; each one is explained, and no other is.
#[test]
fn the_readme_explains_every_reason_code_and_no_other() {
    let sources = [
        include_str!("checks/advertising.rs"),
        include_str!("checks/consent.rs"),
        include_str!("checks/contact.rs"),
        include_str!("checks/frequency.rs"),
        include_str!("checks/history.rs"),
        include_str!("checks/offers.rs"),
        include_str!("checks/purposes.rs"),
        include_str!("checks/timing.rs"),
        include_str!("compose/counts.rs"),
        include_str!("compose/draft.rs"),
        include_str!("compose/write.rs"),
        include_str!("targets/target.rs"),
        include_str!("templates/fill.rs"),
        include_str!("templates/library.rs"),
        include_str!("templates/links.rs"),
        include_str!("templates/pictures.rs"),
        include_str!("templates/render.rs"),
        include_str!("templates/template.rs"),
    ];
    let table = README.split("## Decisions and reasons").nth(1).unwrap();
    let table = table.split("\n## ").next().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    let codes: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    assert!(codes.len() > 60, "only {} codes are explained", codes.len());
    for code in &codes {
        let literal = format!("\"{code}\"");
        let used = sources.iter().any(|source| source.contains(&literal));
        assert!(used, "README.md explains {code}, which no message has");
    }
}
