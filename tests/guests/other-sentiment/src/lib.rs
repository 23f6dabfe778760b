//! Another sentiment with the same functions: every `!` is joy, every `?` is doubt.
use tsugi_plugin::scalar;

/// From -1 to 1; null where the text has neither mark.
#[scalar]
pub fn sentiment(text: &str, _lang: Option<&str>) -> Option<f64> {
    let count =
        |mark: char, wide: char| text.chars().filter(|c| *c == mark || *c == wide).count() as f64;
    let (joy, doubt) = (count('!', '！'), count('?', '？'));
    (joy + doubt > 0.0).then(|| (joy - doubt) / (joy + doubt))
}

/// `glad`, `doubtful` or `unknown`.
#[scalar]
pub fn sentiment_label(text: &str, lang: Option<&str>) -> &'static str {
    match sentiment(text, lang) {
        Some(score) if score >= 0.0 => "glad",
        Some(_) => "doubtful",
        None => "unknown",
    }
}

tsugi_plugin::export! { manifest: "plugin.toml", scalar: [sentiment, sentiment_label] }
