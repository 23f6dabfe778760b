//! What Tsugi sends is a table at once: the next run counts it, composes nothing again, and DuckDB reads it.

use crate::deliver::clock::ClockOffset;
use crate::duckdb::{duckdb_reads, has_duckdb};
use crate::sample_copy::{Project, SMALL, objects};
use crate::support::Outcome;

#[test]
fn what_was_sent_counts_in_the_next_run() {
    let (project, _) = Project::generated("closed", &SMALL);
    project.tsugi("run", &[]).ended(0);
    let informed = "SELECT contacted, buyers FROM ceo.response_times WHERE topic = 'sole_crack'";
    assert_eq!(project.rows(informed)[0]["contacted"], 0);
    assert!(
        project
            .lines("SELECT customer_id FROM staging.sends WHERE sent_by = 'tsugi'")
            .is_empty()
    );
    let writable =
        "SELECT count(*) AS n FROM outreach.messages WHERE decision IN ('send', 'review')";
    let messages = project.rows(writable)[0]["n"].as_u64().unwrap();
    assert!(messages > 50);

    let reviews = objects(&project.tsugi("review list", &["--json"]).ended(0).stdout);
    for review in &reviews {
        let id = review["id"].as_str().unwrap();
        let words = [id, "--by", "Mika Sato", "--note", "read"];
        project.tsugi("review approve", &words).ended(0);
    }
    let sent = project.tsugi("deliver", &[]).ended(0);
    let expected = format!("{messages} sent");
    assert!(
        sent.stdout.contains(&expected) || sent.stderr.contains(&expected),
        "{sent:?}"
    );

    let sentences = project.tsugi("run", &["--lang", "en"]).ended(0).stdout;
    let row = &project.rows(informed)[0];
    assert_eq!(row["contacted"].as_u64(), Some(messages), "{row:?}");
    let sentence = format!(
        "{messages} of {} known buyers have been informed",
        row["buyers"]
    );
    assert!(sentences.contains(&sentence), "{sentences}");
    assert_eq!(
        project.rows(writable)[0]["n"],
        0,
        "nothing is composed again"
    );
    let endings = project.lines(
        "SELECT DISTINCT ends_in FROM outreach.endings WHERE ends_in LIKE 'message%' OR ends_in = 'letter by post'",
    );
    assert!(endings.is_empty(), "{endings:?}");
    // An own advertisement would count against caps: the history has purpose and channel.
    let kinds = project.lines(
        "SELECT DISTINCT purpose, outcome, template FROM staging.sends WHERE sent_by = 'tsugi'",
    );
    assert_eq!(
        kinds,
        ["safety_recall|delivered|sole-recall".to_owned()].into()
    );
    if has_duckdb() {
        let count = "print(c.execute(\"SELECT count(*) FROM lake.tsugi.sends WHERE outcome = 'accepted'\").fetchone()[0])\n";
        let read = duckdb_reads(&project.path(".tsugi/warehouse"), count);
        assert_eq!(read.trim(), messages.to_string());
    }
    let decided = project.lines("SELECT what, person, note FROM ceo.log");
    assert_eq!(decided, ["approve|Mika Sato|read".to_owned()].into());
    // A third run changes nothing: the ledger is as it was.
    let third = project.tsugi("run", &[]).ended(0);
    assert!(third.stderr.contains("nothing changed"), "{}", third.stderr);
}

/// Approves what waits; how many messages the next delivery sends, so many days and half a one from now.
fn sent(project: &Project, days: i64) -> u64 {
    let offset = days * 86_400 + if days > 0 { 43_200 } else { 0 };
    let clock = ClockOffset {
        first: offset,
        then: offset,
    };
    let deliver = || {
        let mut command = project.command("deliver", &["--json"]);
        clock.apply(&mut command);
        Outcome::of(command.output().unwrap()).ended(0)
    };
    let held = deliver();
    let of = |stdout: &str| {
        let reports = objects(stdout).into_iter();
        let sent = reports.filter_map(|report| report.get("delivery")?["sent"].as_u64());
        sent.sum::<u64>()
    };
    assert_eq!(
        of(&held.stdout),
        0,
        "nothing leaves before a person has looked"
    );
    let reviews = objects(&project.tsugi("review list", &["--json"]).ended(0).stdout);
    for review in reviews {
        let words = [
            review["id"].as_str().unwrap(),
            "--by",
            "Mika Sato",
            "--note",
            "read",
        ];
        project.tsugi("review approve", &words).ended(0);
    }
    of(&deliver().stdout)
}

#[test]
fn who_answers_is_counted_and_who_stays_silent_gets_one_second_notice() {
    let (project, exports) = Project::generated("answered", &SMALL);
    project.tsugi("run", &[]).ended(0);
    let loop_of = || {
        let mut rows = project.rows(
            "SELECT contacted, second_notices, answered, chose_replacement, chose_refund, silent, units, units_back
             FROM ceo.response_times WHERE topic = 'sole_crack'",
        );
        let row = rows.remove(0);
        move |name: &str| row[name].as_u64().unwrap()
    };
    assert_eq!(
        loop_of()("answered"),
        0,
        "the replies of the exports come in April"
    );
    let first = sent(&project, 0);
    assert!(first > 50, "{first}");

    // Real days pass: three answer on the next one, of whom one names another order and one is not clear.
    let day = |days: i64| {
        let day = chrono::Utc::now().date_naive() + chrono::TimeDelta::days(days);
        day.to_string()
    };
    let buyers = project.rows(
        "SELECT customer_id, min(order_id) AS order_id FROM outreach.affected WHERE customer_id IN
         (SELECT customer_id FROM outreach.messages WHERE decision IN ('send', 'review')) GROUP BY customer_id ORDER BY 1 LIMIT 4",
    );
    let buyer = |at: usize| buyers[at]["customer_id"].as_str().unwrap();
    let own = buyers[0]["order_id"].as_str().unwrap();
    project.write(
        "exports/crm/replies.csv",
        &format!(
            "reply_id,customer_id,order_id,channel,choice,language,text,received_at\n\
             RP-1,{},{own},email,replacement,en,A new pair please.,{on}\n\
             RP-2,{},,email,refund,de,Geld zurück.,{on}\n\
             RP-3,{},,sms,,ja,電話をください。,{on}\n\
             RP-4,{},SO-000000,email,refund,de,Eine andere Sache.,{on}\n",
            buyer(0),
            buyer(1),
            buyer(2),
            buyer(3),
            on = day(1),
        ),
    );
    let composed = "SELECT template_id, decision FROM outreach.messages WHERE decision IN ('send', 'review', 'hold')";
    let mut as_of = "2026-03-31".to_owned();
    let mut at = |days: i64| {
        project.edit(
            "pipeline.toml",
            &format!("as_of = \"{as_of}\""),
            &format!("as_of = \"{}\"", day(days)),
        );
        as_of = day(days);
        project.tsugi("run", &[]).ended(0);
    };
    at(10);
    assert!(project.lines(composed).is_empty(), "ten days are too few");
    let count = loop_of();
    assert_eq!(
        (
            count("answered"),
            count("chose_replacement"),
            count("chose_refund"),
            count("silent")
        ),
        (3, 1, 1, 0)
    );
    let returned: u64 = count("units_back");
    assert!(
        returned > 0 && returned < count("units"),
        "{returned} pairs are back"
    );

    at(20);
    let kinds = project.lines(composed);
    assert_eq!(kinds, ["sole-recall-again|review".to_owned()].into());
    let silent = loop_of()("silent");
    assert_eq!(silent, first - 3, "all but three who answered");
    let answered = [buyer(0), buyer(1), buyer(2)].join("', '");
    let bothered = project.lines(&format!(
        "SELECT customer_id FROM outreach.messages WHERE decision <> 'suppress' AND customer_id IN ('{answered}')"
    ));
    assert!(bothered.is_empty(), "{bothered:?}");
    let reasons =
        project.rows("SELECT reasons FROM outreach.messages WHERE decision = 'review' LIMIT 1");
    let reasons = reasons[0]["reasons"].as_str().unwrap();
    assert!(
        reasons.contains("a second notice, to who was informed on"),
        "{reasons}"
    );
    assert_eq!(sent(&project, 20), silent);
    assert_eq!(sent(&project, 20), 0, "never twice the same");

    at(60);
    assert!(
        project.lines(composed).is_empty(),
        "there is no third notice"
    );
    assert_eq!(loop_of()("second_notices"), silent);
    let lines = exports
        .truth
        .iter()
        .find(|table| table.name == "truth_affected");
    let endings = project
        .rows("SELECT count(*) AS n FROM outreach.endings WHERE incident LIKE 'sole_crack%'");
    assert_eq!(
        endings[0]["n"].as_u64().unwrap() as usize,
        lines.unwrap().len()
    );
}
