//! Which language a text is in: by its script, by common words, then by what its letters look like.

mod han;
mod latin;

/// Only so much of a text is looked at, in characters.
const LOOKED_AT: usize = 2_000;

/// A language that Tsugi's rules read, or another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// `ja`
    Japanese,
    /// `en`; also texts of emoticons and emoji only
    English,
    /// `de`
    German,
    /// `pt`
    Portuguese,
    /// `zh`
    Chinese,
    /// `fr`
    French,
    /// `it`
    Italian,
    /// `es`
    Spanish,
    /// Any other, or none that was recognised
    Other,
}

impl Language {
    /// Every language that is recognised.
    pub const ALL: [Self; 8] = [
        Self::Japanese,
        Self::English,
        Self::German,
        Self::Portuguese,
        Self::Chinese,
        Self::French,
        Self::Italian,
        Self::Spanish,
    ];

    /// The BCP 47 tag; `und` for another one.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
            Self::German => "de",
            Self::Portuguese => "pt",
            Self::Chinese => "zh",
            Self::French => "fr",
            Self::Italian => "it",
            Self::Spanish => "es",
            Self::Other => "und",
        }
    }
}

/// The language given by `lang` (a BCP 47 tag, any case), or the one found in `text` when it is blank.
#[must_use]
pub fn of(text: &str, lang: &str) -> Language {
    let lang = lang.trim();
    if lang.is_empty() {
        return detect(text);
    }
    let begin = lang.split(['-', '_']).next().unwrap_or_default();
    Language::ALL
        .into_iter()
        .find(|language| begin.eq_ignore_ascii_case(language.tag()))
        .unwrap_or(Language::Other)
}

/// The first subtag of a language tag, in lower case.
pub(crate) fn primary(lang: &str) -> String {
    lang.trim()
        .split(['-', '_'])
        .next()
        .unwrap_or_default()
        .to_lowercase()
}

/// How many characters of each kind a text holds.
#[derive(Default)]
struct Scripts {
    kana: usize,
    han: usize,
    latin: usize,
    other: usize,
}

/// The language found in `text`.
#[must_use]
pub fn detect(text: &str) -> Language {
    let mut scripts = Scripts::default();
    for c in text.chars().take(LOOKED_AT) {
        match c {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
                scripts.latin += 1;
            }
            'ー' | '\u{30fb}' => {}
            '\u{3041}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => scripts.kana += 1,
            '\u{3005}' | '\u{3400}'..='\u{9fff}' => scripts.han += 1,
            c if c.is_alphabetic() && !is_styled(c) => scripts.other += 1,
            _ => {}
        }
    }
    // A Japanese or Chinese character says about as much as three Latin letters.
    if (scripts.kana + scripts.han) * 3 > scripts.latin.max(scripts.other) {
        return han::detect(text, scripts.kana, scripts.han);
    }
    if scripts.other > scripts.latin {
        Language::Other
    } else {
        latin::detect(text, scripts.latin)
    }
}

/// Letters that people use as ornaments, such as ª or the mathematical alphabets.
fn is_styled(c: char) -> bool {
    matches!(c, 'ª' | 'º' | 'µ' | '\u{1d400}'..='\u{1d7ff}' | '\u{2070}'..='\u{214f}')
}
