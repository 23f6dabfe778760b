//! One message as text (RFC 5322), checked so that nothing in it can become another header,
//! another recipient or another command.

use mail_builder::MessageBuilder;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;

use crate::boundary::wire::{MailMessage, PluginError, Recovery};
use crate::imports::failure::not_sent;
use crate::text::clip;
use tsugi_core::channel::{MailGrant, is_token};

/// Longest address (RFC 5321, 4.5.3.1.3, without the brackets).
const ADDRESS_MAX_BYTES: usize = 254;
/// Longest value of a header: no line may be longer than 998 bytes (RFC 5322, 2.1.1).
const VALUE_MAX_BYTES: usize = 900;
/// Largest text of one message.
const TEXT_MAX_BYTES: usize = 1024 * 1024;
/// Most headers of one message, without those of the host.
const HEADERS_MAX: usize = 50;
/// Headers that the host writes itself, or that would send the message elsewhere.
const OWN_HEADERS: [&str; 14] = [
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "received",
    "return-path",
    "dkim-signature",
    "authentication-results",
    "delivered-to",
];

/// The message, ready to be sent, with lines that end in CR LF.
pub(super) fn render(grant: &MailGrant, message: &MailMessage) -> Result<Vec<u8>, PluginError> {
    check_parties(grant, message)?;
    check_content(message)?;
    let mut builder = MessageBuilder::new()
        .from(message.from.as_str())
        .to(message.to.as_str())
        .subject(message.subject.as_str())
        .message_id(MessageId::new(message.message_id.as_str()))
        .text_body(message.text.as_str());
    for (name, value) in &message.headers {
        let lower = name.to_ascii_lowercase();
        let own = OWN_HEADERS.contains(&lower.as_str()) || lower.starts_with("content-");
        let fits = value.len() <= VALUE_MAX_BYTES && !value.chars().any(char::is_control);
        if own || !fits || !is_token(name) || name.len() > 70 {
            let name = escaped(name);
            let what = format!("a message cannot set the header `{name}` to this value");
            return Err(bad("bad-header", what));
        }
        builder = if value.is_ascii() {
            builder.header(name.as_str(), Raw::new(value.as_str()))
        } else {
            builder.header(name.as_str(), Text::new(value.as_str()))
        };
    }
    builder.write_to_vec().map_err(|error| {
        bad(
            "bad-message",
            format!("the message cannot be written: {error}"),
        )
    })
}

/// Checks the sender, the recipient and the message id.
fn check_parties(grant: &MailGrant, message: &MailMessage) -> Result<(), PluginError> {
    if !grant.from.contains(&message.from) {
        let granted: Vec<&str> = grant.from.iter().map(String::as_str).collect();
        let what = format!(
            "mail may come from {}, not from `{}`",
            granted.join(", "),
            escaped(&message.from)
        );
        return Err(not_sent(Recovery::FixConfig, "sender-not-granted", what));
    }
    for address in [&message.from, &message.to] {
        if !is_address(address) {
            let what = "an address is not one mail address in ASCII".to_owned();
            return Err(bad("bad-address", what));
        }
    }
    let id = &message.message_id;
    let plain = |half: &str| is_token(&half.replace(['.', '-'], ""));
    let is_id = id
        .split_once('@')
        .is_some_and(|(left, right)| plain(left) && plain(right));
    if !is_id || id.len() > 200 {
        let what = format!("`{}` is no message id: local@domain", escaped(id));
        return Err(bad("bad-message-id", what));
    }
    Ok(())
}

/// Checks the subject and the size of the text and the headers.
fn check_content(message: &MailMessage) -> Result<(), PluginError> {
    if message.subject.chars().any(char::is_control) || message.subject.len() > VALUE_MAX_BYTES {
        let what = format!("a subject is one line of at most {VALUE_MAX_BYTES} bytes");
        return Err(bad("bad-subject", what));
    }
    if message.text.len() > TEXT_MAX_BYTES {
        let what = format!("a text has at most {TEXT_MAX_BYTES} bytes");
        return Err(bad("text-too-long", what));
    }
    if message.headers.len() > HEADERS_MAX {
        let what = format!("a message may have at most {HEADERS_MAX} more headers");
        return Err(bad("bad-header", what));
    }
    Ok(())
}

fn bad(code: &str, what: String) -> PluginError {
    not_sent(Recovery::RejectData, code, what)
}

fn escaped(text: &str) -> String {
    clip(text.escape_debug().to_string())
}

/// Whether a text is one address that is safe in a command and in a header.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_atext =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte);
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= ADDRESS_MAX_BYTES
        && !local.is_empty()
        && local.len() <= 64
        && local.bytes().all(is_atext)
        && !local.starts_with('-')
        && domain.split('.').all(label)
}

/// A message with a second dot before every line that begins with one (RFC 5321, 4.5.2), and with a
/// line end at its end.
pub(super) fn dot_stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 16);
    let mut at_line_start = true;
    for byte in message {
        if at_line_start && *byte == b'.' {
            out.push(b'.');
        }
        out.push(*byte);
        at_line_start = *byte == b'\n';
    }
    if !out.ends_with(b"\r\n") {
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn grant() -> MailGrant {
        MailGrant {
            url: "smtp://127.0.0.1".into(),
            from: BTreeSet::from(["care@shop.example".to_owned()]),
            login: None,
            addresses: BTreeSet::new(),
            ca: None,
            timeout_ms: 1000,
        }
    }

    fn message() -> MailMessage {
        MailMessage {
            from: "care@shop.example".into(),
            to: "aiko@mail.example".into(),
            subject: "Ihre Schuhe — 靴".into(),
            text: ".hidden\nZweite Zeile\n".into(),
            headers: vec![(
                "List-Unsubscribe".into(),
                "<https://shop.example/stop?id=1>".into(),
            )],
            message_id: "0ab1@shop.example".into(),
            extra: Vec::new(),
        }
    }

    #[test]
    fn a_message_is_written_with_its_headers() {
        let bytes = render(&grant(), &message()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        for line in [
            "From: <care@shop.example>\r\n",
            "To: <aiko@mail.example>\r\n",
            "Message-ID: <0ab1@shop.example>\r\n",
            "List-Unsubscribe: <https://shop.example/stop?id=1>\r\n",
            "MIME-Version: 1.0\r\n",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(head.is_ascii() && head.contains("Date: "), "{head}");
        assert!(text.split("\r\n").all(|line| line.len() <= 998));
    }

    #[test]
    fn nothing_in_a_message_becomes_something_else() {
        type Spoil = fn(&mut MailMessage);
        let spoilt: [(&str, Spoil); 14] = [
            ("bad-subject", |m| {
                m.subject = "a\r\nBcc: b@evil.example".into()
            }),
            ("bad-address", |m| m.to = "a@b.example>\r\nDATA".into()),
            ("bad-address", |m| m.to = "a@b.example,c@d.example".into()),
            ("bad-address", |m| m.to = "a@b.example NOTIFY=NEVER".into()),
            ("bad-address", |m| m.to = "aïko@mail.example".into()),
            ("bad-address", |m| m.to = "<a@b.example>".into()),
            ("bad-address", |m| m.to = "a@".into()),
            ("bad-address", |m| m.to = String::new()),
            ("bad-message-id", |m| m.message_id = "a@b>\r\nX: y".into()),
            ("bad-message-id", |m| m.message_id = "nothing".into()),
            ("bad-header", |m| {
                m.headers = vec![("Bcc".into(), "b@evil.example".into())]
            }),
            ("bad-header", |m| {
                m.headers = vec![("X".into(), "a\r\nBcc: b@c.example".into())]
            }),
            ("bad-header", |m| {
                m.headers = vec![("X: y\r\nBcc".into(), "b".into())]
            }),
            ("bad-header", |m| {
                m.headers = vec![("Content-Type".into(), "text/html".into())]
            }),
        ];
        for (code, spoil) in spoilt {
            let mut message = message();
            spoil(&mut message);
            let error = render(&grant(), &message).unwrap_err();
            assert_eq!(error.code, code, "{message:?}");
        }
        let mut other = message();
        other.from = "boss@shop.example".into();
        let error = render(&grant(), &other).unwrap_err();
        assert_eq!(error.code, "sender-not-granted");
    }

    #[test]
    fn a_line_with_a_dot_does_not_end_a_message() {
        assert_eq!(dot_stuffed(b".\r\n..a\r\nb."), b"..\r\n...a\r\nb.\r\n");
        assert_eq!(dot_stuffed(b"a\r\n"), b"a\r\n");
    }
}
