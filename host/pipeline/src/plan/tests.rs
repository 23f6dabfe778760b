//! Tests of [`super`] on small projects that are written to a folder and loaded.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::facts::ModelFacts;
use super::fingerprint::Fingerprint;
use super::*;
use tsugi_core::name::{FunctionName, PluginName};

/// A project of SQL files, and facts about them in place of the resolver's: a table
/// use is every `schema.name` behind FROM.
struct Case {
    project: Project,
    facts: Facts,
    folder: PathBuf,
}

impl Drop for Case {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn case(name: &str, more: &str, models: &[(&str, &str)]) -> Case {
    let folder = std::env::temp_dir().join(format!("tsugi-plan-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("seeds")).unwrap();
    std::fs::write(folder.join("seeds/rules.csv"), "word,weight\ncrack,1\n").unwrap();
    let pipeline = format!("[pipeline]\nname = \"case\"\nas_of = \"2026-03-31\"\n{more}");
    std::fs::write(folder.join("pipeline.toml"), pipeline).unwrap();
    let mut facts = Facts::default();
    for (table, sql) in models {
        let path = folder
            .join("models")
            .join(format!("{}.sql", table.replace('.', "/")));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, sql).unwrap();
        facts
            .models
            .insert(table.parse().unwrap(), understood(table, sql));
    }
    facts
        .tables
        .insert("crm.reviews".parse().unwrap(), Digest::of(b"reviews"));
    let project = Project::load(&folder, None).unwrap();
    Case {
        project,
        facts,
        folder,
    }
}

fn understood(table: &str, sql: &str) -> ModelFacts {
    let file = format!("models/{}.sql", table.replace('.', "/"));
    let mut facts = ModelFacts {
        canonical_sql: sql.to_owned(),
        ..ModelFacts::default()
    };
    for (line, text) in sql.lines().enumerate() {
        for (start, _) in text.match_indices("FROM ") {
            let named = text[start + 5..].split(' ').next().unwrap();
            let place = Place {
                file: file.clone(),
                line: line as u32 + 1,
                column: start as u32 + 6,
            };
            facts.tables.push(TableUse {
                table: named.to_owned(),
                place,
            });
        }
        for name in text.split('$').skip(1) {
            let end = name
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(name.len());
            facts.vars.insert(name[..end].parse().unwrap());
        }
    }
    facts
}

fn described(diagnostics: Vec<Diagnostic>) -> Vec<String> {
    let line = |f: Diagnostic| {
        let place = f.place.map(|p| p.to_string()).unwrap_or_default();
        format!(
            "{} {place} | {} | {}",
            f.code,
            f.message,
            f.hint.unwrap_or_default()
        )
    };
    diagnostics.into_iter().map(line).collect()
}

#[test]
fn steps_come_after_what_they_read_and_the_order_is_always_the_same() {
    let case = case(
        "order",
        "",
        &[
            (
                "ceo.a",
                "SELECT 1 FROM staging.z JOIN (SELECT 2 FROM staging.b )",
            ),
            ("staging.b", "SELECT 1 FROM crm.reviews"),
            (
                "staging.z",
                "SELECT 1 FROM staging.b JOIN (SELECT 1 FROM seeds.rules )",
            ),
        ],
    );
    let plan = build(&case.project, &case.facts).unwrap();
    let order: Vec<String> = plan
        .steps
        .iter()
        .map(|step| step.table.to_string())
        .collect();
    assert_eq!(order, ["staging.b", "staging.z", "ceo.a"]);
    let reads: Vec<String> = plan
        .reads
        .iter()
        .map(|read| read.table.to_string())
        .collect();
    assert_eq!(reads, ["crm.reviews", "seeds.rules"]);
    assert_eq!(plan, build(&case.project, &case.facts).unwrap());
}

#[test]
fn a_circle_is_reported_once_as_a_path_with_places() {
    let case = case(
        "circle",
        "",
        &[
            ("a.one", "SELECT 1\nFROM a.two"),
            ("a.two", "SELECT 1 FROM a.three"),
            ("a.three", "SELECT 1 FROM a.one"),
            ("a.waits", "SELECT 1 FROM a.one"),
            ("b.itself", "SELECT 1 FROM b.itself"),
        ],
    );
    assert_eq!(
        described(build(&case.project, &case.facts).unwrap_err()),
        [
            "plan::cycle models/a/one.sql:2:6 | these models need each other: `a.one` -> `a.two` -> `a.three` -> `a.one` | take one of these references out: models/a/one.sql:2:6, models/a/two.sql:1:15, models/a/three.sql:1:15",
            "plan::cycle models/b/itself.sql:1:15 | these models need each other: `b.itself` -> `b.itself` | take one of these references out: models/b/itself.sql:1:15",
        ]
    );
}

#[test]
fn every_unknown_name_is_an_error_with_a_place_and_near_names() {
    let case = case(
        "unknown",
        "[vars]\nmin_complaints = 3\n",
        &[
            (
                "a.one",
                "SELECT 1 FROM crm.review WHERE n > $min_complaints_ OR n > $min_complaint",
            ),
            ("a.two", "SELECT 1 FROM nowhere.zebra"),
            ("a.three", "SELECT 1 FROM rules"),
        ],
    );
    let mut facts = case.facts.clone();
    assert_eq!(
        described(build(&case.project, &facts).unwrap_err()),
        [
            "plan::unknown-table models/a/one.sql:1:15 | there is no table `crm.review` | did you mean `crm.reviews`?",
            "plan::unknown-table models/a/three.sql:1:15 | there is no table `rules` | did you mean `seeds.rules`?",
            "plan::unknown-table models/a/two.sql:1:15 | there is no table `nowhere.zebra` | write `models/nowhere/zebra.sql`, or name the source that has it in pipeline.toml",
        ]
    );
    facts.models.retain(|table, _| table.name.as_str() == "one");
    facts
        .tables
        .insert("crm.review".parse().unwrap(), Digest::of(b""));
    let diagnostics = described(build(&case.project, &facts).unwrap_err());
    assert!(
        diagnostics.contains(
            &"plan::unknown-variable models/a/one.sql:1:60 | the model `a.one` uses `$min_complaint`, which is no variable of the pipeline | did you mean `$min_complaints`?".to_owned()
        ),
        "{diagnostics:#?}"
    );
}

#[test]
fn a_fingerprint_changes_with_what_a_step_depends_on_and_with_nothing_else() {
    let models = [
        ("a.counted", "SELECT 1 FROM crm.reviews WHERE n > $min"),
        ("b.counted", "SELECT 1 FROM a.counted"),
        ("c.apart", "SELECT 1 FROM seeds.rules"),
    ];
    let mut case = case("fingerprint", "[vars]\nmin = 3\nother = 1\n", &models);
    let plugin = PluginName::try_new("mood").unwrap();
    let uses = BTreeMap::from([(FunctionName::try_new("mood").unwrap(), plugin.clone())]);
    case.facts
        .models
        .get_mut(&"c.apart".parse::<TableName>().unwrap())
        .unwrap()
        .functions = uses;
    case.facts.plugins.insert(plugin.clone(), Digest::of(b"1"));
    let prints = |case: &Case| -> BTreeMap<String, Fingerprint> {
        let plan = build(&case.project, &case.facts).unwrap();
        plan.steps
            .iter()
            .map(|step| (step.table.to_string(), step.query.fingerprint))
            .collect()
    };
    let first = prints(&case);
    let changed = |case: &Case| -> Vec<String> {
        let now = prints(case);
        first
            .iter()
            .filter(|(table, print)| now.get(*table) != Some(print))
            .map(|(table, _)| table.clone())
            .collect()
    };
    assert!(changed(&case).is_empty());
    case.project.vars.insert(
        "other".parse().unwrap(),
        crate::project::value::ConfigValue::Integer(2),
    );
    assert!(changed(&case).is_empty(), "nothing names `$other`");

    let kept = case.facts.clone();
    case.facts
        .tables
        .insert("crm.reviews".parse().unwrap(), Digest::of(b"more reviews"));
    assert_eq!(changed(&case), ["a.counted", "b.counted"]);
    case.facts = kept.clone();
    case.facts.plugins.insert(plugin, Digest::of(b"2"));
    assert_eq!(changed(&case), ["c.apart"]);
    case.facts = kept;
    case.project.vars.insert(
        "min".parse().unwrap(),
        crate::project::value::ConfigValue::Text("3".into()),
    );
    assert_eq!(
        changed(&case),
        ["a.counted", "b.counted"],
        "a text is not a number"
    );
}

#[test]
fn missing_facts_are_our_defect_and_not_the_authors() {
    let mut case = case("forgotten", "", &[("a.one", "SELECT 1 FROM crm.reviews")]);
    case.facts.models.clear();
    let diagnostics = build(&case.project, &case.facts).unwrap_err();
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(
        (diagnostics[0].code, diagnostics[0].blame),
        ("plan::no-facts", tsugi_core::diagnostic::Blame::Host)
    );
}

#[test]
fn a_view_is_no_step_and_its_readers_read_what_it_reads() {
    let case = case(
        "views",
        "[vars]\nmin = 3\n",
        &[
            (
                "staging.inner",
                "-- @kind view\nSELECT 1 FROM crm.reviews WHERE n > $min",
            ),
            (
                "staging.outer",
                "-- @kind view\nSELECT 1 FROM staging.inner",
            ),
            ("a.read", "SELECT 1 FROM staging.outer"),
        ],
    );
    let plan = build(&case.project, &case.facts).unwrap();
    let names = |steps: &[Step]| -> Vec<String> {
        steps.iter().map(|step| step.table.to_string()).collect()
    };
    assert_eq!(names(&plan.views), ["staging.inner", "staging.outer"]);
    assert_eq!(names(&plan.steps), ["a.read"]);
    let query = &plan.steps[0].query;
    let shown = |tables: &BTreeSet<TableName>| -> Vec<String> {
        tables.iter().map(TableName::to_string).collect()
    };
    assert_eq!(shown(&query.inputs), ["crm.reviews"]);
    assert_eq!(shown(&query.views), ["staging.inner", "staging.outer"]);
    assert_eq!(query.vars.len(), 1);
    let read_by = |read: &Read| (read.table.to_string(), shown(&read.read_by));
    let reads: Vec<_> = plan.reads.iter().map(read_by).collect();
    // A seed is published even where nothing reads it.
    let expected = [("crm.reviews", vec!["a.read"]), ("seeds.rules", vec![])];
    let expected = expected.map(|(table, by)| {
        (
            table.to_owned(),
            by.into_iter().map(str::to_owned).collect(),
        )
    });
    assert_eq!(reads, expected);
}

#[test]
fn a_delivery_of_a_view_is_refused_with_its_file() {
    let views = [("a.seen", "-- @kind view\nSELECT 1 FROM crm.reviews")];
    let mut case = case("view-delivered", "", &views);
    let write = |file: &str, text: &str| {
        let path = case.folder.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "mood/Cargo.toml",
        "[package]\nname = \"mood\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n",
    );
    write(
        "mood/plugin.toml",
        "[plugin]\nname = \"mood\"\nversion = \"0.1.0\"\nsummary = \"Writes\"\n",
    );
    write(
        "pipeline.toml",
        "[pipeline]\nname = \"case\"\nas_of = \"2026-03-31\"\n[plugins.mood]\npath = \"mood\"\n\
         [sinks.out]\nplugin = \"mood\"\n[deliveries.all]\nfrom = \"a.seen\"\nsink = \"out\"\nkey = [\"n\"]\n",
    );
    case.project = Project::load(&case.folder, None).unwrap();
    let plugin = PluginName::try_new("mood").unwrap();
    case.facts.plugins.insert(plugin, Digest::of(b"1"));
    assert_eq!(
        described(build(&case.project, &case.facts).unwrap_err()),
        [
            "plan::is-view pipeline.toml:9:8 | the delivery `all` names `a.seen`, which is a view: it is never published | delete `-- @kind view` in models/a/seen.sql, or name a table that selects from it"
        ]
    );
}
