//! The three channels of the sink: which one a config names, and on what terms it accepts rows.

use serde_json::Value;
use tsugi_plugin::{Error, Receipt, Repeat, SinkHost, Terms};

use crate::channels::outbox::CheckedBatch;
use crate::channels::outcome::Outcome;
use crate::channels::outgoing::Outgoing;
use crate::channels::report::BatchReport;
use crate::channels::{http, mail};
use crate::error::config_error;

/// Names of the wants in plugin.toml.
const HTTP: &str = "channel";
const MAIL: &str = "server";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Channel {
    /// One object a batch under the output `outbox`.
    Outbox,
    /// One request a message to the granted address.
    Http {
        /// Whether the address answers the same `Idempotency-Key` twice with one effect.
        idempotent: bool,
    },
    /// One mail a message through the granted server.
    Mail {
        /// The address in `From`.
        from: String,
    },
}

impl Channel {
    /// The channel that the JSON config of the sink names.
    pub(crate) fn of(config: &str) -> Result<Channel, Error> {
        let wrong = |what: String, hint: &str| config_error("bad-config", what, hint);
        let config: Value = serde_json::from_str(config)
            .map_err(|error| wrong(format!("the config is no JSON: {error}"), "report this"))?;
        let text = |key: &str| config.get(key).and_then(Value::as_str);
        match text("channel").unwrap_or("outbox") {
            "outbox" => Ok(Channel::Outbox),
            "http" => {
                let idempotent = config.get("idempotent").and_then(Value::as_bool);
                let idempotent = idempotent.unwrap_or(false);
                Ok(Channel::Http { idempotent })
            }
            "mail" => match text("from") {
                Some(from) if from.contains('@') => Ok(Channel::Mail {
                    from: from.to_string(),
                }),
                _ => Err(wrong(
                    "mail needs an address to come from".to_string(),
                    "add to the sink's config: from = \"care@example.com\"",
                )),
            },
            other => Err(wrong(
                format!("there is no channel {other:?}"),
                "use outbox, http or mail",
            )),
        }
    }

    /// A batch of the outbox and a request to an idempotent address may be repeated; a mail may not.
    /// Where messages leave one by one, a batch is one message, so that a crash leaves one in doubt.
    pub(crate) fn terms(&self) -> Terms {
        let (repeat, batch_rows) = match self {
            Channel::Outbox => (Repeat::Same, 0),
            Channel::Http { idempotent: true } => (Repeat::Same, 1),
            Channel::Http { idempotent: false } | Channel::Mail { .. } => (Repeat::Never, 1),
        };
        Terms { repeat, batch_rows }
    }

    /// Sends each message of a batch by itself.
    pub(crate) fn send(
        &self,
        batch: CheckedBatch<'_>,
        dry_run: bool,
        host: &SinkHost,
    ) -> Result<Receipt, Error> {
        let mut report = BatchReport::new(batch.refused);
        for message in &batch.messages {
            let outcome = match report.is_stopped() {
                true => Outcome::Refused("not-tried", "the channel stopped before it".to_string()),
                false => self.send_one(message, dry_run, host),
            };
            report.add(message.row, outcome)?;
        }
        Ok(report.receipt(dry_run))
    }

    fn send_one(&self, message: &Outgoing<'_>, dry_run: bool, host: &SinkHost) -> Outcome {
        match self {
            Channel::Outbox => Outcome::Accepted(String::new()),
            Channel::Http { .. } if dry_run => Outcome::Accepted(String::new()),
            Channel::Http { idempotent } => {
                let answer = host.http(HTTP, &http::request(message));
                http::outcome(answer, *idempotent)
            }
            Channel::Mail { from } => match mail::message(&message.columns, from, &message.key) {
                Err((code, why)) => Outcome::Refused(code, why),
                Ok(_) if dry_run => Outcome::Accepted(String::new()),
                Ok(mail) => mail::outcome(host.mail(MAIL, &mail)),
            },
        }
    }
}
