//! Which language a text is in: by its script, then by its common words.

use std::sync::OnceLock;

use crate::english;
use crate::words::Words;

/// Only so much of a text is looked at, in characters.
const LOOKED_AT: usize = 2_000;

const ENGLISH: &str = "the and is was are were it its this that these those to of in for with my your our their you he she we \
    they have has had but not be been on at as so very just from by an or if when what all no do does did don't can't \
    i i'm it's me them there here would will can could after before only out up about too more get got good great bad";
const GERMAN: &str = "der die das und ist war sind waren ich nicht ein eine einen einem einer es mit fuer auf von zu zum zur \
    den dem des im in sich auch sehr wie aber oder wenn dass habe hat haben hatte wurde werden wird mein meine meinen \
    meiner bei nach nur noch schon kein keine keinen aus sie er wir ihr mir mich uns als so bin an am vom beim ueber \
    gut schlecht leider wieder schuhe sohle bestellt lieferung";
const PORTUGUESE: &str = "o os um uma não nao e é em muito muita mas do da dos das na nas ao que com para pra por de foi está \
    meu minha já ainda mais bem eu ele ela isso esse essa este esta são ser tem veio chegou recebi comprei gostei produto \
    produtos entrega prazo loja compra bom boa ótimo otimo ótima otima recomendo adorei amei péssimo pessimo tudo antes \
    qualidade excelente nada pelo pela estou até também tambem";
const OTHERS: &str = "le la les des une est et que pour pas dans sur avec je nous vous très mais el los las una es y por con \
    para no muy pero del se il di che per non sono è una con de het een niet ik met van voor";

/// A language that Tsugi's rules read, or another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// `ja`
    Japanese,
    /// `en`; also texts of emoticons and emoji only
    English,
    /// `de`
    German,
    /// `pt`
    Portuguese,
    /// Any other, or none that was recognised
    Other,
}

impl Language {
    /// The BCP 47 tag; `und` for another one.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
            Self::German => "de",
            Self::Portuguese => "pt",
            Self::Other => "und",
        }
    }
}

/// The language given by `lang` (a BCP 47 tag, any case), or the one found in `text` when it is blank.
#[must_use]
pub fn of(text: &str, lang: &str) -> Language {
    let lang = lang.trim();
    let is = |tag: &str| {
        lang.get(..2)
            .is_some_and(|begin| begin.eq_ignore_ascii_case(tag))
            && lang
                .get(2..)
                .is_none_or(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    };
    match lang {
        "" => detect(text),
        _ if is("ja") => Language::Japanese,
        _ if is("en") => Language::English,
        _ if is("de") => Language::German,
        _ if is("pt") => Language::Portuguese,
        _ => Language::Other,
    }
}

/// The first subtag of a language tag, in lower case.
pub(crate) fn primary(lang: &str) -> String {
    lang.trim()
        .split(['-', '_'])
        .next()
        .unwrap_or_default()
        .to_lowercase()
}

/// The language found in `text`.
#[must_use]
pub fn detect(text: &str) -> Language {
    let (mut kana, mut han, mut latin, mut other, mut chinese) =
        (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    for c in text.chars().take(LOOKED_AT) {
        match c {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => latin += 1,
            '\u{3041}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => kana += 1,
            '\u{3005}' | '\u{3400}'..='\u{9fff}' => {
                han += 1;
                chinese += usize::from("的了是我你们这很吗吧没说".contains(c));
            }
            c if c.is_alphabetic() && !is_styled(c) => other += 1,
            _ => {}
        }
    }
    // A Japanese character says about as much as three Latin letters.
    if (kana + han) * 3 > latin.max(other) {
        let is_japanese = kana > 0 || chinese * 8 <= han;
        return if is_japanese {
            Language::Japanese
        } else {
            Language::Other
        };
    }
    if other > latin {
        Language::Other
    } else {
        detect_latin(text)
    }
}

/// Letters that people use as ornaments, such as ª or the mathematical alphabets.
fn is_styled(c: char) -> bool {
    matches!(c, 'ª' | 'º' | 'µ' | '\u{1d400}'..='\u{1d7ff}' | '\u{2070}'..='\u{214f}')
}

fn detect_latin(text: &str) -> Language {
    let (mut english, mut german, mut portuguese, mut others) =
        (0_usize, 0_usize, 0_usize, 0_usize);
    each_word(text, |word| {
        let common = common().get(word.as_bytes()).copied().unwrap_or_default();
        english += usize::from(common & 1 != 0);
        german += usize::from(common & 2 != 0) + usize::from(word.contains(['ä', 'ö', 'ü', 'ß']));
        others += usize::from(common & 4 != 0);
        // ç is French as well, but ã and õ stand in no other language read here.
        portuguese += usize::from(common & 8 != 0) + usize::from(word.contains(['ã', 'õ']));
    });
    if portuguese > english.max(german) && portuguese >= others {
        Language::Portuguese
    } else if others > english.max(german) && others >= 2 {
        Language::Other
    } else if german > english {
        Language::German
    } else {
        Language::English
    }
}

/// Whether at least three tenths of the words are ones that English uses.
pub(crate) fn looks_english(text: &str) -> bool {
    let (mut known, mut words) = (0_usize, 0_usize);
    each_word(text, |word| {
        words += 1;
        known += usize::from(
            common()
                .get(word.as_bytes())
                .is_some_and(|common| common & 1 != 0)
                || english::knows(word),
        );
    });
    known > 0 && known * 10 >= words * 3
}

/// Bits: 1 common in English, 2 in German, 4 in one of the languages that look alike, 8 in Portuguese.
fn common() -> &'static Words<u8> {
    static COMMON: OnceLock<Words<u8>> = OnceLock::new();
    COMMON.get_or_init(|| {
        let mut words = Words::default();
        for (bit, list) in [(1, ENGLISH), (2, GERMAN), (4, OTHERS), (8, PORTUGUESE)] {
            list.split_whitespace()
                .for_each(|word| *words.entry(word.as_bytes()).or_default() |= bit);
        }
        // Written with an umlaut as often as without.
        for word in ["für", "über"] {
            words.insert(word.as_bytes(), 2);
        }
        words
    })
}

fn each_word(text: &str, mut see: impl FnMut(&str)) {
    let end = text
        .char_indices()
        .nth(LOOKED_AT)
        .map_or(text.len(), |(at, _)| at);
    let mut lower = String::new();
    for word in text
        .get(..end)
        .unwrap_or(text)
        .split(|c: char| !c.is_alphabetic() && c != '\'' && c != '’')
    {
        if word.is_empty() {
            continue;
        }
        lower.clear();
        for c in word.chars() {
            if c == '’' {
                lower.push('\'')
            } else {
                lower.extend(c.to_lowercase())
            }
        }
        see(&lower);
    }
}
