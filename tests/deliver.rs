//! Delivering: no message leaves without an approval, and each leaves once, whatever dies.

mod approval;
mod changed;
mod chaos;
pub mod clock;
mod cut;
mod envelope;
mod failing;
mod guard;
mod kill;
mod ledger;
mod pace;
mod records;
mod remembered;
mod review;
pub mod servers;
mod tls;
mod twice;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::sample_copy::{Project, objects, plugins_folder};
use crate::support::{self, root};

/// One text for everybody, so that one review covers all.
const MESSAGES: &str = "-- Messages to customers.
SELECT * FROM compose(
  targets => (SELECT 'sole_crack: a lot' AS incident, customer_id, 'certain' AS certainty, order_id, product,
                     'service_notice' AS purpose, 'sole-notice' AS template_id FROM seeds.bought),
  templates => (SELECT * FROM seeds.templates),
  persons => (SELECT * FROM seeds.people),
  history => (SELECT * FROM seeds.history),
  as_of => $as_of, review_over => 10000)
";

/// A small project with one delivery to some people. Of each twenty, one is on hold, one is
/// suppressed, and one is important, for whom a person must look.
struct Messages {
    project: Project,
    people: usize,
}

impl Messages {
    fn new(name: &str, people: usize) -> Self {
        support::plugins();
        let messages = Self {
            project: Project::empty(name),
            people,
        };
        let project = &messages.project;
        let plugins = plugins_folder();
        project.write(
            "pipeline.toml",
            &format!(
                "[pipeline]\nname = \"messages\"\nas_of = \"2025-06-02\"\n\n[plugins.outreach]\npath = {plugins}outreach\"\n\
                 grants.outputs.outbox = \"outbox\"\n\n[sinks.outbox]\nplugin = \"outreach\"\n\n\
                 [deliveries.messages]\nkind = \"messages\"\nfrom = \"outreach.messages\"\nsink = \"outbox\"\n"
            ),
        );
        project.write("models/outreach/messages.sql", MESSAGES);
        let templates = root().join("pipelines/great-disconnect/seeds/templates.csv");
        project.write(
            "seeds/templates.csv",
            &std::fs::read_to_string(templates).unwrap(),
        );
        project.write(
            "seeds/history.csv",
            "customer_id,template,sent_at\nC-9999,sole-notice,2025-01-07\n",
        );
        let mut bought = "customer_id,order_id,product\n".to_owned();
        let mut persons =
            "customer_id,name,address,channel,language,time_zone,country,addressable,value_class\n"
                .to_owned();
        for number in 0..people {
            let zone = if number % 20 == 3 { "" } else { "Asia/Tokyo" };
            let addressable = number % 20 != 7;
            let class = if number % 20 == 11 {
                "important"
            } else {
                "standard"
            };
            bought.push_str(&format!("C-{number:04},SO-{number:04},Yuki Mid\n"));
            persons.push_str(&format!(
                "C-{number:04},Person {number},person{number}@mail.example,email,en,{zone},JP,{addressable},{class}\n"
            ));
        }
        project.write("seeds/bought.csv", &bought);
        project.write("seeds/people.csv", &persons);
        project.tsugi("run", &[]).ended(0);
        messages
    }

    /// Messages through a channel: the config of the sink and its grants, one line each.
    fn through(name: &str, people: usize, lines: &str) -> Self {
        let messages = Self::new(name, people);
        messages.channel(lines);
        messages.approve();
        messages
    }

    /// Sets the lines of the sink.
    fn channel(&self, lines: &str) {
        let text = self.project.read("pipeline.toml");
        let (before, after) = text.split_once("[sinks.outbox]\n").unwrap();
        let (_, after) = after.split_once("[deliveries.messages]").unwrap();
        let sink = format!("[sinks.outbox]\nplugin = \"outreach\"\n{lines}\n");
        self.project.write(
            "pipeline.toml",
            &format!("{before}{sink}\n[deliveries.messages]{after}"),
        );
    }

    /// The customers whose messages may leave once a person has looked.
    fn due_people(&self) -> Vec<String> {
        let due = (0..self.people).filter(|number| !matches!(number % 20, 3 | 7));
        due.map(|number| format!("C-{number:04}")).collect()
    }

    /// How many messages may leave once a person has looked.
    fn due(&self) -> usize {
        (0..self.people)
            .filter(|number| !matches!(number % 20, 3 | 7))
            .count()
    }

    /// The reviews, as programs see them.
    fn reviews(&self) -> Vec<Map<String, Value>> {
        objects(
            &self
                .project
                .tsugi("review list", &["--json"])
                .ended(0)
                .stdout,
        )
    }

    /// Approves the only review and returns its number.
    fn approve(&self) -> String {
        let mut reviews = self.reviews();
        reviews.retain(|line| line.contains_key("state"));
        assert_eq!(reviews.len(), 1, "{reviews:?}");
        let id = reviews[0]["id"].as_str().unwrap().to_owned();
        let words = [id.as_str(), "--by", "Mika Sato", "--note", "read twice"];
        self.project.tsugi("review approve", &words).ended(0);
        id
    }

    /// Accepts what was changed in the ledger by hand.
    fn accept(&self) {
        let found = self.project.tsugi("doctor", &[]).ended(1).stdout;
        let (_, word) = found.split_once(" --accept ").expect("a word accepts it");
        let words = ["--accept", word.split_whitespace().next().unwrap()];
        self.project.tsugi("doctor", &words).ended(0);
    }

    /// Customers in the outbox, with the number of their messages there.
    fn outbox(&self) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        for (_, text) in self.objects() {
            for message in objects(&text) {
                let customer = message["customer_id"].as_str().unwrap().to_owned();
                *found.entry(customer).or_default() += 1;
            }
        }
        found
    }

    /// Every object in the outbox, by `run/name`. An object has the ending `.jsonl`; what a killed
    /// process had half written beside it (`.jsonl#1`) is none.
    fn objects(&self) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let Ok(runs) = std::fs::read_dir(self.project.path("outbox")) else {
            return found;
        };
        for run in runs.flatten() {
            for object in std::fs::read_dir(run.path())
                .expect("runs are folders")
                .flatten()
            {
                let name = format!(
                    "{}/{}",
                    run.file_name().display(),
                    object.file_name().display()
                );
                if !name.ends_with(".jsonl") {
                    continue;
                }
                found.insert(name, std::fs::read_to_string(object.path()).unwrap());
            }
        }
        found
    }

    /// Every message that may leave is in the outbox once, and no other.
    #[track_caller]
    fn assert_all_sent_once(&self, when: &str) {
        let due = (0..self.people).filter(|number| !matches!(number % 20, 3 | 7));
        let expected: BTreeMap<String, usize> =
            due.map(|number| (format!("C-{number:04}"), 1)).collect();
        let found = self.outbox();
        let wrong: Vec<_> = found
            .iter()
            .filter(|(who, times)| expected.get(*who) != Some(*times))
            .collect();
        let missing: Vec<_> = expected
            .keys()
            .filter(|who| !found.contains_key(*who))
            .collect();
        assert!(
            wrong.is_empty() && missing.is_empty(),
            "{when}: wrong {wrong:?}, missing {missing:?}"
        );
    }

    /// The counts that `deliver --json` ends with.
    fn deliver(&self, code: i32) -> BTreeMap<String, u64> {
        let outcome = self.project.tsugi("deliver", &["--json"]).ended(code);
        let last = objects(&outcome.stdout).pop().unwrap();
        let counts = last["delivery"]
            .as_object()
            .expect("the last line has the counts")
            .iter();
        counts
            .filter_map(|(key, value)| Some((key.clone(), Value::as_u64(value)?)))
            .collect()
    }
}
