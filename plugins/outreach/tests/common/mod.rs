//! A small business to compose for; each test changes one thing in it.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;

use tsugi_outreach::cell::{Cell, Sheet};
use tsugi_outreach::compose::Compose;
use tsugi_outreach::fault::Fault;
use tsugi_outreach::message::Message;
use tsugi_outreach::template::locked_hash;

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

pub const NOTICE_BODY: &str = "Dear {{ name }},\n\n{% block scope %}Your {{ product }} {% if possible %}may be{% else %}is{% endif %} affected.{% endblock %}\n{% block cause %}A fault in the sole.{% endblock %}\n{% block remedy %}Choose: {{ remedy }}.{% endblock %}\n{% block contact %}{{ contact }}{% endblock %}\n{% block reply %}Answer this message.{% endblock %}";
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
    pub options: Vec<(String, Cell)>,
}

/// One person in Japan at 18:00 who may get all three kinds of message without delay.
pub fn case(purpose: &str) -> Case {
    Case {
        targets: vec![format!("incident=I-1|customer_id=C-1|certainty=certain|order_id=O-1|product=Yama Low|remedy=a new pair or your money back|purpose={purpose}")],
        templates: vec![
            template("notice", "service_notice", "en", NOTICE_BODY),
            template("recall", "safety_recall", "en", NOTICE_BODY),
            template("news", "advertisement", "en", AD_BODY),
        ],
        persons: vec!["customer_id=C-1|name=Aiko Mori|address=aiko@mail.example|language=en|time_zone=Asia/Tokyo|country=JP|channel=email|owner=ST-SAP|addressable=true|value_class=standard".to_string()],
        consents: vec!["customer_id=C-1|purpose=advertisement|channel=email|state=granted|at=2025-01-01|proof=form-1".to_string()],
        history: ["notice", "recall", "news"]
            .map(|name| format!("customer_id=C-9999|template={name}|purpose=transaction|sent_at=2026-01-01|outcome=delivered"))
            .to_vec(),
        offers: Vec::new(),
        forbidden: Vec::new(),
        options: vec![("as_of".to_string(), Cell::from("2026-03-31T09:00:00Z"))],
    }
}

impl Case {
    pub fn option(mut self, name: &str, value: &str) -> Case {
        self.options.retain(|option| option.0 != name);
        self.options.push((name.to_string(), Cell::from(value)));
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

    pub fn try_run(&self) -> Result<Vec<Message>, Fault> {
        let mut compose = Compose::open(&self.options)?;
        for (port, rows) in self.ports() {
            compose.push(port, &sheet(rows))?;
            compose.close(port);
        }
        Ok(compose.finish())
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

    pub fn ports(&self) -> [(&'static str, &Vec<String>); 7] {
        [
            ("targets", &self.targets),
            ("templates", &self.templates),
            ("persons", &self.persons),
            ("consents", &self.consents),
            ("history", &self.history),
            ("offers", &self.offers),
            ("forbidden", &self.forbidden),
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
    if !value.is_empty() {
        pairs.push(&pair);
    }
    pairs.join("|")
}

/// Asserts the decision and that the reasons are there, all with known codes.
pub fn expect(message: &Message, decision: &str, codes: &[&str]) {
    let said = message.reasons_text();
    assert_eq!(message.decision(), decision, "{said}");
    for code in codes {
        assert!(message.has(code), "no {code} in: {said}");
    }
    for reason in &message.reasons {
        assert!(
            tsugi_outreach::reasons::CODES.contains(&reason.code),
            "{} is not in CODES",
            reason.code
        );
    }
}
