//! What a project's author reads when something is wrong: each bad input gives its finding,
//! with a place and the next step.

#[path = "project/columns.rs"]
mod columns;
#[path = "project/components.rs"]
mod components;
#[path = "project/described.rs"]
mod described;
#[path = "project/folder.rs"]
mod folder;
#[path = "project/views.rs"]
mod views;

use folder::{Folder, described, manifest};
use tsugi_pipeline::project::Project;
use tsugi_pipeline::project::pipeline::Reads;
use tsugi_pipeline::project::value::{ColumnType, ConfigValue};

const WANTS: &str =
    "[wants.inputs]\nexports = \"the CRM export files\"\n[wants.outputs]\noutbox = \"messages\"\n";

/// A project with something of everything.
fn whole() -> Folder {
    let folder = Folder::of(
        r#"description = "Why customers leave"
language = "ja"
[plugins.mood]
path = "plugins/mood"
grants.inputs.exports = ["exports/crm", "exports/more/*.csv"]
[sources.crm]
plugin = "mood"
config = { mapping = "neutral" }
streams = { reviews = "Reviews" }
[sinks.outbox]
plugin = "mood"
config.mapping = "reviews"
grants.outputs.outbox = "outbox"
[deliveries.outreach]
key = ["id"]
from = "a.one"
sink = "outbox"
[seeds.rules]
columns = { weight = "integer" }
[vars]
min_complaints = 3
share = 0.5
strict = true
since = 2026-01-01
note = "春"
[limits]
call_max_ms = 5000
memory_max_bytes = 268_435_456
[environments.production]
vars = { min_complaints = 5 }
warehouse.dir = "/data/warehouse"
"#,
    );
    let config = "[config]\nmapping = { type = \"string\", required = true, doc = \"how columns are named\" }\n";
    folder.plugin("plugins/mood", &manifest(&format!("{WANTS}{config}")));
    folder
        .write("exports/crm/reviews.csv", b"")
        .write("exports/more/a.csv", b"");
    folder.write("seeds/rules.csv", b"word,weight\ncrack,1\n");
    folder.write(
        "models/a/one.sql",
        b"-- One row.\n-- @kind table\nSELECT 1 AS n\n",
    );
    folder.write("checks/no_rows.sql", b"SELECT * FROM a.one WHERE n > 1\n");
    folder
}

#[test]
fn a_whole_project_is_read_as_it_is_written() {
    let folder = whole();
    let project = folder.project();
    assert!(
        project.warnings.is_empty(),
        "{:?}",
        described(&project.warnings)
    );
    assert_eq!(project.name.as_str(), "sample");
    assert_eq!(project.as_of.to_string(), "2026-03-31");
    let vars = project.vars.iter();
    let vars: Vec<String> = vars
        .map(|(name, value)| format!("{name}: {} {value}", value.kind()))
        .collect();
    assert_eq!(
        vars,
        [
            "as_of: date 2026-03-31",
            "min_complaints: integer 3",
            "note: text 春",
            "share: float 0.5",
            "since: date 2026-01-01",
            "strict: boolean true"
        ]
    );
    let seed = &project.seeds[&"seeds.rules".parse().unwrap()];
    assert_eq!(
        seed.columns,
        [
            ("word".into(), ColumnType::Text),
            ("weight".into(), ColumnType::Integer)
        ]
    );
    let model = &project.models[&"a.one".parse().unwrap()];
    assert_eq!(model.header.description, "One row.");
    assert_eq!(project.checks.len(), 1);
    assert_eq!(project.limits.call_max_ms, 5_000);
    assert_eq!(project.warehouse, project.folder.join(".tsugi"));

    let production = Project::load(folder.path(), Some("production")).unwrap();
    assert_eq!(production.vars["min_complaints"], ConfigValue::Integer(5));
    assert_eq!(production.warehouse.to_str(), Some("/data/warehouse"));
}

#[test]
fn sources_and_sinks_are_read_with_their_config_and_grants() {
    let folder = whole();
    let project = folder.project();
    let Reads::Plugin {
        config,
        streams,
        grants,
        ..
    } = &project.sources["crm"].reads
    else {
        panic!("a plugin reads this source");
    };
    assert_eq!(config["mapping"], "neutral");
    assert_eq!(streams["reviews"], "Reviews");
    let granted = grants.inputs["exports"].iter();
    let granted: Vec<&str> = granted.map(|grant| grant.written.as_str()).collect();
    assert_eq!(granted, ["exports/crm", "exports/more/*.csv"]);
    let outputs = &project.sinks["outbox"].grants.outputs;
    assert!(outputs.contains_key("outbox"));
}

#[test]
fn a_finding_shows_the_line_and_what_to_type() {
    let folder = Folder::of("[plugins.mood]\npth = \"plugins/mood\"\npath = \"plugins/mood\"\n");
    folder.plugin("plugins/mood", &manifest(""));
    let findings = Project::load(folder.path(), None).unwrap_err();
    assert_eq!(
        findings[0].to_string(),
        "error: unknown key `pth` in `[plugins.mood]`\n  --> pipeline.toml:5:1\n   |\n 5 | pth = \"plugins/mood\"\n   | ^^^\nhint: did you mean `path`?"
    );
    let json = serde_json::to_value(&findings[0]).unwrap();
    assert_eq!(json["code"], "project::unknown-key");
    assert_eq!(json["blame"], "author");
    assert_eq!(json["snippet"]["line"], "pth = \"plugins/mood\"");
}

#[test]
fn every_error_is_reported_at_once() {
    let folder = Folder::with(&[(
        "pipeline.toml",
        "titel = 1\n[pipeline]\nname = \"Great Disconnect\"\nas_of = \"tomorrow\"\nlanguage = 3\n[vars]\nlist = [1]\nas_of = 1\n[limits]\ncall_max_ms = 0\nmemory = 1\n[warehouse]\ndir = \".\"\n",
    )]);
    assert_eq!(
        folder.findings(),
        [
            "pipeline.toml:1:1 | unknown key `titel` in `pipeline.toml` | known keys: `pipeline`, `plugins`, `sources`, `sinks`, `deliveries`, `seeds`, `vars`, `warehouse`, `environments`, `limits`, `tables`, `roles`, `people`, `personal`, `retention`",
            "pipeline.toml:3:8 | `Great Disconnect` cannot be the name of a pipeline: a name is a lower-case letter, then lower-case letters, digits, `_` or `-` | did you mean `great_disconnect`?",
            "pipeline.toml:4:9 | `pipeline.as_of` cannot be `tomorrow`: it must be a date such as `2026-03-31` | ",
            "pipeline.toml:5:12 | `pipeline.language` must be a string, not a whole number | ",
            "pipeline.toml:7:8 | `vars.list` must be a string, a number of 64 bits, true or false, or a date, not a list | ",
            "pipeline.toml:8:1 | variable `as_of` is there twice: `[pipeline]` and `[vars]` | rename or delete one of the two",
            "pipeline.toml:10:15 | `limits.call_max_ms` cannot be `0`: it must be between 1 and 60000 | ",
            "pipeline.toml:11:1 | unknown key `memory` in `[limits]` | known keys: `memory_max_bytes`, `spill_folder`, `call_max_ms`, `batch_max_ms`, `returned_max_bytes`, `instance_memory_max_bytes`",
            "pipeline.toml:13:7 | `warehouse.dir` cannot be `.`: it must be a folder of its own, such as `.tsugi` | ",
            "models | a model does not exist: `models/<schema>/<name>.sql` | write one SELECT into a file there; it becomes the table `<schema>.<name>`",
        ]
    );
}

#[test]
fn a_folder_without_a_pipeline_and_a_file_that_is_not_toml_are_errors() {
    let empty = Folder::with(&[]);
    let findings = empty.findings();
    assert!(
        findings[0].starts_with(" | the pipeline.toml of the project does not exist: `"),
        "{findings:?}"
    );
    assert!(
        findings[0].ends_with("| name the folder of a project: the one that holds pipeline.toml")
    );

    let broken = Folder::of("[plugins\nx = = 1\n");
    let findings = broken.findings();
    assert!(findings[0].starts_with("pipeline.toml:4:"), "{findings:?}");
    assert!(findings[0].contains("not valid TOML"), "{findings:?}");
    let bytes = Folder::of("");
    bytes.write("models/a/two.sql", b"SELECT '\xff'");
    assert_eq!(
        bytes.findings(),
        [
            "models/a/two.sql | `models/a/two.sql` is not UTF-8: the byte at offset 8 begins no character | save `models/a/two.sql` with the encoding UTF-8"
        ]
    );
}

#[test]
fn a_plugin_that_is_not_where_it_should_be_is_an_error() {
    let folder = Folder::of(
        "[plugins.gone]\npath = \"plugins/gone\"\n[plugins.empty]\npath = \"plugins/empty\"\n[plugins.wasm]\npath = \"x.wasm\"\n[plugins.file]\nfile = \"y.wasm\"\n[plugins.none]\n[plugins.shop]\nregistry = \"shop/mood\"\n[plugins.Bad]\npath = \"plugins/mood\"\n[plugins.library]\npath = \"plugins/library\"\n",
    );
    folder
        .plugin("plugins/mood", &manifest(""))
        .write("plugins/empty/x", b"")
        .write("x.wasm", b"");
    folder.write(
        "plugins/library/Cargo.toml",
        b"[package]\nname = \"library\"\n",
    );
    assert_eq!(
        folder.findings(),
        [
            "pipeline.toml:5:8 | the folder of the plugin does not exist: `plugins/gone` | name the folder of its crate; paths start at the folder of pipeline.toml",
            "pipeline.toml:7:8 | `plugins/empty` is not the crate of a plugin: it has no Cargo.toml | name the folder of a crate with `path`, or a component with `file`",
            "pipeline.toml:9:8 | `x.wasm` is not the crate of a plugin: it is a component | write `file = \"x.wasm\"`",
            "pipeline.toml:11:8 | the component of the plugin does not exist: `y.wasm` | build or copy it there; paths start at the folder of pipeline.toml",
            "pipeline.toml:12:10 | `[plugins.none]` must have exactly one of `path` and `file` | keep one and delete the others",
            "pipeline.toml:14:1 | `registry`, a plugin from a registry, is not supported by this version of tsugi | name the folder of its crate with `path`, or its component with `file`",
            "pipeline.toml:15:10 | `Bad` cannot be the name of a plugin: a name is a lower-case letter, then lower-case letters, digits, `_` or `-` | did you mean `bad`?",
            "pipeline.toml:18:8 | `plugins/library` is not the crate of a plugin: it is not built as a component | write in its Cargo.toml under `[lib]`: crate-type = [\"cdylib\", \"rlib\"]",
        ]
    );
}

#[test]
fn a_manifest_is_read_as_strictly_as_a_pipeline() {
    let folder = Folder::of("[plugins.mood]\npath = \"plugins/mood\"\n");
    folder.plugin(
        "plugins/mood",
        "[plugin]\nname = \"mood\"\nverson = \"0.1.0\"\nsummary = \"\"\n[wants.inputs]\nexports = 1\n[wants]\nnetwork = \"calls home\"\n[limits]\nmemory_max_bytes = 9999999999\n[config]\nx = { type = \"strin\" }\n",
    );
    assert_eq!(
        folder.findings(),
        [
            "plugins/mood/plugin.toml:1:2 | `[plugin]` has no `version` | add to `[plugin]`: version = \"0.1.0\"",
            "plugins/mood/plugin.toml:3:1 | unknown key `verson` in `[plugin]` | did you mean `version`?",
            "plugins/mood/plugin.toml:4:11 | `plugin.summary` cannot be ``: it must be one line of 1 to 200 characters | ",
            "plugins/mood/plugin.toml:6:11 | `wants.inputs.exports` must be the reason, as a string, not a whole number | ",
            "plugins/mood/plugin.toml:8:1 | unknown key `network` in `[wants]` | known keys: `inputs`, `outputs`, `http`, `mail`, `clock`, `random`",
            "plugins/mood/plugin.toml:10:20 | `limits.memory_max_bytes` cannot be `9999999999`: it must be between 2097152 and 268435456 | ",
            "plugins/mood/plugin.toml:12:14 | there is no config type `strin` | did you mean `string`?",
        ]
    );
}

#[test]
fn a_want_without_a_grant_prints_the_line_to_add() {
    let folder = Folder::of(
        "[plugins.mood]\npath = \"plugins/mood\"\ngrants.inputs.export = \"exports\"\ngrants.clock = true\n[sinks.one]\nplugin = \"mood\"\ngrants.outputs.outbox = \"outbox\"\n[sinks.two]\nplugin = \"mood\"\n",
    );
    folder
        .plugin("plugins/mood", &manifest(WANTS))
        .write("exports/a.csv", b"");
    let expected = [
        "pipeline.toml:4:10 | the plugin `mood` wants `inputs.exports` and is not granted it | add to `[plugins.mood]`: grants.inputs.exports = \"exports\" (its reason: the CRM export files)",
        "pipeline.toml:11:8 | the plugin `mood` wants `outputs.outbox` and is not granted it | add to `[sinks.two]`: grants.outputs.outbox = \"outbox\" (its reason: messages)",
        "pipeline.toml:6:15 | the plugin `mood` is granted `inputs.export` but does not want it | did you mean `inputs.exports`?",
        "pipeline.toml:7:8 | the plugin `mood` is granted `clock` but does not want it | delete the grant: nothing uses it",
    ];
    assert_eq!(folder.findings(), expected);
}

#[test]
fn a_grant_of_something_that_is_not_there_is_an_error() {
    let folder = Folder::of(
        "[plugins.mood]\npath = \"plugins/mood\"\n[plugins.mood.grants]\ninputs.exports = [\"exports/crm\", \"data/*.csv\", \"*/a.csv\"]\noutputs.outbox = \"models/out\"\n",
    );
    folder
        .plugin("plugins/mood", &manifest(WANTS))
        .write("data/a.parquet", b"");
    let fix = "put the files there, or name the folder they are in; paths start at the folder of pipeline.toml";
    assert_eq!(
        folder.findings(),
        [
            format!("pipeline.toml:7:19 | the folder granted as `inputs.exports` does not exist: `exports/crm` | {fix}"),
            format!("pipeline.toml:7:34 | a file for the want `inputs.exports` does not exist: `data/*.csv` | {fix}"),
            "pipeline.toml:7:48 | `inputs.exports` cannot be `*/a.csv`: it must be a folder, or a folder and a file name in which `*` matches anything | ".to_owned(),
            "pipeline.toml:8:18 | `plugins.mood.grants.outputs.outbox` cannot be `models/out`: it must be a folder of its own, such as `outbox` | ".to_owned(),
        ]
    );
}

#[test]
fn sources_sinks_and_deliveries_name_what_is_there() {
    let folder = Folder::of(
        "[plugins.mood]\npath = \"plugins/mood\"\n[sources.crm]\nplugin = \"mod\"\n[sources.raw]\nparquet = { orders = \"x/orders.parquet\" }\n[sources.both]\nplugin = \"mood\"\nparquet = {}\n[sources.seeds]\nplugin = \"mood\"\nconfig = { mappin = 1, rows = \"many\" }\n[sinks.outbox]\nplugin = \"zzz\"\n[deliveries.reviews]\nfrom = \"a.one\"\nsink = \"outbx\"\nkey = [\"id\"]\n",
    );
    let config = "[config.mapping]\ntype = \"string\"\nrequired = true\ndoc = \"how columns are named\"\n[config.rows]\ntype = \"integer\"\n";
    folder.plugin("plugins/mood", &manifest(config));
    assert_eq!(
        folder.findings(),
        [
            "pipeline.toml:7:10 | there is no plugin `mod` | did you mean `mood`?",
            "pipeline.toml:9:22 | the Parquet file of the table `orders` does not exist: `x/orders.parquet` | put the file there, or name where it is; paths start at the folder of pipeline.toml",
            "pipeline.toml:10:10 | `[sources.both]` must have exactly one of `plugin` and `parquet` | keep one and delete the others",
            "pipeline.toml:15:1 | the plugin `mood` needs `mapping` in `config` | add to `config`: mapping = \"…\" (how columns are named)",
            "pipeline.toml:15:12 | unknown key `mappin` in `[sources.seeds.config]` | did you mean `mapping`?",
            "pipeline.toml:15:31 | `sources.seeds.config.rows` must be a whole number, not a string | ",
            "pipeline.toml:17:10 | there is no plugin `zzz` | add a section `[plugins.zzz]` with its `path` or `file`",
            "pipeline.toml:20:8 | there is no sink `outbx` | did you mean `outbox`?",
            "pipeline.toml:13:10 | the schema `seeds` belongs to the host | choose another name than `seeds`",
        ]
    );
}

#[test]
fn models_checks_and_seeds_stand_in_their_places() {
    let folder = Folder::of(
        "[sources.raw]\nparquet = {}\n[seeds.rules]\ncolumns = { wieght = \"integer\", word = \"string\" }\n[seeds.rule]\n",
    );
    for (file, text) in [
        ("models/top.sql", "SELECT 1"),
        ("models/a/deep/x.sql", "SELECT 1"),
        ("models/a/Upper.sql", "SELECT 1"),
        ("models/a/notes.md", ""),
        ("models/a/two.sql", "-- @check not_null(n)\nSELECT 1 AS n"),
        ("models/raw/orders.sql", "SELECT 1"),
        ("models/tsugi/runs.sql", "SELECT 1"),
        ("checks/bad.txt", ""),
        ("seeds/rules.csv", "word,weight\n"),
        ("seeds/twice.csv", "a,b,a\n"),
        ("tests/one.yaml", ""),
    ] {
        folder.write(file, text.as_bytes());
    }
    assert_eq!(
        folder.findings(),
        [
            "pipeline.toml:7:40 | `seeds.rules.columns.word` cannot be `string`: it must be one of `text`, `integer`, `float`, `boolean`, `date`, `timestamp`, `decimal(digits, scale)` | ",
            "pipeline.toml:7:13 | there is no column `wieght` | did you mean `weight`?",
            "seeds/twice.csv:1:1 | `seeds/twice.csv` is not a CSV file with a header row: its first line names `a` twice | write the names of the columns in the first line, with commas",
            "pipeline.toml:8:8 | there is no seed `rule` | did you mean `rules`?",
            "models/a/Upper.sql | `Upper` cannot be the name of a table: a name is a lower-case letter, then lower-case letters, digits or `_` | did you mean `upper`?",
            "models/a/two.sql:1:4 | the header key `@check` is not supported by this version of tsugi | write a SELECT that returns the bad rows as a file under `checks/`",
            "models/top.sql | `models/top.sql` is not read: a model lies in the folder of its schema | move it to `models/<schema>/`",
            "pipeline.toml:4:10 | schema `raw` is there twice: the source at pipeline.toml:4:10 and the folder `models/raw` | rename or delete one of the two",
            "models/tsugi | the schema `tsugi` belongs to the host | choose another name than `tsugi`",
            "models/a/deep | `models/a/deep` is not read: schemas have no folders inside | move its files up by one folder",
            "checks/bad.txt | `checks/bad.txt` is not read: a check is a file that ends with `.sql` | rename it, or move it out of `checks/`",
            "tests | the folder `tests/` is not used by this version of tsugi | its unit tests are not run; checks under `checks/` are",
        ]
    );
}

#[test]
fn an_environment_changes_only_what_is_there() {
    let folder = Folder::of(
        "[vars]\nlimit = 3\n[environments.production.vars]\nlimit = \"three\"\nlimits = 3\n",
    );
    assert_eq!(
        folder.findings(),
        [
            "pipeline.toml:7:1 | `environments.production.vars.limit` cannot be `three`: it must be of the type of `vars.limit`: integer | ",
            "pipeline.toml:8:1 | there is no variable `limits` | did you mean `limit`?",
        ]
    );
    let folder = Folder::of("[environments.production]\n");
    assert_eq!(
        described(&Project::load(folder.path(), Some("prodution")).unwrap_err()),
        ["pipeline.toml | there is no environment `prodution` | did you mean `production`?"]
    );
}
