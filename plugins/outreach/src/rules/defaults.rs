//! The rules that apply where the relation `rules` has none.

/// A rule that applies where the pipeline has none: type, channel, purpose, language, value.
pub(crate) type DefaultRule = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

pub(crate) const DEFAULTS: &[DefaultRule] = &[
    ("window", "", "", "", "08:00-21:00"),
    // Post disturbs at no hour.
    ("window", "post", "", "", "always"),
    ("cap", "", "advertisement", "", "1/day"),
    ("cap", "", "advertisement", "", "3/week"),
    ("week_start", "", "", "", "monday"),
    ("deadline_hours", "", "", "", "24"),
    ("consent", "", "advertisement", "", "opt-in"),
    ("holdout", "", "advertisement", "", "0 %"),
    // The limits of large mailbox providers for bulk senders.
    ("complaint_rate_max", "", "", "", "0.3 %"),
    ("complaint_days", "", "", "", "30"),
    ("complaint_sends_min", "", "", "", "1000"),
    ("fatigue_inactive_days", "", "", "", "180"),
    ("fatigue_recent_days", "", "", "", "30"),
    ("fatigue_recent_sends", "", "", "", "6"),
    ("logo_width_min_px", "", "", "", "200"),
    ("sms_segments_max", "", "", "", "6"),
    // Regulation (EU) 2023/988 Art. 36(2)(a) in English and German, and the Japanese equivalent.
    ("recall_heading", "", "", "en", "Product safety recall"),
    ("recall_heading", "", "", "de", "Produktsicherheitsrückruf"),
    ("recall_heading", "", "", "ja", "製品安全リコール"),
];
