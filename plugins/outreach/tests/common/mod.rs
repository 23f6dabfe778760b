//! A small business to compose for, through the host's own boundary; each test changes one thing.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;

use tsugi_outreach::Composing;
use tsugi_outreach::cell::{Cell, Sheet};
use tsugi_outreach::message::COLUMNS;
use tsugi_outreach::reasons::CODES;
use tsugi_outreach::template::locked_hash;
use tsugi_plugin::testing::{self, TableRun};
use tsugi_plugin::{Batch, BatchBuilder, DataType, Error, Field, Schema, Value};

/// `name=value|name=value` rows as a sheet over all their columns; a missing value is null.
pub fn sheet(rows: &[String]) -> Sheet {
    let split = |row: &String| -> Vec<(String, String)> {
        let pairs = row.split('|').filter_map(|pair| pair.split_once('='));
        pairs
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect()
    };
    let all: Vec<Vec<(String, String)>> = rows.iter().map(split).collect();
    let names: BTreeSet<String> = all.iter().flatten().map(|pair| pair.0.clone()).collect();
    let columns: Vec<String> = names.into_iter().collect();
    let cell = |row: &Vec<(String, String)>, name: &String| {
        row.iter()
            .find(|pair| pair.0 == *name)
            .map_or(Cell::Null, |pair| Cell::Text(pair.1.clone()))
    };
    let rows = all
        .iter()
        .map(|row| columns.iter().map(|name| cell(row, name)).collect());
    Sheet {
        rows: rows.collect(),
        columns,
    }
}

/// A sheet of texts as a batch.
pub fn batch(sheet: &Sheet) -> Batch {
    let fields = sheet.columns.iter();
    let schema: Schema = fields
        .map(|name| Field::new(name, DataType::Utf8).nullable())
        .collect();
    let mut out = BatchBuilder::new(&schema);
    for row in &sheet.rows {
        let values = row.iter().map(|cell| match cell {
            Cell::Text(text) => Value::Text(text),
            _ => Value::Null,
        });
        out.row(values).unwrap();
    }
    out.finish().unwrap()
}

/// One row that `compose` gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Message(Vec<Option<String>>);

impl Message {
    /// A column as text.
    pub fn get(&self, name: &str) -> Option<&str> {
        let place = COLUMNS.iter().position(|column| column.0 == name).unwrap();
        self.0[place].as_deref()
    }

    pub fn decision(&self) -> &str {
        self.get("decision").unwrap()
    }

    pub fn body(&self) -> &str {
        self.get("body").unwrap_or_default()
    }

    pub fn earliest(&self) -> &str {
        self.get("earliest_at").unwrap_or_default()
    }

    pub fn reasons(&self) -> &str {
        self.get("reasons").unwrap_or_default()
    }

    pub fn codes(&self) -> Vec<&str> {
        self.get("reason_codes")
            .unwrap_or_default()
            .split(' ')
            .filter(|code| !code.is_empty())
            .collect()
    }

    pub fn has(&self, code: &str) -> bool {
        self.codes().contains(&code)
    }

    pub fn cells(&self) -> Vec<Cell> {
        let cell = |(value, column): (&Option<String>, &(&str, &str, bool))| match (value, column.1)
        {
            (None, _) => Cell::Null,
            (Some(text), "l") => Cell::Int(text.parse().unwrap()),
            (Some(text), _) => Cell::Text(text.clone()),
        };
        self.0.iter().zip(COLUMNS).map(cell).collect()
    }
}

/// The rows of a batch that `compose` gave.
pub fn messages(batch: &Batch) -> Vec<Message> {
    let row = |row| {
        let text = |name: &str| {
            batch
                .column(name)
                .unwrap()
                .text(row)
                .map(|text| text.into_owned())
        };
        Message(COLUMNS.iter().map(|column| text(column.0)).collect())
    };
    (0..batch.rows()).map(row).collect()
}

pub const NOTICE_BODY: &str = "Dear {{ name }},\n\n{% block scope %}Your {{ product }} {% if possible %}may be{% else %}is{% endif %} affected.{% endblock %}\n{% block cause %}A fault in the sole.{% endblock %}\n{% block remedy %}Choose: {{ remedy }}.{% endblock %}\n{% block contact %}{{ contact }}{% endblock %}\n{% block reply %}Answer this message.{% endblock %}";
pub const RECALL_PARTS: &str = "{% block heading %}Product safety recall{% endblock %}\n{% block product %}{{ product }}, order {{ order_id }}{% endblock %}\n{% block hazard %}The sole can break and you can fall.{% endblock %}\n{% block action %}Stop using the shoes at once.{% endblock %}\n{% block share %}Tell whoever wears them.{% endblock %}\n";
pub const AD_BODY: &str =
    "Dear {{ name }},\nnew colours.\n{{ sender }}, {{ sender_address }}\nStop: {{ refusal_link }}";

/// A template row with its own hash as the lock.
pub fn lock(row: &str) -> String {
    let sheet = sheet(&[row.to_string()]);
    let hash = sheet
        .rows()
        .next()
        .map(|row| locked_hash(&row))
        .unwrap_or_default();
    format!("{row}|locked_hash={hash}")
}

pub fn template(id: &str, purpose: &str, language: &str, body: &str) -> String {
    lock(&format!(
        "template_id={id}|version=1|purpose={purpose}|language={language}|approved=true|sender=Morihane Care|sender_address=Federweg 1, Chur|contact=Nora Lindqvist|refusal_link=https://morihane.example/stop|subject=About your shoes|body={body}"
    ))
}

/// A recall with every part that one must have, before some more words.
pub fn recall(body: &str) -> String {
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
pub fn relock(row: &str) -> String {
    let pairs = row.split('|');
    let kept: Vec<&str> = pairs
        .filter(|pair| !pair.starts_with("locked_hash="))
        .collect();
    lock(&kept.join("|"))
}

/// Everything that `compose` is given.
#[derive(Clone)]
pub struct Case {
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
pub fn case(purpose: &str) -> Case {
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
    pub fn option(mut self, name: &str, value: &str) -> Case {
        self.options.retain(|option| option.0 != name);
        self.options.push((name.to_string(), value.to_string()));
        self
    }

    /// Adds a rule for everybody.
    pub fn rule(self, kind: &str, value: &str) -> Case {
        self.rule_for(kind, value, "")
    }

    /// Adds a rule with more columns, `country=US|channel=sms`.
    pub fn rule_for(mut self, kind: &str, value: &str, more: &str) -> Case {
        let source = "version=1|valid_from=2020-01-01|source=a test";
        self.rules
            .push(format!("rule={kind}|{source}|value={value}|{more}"));
        self
    }

    /// Changes one value of the only person.
    pub fn person(mut self, name: &str, value: &str) -> Case {
        self.persons = self
            .persons
            .iter()
            .map(|row| changed(row, name, value))
            .collect();
        self
    }

    /// Changes one value of every target.
    pub fn target(mut self, name: &str, value: &str) -> Case {
        self.targets = self
            .targets
            .iter()
            .map(|row| changed(row, name, value))
            .collect();
        self
    }

    /// `compose` with everything given, in the mock host.
    pub fn call(&self) -> TableRun<Composing> {
        let mut run = testing::table::<Composing>();
        for (name, value) in &self.options {
            run = match value.parse::<i64>() {
                Ok(number) => run.option(name, number),
                Err(_) => run.option(name, value.as_str()),
            };
        }
        for (port, rows) in self.ports() {
            let rows = match (port, rows.is_empty()) {
                (_, false) => sheet(rows),
                // A relation without rows still has its columns.
                ("persons", true) => Sheet {
                    columns: ["customer_id", "address", "channel"]
                        .map(String::from)
                        .to_vec(),
                    rows: Vec::new(),
                },
                (_, true) => continue,
            };
            run = run.input(port, batch(&rows));
        }
        run
    }

    pub fn try_run(&self) -> Result<Vec<Message>, Error> {
        Ok(messages(&self.call().run()?))
    }

    pub fn run(&self) -> Vec<Message> {
        self.try_run().unwrap()
    }

    /// The only message.
    pub fn one(&self) -> Message {
        let mut all = self.run();
        assert_eq!(all.len(), 1, "one person, one incident, one message");
        all.remove(0)
    }

    pub fn ports(&self) -> [(&'static str, &Vec<String>); 10] {
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
    pub fn crowd(mut self, size: usize) -> Case {
        for number in 2..=size {
            let id = format!("C-{number}");
            for rows in [&mut self.targets, &mut self.persons, &mut self.consents] {
                rows.extend(rows.first().map(|row| changed(row, "customer_id", &id)));
            }
        }
        self
    }
}

pub fn changed(row: &str, name: &str, value: &str) -> String {
    let kept = row
        .split('|')
        .filter(|pair| !pair.starts_with(&format!("{name}=")));
    let mut pairs: Vec<&str> = kept.collect();
    let pair = format!("{name}={value}");
    pairs.push(&pair);
    pairs.join("|")
}

/// Asserts the decision and that the reasons are there, all with known codes.
#[track_caller]
pub fn expect(message: &Message, decision: &str, codes: &[&str]) {
    let said = message.reasons();
    assert_eq!(message.decision(), decision, "{said}");
    for code in codes {
        assert!(message.has(code), "no {code} in: {said}");
    }
    for code in message.codes() {
        assert!(CODES.contains(&code), "{code} is not in CODES");
    }
}
