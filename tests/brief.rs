//! One customer at the moment of contact, and the log of look-ups.

use crate::sample_copy::{Project, SMALL, objects};
use crate::support::assert_printed;

#[test]
fn a_customer_is_found_by_number_phone_and_receipt_and_every_look_up_is_kept() {
    let (project, _) = Project::generated("brief", &SMALL);
    project.tsugi("run", &[]).ended(0);
    let affected = project.shown(
        "SELECT b.customer_id, c.phone, s.order_id || '-' || s.order_line AS receipt, b.say
         FROM frontline.customer_brief AS b JOIN crm.customers AS c ON c.customer_id = b.customer_id
         JOIN staging.order_lines AS s ON s.customer_id = b.customer_id
         JOIN staging.persons AS p ON p.customer_id = b.customer_id
         WHERE b.affected = 'certain' AND p.same_phone = 0 AND p.phone LIKE '+49%' ORDER BY 1, 3 LIMIT 1",
    );
    let row = affected.first().expect("somebody is affected");
    let text = |name: &str| row[name].as_str().unwrap().to_owned();
    let (customer, phone, receipt) = (text("customer_id"), text("phone"), text("receipt"));
    let who = ["--by", "Nora Lindqvist", "--why", "called about her shoes"];
    let home = phone.replace("+49", "0").replace(' ', "/");
    let wide: String = phone
        .replace("+49", "０")
        .chars()
        .map(|c| match c.to_digit(10) {
            Some(digit) => char::from_u32(u32::from('０') + digit).unwrap(),
            None => c,
        })
        .collect();
    let lookups = [
        ("--customer", customer.clone()),
        ("--phone", phone),
        ("--phone", home),
        ("--phone", wide),
        ("--serial", receipt),
    ];
    for (key, value) in &lookups {
        let words: Vec<&str> = [*key, value.as_str()].into_iter().chain(who).collect();
        let outcome = project.tsugi("brief", &words).ended(0);
        assert!(
            outcome.stdout.starts_with("customer id") && outcome.stdout.contains(&customer),
            "{key} {value}: {}",
            outcome.stdout
        );
        assert!(outcome.stdout.contains(&text("say")), "{}", outcome.stdout);
        assert!(outcome.stdout.contains("do not say"), "{}", outcome.stdout);
    }
    let words: Vec<&str> = ["--phone", "1"].into_iter().chain(who).collect();
    let outcome = project.tsugi("brief", &words).ended(1);
    assert_printed!(outcome.stderr, @"nothing is known of the phone `1`");
    let outcome = project.tsugi("brief", &["--customer", &customer]).ended(2);
    assert!(
        outcome.stderr.contains("--by") && outcome.stderr.contains("--why"),
        "a look-up needs a name and a reason: {}",
        outcome.stderr
    );

    let log = objects(&project.tsugi("brief", &["--log", "--json"]).ended(0).stdout);
    assert_eq!(log.len(), 7, "{log:?}");
    assert_eq!(
        log[0]["kind"], "query",
        "a query that shows a phone is one too"
    );
    for line in &log[1..6] {
        assert_eq!(line["found"], customer.as_str());
        assert_eq!(line["by"], "Nora Lindqvist");
        assert_eq!(line["why"], "called about her shoes");
    }
    assert!(log[6]["found"].is_null());
}

#[test]
fn the_staff_reads_one_page_about_an_incident() {
    let (project, _) = Project::generated("page", &SMALL);
    project.tsugi("run", &[]).ended(0);
    let incidents = project.lines("SELECT incident FROM ceo.incident WHERE topic = 'sole_crack'");
    let incident = incidents.first().expect("the planted incident");
    let words = [
        "--incident",
        incident,
        "--by",
        "Nora Lindqvist",
        "--why",
        "morning round",
    ];
    let page = project.tsugi("brief", &words).ended(0).stdout;
    for words in [
        "customers surely affected",
        "pairs in stock at",
        "not confirmed by a person: do not name a cause",
        "Please stop wearing the pair",
        "Do not call it a precaution",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    for supplier in project.lines("SELECT name FROM erp.suppliers") {
        assert!(!page.contains(&supplier), "{supplier} is on the page");
    }
    let order = project.rows(
        "SELECT count(*) AS wrong FROM (SELECT value, lag(kind || value) OVER () AS before, kind FROM frontline.lookup)
         WHERE before > kind || value",
    );
    assert_eq!(order[0]["wrong"], 0, "the look-up table is sorted");
}
