//! Personal data: masked wherever it could be printed, kept no longer than said, and gone from
//! everywhere once a person is forgotten.

mod forget;
mod mask;
mod private;
mod retain;

use crate::sample_copy::{Project, objects, plugins_folder};
use crate::support::{self, Outcome, root};

/// The planted person, whose values no other person has.
const ID: &str = "C-0007";
const NAME: &str = "Urschla Honigtau";
const ADDRESS: &str = "honigtau@postfach.example";

const MAPPING: &str = r#"version = 1
name = "care"
status = "assumed"
sources = ["this test"]
[streams.customers]
files = ["customers*.csv"]
columns = [
  { name = "customer_id", type = "text", key = true },
  { name = "name", type = "text" },
  { name = "address", type = "text" },
  { name = "visits", type = "integer" },
]
[streams.tickets]
files = ["tickets*.csv"]
columns = [
  { name = "ticket_id", type = "text", key = true },
  { name = "customer_id", type = "text" },
  { name = "text", type = "text" },
  { name = "created_on", type = "date" },
]
"#;

const MESSAGES: &str = "-- Messages to customers.
-- @personal subject, body
SELECT * FROM compose(
  targets => (SELECT 'sole_crack: a lot' AS incident, customer_id, 'certain' AS certainty, 'SO-' || customer_id AS order_id,
                     'Yuki Mid' AS product, 'service_notice' AS purpose, 'sole-notice' AS template_id FROM crm.customers),
  templates => (SELECT * FROM seeds.templates),
  persons => (SELECT customer_id, name, address, 'email' AS channel, 'en' AS language, 'Asia/Tokyo' AS time_zone, 'JP' AS country,
                     true AS addressable, 'standard' AS value_class FROM crm.customers),
  as_of => $as_of, review_over => 10000)
";

/// A small business of ten customers with a ticket each, whose messages can be delivered.
fn care(name: &str) -> Project {
    support::plugins();
    let project = Project::empty(name);
    let plugins = plugins_folder();
    project.write(
        "pipeline.toml",
        &format!(
            "[pipeline]\nname = \"care\"\nas_of = \"2025-06-02\"\n\n[plugins.crm-export]\npath = {plugins}crm-export\"\n\
             grants.inputs.exports = \"exports\"\n\n[plugins.outreach]\npath = {plugins}outreach\"\ngrants.outputs.outbox = \"outbox\"\n\n\
             [sources.crm]\nplugin = \"crm-export\"\nconfig = {{ mapping_file = \"care.toml\" }}\n\n[sinks.outbox]\nplugin = \"outreach\"\n\n\
             [deliveries.messages]\nkind = \"messages\"\nfrom = \"outreach.messages\"\nsink = \"outbox\"\n\n[personal]\nsubject = \"customer_id\"\n\n\
             [personal.columns]\n\"crm.customers\" = [\"name\", \"address\"]\n\"crm.tickets\" = [\"text\"]\n"
        ),
    );
    project.write("exports/care.toml", MAPPING);
    let (mut customers, mut tickets) = (
        "customer_id,name,address,visits\n".to_owned(),
        "ticket_id,customer_id,text,created_on\n".to_owned(),
    );
    for number in 0..10 {
        let (name, address) = match number {
            7 => (NAME.to_owned(), ADDRESS.to_owned()),
            _ => (
                format!("Person {number}"),
                format!("person{number}@mail.example"),
            ),
        };
        customers.push_str(&format!("C-{number:04},{name},{address},{number}\n"));
        tickets.push_str(&format!(
            "T-{number},C-{number:04},the sole broke,2024-0{}-01\n",
            number % 9 + 1
        ));
    }
    // One row that cannot be read, and one that mentions the person in somebody else's words.
    tickets.push_str(&format!("T-70,{ID},{NAME} called,soon\n"));
    tickets.push_str(&format!(
        "T-71,C-0001,\"{NAME} outcome me, ask {ID}\",2024-05-05\n"
    ));
    project.write("exports/customers.csv", &customers);
    project.write("exports/tickets.csv", &tickets);
    let templates = root().join("pipelines/great-disconnect/seeds/templates.csv");
    project.write(
        "seeds/templates.csv",
        &std::fs::read_to_string(templates).unwrap(),
    );
    project.write(
        "models/staging/persons.sql",
        "SELECT customer_id, name AS full_name, lower(address) AS email, name = 'x' AS is_x, visits FROM crm.customers",
    );
    project.write(
        "models/staging/names.sql",
        "SELECT full_name AS who, count(*) AS n, count(email) AS known FROM staging.persons GROUP BY full_name",
    );
    project.write(
        "models/staging/lists.sql",
        "SELECT array_agg(customer_id ORDER BY customer_id) AS ids, sum(visits) AS visits FROM staging.persons",
    );
    project.write("models/outreach/messages.sql", MESSAGES);
    // A stream is read when something reads it.
    project.write(
        "checks/tickets.sql",
        "SELECT ticket_id FROM crm.tickets WHERE ticket_id IS NULL",
    );
    project
}

/// Everything that a command printed.
fn printed(outcome: &Outcome) -> String {
    format!("{}\n{}", outcome.stdout, outcome.stderr)
}

/// Who looks, and why.
const LOOKS: [&str; 5] = [
    "--show-personal",
    "--by",
    "Nora Lindqvist",
    "--why",
    "a test",
];

/// Approves the only review.
fn approve(project: &Project) {
    let mut reviews = objects(&project.tsugi("review list", &["--json"]).ended(0).stdout);
    reviews.retain(|line| line.contains_key("state"));
    let id = reviews[0]["id"].as_str().unwrap().to_owned();
    let words = [id.as_str(), "--by", "Mika Sato", "--note", "read twice"];
    project.tsugi("review approve", &words).ended(0);
}

/// DuckDB over the warehouse of the project.
#[track_caller]
fn duckdb(project: &Project, script: &str) -> String {
    crate::duckdb::duckdb(&project.path(".tsugi/warehouse"), script)
}
