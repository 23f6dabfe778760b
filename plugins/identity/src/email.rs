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

/// Carriers whose older addresses may hold points side by side, or begin and end with one.
const CARRIERS: [&str; 6] = [
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "au.com",
    "softbank.ne.jp",
    "vodafone.ne.jp",
    "disney.ne.jp",
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
    // A Japanese keyboard writes 。 for the point.
    let plain = plain.trim().replace(['。', '．'], ".");
    let plain = match plain.strip_prefix("mailto:") {
        Some(link) => link.split('?').next().unwrap_or_default(),
        None => plain.as_str(),
    };
    let (local, domain) = plain.trim_end_matches('.').split_once('@')?;
    if !is_domain(domain) || !is_mailbox(local, domain) {
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

/// Labels of letters, digits and inner hyphens (RFC 1123), at least two; letters of any script.
fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.len() <= 253
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && !last.chars().all(|c| c.is_ascii_digit())
}

/// A dot-atom (RFC 5322, 3.2.3), or what Japanese carriers gave out until 2009: points anywhere. Comments and quoted
/// strings are legal and hardly exist.
fn is_mailbox(local: &str, domain: &str) -> bool {
    let is_atom = |c: char| c == '.' || (c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c));
    let is_dotted = local.starts_with('.') || local.ends_with('.') || local.contains("..");
    let is_carrier = CARRIERS
        .iter()
        .any(|carrier| domain == *carrier || domain.ends_with(&format!(".{carrier}")));
    (1..=64).contains(&local.len()) && local.chars().all(is_atom) && (!is_dotted || is_carrier)
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
            ("taro..yamada.@docomo.ne.jp", "taro..yamada.@docomo.ne.jp"),
            ("taro@example。jp", "taro@example.jp"),
            ("mailto:taro@example.jp?subject=Hallo", "taro@example.jp"),
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
            "taro..yamada@example.jp",
            ".taro@example.jp",
            "a@-example.org",
            "a(b)@example.org",
            "a@127.0.0.1",
        ] {
            assert_eq!(normalize(typed), None, "{typed}");
        }
    }
}
