//! No buyer is lost: every line of a lot to hold ends in one way, as counted here from what was planted and from the
//! exports; by post where there is an address for it; and the check that adds up can fail.

use std::collections::{BTreeMap, BTreeSet};

use super::published;
use crate::sample_copy::{Project, truth};

/// Lines of `column=value` pairs by their first columns.
fn by_key(project: &Project, sql: &str, keys: usize) -> BTreeMap<String, String> {
    let lines = project.lines(sql);
    let parts = lines.iter().map(|line| {
        let cut: Vec<&str> = line.splitn(keys + 1, '|').collect();
        (cut[..keys].join("|"), cut[keys].to_owned())
    });
    parts.collect()
}

#[test]
fn every_affected_line_ends_as_the_exports_say() {
    let published = published();
    let project = &published.project;
    let columns = ["order_id", "order_line", "customer_id", "certainty"];
    let lines = truth(&published.exports, "truth_affected", &columns);
    let sold = by_key(
        project,
        "SELECT order_id, order_line, quantity FROM erp.sales",
        2,
    );
    let day = "CAST('2026-03-31' AS DATE)";
    let sums = |table: &str, on: &str| {
        let sql = format!(
            "SELECT order_id, order_line, sum(quantity) AS n FROM {table} WHERE {on} <= {day} GROUP BY order_id, order_line"
        );
        by_key(project, &sql, 2)
    };
    let returned = sums("erp.returns", "returned_on");
    let remedied = sums("erp.remedies", "delivered_on");
    let people = by_key(
        project,
        "SELECT customer_id, addressable, channel, coalesce(email, '') <> '' AS mail, coalesce(phone, '') <> '' AS phone FROM crm.customers",
        1,
    );
    let all = |sums: &BTreeMap<String, String>, key: &str| {
        let number = |text: Option<&String>| text.map_or(0, |text| text.parse::<i64>().unwrap());
        number(sums.get(key)) >= number(sold.get(key)).max(1)
    };
    let settled = |key: &str| all(&returned, key) || all(&remedied, key);
    // Where a buyer has a certain pair, the message names the orders of certain pairs alone.
    let mut certain: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let parts: Vec<(String, Vec<&str>)> = lines
        .iter()
        .map(|line| line.split('|').collect::<Vec<_>>())
        .map(|parts| (format!("{}|{}", parts[0], parts[1]), parts))
        .collect();
    for (key, parts) in &parts {
        if parts[3] == "certain" && !settled(key) {
            certain.entry(parts[2]).or_default().insert(parts[0]);
        }
    }
    let ending = |key: &str, parts: &[&str]| match people.get(parts[2]).map(String::as_str) {
        _ if all(&returned, key) => "already returned",
        _ if all(&remedied, key) => "already remedied",
        None => "public notice",
        Some(person) if person.starts_with("false") => "public notice",
        Some(_)
            if certain
                .get(parts[2])
                .is_some_and(|orders| !orders.contains(parts[0])) =>
        {
            "waiting for a person"
        }
        Some("true|email|true|true" | "true|email|true|false") => "message",
        Some("true|sms|true|true" | "true|sms|false|true") => "message",
        Some(person) if person.ends_with("|false|false") => "public notice",
        Some(_) => "message by another channel",
    };
    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    for (key, parts) in &parts {
        *expected.entry(ending(key, parts)).or_default() += 1;
    }
    let found = project.lines(
        "SELECT ends_in, count(*) AS n FROM outreach.endings WHERE incident LIKE 'sole_crack%' GROUP BY ends_in",
    );
    let expected_lines: BTreeSet<String> = expected
        .iter()
        .map(|(ending, lines)| format!("{ending}|{lines}"))
        .collect();
    assert_eq!(found, expected_lines);
    assert_eq!(expected.values().sum::<usize>(), lines.len());
    // The 71 who prefer post, and have a mail address or a phone.
    let other = &project.rows(
        "SELECT count(DISTINCT customer_id) AS n FROM outreach.messages WHERE reason_codes LIKE '%other-channel%'",
    )[0]["n"];
    assert!(other.as_u64().unwrap() > 50, "{other}");
    // No SMS has the text of a mail.
    let long = project.lines(
        "SELECT customer_id FROM outreach.messages WHERE channel = 'sms' AND decision <> 'suppress' AND length(body) > 700",
    );
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn post_goes_to_an_address_and_a_lost_buyer_stops_the_run() {
    let project = Project::committed("reached");
    let customers = project.read("exports/crm/customers.csv");
    let with_post: String = customers
        .lines()
        .enumerate()
        .map(|(at, line)| match at {
            0 => format!("{line},street,postal_code,city\n"),
            _ if line.contains(",post,") => format!("{line},Lärchenweg 4,01067,Dresden\n"),
            _ => format!("{line},,,\n"),
        })
        .collect();
    project.write("exports/crm/customers.csv", &with_post);
    project.tsugi("run", &[]).ended(0);
    let posted = &project.rows(
        "SELECT count(*) AS n, count(*) FILTER (WHERE m.address LIKE '%Lärchenweg 4%01067 Dresden%') AS addressed \
         FROM outreach.endings AS e JOIN outreach.messages AS m ON m.incident = e.incident AND m.customer_id = e.customer_id \
         WHERE e.ends_in = 'letter by post'",
    )[0];
    assert!(posted["n"].as_u64().unwrap() > 50, "{posted:?}");
    assert_eq!(posted["n"], posted["addressed"]);
    let other = project.lines(
        "SELECT 1 AS one FROM outreach.endings WHERE ends_in = 'message by another channel'",
    );
    assert!(other.is_empty());
    // A buyer who drops out of the messages is in no public notice: the sums do not add up, and nothing is published.
    let messages = project.read("models/outreach/messages.sql");
    project.write(
        "models/outreach/messages.sql",
        &format!("{messages}WHERE channel IS DISTINCT FROM 'sms'\n"),
    );
    let failed = project.tsugi("run", &[]);
    assert_ne!(failed.code, Some(0));
    assert!(
        failed.stderr.contains("every_affected_line_ends_once"),
        "{}",
        failed.stderr
    );
}
