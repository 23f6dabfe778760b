//! A forgotten person is gone from tables, older snapshots, quarantine, outbox, ledger and logs,
//! whenever the process dies; their refusal is remembered.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{ADDRESS, ID, NAME, approve, care, duckdb};
use crate::duckdb::has_duckdb;
use crate::sample_copy::{Project, data_files, killed_after, named_files, objects};
use crate::support::assert_printed;

const BY: [&str; 4] = ["--by", "Nora Lindqvist", "--why", "request by message"];

fn forget(project: &Project, person: &str, more: &[&str], code: i32) -> Map<String, Value> {
    let words: Vec<&str> = [person]
        .into_iter()
        .chain(BY)
        .chain(["--json"])
        .chain(more.iter().copied())
        .collect();
    let outcome = project.tsugi("forget", &words).ended(code);
    let last = objects(&outcome.stdout).pop().unwrap();
    last["traces"].as_object().unwrap().clone()
}

/// A business that ran twice, delivered, and looked the person up.
fn busy(name: &str) -> Project {
    let project = care(name);
    // The older snapshots stay, so that there is something to forget in them.
    project.edit(
        "pipeline.toml",
        "[personal]\n",
        "[warehouse]\nkeep = \"forever\"\n\n[personal]\n",
    );
    project.tsugi("run", &[]).ended(0);
    approve(&project);
    project.tsugi("deliver", &[]).ended(0);
    project.edit("exports/customers.csv", "Person 3", "Person Three");
    project.tsugi("run", &[]).ended(0);
    project.shown(&format!(
        "SELECT name FROM crm.customers WHERE name = '{NAME}' OR customer_id = '{ID}'"
    ));
    project
}

/// Every file below a folder that has a text in its bytes, or in the texts of its rows.
fn holding(folder: &Path, texts: &[&str], found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            holding(&path, texts, found);
            continue;
        }
        let mut bytes = std::fs::read(&path).unwrap();
        if path.extension().is_some_and(|ending| ending == "parquet") {
            let file = std::fs::File::open(&path).unwrap();
            let reader =
                parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file)
                    .unwrap();
            for batch in reader.build().unwrap() {
                let drawn = arrow::util::pretty::pretty_format_batches(&[batch.unwrap()]).unwrap();
                bytes.extend(drawn.to_string().into_bytes());
            }
        }
        let all = String::from_utf8_lossy(&bytes);
        found.extend(
            texts
                .iter()
                .filter(|text| all.contains(**text))
                .map(|text| format!("{text} in {}", path.display())),
        );
    }
}

#[track_caller]
fn assert_gone(project: &Project, when: &str) {
    let mut found = Vec::new();
    for folder in [".tsugi", "outbox"] {
        holding(&project.path(folder), &[ID, NAME, ADDRESS], &mut found);
    }
    assert!(found.is_empty(), "{when}: {found:?}");
}

#[test]
fn a_rehearsal_says_where_a_person_stands_and_changes_nothing() {
    let project = busy("personal-rehearsal");
    let rehearse = |more: &[&str]| {
        let words = [&[ID, "--dry-run"], &BY[..], more].concat();
        project.tsugi("forget", &words).ended(0).stdout
    };
    let (first, second) = (rehearse(&[]), rehearse(&["--json"]));
    assert_printed!(first, @"
    where                                                     how many  of what
    crm.customers                                             1         rows
    crm.tickets                                               1         rows
    outreach.messages                                         1         rows
    quarantine.crm                                            1         rows
    staging.persons                                           1         rows
    crm.tickets                                               1         texts in rows of others
    staging.lists                                             1         texts in rows of others
    staging.names                                             1         texts in rows of others
    older snapshots                                           6         files
    outbox/RUN/000000.jsonl  1         lines
    recorded: intent                                          1         entries
    recorded: lookup                                          1         entries
    nothing was changed; without --dry-run this is removed
    still in files that belong to you; delete these lines there:
      exports/customers.csv:9
      exports/tickets.csv:9
      exports/tickets.csv:12
      exports/tickets.csv:13
    ");
    assert_printed!(second, @r#"
    {"event":"forgetting","step":"looked"}
    {"event":"forgotten","dry_run":true,"traces":{"before":null,"rows":{"crm.customers":1,"crm.tickets":1,"outreach.messages":1,"quarantine.crm":1,"staging.persons":1},"texts":{"crm.tickets":1,"staging.lists":1,"staging.names":1},"older_files":6,"expired":0,"outbox":{"outbox/RUN/000000.jsonl":1},"store":{"intent":1,"lookup":1},"verified_files":0,"left":[],"inputs":["exports/customers.csv:9","exports/tickets.csv:9","exports/tickets.csv:12","exports/tickets.csv:13"],"unseen":[],"doubts":[]}}
    "#);
    assert_eq!(rehearse(&["--json"]), second, "nothing was changed");
    assert_eq!(rehearse(&[]), first, "nothing at all");
}

#[tokio::test]
async fn a_person_is_gone_from_everywhere_and_the_others_stay() {
    let project = busy("personal-forget");
    let outcome = project.tsugi("forget", &[&[ID], &BY[..]].concat()).ended(0);
    assert_printed!(outcome.stdout, @"
    where                                                     how many  of what
    crm.customers                                             1         rows
    crm.tickets                                               1         rows
    outreach.messages                                         1         rows
    quarantine.crm                                            1         rows
    staging.persons                                           1         rows
    crm.tickets                                               1         texts in rows of others
    staging.lists                                             1         texts in rows of others
    staging.names                                             1         texts in rows of others
    older snapshots                                           6         files
    outbox/RUN/000000.jsonl  1         lines
    recorded: intent                                          1         entries
    recorded: lookup                                          1         entries
    removed; 2 older snapshots expired; verified in 7 Parquet files, all databases and the outboxes
    still in files that belong to you; delete these lines there:
      exports/customers.csv:9
      exports/tickets.csv:9
      exports/tickets.csv:12
      exports/tickets.csv:13
    rebuild the tables that read these: tsugi run DIR
    ");
    assert_gone(&project, "after forget");
    let warehouse = project.warehouse().await;
    for info in warehouse.lake().history().await.unwrap() {
        let snapshot = warehouse.snapshot_at(info.id).await.unwrap();
        for (name, table) in &snapshot.tables {
            assert!(
                table.files.iter().all(|file| file.path.is_file()),
                "{name} of snapshot {}",
                info.id
            );
        }
    }
    assert_eq!(data_files(&project), named_files(&warehouse).await);
    assert_eq!(
        project.rows("SELECT count(*) AS n FROM crm.customers")[0]["n"],
        9
    );
    assert_eq!(
        project.shown("SELECT text FROM crm.tickets WHERE ticket_id = 'T-71'")[0]["text"],
        "[forgotten] outcome me, ask [forgotten]"
    );
    if has_duckdb() {
        let seen = duckdb(
            &project,
            "for v in c.execute('SELECT snapshot_id FROM lake.snapshots() ORDER BY 1').fetchall():\n  try: print(v[0], c.execute(f'SELECT count(*), count(*) FILTER (customer_id = \\'C-0007\\') FROM lake.crm.customers AT (VERSION => {v[0]})').fetchall())\n  except duckdb.Error: print(v[0], 'none')",
        );
        // No snapshot shows the person.
        assert_printed!(seen, @"
            0 none
            3 [(9, 0)]
            ");
    }

    let again = forget(&project, ID, &[], 0);
    assert!(
        again["before"].is_string() && again["rows"].as_object().unwrap().is_empty(),
        "{again:?}"
    );
    let outcome = project.tsugi("forget", &[&["C-9999"], &BY[..]].concat());
    assert_printed!(outcome.ended(1).stderr, @"
    error: nothing is known of `C-9999`
    hint: an id is compared as it is written, small and capital letters too; nothing was changed
    ");
}

#[test]
fn what_was_counted_with_a_forgotten_person_is_counted_anew() {
    let project = care("personal-counted");
    let count = "SELECT count(*) AS n FROM crm.customers";
    project.write("models/a/people.sql", count);
    project.tsugi("run", &[]).ended(0);
    let counted = || project.rows("SELECT n FROM a.people")[0]["n"].as_u64();
    let before = counted().unwrap();
    forget(&project, ID, &[], 0);
    project.tsugi("run", &[]).ended(0);
    assert_eq!(counted(), Some(before - 1));
}

#[test]
fn a_refusal_still_holds_when_the_person_comes_again() {
    let project = busy("personal-refusal");
    forget(&project, ID, &[], 0);
    // The export still has them, and a new one brings them again. What others wrote of them only
    // the owner of the export can delete.
    let line = format!("T-71,C-0001,\"{NAME} outcome me, ask {ID}\",2024-05-05\n");
    project.edit("exports/tickets.csv", &line, "");
    project.write("exports/customers-new.csv", &format!("customer_id,name,address,visits\n{ID},{NAME},{ADDRESS},1\nC-0010,Person 10,person10@mail.example,1\n"));
    project.write("exports/tickets-new.csv", &format!("ticket_id,customer_id,text,created_on\nT-90,{ID},again,2024-05-01\nT-91,{ID},again,never\n"));
    let outcome = project.tsugi("run", &[]).ended(0);
    assert_printed!(outcome.stderr, @"
    [1/7] crm.customers  10 rows  0.0 s
    [2/7] crm.tickets  9 rows  0.0 s
    [4/7] outreach.messages  10 rows  0.0 s
    [5/7] staging.persons  10 rows  0.0 s
    [6/7] staging.lists  1 row  0.0 s
    [7/7] staging.names  10 rows  0.0 s
    1 table unchanged
    2 rows of crm.customers left out: about forgotten persons; delete from the files that are read
    2 rows of crm.tickets left out: about forgotten persons; delete from the files that are read

    Next:
      tsugi deliver DIR --dry-run
      tsugi plugins DIR

    done made=6 unchanged=1 quarantined=0 snapshot=4 in 0.0 s
    ");
    assert_eq!(
        project.rows("SELECT count(*) AS n FROM crm.customers")[0]["n"],
        10,
        "the others are read"
    );
    assert_eq!(
        project.rows(&format!(
            "SELECT count(*) AS n FROM outreach.messages WHERE customer_id = '{ID}'"
        ))[0]["n"],
        0
    );
    let mut found = Vec::new();
    holding(&project.path(".tsugi"), &[ID, ADDRESS], &mut found);
    assert!(found.is_empty(), "{found:?}");
    let again = objects(&project.tsugi("run", &["--json"]).ended(0).stdout)
        .pop()
        .unwrap();
    assert_eq!(
        (&again["published"], &again["made"]),
        (&json!(false), &json!(0)),
        "{again:?}"
    );

    // A table that does not come through a source: the host itself refuses, but for a warning.
    let made_up = |purpose: &str, template: &str| {
        format!(
            "SELECT * FROM compose(targets => (SELECT 'other' AS incident, '{ID}' AS customer_id, 'certain' AS certainty, 'SO-1' AS order_id, 'Yuki Mid' AS product, 'L-1' AS finished_lot, '{purpose}' AS purpose, '{template}' AS template_id), \
             templates => (SELECT * FROM seeds.templates), persons => (SELECT '{ID}' AS customer_id, 'P' AS name, 'p@mail.example' AS address, 'email' AS channel, 'en' AS language, 'Asia/Tokyo' AS time_zone, 'JP' AS country, true AS addressable, 'standard' AS value_class), \
             consents => (SELECT '{ID}' AS customer_id, 'advertisement' AS purpose, 'granted' AS state, '2024-01-01' AS at, 'form 7' AS proof), as_of => $as_of)"
        )
    };
    for (purpose, template, sent, forgotten) in [
        ("advertisement", "spring-news", 0, 1),
        ("service_notice", "sole-notice", 0, 1),
        ("safety_recall", "sole-recall", 1, 0),
    ] {
        project.write("models/outreach/messages.sql", &made_up(purpose, template));
        project.tsugi("run", &[]).ended(0);
        if forgotten == 0 {
            approve(&project);
        }
        let outcome = objects(&project.tsugi("deliver", &["--json"]).ended(0).stdout)
            .pop()
            .unwrap();
        let counts = &outcome["delivery"];
        assert_eq!(
            (&counts["sent"], &counts["forgotten"]),
            (&json!(sent), &json!(forgotten)),
            "{purpose}: {counts}"
        );
    }
    // The ledger knows the warning by the hash, and it goes once.
    let outcome = objects(&project.tsugi("deliver", &["--json"]).ended(0).stdout)
        .pop()
        .unwrap();
    assert_eq!(
        (
            &outcome["delivery"]["sent"],
            &outcome["delivery"]["already"]
        ),
        (&json!(0), &json!(1))
    );
    let state = std::fs::read(project.path(".tsugi/ledger/ledger.sqlite")).unwrap();
    assert!(!String::from_utf8_lossy(&state).contains(ID));
}

#[test]
fn the_ledger_still_knows_what_went_to_whom_without_a_name() {
    let project = busy("personal-ledger");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let ledger = |customer: &str| {
        let key = tsugi_pipeline::store::MessageKey {
            incident: "sole_crack: a lot".into(),
            customer: customer.into(),
            template_version: "sole-notice@1".into(),
        };
        runtime.block_on(async {
            let warehouse = project.warehouse().await;
            let key = key.into();
            let attempts = warehouse
                .ledger()
                .await
                .unwrap()
                .attempts(std::iter::once(&key))
                .await;
            let attempt = attempts.unwrap().remove(0);
            attempt.map(|attempt| attempt.outcome)
        })
    };
    assert!(ledger(ID).is_some());
    forget(&project, ID, &[], 0);
    assert!(ledger(ID).is_none());
    let label = runtime.block_on(async {
        let warehouse = project.warehouse().await;
        tsugi_care::store::forgotten::load_forgotten(&warehouse)
            .await
            .unwrap()
            .label(ID)
    });
    assert!(label.starts_with("forgotten:") && label.len() == 74);
    assert_eq!(
        ledger(&label),
        Some(Some(tsugi_pipeline::store::Outcome::Accepted))
    );
    assert_eq!(
        ledger("C-0001"),
        Some(Some(tsugi_pipeline::store::Outcome::Accepted))
    );
    let log = objects(&project.tsugi("brief", &["--log", "--json"]).ended(0).stdout);
    assert!(
        log[0]["value"].as_str().unwrap().contains("[forgotten]"),
        "who looked stays: {log:?}"
    );
}

#[test]
fn killed_at_every_step_it_is_finished_by_the_next_one() {
    for lines in 1..=8 {
        let project = busy("personal-kill");
        let words: Vec<&str> = [ID].into_iter().chain(BY).chain(["--json"]).collect();
        let events = killed_after(project.command("forget", &words), lines);
        let when = format!("killed after {:?}", events.last());
        // Readers find whole tables whatever happened.
        assert!(
            project.rows("SELECT count(*) AS n FROM crm.customers")[0]["n"]
                .as_u64()
                .unwrap()
                >= 9,
            "{when}"
        );
        let outcome = forget(&project, ID, &[], 0);
        assert!(
            outcome["left"].as_array().unwrap().is_empty(),
            "{when}: {outcome:?}"
        );
        assert_gone(&project, &when);
        assert_eq!(
            project.rows("SELECT count(*) AS n FROM crm.customers")[0]["n"],
            9,
            "{when}"
        );
        let outcome = project.tsugi("run", &[]).ended(0);
        assert!(
            outcome.stderr.contains("forgotten persons"),
            "{when}: {}",
            outcome.stderr
        );
    }
}

#[test]
fn without_a_subject_no_person_can_be_forgotten() {
    let project = care("personal-subject");
    project.tsugi("run", &[]).ended(0);
    project.edit("pipeline.toml", "subject = \"customer_id\"", "");
    let outcome = project
        .tsugi("forget", &[ID, BY[0], BY[1], BY[2], BY[3]])
        .ended(2);
    assert_printed!(outcome.stderr, @r#"
    error: the pipeline does not say which column is the person
    hint: add to pipeline.toml: [personal] with subject = "customer_id"

    1 error; nothing ran
    "#);
}

/// One person in one language: their row, and what others wrote of them in other spellings.
struct Spelled {
    row: &'static str,
    texts: &'static [&'static str],
    /// What of them stands in those texts.
    traces: &'static [&'static str],
}

const SPELLED: [Spelled; 3] = [
    Spelled {
        row: "C-434,霧島谷 千鶴,chizuru@yubin.example",
        texts: &[
            "霧島谷千鶴さんの電話で聞きました",
            "霧島谷　千鶴様より",
            "連絡先はchizuru@yubin.exampleです",
            "ＣＨＩＺＵＲＵ＠ｙｕｂｉｎ．ｅｘａｍｐｌｅへ送る",
            "顧客C-434の件",
            "顧客ｃ－４３４の件",
            "c-434の千鶴さん",
        ],
        traces: &[
            "霧島谷",
            "千鶴",
            "chizuru",
            "ＣＨＩＺＵＲＵ",
            "434",
            "４３４",
        ],
    },
    Spelled {
        row: "C-434,Jörg Weißmüller,weissmueller@brief.example",
        texts: &[
            "Herr JÖRG WEISSMÜLLER rief an",
            "Joerg Weissmueller war hier",
            "Weißmüller Jörg war hier",
            "Jörg Weißmüllers Schuhe",
            "Jo\u{308}rg  Weißmu\u{308}ller fragt nach",
            "an Weissmueller@Brief.example.",
            "Kunde c-434: fragt nach",
        ],
        traces: &["Jörg", "JÖRG", "Joerg", "eissm", "eißm", "EISSM", "-434"],
    },
    Spelled {
        row: "C-434,Inês Conceição,ines.conceicao@correio.example",
        texts: &[
            "a senhora INES CONCEICAO ligou",
            "Ine\u{302}s Conceic\u{327}a\u{303}o pediu",
            "falar com Conceição Inês",
            "escrever para INES.CONCEICAO@correio.EXAMPLE",
            "cliente c-434",
        ],
        traces: &["Inês", "INES", "onceic", "onceiç", "CONCEI", "-434"],
    },
];

#[test]
fn a_person_is_forgotten_in_every_spelling() {
    for (number, spelled) in SPELLED.iter().enumerate() {
        let project = care(&format!("personal-spelled-{number}"));
        let mut customers = project.read("exports/customers.csv");
        customers.push_str(&format!("{},1\n", spelled.row));
        project.write("exports/customers.csv", &customers);
        let mut tickets = project.read("exports/tickets.csv");
        for (at, text) in spelled.texts.iter().enumerate() {
            // Several others write of them.
            tickets.push_str(&format!("T-9{at},C-000{at},{text},2024-05-05\n"));
        }
        project.write("exports/tickets.csv", &tickets);
        project.tsugi("run", &[]).ended(0);
        // As the id is typed does not count either.
        let traces = forget(&project, "c-434", &[], 0);
        assert_eq!(traces["left"], json!([]), "{traces:?}");
        assert_eq!(traces["doubts"], json!([]), "{traces:?}");
        let found = project.shown("SELECT text FROM crm.tickets WHERE ticket_id LIKE 'T-9%'");
        let found = serde_json::to_string(&found).unwrap();
        for trace in spelled.traces {
            assert!(!found.contains(trace), "{trace} in {found}");
        }
        let listed = traces["inputs"].as_array().unwrap().len();
        assert_eq!(
            listed,
            spelled.texts.len() + 1,
            "each line is listed: {traces:?}"
        );
        let mut kept = Vec::new();
        let name = spelled.row.split(',').nth(1).unwrap();
        holding(&project.path(".tsugi"), &[name], &mut kept);
        assert!(
            kept.is_empty(),
            "also not as a bound in the catalogue: {kept:?}"
        );

        // They stay forgotten, however the next export writes their id.
        project.write(
            "exports/customers.csv",
            &customers.replace("C-434", "c-434"),
        );
        project.tsugi("run", &[]).ended(0);
        let back = project
            .shown("SELECT customer_id FROM crm.customers WHERE lower(customer_id) = 'c-434'");
        assert!(back.is_empty(), "{back:?}");
    }
}

#[test]
fn what_only_looks_like_the_person_is_left_and_listed() {
    let project = care("personal-doubts");
    let mut tickets = project.read("exports/tickets.csv");
    tickets.push_str("T-90,C-0001,Urschla/Honigtau was seen,2024-05-05\n");
    tickets.push_str("T-91,C-0002,C-00071 is another one,2024-05-05\n");
    project.write("exports/tickets.csv", &tickets);
    project.tsugi("run", &[]).ended(0);
    let outcome = project.tsugi("forget", &[&[ID], &BY[..]].concat()).ended(0);
    let words = "looks like them and was left: read it with tsugi query, and correct it where it comes from:\n  \
                 crm.tickets.text: 1 text\n";
    assert!(outcome.stdout.contains(words), "{}", outcome.stdout);
}
