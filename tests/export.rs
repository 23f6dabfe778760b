//! One file for each owner, with their own customers and no others; journeys in a partner's name.

use std::collections::{BTreeMap, BTreeSet};

use crate::sample_copy::{Project, objects};
use crate::support::assert_printed;

/// The customers in a file, by their number.
fn customers(text: &str) -> BTreeSet<String> {
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let header = rows.headers().unwrap().clone();
    let at = header.iter().position(|name| name == "customer_id");
    let at = at.expect("the header has the number");
    rows.records()
        .map(|row| row.unwrap()[at].to_owned())
        .collect()
}

#[test]
fn each_partner_gets_their_own_customers_and_no_others() {
    let project = Project::committed("export");
    project.tsugi("run", &[]).ended(0);
    let folder = project.path("handed out");
    let to = folder.display().to_string();
    let words = [
        "frontline.partner_customers",
        "--owner",
        "partner",
        "--to",
        &to,
        "--by",
        "Mika Sato",
        "--why",
        "the spring round",
    ];
    let outcome = project.tsugi("export", &words).ended(0);
    let mut owned: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in
        project.lines("SELECT owner, customer_id FROM crm.customers WHERE owner IS NOT NULL")
    {
        let (owner, customer) = line.split_once('|').unwrap();
        owned
            .entry(owner.to_owned())
            .or_default()
            .insert(customer.to_owned());
    }
    assert!(owned.len() > 5, "{owned:?}");
    assert_eq!(
        outcome.stdout.lines().count(),
        owned.len(),
        "{}",
        outcome.stdout
    );
    let mut files = 0;
    for (owner, expected) in &owned {
        let text = project.read(&format!("handed out/{owner}.csv"));
        assert_eq!(customers(&text), *expected, "{owner}");
        files += 1;
    }
    let found = std::fs::read_dir(&folder).unwrap().count();
    assert_eq!(found, files, "and no other file");
    // With the words that the person at the counter needs, and what waits for the customer.
    let all: String = owned
        .keys()
        .map(|owner| project.read(&format!("handed out/{owner}.csv")))
        .collect();
    assert!(all.contains("safety_recall") || all.contains("service_notice"));
    assert!(all.contains("Please stop wearing the pair"));
    for supplier in project.lines("SELECT name FROM erp.suppliers") {
        assert!(!all.contains(&supplier), "{supplier} is named");
    }

    let log = objects(&project.tsugi("brief", &["--log", "--json"]).ended(0).stdout);
    let entry = log.last().unwrap();
    assert_eq!(
        (
            entry["kind"].as_str(),
            entry["value"].as_str(),
            entry["by"].as_str()
        ),
        (
            Some("export"),
            Some("frontline.partner_customers by partner"),
            Some("Mika Sato")
        )
    );

    project.tsugi("export", &words).ended(0);
    project.write("handed out/ST-OLD.csv", "a partner who left\n");
    let outcome = project.tsugi("export", &words).ended(1);
    assert_printed!(outcome.stderr, @"error: cannot write `DIR/handed out/ST-OLD.csv`: it does not belong to this export: name an empty folder, or remove the file");
}

#[test]
fn an_export_of_what_is_not_there_says_what_is() {
    let project = Project::empty("export-wrong");
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"parts\"\nas_of = \"2026-03-31\"\n",
    );
    project.write(
        "models/a/owned.sql",
        "-- Rows of owners.\nSELECT * FROM (VALUES ('../up', 1), ('A/b', 2), ('A/b', 3), (NULL, 4), (' ', 5)) AS t(owner, n)\n",
    );
    let to = project.path("out").display().to_string();
    let export = |table: &str, owner: &str| {
        let words = [table, "--owner", owner, "--to", &to, "--format", "json"];
        let all: Vec<&str> = words
            .into_iter()
            .chain(["--by", "Mika", "--why", "a test"])
            .collect();
        project.tsugi("export", &all)
    };
    let outcome = export("a.owned", "owner").ended(1);
    assert_printed!(outcome.stderr, @"
    error: nothing is published yet
    hint: tsugi run DIR
    ");
    project.tsugi("run", &[]).ended(0);
    let outcome = export("a.ownd", "owner").ended(1);
    assert_printed!(outcome.stderr, @"
    error: there is no table a.ownd in snapshot 1
    hint: did you mean `a.owned`?
    ");
    let outcome = export("a.owned", "ownr").ended(1);
    assert_printed!(outcome.stderr, @"
    error: `a.owned` has no column `ownr`
    hint: did you mean `owner`?
    ");
    let outcome = export("a.owned", "owner").ended(0);
    assert_printed!(outcome.stderr, @"in no file, because `owner` is null: 2 rows");
    let files: BTreeSet<String> = std::fs::read_dir(project.path("out"))
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    let expected = ["%2E%2E%2Fup.jsonl", "A%2Fb.jsonl"].map(str::to_owned);
    assert_eq!(files, BTreeSet::from(expected), "no name leaves the folder");
    assert_eq!(objects(&project.read("out/A%2Fb.jsonl")).len(), 2);

    project.write(
        "models/a/owned.sql",
        "-- Names that one file would have to bear.\nSELECT * FROM (VALUES ('st', 1), ('ST', 2)) AS t(owner, n)\n",
    );
    project.tsugi("run", &[]).ended(0);
    let outcome = export("a.owned", "owner").ended(1);
    assert_printed!(outcome.stderr, @"error: cannot write `DIR/out/st.jsonl`: it would belong to both `ST` and `st`");
}

#[test]
fn a_partner_picks_a_journey_and_fills_open_fields_only() {
    let project = Project::committed("journeys");
    let lines = "\n[deliveries.journeys]\nkind = \"messages\"\nfrom = \"outreach.journey_messages\"\nsink = \"outbox\"\n";
    let text = project.read("pipeline.toml");
    project.write("pipeline.toml", &format!("{text}{lines}"));
    project.tsugi("run", &[]).ended(0);
    // Who may get one: a customer of a partner who picked it, some weeks after their pair came.
    let strangers = project.rows(
        "SELECT m.customer_id FROM outreach.journey_messages AS m JOIN crm.customers AS c ON c.customer_id = m.customer_id \
         WHERE c.owner NOT IN ('ST-SAP', 'ST-YOK', 'ST-ZR', 'AD-04') OR m.owner IS DISTINCT FROM c.owner",
    );
    assert!(strangers.is_empty(), "{strangers:?}");
    let meant = project.rows(
        "SELECT customer_id, owner, sender, body FROM outreach.journey_messages WHERE decision IN ('send', 'review') AND earliest_at IS NOT NULL",
    );
    assert!(!meant.is_empty(), "somebody is due");
    let listed = project.tsugi("review list", &["--json"]).ended(0).stdout;
    for review in objects(&listed) {
        if review["delivery"] == "journeys" {
            let id = review["id"].as_str().unwrap();
            project
                .tsugi("review approve", &[id, "--by", "Mika Sato"])
                .ended(0);
        }
    }
    project.tsugi("deliver", &[]).ended(0);
    let mut sent = Vec::new();
    for run in std::fs::read_dir(project.path("outbox")).unwrap().flatten() {
        for object in std::fs::read_dir(run.path()).unwrap().flatten() {
            sent.extend(objects(&std::fs::read_to_string(object.path()).unwrap()));
        }
    }
    assert_eq!(sent.len(), meant.len());
    for message in &sent {
        let text = |name: &str| message[name].as_str().unwrap_or_default();
        let expected = match text("owner") {
            "ST-SAP" => "モリハネ 札幌店",
            "ST-YOK" => "モリハネ 横浜店",
            "ST-ZR" => "Morihane Zürich",
            _ => "Morihane, Ihre Beratung",
        };
        assert_eq!(text("sender"), expected, "the sender is that partner");
        assert!(text("body").contains(expected), "{}", text("body"));
    }

    // What the network says is laid side by side: offers, open fields, logos.
    let report = "SELECT what, name, versions, said, partners FROM outreach.consistency WHERE what <> 'offer'";
    let lines = project.lines(report);
    for line in [
        "open field|first-weeks opening_hours|2|10時から19時まで（火曜定休） | Montag bis Samstag, 9 bis 18 Uhr|2",
        "logo|first-weeks|1|5b1e4c0f3c7a4a1d9e0f2b6c8d7a6e5f40312233445566778899aabbccddeeff|4",
    ] {
        assert!(lines.contains(line), "{line}: {lines:?}");
    }
    project.edit("seeds/assets.csv", "5b1e4c0f", "6b1e4c0f");

    // A locked text that a partner changes is refused, whatever they fill in.
    project.edit(
        "seeds/templates.csv",
        "Brush them when they are dry",
        "Oil them when they are dry",
    );
    project.edit("seeds/templates.csv", "Bürsten", "Ölen");
    project.tsugi("run", &[]).ended(0);
    let changed = project.rows(
        "SELECT language, decision, reason_codes FROM outreach.journey_messages \
         WHERE language = 'de' AND (decision <> 'suppress' OR reason_codes NOT LIKE '%template-changed%')",
    );
    assert!(changed.is_empty(), "{changed:?}");
    let lines = project.lines(report);
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("logo|first-weeks|1|6b1e4c0f")
                && line.contains("(no logo of ours)")),
        "{lines:?}"
    );
}

#[test]
fn an_owner_with_a_long_name_has_a_file_like_the_others() {
    let project = Project::empty("export-long");
    project.write(
        "pipeline.toml",
        "[pipeline]\nname = \"few\"\nas_of = \"2026-03-31\"\n",
    );
    let (one, other) = ("株".repeat(150), format!("{}会", "株".repeat(150)));
    project.write(
        "models/a/x.sql",
        &format!("SELECT 'x' AS a, 'north' AS owner UNION ALL SELECT 'y', '{one}' UNION ALL SELECT 'z', '{other}'"),
    );
    project.tsugi("run", &[]).ended(0);
    let folder = project.path("out");
    let to = folder.display().to_string();
    let words = [
        "a.x",
        "--owner",
        "owner",
        "--to",
        &to,
        "--by",
        "Mika Sato",
        "--why",
        "a test",
    ];
    project.tsugi("export", &words).ended(0);
    let found = std::fs::read_dir(&folder).unwrap().flatten();
    let mut rows: Vec<String> = found
        .map(|file| std::fs::read_to_string(file.path()).unwrap())
        .map(|text| text.lines().nth(1).unwrap().chars().take(1).collect())
        .collect();
    rows.sort();
    assert_eq!(
        rows,
        ["x", "y", "z"],
        "two long names that begin alike have two files"
    );
}
