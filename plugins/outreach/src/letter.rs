//! The channel `mail`: one letter a message, with an id made of its key.

use tsugi_plugin::{Error, MailMessage};

use crate::cell::Row;
use crate::channel::{Sent, untaken};

/// The letter for one message, or why there is none.
pub fn message(
    row: &Row<'_>,
    from: &str,
    key: &str,
) -> Result<MailMessage, (&'static str, String)> {
    let channel = row.text("channel").unwrap_or_default();
    if channel != "email" {
        let why = format!("this sink sends mail, and the message is for {channel:?}");
        return Err(("other-channel", why));
    }
    let Some(subject) = row.text("subject") else {
        return Err(("no-subject", "a mail without a subject".to_string()));
    };
    let headers = headers(&row.text("headers").unwrap_or_default());
    let clicks = |name: &str| headers.iter().any(|(header, _)| header == name);
    let advertises = row.text("purpose").as_deref() == Some("advertisement");
    if advertises && !(clicks("List-Unsubscribe") && clicks("List-Unsubscribe-Post")) {
        let why = "an advertisement without one click of refusal (RFC 8058)".to_string();
        return Err(("no-one-click", why));
    }
    let domain = from.rsplit('@').next().unwrap_or_default();
    Ok(MailMessage {
        from: from.to_string(),
        to: row.text("address").unwrap_or_default(),
        subject,
        text: row.text("body").unwrap_or_default(),
        headers,
        message_id: format!("{key}@{domain}"),
        extra: Vec::new(),
    })
}

/// Lines of `Name: value`.
fn headers(lines: &str) -> Vec<(String, String)> {
    let pairs = lines.lines().filter_map(|line| line.split_once(':'));
    pairs
        .map(|(name, value)| (name.trim().to_string(), value.trim().to_string()))
        .collect()
}

/// What a reply says of the letter.
pub fn outcome(reply: Result<String, Error>) -> Sent {
    match reply {
        Ok(words) => Sent::Taken(words),
        Err(error) if error.may_have_arrived() => Sent::Unknown(error.message.clone()),
        Err(error) => untaken(error),
    }
}
