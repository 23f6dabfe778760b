//! What is typed and what is printed: formats, exit codes, data on standard output and all else on
//! standard error, sentences in two languages.

use arrow::ipc::reader::StreamReader;
use tsugi_sample::{Options, Plant};

use crate::sample_copy::{Project, SMALL, objects, plugins_folder};
use crate::support::{assert_printed, plugins, run};

/// A published table with a null, a comma, quotes and a character of three bytes, a plugin and a
/// variable.
fn goods(name: &str) -> Project {
    plugins();
    let project = Project::empty(name);
    let plugins = plugins_folder();
    project.write(
        "pipeline.toml",
        &format!(
            "[pipeline]\nname = \"goods\"\nas_of = \"2026-03-31\"\n\n\
             [plugins.sentiment]\npath = {plugins}sentiment\"\n\n[vars]\nleast = 5\n\n\
             [seeds.goods]\ncolumns = {{ rank = \"integer\", share = \"float\" }}\n"
        ),
    );
    project.write(
        "seeds/goods.csv",
        "rank,what,share\n1,\"靴底, \"\"rubber\"\"\",0.125\n2,,\n3,laces,1e300\n",
    );
    project.write("models/a/goods.sql", "SELECT * FROM seeds.goods\n");
    project.tsugi("run", &[]).ended(0);
    project
}

#[test]
fn a_query_answers_in_four_formats() {
    let project = goods("formats");
    let print = |sql: &str, format: &str| {
        let outcome = project.tsugi("query", &[sql, "--format", format]).ended(0);
        assert_eq!(outcome.stderr, "");
        outcome.stdout
    };
    let all = "SELECT *, $as_of AS day, rank > 1 AS more FROM a.goods ORDER BY rank";
    assert_printed!(print(all, "table"), @r#"
    +------+----------------+-------+------------+-------+
    | rank | what           | share | day        | more  |
    +------+----------------+-------+------------+-------+
    | 1    | 靴底, "rubber" | 0.125 | 2026-03-31 | false |
    | 2    |                |       | 2026-03-31 | true  |
    | 3    | laces          | 1e300 | 2026-03-31 | true  |
    +------+----------------+-------+------------+-------+
    "#);
    assert_printed!(print(all, "csv"), @r#"
    rank,what,share,day,more
    1,"靴底, ""rubber""",0.125,2026-03-31,false
    2,,,2026-03-31,true
    3,laces,1e300,2026-03-31,true
    "#);
    assert_printed!(print(all, "json"), @r#"
    {"rank":1,"what":"靴底, \"rubber\"","share":0.125,"day":"2026-03-31","more":false}
    {"rank":2,"what":null,"share":null,"day":"2026-03-31","more":true}
    {"rank":3,"what":"laces","share":1e+300,"day":"2026-03-31","more":true}
    "#);
    let table = project.tsugi("query", &[all]).ended(0).stdout;
    assert_eq!(table, print(all, "table"), "the table is what one gets");

    let mut arrow = project.command("query", &[all, "--format", "arrow"]);
    let arrow = arrow.output().unwrap().stdout;
    let batches: Result<Vec<_>, _> = StreamReader::try_new(&arrow[..], None).unwrap().collect();
    let shown = arrow::util::pretty::pretty_format_batches(&batches.unwrap()).unwrap();
    assert_eq!(format!("{shown}\n"), table, "the same rows as Arrow");

    let none = "SELECT rank FROM a.goods WHERE rank < 0";
    assert_printed!(print(none, "table"), @"
    +------+
    | rank |
    +------+
    +------+
    ");
    assert_eq!([print(none, "csv"), print(none, "json")], ["rank\n", ""]);

    // Plugins answer in queries too, and so do the variables of the pipeline.
    let sql = "SELECT sentiment('これは最悪です', 'ja') < 0 AS bad, $least AS least";
    assert_printed!(print(sql, "csv"), @"
    bad,least
    true,5
    ");
}

#[test]
fn what_is_no_query_is_refused_with_what_to_type() {
    let project = goods("refused");
    let mut refused = String::new();
    for wrong in [
        "SELECT foo FROM a.goods",
        "SELECT shar FROM a.goods",
        "SELECT * FROM a.good",
        "SELEC 1",
        "SELECT 1; SELECT 2",
        "DROP TABLE a.goods",
        "INSERT INTO a.goods SELECT * FROM a.goods",
        "COPY a.goods TO 'out.csv'",
    ] {
        let outcome = project.tsugi("query", &[wrong]).ended(2);
        assert_eq!(outcome.stdout, "", "{wrong}");
        refused += &format!("> {wrong}\n{}\n", outcome.stderr);
    }
    assert_printed!(refused, @"
    > SELECT foo FROM a.goods
    error: column `foo` not found
      --> SQL:1:8

    1 error; nothing ran

    > SELECT shar FROM a.goods
    error: column `shar` not found
      --> SQL:1:8
    hint: did you mean `share`?

    1 error; nothing ran

    > SELECT * FROM a.good
    error: table `a.good` not found
      --> SQL:1:15
    hint: did you mean `a.goods`?

    1 error; nothing ran

    > SELEC 1
    error: Expected: an SQL statement, found: SELEC
      --> SQL:1:1

    1 error; nothing ran

    > SELECT 1; SELECT 2
    error: there are 2 statements
      --> SQL
    hint: write one SELECT a file; WITH … AS (…) names the steps before it

    1 error; nothing ran

    > DROP TABLE a.goods
    error: `DROP` is not a query
      --> SQL
    hint: write one SELECT a file; WITH … AS (…) names the steps before it

    1 error; nothing ran

    > INSERT INTO a.goods SELECT * FROM a.goods
    error: `INSERT` is not a query
      --> SQL
    hint: write one SELECT a file; WITH … AS (…) names the steps before it

    1 error; nothing ran

    > COPY a.goods TO 'out.csv'
    error: this is not a query
      --> SQL
    hint: write one SELECT a file; WITH … AS (…) names the steps before it

    1 error; nothing ran
    ");
    assert!(!project.path("out.csv").exists());
    let outcome = project.tsugi("query", &["SELECT 1 / (rank - rank) FROM a.goods"]);
    assert_printed!(outcome.ended(1).stderr, @r#"
    error: `1 / (rank - rank)` divides by zero: 1 / 0, in the row rank: 1, what: 靴底, "rubber", share: 0.125
      --> SQL:1:13
       |
     1 | SELECT 1 / (rank - rank) FROM a.goods
       |             ^
    hint: write x / nullif(y, 0), which is null where y is zero
    "#);
}

#[test]
fn a_run_ends_with_sentences_in_the_language_of_the_user_and_three_commands() {
    let (project, _) = Project::generated("sentences", &SMALL);
    let english = project.tsugi("run", &["--lang", "en"]).ended(0);
    let data: Vec<&str> = english
        .stdout
        .lines()
        .filter(|line| !line.is_empty())
        .collect();
    assert!(
        data[0].starts_with("Complaints about cracked soles lead to ")
            && data[0].contains(" complaints in "),
        "{data:?}"
    );
    assert!(data[1].contains("pairs still in stock"), "{data:?}");
    let commands: Vec<&str> = english
        .stderr
        .lines()
        .filter(|line| line.starts_with("  tsugi "))
        .collect();
    assert_eq!(commands.len(), 3, "{}", english.stderr);
    let last = english.stderr.trim_end().lines().last().unwrap();
    assert!(
        last.starts_with("done made=") && last.contains(" snapshot=1 in "),
        "{last}"
    );
    for number in 1..=5 {
        assert!(
            english
                .stderr
                .lines()
                .any(|line| line.starts_with('[') && line.contains(&format!(" {number}/"))),
            "progress is printed line by line: {}",
            english.stderr
        );
    }

    let japanese = project.tsugi("run", &["--lang", "ja"]).ended(0);
    assert!(
        japanese.stdout.contains("苦情") && japanese.stdout.contains("在庫"),
        "{}",
        japanese.stdout
    );
    assert!(
        japanese.stderr.contains("次に:") && japanese.stderr.contains("変更はありません"),
        "{}",
        japanese.stderr
    );
    let located = project
        .command("run", &[])
        .env("LC_ALL", "ja_JP.UTF-8")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8(located.stdout).unwrap(),
        japanese.stdout,
        "the locale decides when no option does"
    );

    // Each command, pasted, works. Quotes are those of a shell.
    for command in commands {
        let binary = env!("CARGO_BIN_EXE_tsugi");
        let line = command.trim().replacen("tsugi", binary, 1);
        let output = std::process::Command::new("sh")
            .args(["-c", &line])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(!output.stdout.is_empty(), "{command}");
    }
}

#[test]
fn exit_codes_tell_who_must_act() {
    for (args, code) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&[], 2),
        (&["rum"], 2),
        (&["run"], 2),
        (&["run", "nowhere"], 2),
        (&["query", "nowhere", "SELECT 1"], 2),
        (&["run", ".", "--lang", "fr"], 2),
    ] {
        let outcome = run(args).ended(code);
        assert_eq!(
            code == 0,
            outcome.stderr.is_empty(),
            "{args:?}: {outcome:?}"
        );
    }
    assert_printed!(run(&["rum", "x"]).ended(2).stderr, @"
    error: unrecognized subcommand 'rum'

      tip: a similar subcommand exists: 'run'

    Usage: tsugi <COMMAND>

    For more information, try '--help'.
    ");
    assert_printed!(run(&["run", "nowhere"]).ended(2).stderr, @"
    error: the pipeline.toml of the project does not exist: `nowhere/pipeline.toml`
    hint: name the folder of a project: the one that holds pipeline.toml

    1 error; nothing ran
    ");

    let options = Options {
        seed: 1,
        scale: 0.05,
        plant: Plant::Strong,
        lots: None,
        texts: None,
    };
    let (project, _) = Project::generated("codes", &options);
    for verb in ["deliver", "review list", "brief --log"] {
        let outcome = project.tsugi(verb, &[]).ended(1);
        assert!(
            outcome
                .stderr
                .starts_with("error: nothing is published yet\nhint: tsugi run "),
            "{}",
            outcome.stderr
        );
    }
    let outcome = project.tsugi("check", &[]).ended(0);
    assert!(
        outcome.stdout.starts_with("ok: ") && outcome.stderr.is_empty(),
        "{outcome:?}"
    );
    assert!(
        !project.path(".tsugi").exists(),
        "a check leaves nothing behind"
    );
    let outcome = project.tsugi("check", &["--json"]).ended(0);
    assert_eq!(objects(&outcome.stdout).len(), 1);
}

#[test]
fn plugins_are_listed_with_what_they_want_and_are_granted() {
    let project = Project::committed("plugins");
    let listed = project.tsugi("plugins", &[]).ended(0).stdout;
    assert_printed!(listed, @"
    plugin       version  digest        roles                        wants                                    grants
    correlation  0.1.0    digest......  aggregate table              -                                        -
    crm-export   0.1.0    digest......  source                       inputs.exports                           inputs.exports = exports/crm
    erp-export   0.1.0    digest......  source                       inputs.exports                           inputs.exports = exports/erp
    outreach     0.1.0    digest......  scalar aggregate table sink  outputs.outbox http.channel mail.server  outputs.outbox = outbox
    sentiment    0.1.0    digest......  scalar table                 -                                        -
    ");
    let events = objects(&project.tsugi("plugins", &["--json"]).ended(0).stdout);
    let wants = &events[1]["wants"][0];
    assert_eq!(wants["want"], "inputs.exports");
    assert!(
        wants["reason"].as_str().unwrap().contains("CRM"),
        "a want says why: {wants}"
    );
}

#[test]
fn grants_say_who_may_reach_what_and_what_for() {
    let project = Project::committed("grants");
    let listed = project.tsugi("grants", &[]).ended(0).stdout;
    assert_printed!(listed, @"
    plugin       as           may reach                                what for
    correlation  functions    nothing
    crm-export   source crm   inputs.exports = exports/crm             the CRM export files
    erp-export   source erp   inputs.exports = exports/erp             the ERP export files
    outreach     sink outbox  outputs.outbox = outbox                  one JSON Lines object a batch, one JSON object a message
    outreach     sink outbox  people, with messages that are reviewed  its plugin.toml says so
    sentiment    functions    nothing
    ");
    let events = objects(&project.tsugi("grants", &["--json"]).ended(0).stdout);
    let outbox = events.iter().find(|line| line["as"] == "sink outbox");
    let reason = outbox.unwrap()["reason"].as_str().unwrap();
    assert!(!reason.is_empty(), "a want says why");
}

/// A log of blanks says nothing.
#[test]
fn who_looks_and_why_is_said() {
    for (by, why) in [("", "a call"), ("Mika Sato", " "), ("\u{200b}", "a call")] {
        let words = [
            "query",
            "nowhere",
            "SELECT 1",
            "--show-personal",
            "--by",
            by,
            "--why",
            why,
        ];
        let outcome = run(&words).ended(2);
        let expected = "it is kept in a log, where a blank says nothing";
        assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
    }
}
