//! What people do counts beside what they write: on the website, with a public post, in a survey of the staff.

use super::published;

/// The rows of a file of the exports, each as its cells by column.
fn rows(name: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let project = &published().project;
    let text = project.read(&format!("exports/crm/{name}.csv"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn what_was_searched_before_a_complaint_stands_in_the_timeline() {
    let published = published();
    let found = published.project.lines(
        "SELECT reference, customer_id FROM staging.timeline WHERE side = 'interest' AND event = 'searched'",
    );
    let expected: std::collections::BTreeSet<String> = rows("web_events")
        .into_iter()
        .filter(|row| row["event"] == "search" && !row["customer_id"].is_empty())
        .map(|row| format!("{}|{}", row["event_id"], row["customer_id"]))
        .collect();
    assert_eq!(found, expected);
    // Before they wrote.
    let late = published.project.lines(
        "SELECT t.customer_id FROM staging.timeline AS t
         LEFT JOIN staging.complaints AS c ON c.customer_id = t.customer_id AND c.topic = 'sole_crack'
         WHERE t.event = 'searched' GROUP BY t.customer_id HAVING max(c.created_on) <= min(t.happened_on)",
    );
    assert!(late.is_empty(), "{late:?}");
    let seen = published
        .project
        .lines("SELECT ticket_id FROM coo.escalations WHERE last_online_on IS NOT NULL");
    assert!(!seen.is_empty());
}

#[test]
fn a_post_that_many_share_is_watched_and_its_speed_is_that_of_the_fastest_stretch() {
    let published = published();
    let post = &published.project.rows(
        "SELECT post_id, views, shares, shares_an_hour, escalate FROM cmo.spreading ORDER BY shares_an_hour DESC LIMIT 1",
    )[0];
    let reach = rows("post_reach");
    let own: Vec<_> = reach
        .iter()
        .filter(|row| row["post_id"] == post["post_id"].as_str().unwrap())
        .collect();
    let number = |row: &std::collections::BTreeMap<String, String>, name: &str| {
        row[name].parse::<f64>().unwrap()
    };
    let fastest = own
        .windows(2)
        .map(|pair| (number(pair[1], "shares") - number(pair[0], "shares")) / 10.0)
        .fold(0.0, f64::max);
    assert_eq!(
        post["shares_an_hour"].as_f64(),
        Some((fastest * 10.0).round() / 10.0),
        "{post:?}"
    );
    assert_eq!(post["views"].as_f64(), Some(number(own[2], "views")));
    assert_eq!(post["escalate"], "watch");
    let calm = published.project.lines(
        "SELECT post_id FROM cmo.spreading WHERE shares_an_hour < 2 AND escalate IS NOT NULL",
    );
    assert!(calm.is_empty(), "{calm:?}");
}

#[test]
fn whether_staff_know_a_promise_stands_beside_its_facts() {
    let published = published();
    let found = published.project.lines(
        "SELECT DISTINCT claim, country, staff_surveyed, staff_know, staff_agree FROM ceo.promise_facts WHERE region = 'all'",
    );
    let answers = rows("staff_answers");
    for line in &found {
        let cells: Vec<&str> = line.split('|').collect();
        let own = answers
            .iter()
            .filter(|row| row["claim"] == cells[0] && row["country"] == cells[1]);
        let count = |name: &str| {
            own.clone()
                .filter(|row| row[name] == "true")
                .count()
                .to_string()
        };
        assert_eq!(own.clone().count().to_string(), cells[2], "{line}");
        assert_eq!(
            (count("knows"), count("agrees")),
            (cells[3].to_owned(), cells[4].to_owned()),
            "{line}"
        );
    }
    assert!(found.len() > 8, "{found:?}");
    let known = |product: &str| {
        let sql = format!(
            "SELECT staff_know FROM ceo.alignment WHERE region = 'all' AND product_id = '{product}'"
        );
        published.project.rows(&sql)[0]["staff_know"]
            .as_f64()
            .unwrap()
    };
    assert!(
        known("P-201") < known("P-101"),
        "quick delivery is the promise that few know"
    );
}
