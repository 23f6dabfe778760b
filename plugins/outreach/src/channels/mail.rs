//! The channel `mail`: one plain-text mail a message.

use tsugi_plugin::{Error, MailMessage};

use crate::channels::outcome::Outcome;
use crate::channels::outgoing::OutgoingRow;

/// The mail for one message, with a `Message-ID` from its key; or code and sentence of the refusal.
pub(crate) fn message(
    row: &OutgoingRow<'_>,
    from: &str,
    key: &str,
) -> Result<MailMessage, (&'static str, String)> {
    let channel = row.channel().unwrap_or_default();
    if channel != "email" {
        let why = format!("this sink sends mail, and the message is for {channel:?}");
        return Err(("other-channel", why));
    }
    let Some(subject) = row.subject() else {
        return Err(("no-subject", "a mail without a subject".to_string()));
    };
    let headers = headers(row.headers().unwrap_or_default());
    let has_header = |name: &str| headers.iter().any(|(header, _)| header == name);
    let advertises = row.purpose() == Some("advertisement");
    if advertises && !(has_header("List-Unsubscribe") && has_header("List-Unsubscribe-Post")) {
        let why = "an advertisement without one click of refusal (RFC 8058)".to_string();
        return Err(("no-one-click", why));
    }
    let domain = from.rsplit('@').next().unwrap_or_default();
    Ok(MailMessage {
        from: from.to_string(),
        to: row.address().unwrap_or_default().to_string(),
        subject: subject.to_string(),
        text: row.body().unwrap_or_default().to_string(),
        headers,
        message_id: format!("{key}@{domain}"),
        extra: Vec::new(),
    })
}

/// Parses lines of `Name: value`.
fn headers(lines: &str) -> Vec<(String, String)> {
    let pairs = lines.lines().filter_map(|line| line.split_once(':'));
    pairs
        .map(|(name, value)| (name.trim().to_string(), value.trim().to_string()))
        .collect()
}

/// The outcome of the reply of the mail server.
pub(crate) fn outcome(reply: Result<String, Error>) -> Outcome {
    match reply {
        Ok(words) => Outcome::Accepted(words),
        Err(error) if error.may_have_arrived() => Outcome::Unknown(error.message.clone()),
        Err(error) => Outcome::not_sent(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tsugi_plugin::{Batch, column};

    fn code_of(columns: &[(&str, &str)]) -> Result<MailMessage, &'static str> {
        let columns = columns.iter().map(|(name, value)| column(name, [*value]));
        let batch = Batch::new(columns).unwrap();
        let row = batch.read::<OutgoingRow<'_>>().unwrap().next();
        let row = row.unwrap().unwrap();
        message(&row, "care@shop.example", "k").map_err(|(code, _)| code)
    }

    #[test]
    fn a_row_that_cannot_be_a_mail_is_refused() {
        let whole = [
            ("channel", "email"),
            ("subject", "S"),
            ("address", "a@b.example"),
            ("body", "B"),
        ];
        assert_eq!(code_of(&whole).unwrap().message_id, "k@shop.example");
        let sms = [("channel", "sms"), ("subject", "S")];
        assert_eq!(code_of(&sms).unwrap_err(), "other-channel");
        assert_eq!(code_of(&[("channel", "email")]).unwrap_err(), "no-subject");
        let advertisement = [
            ("channel", "email"),
            ("subject", "S"),
            ("purpose", "advertisement"),
        ];
        assert_eq!(code_of(&advertisement).unwrap_err(), "no-one-click");
    }

    #[test]
    fn the_words_of_the_server_are_the_outcome() {
        let outcome = outcome(Ok("OK".into()));
        assert_eq!(outcome, Outcome::Accepted("OK".into()));
    }
}
