//! E-mail addresses in the form in which two of them are the same mailbox.

use unicode_normalization::UnicodeNormalization;

/// Providers that do not tell a mailbox by what follows a plus.
const PLUS: [&str; 8] = [
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "icloud.com",
    "me.com",
    "fastmail.com",
    "proton.me",
];

/// `text` as an address in lower case, from full width too, without `mailto:` or a name before `<…>`; none when
/// it is no address. Of Gmail dots and what follows a plus do not count, of some others what follows a plus.
///
/// This is for comparing: a message goes to the address as the person gave it.
#[must_use]
pub(crate) fn normalize(text: &str) -> Option<String> {
    let plain: String = text
        .chars()
        .take(400)
        .nfkc()
        .collect::<String>()
        .to_lowercase();
    let plain = match (plain.rfind('<'), plain.rfind('>')) {
        (Some(begin), Some(end)) if begin < end => plain.get(begin + 1..end)?,
        _ => plain.as_str(),
    };
    let plain = plain
        .trim()
        .trim_start_matches("mailto:")
        .trim_end_matches('.');
    let (local, domain) = plain.split_once('@')?;
    let name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.');
    let sound = !local.is_empty()
        && local.len() <= 64
        && domain.len() <= 253
        && !local.contains(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>' | '"')
        })
        && domain.chars().all(name)
        && domain.contains('.')
        && domain.split('.').all(|part| !part.is_empty());
    if !sound {
        return None;
    }
    let domain = if domain == "googlemail.com" {
        "gmail.com"
    } else {
        domain
    };
    let mut local = local.to_owned();
    if PLUS.contains(&domain) {
        local.truncate(local.find('+').unwrap_or(local.len()));
    }
    if domain == "gmail.com" {
        local.retain(|c| c != '.');
    }
    (!local.is_empty()).then(|| format!("{local}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mailbox_has_one_form() {
        for (typed, form) in [
            (" Taro.Yamada@Example.COM ", "taro.yamada@example.com"),
            ("Taro.Yamada+shoes@googlemail.com", "taroyamada@gmail.com"),
            ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ", "taro@example.jp"),
            ("Taro <mailto:taro@example.jp>", "taro@example.jp"),
            ("a+b@example.org", "a+b@example.org"),
            ("anna+x@outlook.com", "anna@outlook.com"),
        ] {
            assert_eq!(normalize(typed).as_deref(), Some(form), "{typed}");
        }
        for typed in [
            "",
            "none",
            "a@b",
            "a b@example.org",
            "a@@example.org",
            "@example.org",
            "a@example..org",
            "+x@gmail.com",
        ] {
            assert_eq!(normalize(typed), None, "{typed}");
        }
    }
}
