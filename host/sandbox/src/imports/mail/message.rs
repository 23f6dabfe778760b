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
/// Headers that a message may have beside those of the host. None of them sends it, or the reply to it,
/// elsewhere, or says how its text is to be read.
const HEADERS: [&str; 12] = [
    "auto-submitted",
    "feedback-id",
    "importance",
    "in-reply-to",
    "keywords",
    "list-help",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "precedence",
    "references",
    "x-auto-response-suppress",
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
        .text_body(normalised(&message.text));
    for (name, value) in &message.headers {
        let lower = name.to_ascii_lowercase();
        let fits = value.len() <= VALUE_MAX_BYTES && !value.chars().any(char::is_control);
        if !HEADERS.contains(&lower.as_str()) || !fits {
            let name = escaped(name);
            let what = format!("a message cannot set the header `{name}` to this value");
            let mut error = bad("bad-header", what);
            error.detail = Some(format!("what it may set: {}", HEADERS.join(", ")));
            return Err(error);
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

/// A text whose lines end in LF, without what a reader does not see and a program obeys: NUL, ESC and
/// other control characters.
fn normalised(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let shown = |one: &char| !one.is_control() || matches!(one, '\n' | '\t');
    lines.chars().filter(shown).collect()
}

/// Whether a text is one address (RFC 5321, without quotes) that is safe in a command and in a header.
/// `%`, `!` and `|` are left out: they are routes and pipes to old servers.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_atext = |byte: u8| byte.is_ascii_alphanumeric() || b"#$&'*+-/=?^_`{}~".contains(&byte);
    let atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atext);
    let label = |label: &str| {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(is_plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= ADDRESS_MAX_BYTES
        && local.len() <= 64
        && local.split('.').all(atom)
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
        let spoilt: [(&str, Spoil); 26] = [
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
            ("bad-address", |m| m.to = "a%other.example@b.example".into()),
            ("bad-address", |m| m.to = "other.example!a@b.example".into()),
            ("bad-address", |m| m.to = "|/bin/sh@b.example".into()),
            ("bad-address", |m| m.to = "a..b@c.example".into()),
            ("bad-address", |m| m.to = ".a@b.example".into()),
            ("bad-address", |m| m.to = "a@b..example".into()),
            ("bad-address", |m| m.to = "a@-b.example".into()),
            ("bad-address", |m| m.to = "\"a b\"@c.example".into()),
            ("bad-address", |m| {
                m.to = "@relay.example:a@b.example".into()
            }),
            ("bad-header", |m| {
                m.headers = vec![("Reply-To".into(), "b@evil.example".into())]
            }),
            ("bad-header", |m| {
                m.headers = vec![(
                    "Disposition-Notification-To".into(),
                    "b@evil.example".into(),
                )]
            }),
            ("bad-header", |m| {
                m.headers = vec![("Resent-To".into(), "b@evil.example".into())]
            }),
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
    fn a_text_has_nothing_that_is_not_seen() {
        let mut message = message();
        message.text = "one\rtwo\r\n\u{1b}[2Jthree\0\u{7}\tfour\u{9b}".into();
        let text = String::from_utf8(render(&grant(), &message).unwrap()).unwrap();
        let body = text.split_once("\r\n\r\n").unwrap().1;
        assert_eq!(body.trim_end(), "one\r\ntwo\r\n[2Jthree\tfour");
        assert!(
            !text
                .replace("\r\n", "")
                .contains(['\r', '\n', '\0', '\u{1b}']),
            "{text}"
        );
    }

    #[test]
    fn a_line_with_a_dot_does_not_end_a_message() {
        assert_eq!(dot_stuffed(b".\r\n..a\r\nb."), b"..\r\n...a\r\nb.\r\n");
        assert_eq!(dot_stuffed(b"a\r\n"), b"a\r\n");
    }
}
