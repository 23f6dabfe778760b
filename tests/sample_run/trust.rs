//! What moves the trust score and what does not: rows are added to the exports, and the run is made again.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::sample_copy::{Project, SMALL};

/// A product whose pairs are not in the planted period.
const PRODUCT: &str = "P-203";

fn run(project: &Project) {
    drop(project.tsugi("run", &[]).ended(0));
}

/// Adds lines to a file of the exports.
fn add(project: &Project, file: &str, lines: &[String]) {
    let text = project.read(file);
    assert!(text.ends_with('\n'), "{file} ends with a whole line");
    project.write(file, &(text + &lines.join("\n") + "\n"));
}

/// Every score with its interval; those of a product and of all alone when it is named.
fn scores(project: &Project, filter: &str) -> BTreeSet<String> {
    let found = project.lines(&format!(
        "SELECT day, kind, unit, score, score_low, score_high FROM cmo.trust_score WHERE {filter}"
    ));
    assert!(!found.is_empty(), "{filter}");
    found
}

/// The score of the product on the last day, with its limits.
fn score(project: &Project) -> [f64; 3] {
    let row = &project.rows(&format!(
        "SELECT score_low, score, score_high FROM cmo.trust_score WHERE unit = '{PRODUCT}' ORDER BY day DESC LIMIT 1"
    ))[0];
    let found = ["score_low", "score", "score_high"].map(|column| row[column].as_f64().unwrap());
    let [low, mid, high] = found;
    assert!(
        0.0 <= low && low <= mid && mid <= high && high <= 100.0,
        "{found:?}"
    );
    found
}

/// Orders of one line of the product whose buyer has never complained: order, line, customer.
fn quiet_orders(project: &Project, orders: usize) -> Vec<[String; 3]> {
    let rows = project.rows(&format!(
        "SELECT l.order_id, l.order_line, l.customer_id FROM staging.order_lines AS l \
         JOIN (SELECT order_id FROM staging.order_lines GROUP BY order_id HAVING count(*) = 1) AS o ON o.order_id = l.order_id \
         LEFT ANTI JOIN staging.cases AS c ON c.customer_id = l.customer_id \
         WHERE l.product_id = '{PRODUCT}' AND l.shipped = 1 AND l.delivered_on <= '2026-02-01' \
         ORDER BY l.order_id LIMIT {orders}"
    ));
    assert_eq!(rows.len(), orders);
    let text = |row: &Map<String, Value>, column: &str| row[column].as_str().unwrap().to_owned();
    rows.iter()
        .map(|row| ["order_id", "order_line", "customer_id"].map(|column| text(row, column)))
        .collect()
}

/// A ticket about a cracked sole for each of these orders.
fn tickets(orders: &[[String; 3]]) -> Vec<String> {
    let ticket = |[order, _, customer]: &[String; 3]| {
        format!(
            "TK-{order},{customer},{order},{PRODUCT},quality,open,en,Sole,The sole cracked right across after a few weeks.,,2026-03-10"
        )
    };
    orders.iter().map(ticket).collect()
}

/// A remedy for each of these orders, delivered on a day or not at all.
fn remedies(orders: &[[String; 3]], delivered: &str) -> Vec<String> {
    let remedy = |[order, line, _]: &[String; 3]| {
        format!("RM-{order},{order},{line},1,replacement,2026-03-12,{delivered}")
    };
    orders.iter().map(remedy).collect()
}

#[test]
fn any_number_of_reviews_alone_moves_nothing() {
    let (project, _) = Project::generated("trust-volume", &SMALL);
    run(&project);
    let before = scores(&project, "true");
    let praise = (0..400).map(|n| {
        format!("RV-P{n:04},Solegazer,fan{n},,,{PRODUCT},DE,Berlin,en,5,Comfortable and warm ({n}).,2026-03-01")
    });
    let rage = (0..100).map(|n| {
        format!("RV-R{n:04},Solegazer,foe{n},,,{PRODUCT},DE,Berlin,en,1,The sole cracked after {n} days.,2026-03-01")
    });
    let reviews: Vec<String> = praise.chain(rage).collect();
    add(&project, "exports/crm/reviews.csv", &reviews);
    run(&project);
    let texts =
        project.rows("SELECT count(*) AS n FROM staging.interactions WHERE platform = 'Solegazer'");
    assert!(
        texts[0]["n"].as_u64().unwrap() >= 500,
        "the reviews are read: {texts:?}"
    );
    assert_eq!(scores(&project, "true"), before);
}

#[test]
fn each_further_buyer_who_complains_lowers_it_and_only_there() {
    let (project, _) = Project::generated("trust-share", &SMALL);
    run(&project);
    let orders = quiet_orders(&project, 6);
    let others = format!("kind = 'product' AND unit <> '{PRODUCT}'");
    let (mut last, elsewhere) = (score(&project), scores(&project, &others));
    for part in orders.chunks(2) {
        add(&project, "exports/crm/tickets.csv", &tickets(part));
        run(&project);
        let now = score(&project);
        assert!(now[1] < last[1] - 1.0, "{now:?} after {last:?}");
        last = now;
    }
    assert_eq!(scores(&project, &others), elsewhere);

    // The same buyers again, about the same pairs: louder, but no more of them.
    let again: Vec<String> = tickets(&orders)
        .iter()
        .map(|line| line.replacen("TK-", "TK-again-", 1))
        .collect();
    add(&project, "exports/crm/tickets.csv", &again);
    run(&project);
    assert_eq!(score(&project), last);
}

#[test]
fn only_a_remedy_that_has_arrived_lifts_it_again() {
    let (project, _) = Project::generated("trust-remedy", &SMALL);
    run(&project);
    let (orders, quiet) = (quiet_orders(&project, 5), score(&project));
    add(&project, "exports/crm/tickets.csv", &tickets(&orders));
    run(&project);
    let open = score(&project);
    assert!(open[1] < quiet[1], "{open:?} after {quiet:?}");

    let tickets = project.read("exports/crm/tickets.csv");
    project.write(
        "exports/crm/tickets.csv",
        &tickets.replace("quality,open,en,Sole,", "quality,closed,en,Sole,"),
    );
    run(&project);
    assert_eq!(score(&project), open, "a closed ticket is no remedy");

    let file = "exports/erp/remedies.csv";
    let without = project.read(file);
    for (delivered, why) in [("", "a promise"), ("2026-04-05", "what arrives later")] {
        add(&project, file, &remedies(&orders, delivered));
        run(&project);
        assert_eq!(score(&project), open, "{why} is no remedy");
        project.write(file, &without);
    }
    add(&project, file, &remedies(&orders, "2026-03-25"));
    run(&project);
    let put_right = score(&project);
    assert!(
        open[1] < put_right[1] && put_right[1] < quiet[1],
        "{put_right:?} between {open:?} and {quiet:?}"
    );
}
