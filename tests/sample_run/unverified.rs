//! Anybody can write a lot down. Texts that no purchase stands behind accuse nothing, hide nothing, and are
//! a question for a person.

use std::collections::BTreeSet;

use super::published;
use crate::sample_copy::{Project, SMALL};

const VERDICTS: &str = "SELECT suspect_kind, suspect, topic, complaints, shipped, rate_ratio, q_value, verdict, explained_by \
                        FROM ceo.suspects";
const HELD: &str = "SELECT finished_lot, sold, exposure_eur FROM coo.containment";
const MESSAGES: &str = "SELECT incident, customer_id, template_version, decision FROM outreach.messages WHERE incident IS NOT NULL";

/// Adds a line for each number to a file of the exports.
fn add(project: &Project, file: &str, lines: usize, line: impl Fn(usize) -> String) {
    let text = project.read(file);
    let added: String = (0..lines).map(|n| line(n) + "\n").collect();
    project.write(file, &(text + &added));
}

/// The public name of a customer, and a customer who bought nothing of a lot.
fn known(project: &Project, lot: &str) -> [String; 2] {
    let named = &project.shown(
        "SELECT author, min(customer_id) AS customer_id FROM crm.reviews WHERE author IS NOT NULL GROUP BY author \
         HAVING min(customer_id) = max(customer_id) ORDER BY author LIMIT 1",
    );
    let named = named
        .first()
        .expect("the sample has reviews with a name and a customer");
    let other = &project.rows(&format!(
        "SELECT customer_id FROM crm.customers WHERE customer_id NOT IN (SELECT o.customer_id FROM staging.order_lines AS o \
         JOIN staging.deliveries AS d ON d.order_id = o.order_id AND d.order_line = o.order_line \
         WHERE o.customer_id IS NOT NULL AND d.finished_lot = '{lot}') ORDER BY customer_id LIMIT 1"
    ))[0];
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    [text(&named["author"]), text(&other["customer_id"])]
}

/// Six and forty anonymous reviews, one author forty times, mail from nowhere, posts under the name of a
/// customer, tickets of customers who bought something else: each against a good lot of its own. And posts in the
/// name of everyone who complained, a day before they did.
#[test]
fn texts_without_a_purchase_accuse_nothing_and_hide_nothing() {
    let published = published();
    let project = Project::committed("unverified");
    let [name, stranger] = known(&published.project, "L2511-093");
    add(&project, "exports/crm/reviews.csv", 6, |n| {
        format!(
            "RV-A{n},Kutsubanashi,six{n},,,P-401,JP,Kanto,ja,1,\"靴底にひび割れが出ました。ロットL2510-084です。{n}\",2026-03-0{}",
            1 + n
        )
    });
    add(&project, "exports/crm/reviews.csv", 40, |n| {
        format!(
            "RV-B{n},Solegazer,forty{n},,,P-103,DE,Berlin,en,1,The sole of my pair of lot L2510-081 cracked after {n} days.,2026-03-0{}",
            1 + n % 7
        )
    });
    add(&project, "exports/crm/reviews.csv", 40, |n| {
        format!(
            "RV-C{n},Solegazer,loud,,,P-501,DE,Berlin,en,1,\"{} the sole of lot L2510-082 cracked\",2026-03-0{}",
            "again ".repeat(n),
            1 + n % 7
        )
    });
    add(&project, "exports/crm/tickets.csv", 12, |n| {
        format!(
            "TK-D{n},,,P-203,quality,open,en,Sole,The sole cracked. It is lot L2511-090. {n},,2026-02-{}",
            10 + n
        )
    });
    add(&project, "exports/crm/posts.csv", 12, |n| {
        format!(
            "PO-E{n},Saezurin,{name},,P-102,DE,Berlin,en,The sole of my L2512-112 cracked {n},2025-0{}-01",
            1 + n % 9
        )
    });
    add(&project, "exports/crm/tickets.csv", 12, |n| {
        format!(
            "TK-F{n},{stranger},,P-103,quality,open,en,Sole,The sole cracked. It is lot L2511-093. {n},,2025-{:02}-10",
            1 + n
        )
    });
    hide(&published.project, &project);
    drop(project.tsugi("run", &[]).ended(0));

    for sql in [VERDICTS, HELD, MESSAGES] {
        assert_eq!(project.lines(sql), published.project.lines(sql), "{sql}");
    }
    let read = "SELECT named_lot FROM staging.complaints WHERE named_lot IN ('L2510-084', 'L2510-081', 'L2510-082', 'L2511-090', 'L2512-112', 'L2511-093')";
    assert_eq!(project.lines(read).len(), 6, "all of them were read");

    let questions = "SELECT finished_lot, texts, authors, coalesce(marks, 'none') AS marks, traced_complaints FROM ceo.unverified WHERE needs_a_person";
    assert_eq!(
        project.lines(questions),
        BTreeSet::from(
            [
                "L2510-081|40|40|new accounts, like texts, within a week|1",
                "L2510-082|40|1|few authors, new accounts, within a week|0",
                "L2510-084|6|6|new accounts, like texts, within a week|0",
                "L2511-090|12|12|new accounts, like texts|0",
                "L2511-093|12|1|few authors, new accounts, like texts|0",
                "L2512-112|12|1|few authors, new accounts, like texts|0",
            ]
            .map(str::to_owned)
        )
    );
    let sentences = project.lines("SELECT sentence FROM ceo.headlines WHERE language = 'en'");
    assert!(
        sentences.contains(
            "A question for a person: 40 texts by 40 authors about cracked soles name the finished lot L2510-081, and no purchase stands behind them. They count for no verdict."
        ),
        "{sentences:?}"
    );
    let accused = "SELECT sentence FROM ceo.headlines WHERE language = 'en' AND position < 1500";
    assert_eq!(project.lines(accused), published.project.lines(accused));
}

/// A post under the public name of each customer who complained about a sole, a day before they did.
fn hide(published: &Project, project: &Project) {
    let complained = published.shown(
        "SELECT DISTINCT r.author, c.product_id, CAST(c.created_on - INTERVAL '1 day' AS DATE) AS day FROM staging.complaints AS c \
         JOIN crm.reviews AS r ON r.customer_id = c.customer_id WHERE c.topic = 'sole_crack' AND c.family IS NOT NULL AND r.author IS NOT NULL",
    );
    assert!(complained.len() > 5, "{}", complained.len());
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    add(project, "exports/crm/posts.csv", complained.len(), |n| {
        let row = &complained[n];
        let (author, product, day) = (
            text(&row["author"]),
            text(&row["product_id"]),
            text(&row["day"]),
        );
        format!("PO-G{n},Saezurin,{author},,{product},DE,Berlin,en,The sole cracked.,{day}")
    });
}

/// What traces nothing is not lost: it stands beside the suspect that it names.
#[test]
fn unverified_texts_stand_beside_what_is_traced() {
    let published = published();
    let first = &published
        .project
        .rows("SELECT complaints, unverified_texts FROM ceo.suspects ORDER BY rank LIMIT 1")[0];
    assert_eq!(
        first["unverified_texts"], 1,
        "TK-00704 names L2510-079 and neither customer nor order: {first:?}"
    );
    let lot = published.project.lines(
        "SELECT reason FROM ceo.unverified WHERE finished_lot = 'L2510-079' AND topic = 'sole_crack'",
    );
    assert_eq!(
        lot,
        BTreeSet::from(["1 unverified text names this lot, beside 9 traced.".to_owned()])
    );
    let evidence = published.project.rows(
        "SELECT count(*) AS n FROM ceo.evidence WHERE link IN ('lot in the text', 'not traced')",
    );
    assert_eq!(evidence[0]["n"], 0);
}

/// Buyers, too, can be arranged: that changes no verdict, and it is said.
#[test]
fn complaints_of_buyers_that_look_arranged_are_marked() {
    let (project, _) = Project::generated("arranged", &SMALL);
    project.tsugi("run", &[]).ended(0);
    let marks = "SELECT suspect FROM ceo.suspects WHERE marks IS NOT NULL";
    assert_eq!(project.lines(marks), BTreeSet::new(), "by chance");
    // An order of one line, so that the text is about it; a line that left from two lots has none.
    let of_one_lot = "SELECT finished_lot, customer_id, min(order_id) AS order_id, min(product_id) AS product_id \
        FROM staging.order_lines WHERE customer_id IS NOT NULL AND finished_lot IS NOT NULL \
        AND order_id IN (SELECT order_id FROM staging.order_lines GROUP BY order_id HAVING count(*) = 1) \
        AND finished_lot NOT IN (SELECT finished_lot FROM staging.complaints WHERE finished_lot IS NOT NULL) \
        GROUP BY finished_lot, customer_id ORDER BY finished_lot, customer_id";
    let lines = project.shown(of_one_lot);
    let lot = |row: &serde_json::Map<String, serde_json::Value>| row["finished_lot"].clone();
    let chosen = lines
        .chunk_by(|one, other| lot(one) == lot(other))
        .find(|lines| lines.len() >= 8);
    let chosen = chosen.expect("a good lot with eight orders");
    add(&project, "exports/crm/reviews.csv", 8, |n| {
        let row = &chosen[n];
        let text = |key: &str| row[key].as_str().unwrap();
        format!(
            "RV-T{n},Kutsubanashi,buyer{n},{},{},{},DE,Berlin,en,1,The sole of my pair cracked right across after a short walk in the rain. {n},2026-03-0{}",
            text("customer_id"),
            text("order_id"),
            text("product_id"),
            1 + n % 5
        )
    });
    project.tsugi("run", &[]).ended(0);
    let lot = chosen[0]["finished_lot"].as_str().unwrap();
    let found = project.rows(&format!(
        "SELECT complaints, copies, marks FROM ceo.suspects WHERE topic = 'sole_crack' AND suspect = '{lot}'"
    ));
    let row = found.first().expect("eight complaints are a suspect");
    let marks = row["marks"].as_str().unwrap_or_default();
    assert!(
        marks.contains("like texts") && marks.contains("within a week"),
        "{row:?}"
    );
    assert_eq!((&row["complaints"], &row["copies"]), (&8.into(), &7.into()));
}
