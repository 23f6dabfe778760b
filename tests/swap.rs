//! A step is swapped for another component by an edit of one line; nothing of the host is rebuilt.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tsugi_sample::{Options, Plant};

use crate::sample_copy::{Project, guest, objects, plugins_folder};
use crate::support;

/// How glad the reviews of a small business sound.
fn moods(name: &str) -> Project {
    support::plugins();
    let project = Project::empty(name);
    project.export(&Options {
        seed: 3,
        scale: 0.05,
        plant: Plant::None,
        lots: None,
        texts: None,
    });
    let plugins = plugins_folder();
    project.write(
        "pipeline.toml",
        &format!(
            "[pipeline]\nname = \"moods\"\nas_of = \"2026-03-31\"\n\n[plugins.crm-export]\npath = {plugins}crm-export\"\n\
             grants.inputs.exports = \"exports/crm\"\n\n[plugins.sentiment]\npath = {plugins}sentiment\"\n\n\
             [sources.crm]\nplugin = \"crm-export\"\n"
        ),
    );
    project.write(
        "models/cmo/moods.sql",
        "-- How glad each review sounds.\nSELECT review_id, text, sentiment(text, language) AS sentiment, \
         sentiment_label(text, language) AS label FROM crm.reviews\n",
    );
    project.write(
        "models/cmo/moods_by_product.sql",
        "-- How glad the reviews of each product sound.\nSELECT r.product_id, avg(m.sentiment) AS mood \
         FROM cmo.moods AS m JOIN crm.reviews AS r ON r.review_id = m.review_id GROUP BY r.product_id\n",
    );
    project
}

/// Name and digest of each plugin in the audit of the last published run.
async fn audited(project: &Project) -> Vec<(String, String, String)> {
    let record = project
        .warehouse()
        .await
        .last_published()
        .await
        .unwrap()
        .unwrap();
    let audit = record.audit.unwrap();
    let text = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let plugins = audit["plugins"].as_array().unwrap().iter();
    plugins
        .map(|one| (text(one, "name"), text(one, "version"), text(one, "digest")))
        .collect()
}

fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("sha256:{hex}")
}

#[tokio::test]
async fn one_line_swaps_the_sentiment_and_the_audit_shows_it() {
    let project = moods("swap");
    project.tsugi("run", &[]).ended(0);
    let before = audited(&project).await;
    let labels = project.lines("SELECT DISTINCT label FROM cmo.moods");
    assert!(
        labels.contains("positive") && labels.contains("negative"),
        "{labels:?}"
    );

    // A component that was built elsewhere, in a folder of the vendor's own.
    let component = std::fs::read(guest("other-sentiment")).unwrap();
    std::fs::create_dir(project.path("vendor")).unwrap();
    std::fs::write(project.path("vendor/other-sentiment.wasm"), &component).unwrap();
    let old = format!("path = {}sentiment\"", plugins_folder());
    let text = project.edit(
        "pipeline.toml",
        &old,
        "file = \"vendor/other-sentiment.wasm\"",
    );
    let new = project.read("pipeline.toml");
    let changed = text
        .lines()
        .zip(new.lines())
        .filter(|(a, b)| a != b)
        .count();
    assert_eq!(
        (changed, text.lines().count()),
        (1, new.lines().count()),
        "the edit is one line"
    );

    let events = objects(&project.tsugi("run", &["--json"]).ended(0).stdout);
    assert!(
        !events.iter().any(|event| event["event"] == "building"),
        "nothing is built"
    );
    let made: BTreeSet<&str> = events
        .iter()
        .filter(|event| event["event"] == "step_finished" && event["unchanged"] == false)
        .map(|event| event["table"].as_str().unwrap())
        .collect();
    assert_eq!(
        made,
        BTreeSet::from(["cmo.moods", "cmo.moods_by_product"]),
        "only what it touches runs"
    );

    let after = audited(&project).await;
    assert_eq!(after[0], before[0], "the connector is the same");
    assert_eq!(
        after[1],
        ("sentiment".into(), "2.5.0".into(), digest(&component))
    );
    assert_ne!(after[1].2, before[1].2);
    let rows = project.rows("SELECT text, sentiment, label FROM cmo.moods");
    assert!(rows.len() > 50);
    for row in rows {
        let text = row["text"].as_str().unwrap();
        let count = |marks: [char; 2]| text.chars().filter(|c| marks.contains(c)).count();
        let (joy, doubt) = (count(['!', '！']), count(['?', '？']));
        let label = match (joy, doubt) {
            (0, 0) => "unknown",
            _ if joy >= doubt => "glad",
            _ => "doubtful",
        };
        assert_eq!(row["label"], label, "{row:?}");
        assert_eq!(row["sentiment"].is_null(), label == "unknown", "{row:?}");
    }
    let lock = project.read("pipeline.lock");
    assert!(
        lock.contains(&digest(&component)),
        "the lock holds the file by its digest:\n{lock}"
    );

    // Swapped back, the old answers stand again.
    project.write("pipeline.toml", &text);
    project.tsugi("run", &[]).ended(0);
    assert_eq!(audited(&project).await, before);
    assert_eq!(
        project.lines("SELECT DISTINCT label FROM cmo.moods"),
        labels
    );
}

#[test]
fn a_component_that_is_not_the_locked_one_is_noticed() {
    let project = moods("locked");
    let component = std::fs::read(guest("other-sentiment")).unwrap();
    std::fs::write(project.path("mood.wasm"), &component).unwrap();
    let path = format!("path = {}sentiment\"", plugins_folder());
    project.edit("pipeline.toml", &path, "file = \"mood.wasm\"");
    project.tsugi("run", &[]).ended(0);

    // The same functions in a component that somebody put in its place: a custom section more.
    let mut other = component.clone();
    other.extend([0, 6, 4]);
    other.extend(b"note!");
    std::fs::write(project.path("mood.wasm"), &other).unwrap();
    let call = "SELECT sentiment('!', 'en') AS s";
    for (verb, more) in [
        ("check", &[][..]),
        ("run", &[]),
        ("deliver", &[]),
        ("query", &[call]),
        ("review list", &[]),
    ] {
        let outcome = project.tsugi(verb, more).ended(2);
        assert!(
            outcome.stderr.contains(
                "`mood.wasm` is not the component that was locked for the plugin `sentiment`"
            ),
            "{}",
            outcome.stderr
        );
        assert!(
            outcome.stderr.contains("--> pipeline.toml:9:")
                && outcome
                    .stderr
                    .contains("tsugi plugins DIR --accept sentiment"),
            "{}",
            outcome.stderr
        );
    }
    assert!(
        !project.lines("SELECT count(*) FROM cmo.moods").is_empty(),
        "what is published stays readable"
    );

    // Nothing but a person's word makes it the component of this pipeline.
    let lock = project.read("pipeline.lock");
    let start = lock.find("[plugins.sentiment]").unwrap();
    let refused = |what: &str| {
        for (verb, more) in [("run", &[][..]), ("check", &[]), ("query", &[call])] {
            let outcome = project.tsugi(verb, more).ended(2);
            assert!(
                outcome
                    .stderr
                    .contains("is not the component that was locked"),
                "{what}: {}",
                outcome.stderr
            );
        }
    };
    project.write("pipeline.lock", &lock[..start]);
    refused("its section is removed");
    project.write("pipeline.lock", "version = 1\n");
    refused("the lock is emptied");
    std::fs::remove_file(project.path("pipeline.lock")).unwrap();
    refused("the lock is deleted");
    project.write("pipeline.lock", &lock);
    for spelled in ["./mood.wasm", "models/../mood.wasm"] {
        let text = project.edit("pipeline.toml", "\"mood.wasm\"", &format!("\"{spelled}\""));
        refused(spelled);
        project.write("pipeline.toml", &text);
    }
    std::os::unix::fs::symlink("mood.wasm", project.path("other.wasm")).unwrap();
    let text = project.edit("pipeline.toml", "\"mood.wasm\"", "\"other.wasm\"");
    refused("a link to it");
    project.write("pipeline.toml", &text);

    // The locked component without its lock is said, and goes on.
    std::fs::write(project.path("mood.wasm"), &component).unwrap();
    std::fs::remove_file(project.path("pipeline.lock")).unwrap();
    let outcome = project.tsugi("run", &[]).ended(0);
    assert!(
        outcome
            .stderr
            .contains("warning: pipeline.lock says nothing of the plugin `sentiment`"),
        "{}",
        outcome.stderr
    );
    std::fs::write(project.path("mood.wasm"), &other).unwrap();
    project.tsugi("plugins", &["--accept", "moods"]).ended(2);
    project
        .tsugi("plugins", &["--accept", "sentiment"])
        .ended(0);
    let outcome = project.tsugi("run", &[]).ended(0);
    assert!(
        outcome.stderr.contains("done made=2 "),
        "the models that call it run again: {}",
        outcome.stderr
    );
    assert!(project.read("pipeline.lock").contains(&digest(&other)));
}

#[test]
fn a_want_that_is_not_granted_prints_the_line_to_add() {
    let project = moods("denied");
    let grant = "grants.inputs.exports = \"exports/crm\"\n";
    let text = project.edit("pipeline.toml", grant, "");
    for verb in ["check", "run"] {
        let outcome = project.tsugi(verb, &[]).ended(2);
        assert!(
            outcome
                .stderr
                .contains("the plugin `crm-export` wants `inputs.exports` and is not granted it"),
            "{}",
            outcome.stderr
        );
        let line = outcome
            .stderr
            .lines()
            .find(|line| line.starts_with("hint: "))
            .unwrap();
        assert!(
            line.starts_with("hint: add to `[plugins.crm-export]`: grants.inputs.exports = "),
            "{line}"
        );
    }
    // The line as it is printed is one that pipeline.toml takes.
    let outcome = project.tsugi("check", &[]).ended(2);
    let added = outcome
        .stderr
        .split("`[plugins.crm-export]`: ")
        .nth(1)
        .unwrap();
    let added = added
        .split(" (its reason")
        .next()
        .unwrap()
        .replace("\"exports\"", "\"exports/crm\"");
    project.write("pipeline.toml", &text.replace(grant, &format!("{added}\n")));
    project.tsugi("run", &[]).ended(0);
}

/// Every key that decides where something goes, from where and with what.
#[test]
fn a_channel_that_is_granted_otherwise_is_said_and_must_be_accepted() {
    let mail = "grants.mail.server = { url = \"smtp://127.0.0.1:2500\", from = [\"care@shop.example\"], user = \"care\", \
                secret = { value_from_env = \"MAIL_SECRET\" }, addresses = [\"10.1.2.3\"] }";
    let http = "grants.http.channel = { url = \"http://127.0.0.1:2501/in\", methods = [\"POST\"], \
                secret = { header = \"Authorization\", value_from_env = \"HTTP_SECRET\" } }";
    support::plugins();
    for (by, grant, edits) in [
        (
            "mail",
            mail,
            &[
                ("care@shop.example", "boss@evil.example"),
                ("127.0.0.1:2500", "127.0.0.1:2600"),
                ("user = \"care\"", "user = \"boss\""),
                ("MAIL_SECRET", "AWS_SECRET"),
                ("10.1.2.3", "10.1.2.4"),
                (", addresses", ", ca = \"evil.pem\", addresses"),
            ][..],
        ),
        (
            "http",
            http,
            &[
                ("/in", "/out"),
                ("HTTP_SECRET", "AWS_SECRET"),
                ("\"POST\"", "\"POST\", \"DELETE\""),
                ("\"Authorization\"", "\"X-Key\""),
                (", methods", ", addresses = [\"10.1.2.4\"], methods"),
                (", methods", ", ca = \"evil.pem\", methods"),
            ][..],
        ),
    ] {
        let project = Project::empty(&format!("swap-{by}"));
        project.write("evil.pem", "");
        project.write("models/a/x.sql", "SELECT 1 AS n");
        let honest = format!(
            "[pipeline]\nname = \"swap\"\nas_of = \"2026-03-31\"\n\n[plugins.outreach]\npath = {}outreach\"\n\
             grants.outputs.outbox = \"outbox\"\n\n[sinks.outbox]\nplugin = \"outreach\"\n{grant}\n\
             config = {{ channel = \"{by}\", from = \"care@shop.example\" }}\n",
            plugins_folder()
        );
        project.write("pipeline.toml", &honest);
        project.tsugi("run", &[]).ended(0);
        let lock = project.read("pipeline.lock");
        for (old, new) in edits {
            let changed = honest.replacen(old, new, 1);
            assert_ne!(changed, honest, "{old}");
            project.write("pipeline.toml", &changed);
            for verb in ["check", "run", "deliver"] {
                let outcome = project.tsugi(verb, &[]);
                assert_ne!(outcome.code, Some(0), "{verb} after {new}");
                assert!(
                    outcome
                        .stderr
                        .contains("the plugin `outreach` is granted another ")
                        && outcome.stderr.contains("--accept outreach"),
                    "{verb} after {new}: {}",
                    outcome.stderr
                );
            }
            project.tsugi("plugins", &["--accept", "outreach"]).ended(0);
            project.tsugi("check", &[]).ended(0);
            project.write("pipeline.lock", &lock);
        }
        project.write("pipeline.toml", &honest);
        // A lock of an earlier layout says nothing of these keys.
        let older = lock.replace("version = 2", "version = 1");
        project.write("pipeline.lock", &older.replace("; ", " and "));
        project.tsugi("run", &[]).ended(0);
        assert_eq!(project.read("pipeline.lock"), lock);
    }
}
