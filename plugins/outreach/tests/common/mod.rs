//! A small business to compose for, through the boundary of the host; each test changes one thing.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use tsugi_outreach::ComposeOperator;
use tsugi_plugin::testing::{self, TableRun};
use tsugi_plugin::{Batch, BatchBuilder, Collect, DataType, Error, Field, Schema, Value};

/// Explains every reason code, so that a code of a message must be in it.
const README: &str = include_str!("../../README.md");

/// The pairs of a row written as `name=value|name=value`.
fn pairs(row: &str) -> impl Iterator<Item = (&str, &str)> {
    row.split('|').filter_map(|pair| pair.split_once('='))
}

/// A batch of text columns; a cell without a value is null.
pub(crate) fn text_batch(columns: &[&str], rows: &[Vec<Option<&str>>]) -> Batch {
    let fields = columns.iter();
    let schema: Schema = fields
        .map(|name| Field::new(*name, DataType::Utf8).nullable())
        .collect();
    let mut out = BatchBuilder::new(&schema);
    for row in rows {
        let values = row.iter();
        out.row(values.map(|cell| cell.map_or(Value::Null, Value::Text)))
            .unwrap();
    }
    out.finish().unwrap()
}

/// Rows as a batch over all their columns.
pub(crate) fn batch(rows: &[String]) -> Batch {
    let names: BTreeSet<&str> = rows
        .iter()
        .flat_map(|row| pairs(row))
        .map(|pair| pair.0)
        .collect();
    let columns: Vec<&str> = names.into_iter().collect();
    let cells = |row: &String| -> Vec<Option<String>> {
        let cell = |name: &&str| {
            let found = pairs(row).find(|pair| pair.0 == *name);
            found.map(|pair| pair.1.to_string())
        };
        columns.iter().map(cell).collect()
    };
    let rows: Vec<Vec<Option<String>>> = rows.iter().map(cells).collect();
    let rows: Vec<Vec<Option<&str>>> = rows
        .iter()
        .map(|row| row.iter().map(Option::as_deref).collect())
        .collect();
    text_batch(&columns, &rows)
}

/// One row of the answer of `compose`, by column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message(Vec<(String, Option<String>)>);

impl Message {
    /// A column as text.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|column| column.0 == name).unwrap();
        found.1.as_deref()
    }

    pub(crate) fn decision(&self) -> &str {
        self.get("decision").unwrap()
    }

    pub(crate) fn body(&self) -> &str {
        self.get("body").unwrap_or_default()
    }

    pub(crate) fn earliest(&self) -> &str {
        self.get("earliest_at").unwrap_or_default()
    }

    pub(crate) fn reasons(&self) -> &str {
        self.get("reasons").unwrap_or_default()
    }

    pub(crate) fn codes(&self) -> Vec<&str> {
        self.get("reason_codes")
            .unwrap_or_default()
            .split(' ')
            .filter(|code| !code.is_empty())
            .collect()
    }

    pub(crate) fn has(&self, code: &str) -> bool {
        self.codes().contains(&code)
    }
}

/// The rows of the answer of `compose`.
pub(crate) fn messages(batch: &Batch) -> Vec<Message> {
    let row = |row| {
        let columns = batch.columns().map(|column| {
            let text = column.text(row).map(|text| text.into_owned());
            (column.name().to_string(), text)
        });
        Message(columns.collect())
    };
    (0..batch.rows()).map(row).collect()
}

pub(crate) const NOTICE_BODY: &str = "Dear {{ name }},\n\n{% block scope %}Your {{ product }} {% if possible %}may be{% else %}is{% endif %} affected.{% endblock %}\n{% block cause %}A fault in the sole.{% endblock %}\n{% block remedy %}Choose: {{ remedy }}.{% endblock %}\n{% block contact %}{{ contact }}{% endblock %}\n{% block reply %}Answer this message.{% endblock %}";
pub(crate) const RECALL_PARTS: &str = "{% block heading %}Product safety recall{% endblock %}\n{% block product %}{{ product }}, order {{ order_id }}{% endblock %}\n{% block hazard %}The sole can break and you can fall.{% endblock %}\n{% block action %}Stop using the shoes at once.{% endblock %}\n{% block share %}Tell the person who wears them.{% endblock %}\n";
pub(crate) const AD_BODY: &str =
    "Dear {{ name }},\nnew colours.\n{{ sender }}, {{ sender_address }}\nStop: {{ refusal_link }}";

/// The template row with the `locked_hash` of its text, as README.md defines it.
pub(crate) fn lock(row: &str) -> String {
    let text = |name: &str| {
        let found = pairs(row).find(|pair| pair.0 == name);
        found.map_or("", |pair| pair.1.trim()).to_string()
    };
    let mut parts: Vec<String> = [
        "template_id",
        "version",
        "purpose",
        "language",
        "certainty",
        "sender",
        "sender_address",
        "contact",
        "refusal_link",
        "fields",
        "parts",
        "subject",
        "body",
    ]
    .map(text)
    .to_vec();
    for name in ["channel", "open", "logo", "images"] {
        let value = text(name);
        parts.extend((!value.is_empty()).then(|| format!("{name}={value}")));
    }
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    format!("{row}|locked_hash={:x}", hash.finalize())
}

pub(crate) fn template(id: &str, purpose: &str, language: &str, body: &str) -> String {
    lock(&format!(
        "template_id={id}|version=1|purpose={purpose}|language={language}|approved=true|sender=Morihane Care|sender_address=Federweg 1, Chur|contact=Nora Lindqvist|refusal_link=https://morihane.example/stop|subject=About your shoes|body={body}"
    ))
}

/// A recall with every part that one must have, before some more words.
pub(crate) fn recall(body: &str) -> String {
    let row = template(
        "recall",
        "safety_recall",
        "en",
        &format!("{RECALL_PARTS}{body}"),
    );
    relock(&changed(
        &row,
        "subject",
        "Product safety recall: your shoes",
    ))
}

/// The row with the lock that fits what it says now.
pub(crate) fn relock(row: &str) -> String {
    let pairs = row.split('|');
    let rest: Vec<&str> = pairs
        .filter(|pair| !pair.starts_with("locked_hash="))
        .collect();
    lock(&rest.join("|"))
}

/// The relations and options of one call of `compose`.
#[derive(Clone)]
pub(crate) struct Case {
    pub targets: Vec<String>,
    pub templates: Vec<String>,
    pub persons: Vec<String>,
    pub consents: Vec<String>,
    pub history: Vec<String>,
    pub offers: Vec<String>,
    pub forbidden: Vec<String>,
    pub rules: Vec<String>,
    pub open_fields: Vec<String>,
    pub assets: Vec<String>,
    pub options: Vec<(String, String)>,
}

/// One person in Japan at 18:00 who may get all three kinds of message without delay.
pub(crate) fn case(purpose: &str) -> Case {
    Case {
        targets: vec![format!("incident=I-1|customer_id=C-1|certainty=certain|order_id=O-1|product=Yama Low|remedy=a new pair or your money back|purpose={purpose}")],
        templates: vec![
            template("notice", "service_notice", "en", NOTICE_BODY),
            recall(NOTICE_BODY),
            template("news", "advertisement", "en", AD_BODY),
        ],
        persons: vec!["customer_id=C-1|name=Aiko Mori|address=aiko@mail.example|language=en|time_zone=Asia/Tokyo|country=JP|channel=email|owner=ST-SAP|addressable=true|value_class=standard".to_string()],
        consents: vec!["customer_id=C-1|purpose=advertisement|channel=email|state=granted|at=2025-01-01|proof=form-1".to_string()],
        history: ["notice", "recall", "news"]
            .map(|name| format!("customer_id=C-9999|template={name}|purpose=transaction|sent_at=2026-01-01|outcome=delivered"))
            .to_vec(),
        offers: Vec::new(),
        forbidden: Vec::new(),
        rules: Vec::new(),
        open_fields: Vec::new(),
        assets: Vec::new(),
        options: vec![("as_of".to_string(), "2026-03-31T09:00:00Z".to_string())],
    }
}

impl Case {
    pub(crate) fn option(mut self, name: &str, value: &str) -> Case {
        self.options.retain(|option| option.0 != name);
        self.options.push((name.to_string(), value.to_string()));
        self
    }

    /// Adds a rule for everybody.
    pub(crate) fn rule(self, kind: &str, value: &str) -> Case {
        self.rule_for(kind, value, "")
    }

    /// Adds a rule with more columns, `country=US|channel=sms`.
    pub(crate) fn rule_for(mut self, kind: &str, value: &str, more: &str) -> Case {
        let source = "version=1|valid_from=2020-01-01|source=a test";
        self.rules
            .push(format!("rule={kind}|{source}|value={value}|{more}"));
        self
    }

    /// Changes one value of the only person.
    pub(crate) fn person(mut self, name: &str, value: &str) -> Case {
        self.persons = self
            .persons
            .iter()
            .map(|row| changed(row, name, value))
            .collect();
        self
    }

    /// Changes one value of every target.
    pub(crate) fn target(mut self, name: &str, value: &str) -> Case {
        self.targets = self
            .targets
            .iter()
            .map(|row| changed(row, name, value))
            .collect();
        self
    }

    /// The call in the mock host.
    pub(crate) fn call(&self) -> TableRun<Collect<ComposeOperator>> {
        let mut run = testing::table::<Collect<ComposeOperator>>();
        for (name, value) in &self.options {
            run = match value.parse::<i64>() {
                Ok(number) => run.option(name, number),
                Err(_) => run.option(name, value.as_str()),
            };
        }
        for (port, rows) in self.ports() {
            let rows = match (port, rows.is_empty()) {
                (_, false) => batch(rows),
                // A relation without rows has its columns all the same.
                ("persons", true) => text_batch(&["customer_id", "address", "channel"], &[]),
                (_, true) => continue,
            };
            run = run.input(port, rows);
        }
        run
    }

    pub(crate) fn try_run(&self) -> Result<Vec<Message>, Error> {
        Ok(messages(&self.call().run()?))
    }

    pub(crate) fn run(&self) -> Vec<Message> {
        self.try_run().unwrap()
    }

    /// The only message.
    pub(crate) fn one(&self) -> Message {
        let mut all = self.run();
        assert_eq!(all.len(), 1, "one person, one incident, one message");
        all.remove(0)
    }

    pub(crate) fn ports(&self) -> [(&'static str, &Vec<String>); 10] {
        [
            ("targets", &self.targets),
            ("templates", &self.templates),
            ("persons", &self.persons),
            ("consents", &self.consents),
            ("history", &self.history),
            ("offers", &self.offers),
            ("forbidden", &self.forbidden),
            ("rules", &self.rules),
            ("open_fields", &self.open_fields),
            ("assets", &self.assets),
        ]
    }

    /// Many more people like the first, `C-2` and on.
    pub(crate) fn crowd(mut self, size: usize) -> Case {
        for number in 2..=size {
            let id = format!("C-{number}");
            for rows in [&mut self.targets, &mut self.persons, &mut self.consents] {
                rows.extend(rows.first().map(|row| changed(row, "customer_id", &id)));
            }
        }
        self
    }
}

pub(crate) fn changed(row: &str, name: &str, value: &str) -> String {
    let rest = row
        .split('|')
        .filter(|pair| !pair.starts_with(&format!("{name}=")));
    let mut pairs: Vec<&str> = rest.collect();
    let pair = format!("{name}={value}");
    pairs.push(&pair);
    pairs.join("|")
}

/// Asserts the decision and some of the reasons, and that README.md explains all of them.
#[track_caller]
pub(crate) fn expect(message: &Message, decision: &str, codes: &[&str]) {
    let reasons = message.reasons();
    assert_eq!(message.decision(), decision, "{reasons}");
    for code in codes {
        assert!(message.has(code), "no {code} in: {reasons}");
    }
    for code in message.codes() {
        let row = format!("| `{code}` |");
        assert!(README.contains(&row), "README.md does not explain {code}");
    }
}
