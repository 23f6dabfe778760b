//! Promises are held against their own measure, as counted here from the exports.

use std::collections::BTreeSet;

use super::published;

#[test]
fn a_promise_is_contradicted_by_what_it_says() {
    let project = &published().project;
    // Ordered today, there the day after tomorrow; delivered within two days.
    let late = project.lines(
        "SELECT c.claim_id, count(*) AS judged, count(*) FILTER (WHERE days_between(s.ordered_on, d.delivered_on) > 2) AS late \
         FROM crm.claims AS c JOIN erp.sales AS s ON s.country = c.country AND s.product_id = c.product_id \
         AND s.ordered_on BETWEEN c.valid_from AND c.valid_to \
         JOIN (SELECT order_id, order_line, max(delivered_on) AS delivered_on FROM erp.shipments GROUP BY order_id, order_line) AS d \
         ON d.order_id = s.order_id AND d.order_line = s.order_line WHERE c.claim = 'fast_delivery' GROUP BY c.claim_id",
    );
    let facts = "SELECT claim_id, judged, broken FROM ceo.promise_facts WHERE region = 'all' AND measure = 'delivery_days <= 2'";
    assert_eq!(project.lines(facts), late);
    assert!(
        late.contains("CL-12|93|58") && late.contains("CL-13|145|94"),
        "{late:?}"
    );
    let said = project.lines("SELECT claim_id, finding FROM ceo.promise_vs_fact WHERE claim = 'fast_delivery' AND region = 'all'");
    let expected = [
        "CL-12|contradicted: 58 of 93 against delivery_days <= 2",
        "CL-13|contradicted: 94 of 145 against delivery_days <= 2",
    ];
    assert_eq!(said, expected.map(str::to_owned).into());
    // The interval decides, in each region by itself.
    let wrong = project.lines(
        "SELECT claim_id, region FROM ceo.promise_facts WHERE (finding = 'contradicted') <> (coalesce(broken_low, 0) > coalesce(tolerance, 1))",
    );
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn every_claim_is_listed_and_those_without_a_measure_say_so() {
    let project = &published().project;
    let claims = project.lines("SELECT claim_id FROM crm.claims");
    let listed =
        project.lines("SELECT DISTINCT claim_id FROM ceo.promise_facts WHERE region = 'all'");
    assert_eq!(claims, listed);
    let unmeasured = project.lines(
        "SELECT DISTINCT claim FROM ceo.promise_facts WHERE finding = 'no measure is given'",
    );
    let expected: BTreeSet<String> = ["light", "sustainable", "warm", "waterproof"]
        .map(str::to_owned)
        .into();
    assert_eq!(unmeasured, expected);
}

/// The figure falls where promise and fact part: by the stated formula, and most for what is contradicted.
#[test]
fn alignment_follows_its_formula() {
    let project = &published().project;
    let wrong = project.lines(
        "SELECT a.product_id, a.region FROM ceo.alignment AS a JOIN ( \
           SELECT product_id, region, sum(judged * CASE WHEN broken_share > tolerance THEN broken_share - tolerance ELSE 0 END) / sum(judged) AS apart \
           FROM ceo.promise_facts WHERE judged IS NOT NULL GROUP BY product_id, region) AS f \
         ON f.product_id = a.product_id AND f.region = a.region \
         WHERE abs(a.alignment - 100 * (1 - f.apart)) > 0.051 OR a.alignment_low > a.alignment OR a.alignment > a.alignment_high",
    );
    assert!(wrong.is_empty(), "{wrong:?}");
    let lowest = &project.rows(
        "SELECT product_id, alignment FROM ceo.alignment WHERE region = 'all' AND alignment IS NOT NULL ORDER BY alignment LIMIT 1",
    )[0];
    assert_eq!(lowest["product_id"], "P-201");
    assert!(lowest["alignment"].as_f64().unwrap() < 80.0, "{lowest:?}");
    let blank = project
        .lines("SELECT product_id FROM ceo.alignment WHERE region = 'all' AND alignment IS NULL");
    assert_eq!(blank, ["P-202", "P-303"].map(str::to_owned).into());
}

#[test]
fn growth_stands_beside_what_remains_after_all_costs() {
    let project = &published().project;
    let sums = &project.rows(
        "SELECT sum(CASE WHEN product_id = 'all' THEN marketing_eur END) AS whole, \
         sum(CASE WHEN product_id <> 'all' THEN marketing_eur END) AS parts, \
         max(abs(margin_eur - refunded_eur - warranty_eur - marketing_eur - net_eur)) AS apart FROM ceo.growth",
    )[0];
    let spent = project.rows("SELECT sum(spend) AS n FROM crm.claims")[0]["n"]
        .as_f64()
        .unwrap();
    let number = |name: &str| sums[name].as_f64().unwrap();
    // All claims lie within the months of the data.
    assert!(
        (number("whole") - spent).abs() < 0.01,
        "{sums:?} of {spent}"
    );
    assert!(
        (number("parts") - spent).abs() < 0.01 && number("apart") < 0.01,
        "{sums:?}"
    );
}
