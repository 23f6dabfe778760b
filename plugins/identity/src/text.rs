//! One form for characters: widths, case, accents, kana, and kanji that people write in an old or a new shape.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer than anything that is a name, a number or an address: the rest is not read.
const READ_MAX_CHARACTERS: usize = 300;

/// Shapes of kanji in names and the one they become, which comes first.
const KANJI: &[&str] = &[
    "高髙",
    "崎﨑碕",
    "辺邊邉",
    "斉齊斎齋",
    "沢澤",
    "浜濱濵",
    "広廣",
    "島嶋嶌",
    "桜櫻",
    "国國",
    "恵惠",
    "真眞",
    "竜龍",
    "滝瀧",
    "関關",
    "実實",
    "徳德",
    "鉄鐵",
    "寿壽",
    "亀龜",
    "円圓",
    "塩鹽",
    "栄榮",
    "桧檜",
    "蔵藏",
    "静靜",
    "条條",
    "将將",
    "荘莊",
    "総總",
    "館舘",
    "吉𠮷",
    "富冨",
    "柳栁",
    "曽曾",
    "増增",
    "槙槇",
    "弥彌",
    "与與",
    "来來",
    "礼禮",
    "台臺",
    "豊豐",
    "万萬",
    "宝寶",
    "峰峯",
    "松枩",
    "船舩",
    "杉椙",
    "梅楳",
    "薫薰",
    "渓溪",
    "県縣",
    "黒黑",
    "児兒",
    "仏佛",
    "浄淨",
    "遥遙",
    "鶴靏",
    "郎郞",
    "裕𥙿",
    "聡聰",
    "剣劍劔",
    "応應",
    "学學",
    "楽樂",
    "緑綠",
];

/// `text` with full and half width made one, in lower case, without accents, German umlauts written out,
/// katakana as hiragana, kanji in their common shape, and what is neither letter nor digit as one blank.
#[must_use]
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(READ_MAX_CHARACTERS).nfkc() {
        match c {
            'ä' | 'Ä' => out.push_str("ae"),
            'ö' | 'Ö' => out.push_str("oe"),
            'ü' | 'Ü' => out.push_str("ue"),
            'ß' | 'ẞ' => out.push_str("ss"),
            'ø' | 'Ø' => out.push('o'),
            'ł' | 'Ł' => out.push('l'),
            'æ' | 'Æ' => out.push_str("ae"),
            // A mark that repeats the kanji before it: 佐々木 is 佐佐木.
            '々' => out.push(out.chars().next_back().unwrap_or('々')),
            // Inside a word: O'Brien is obrien.
            '\'' | '’' | '‘' | '´' | '`' => {}
            'ー' => out.push('ー'),
            '\u{30a1}'..='\u{30f6}' => out.push(char::from_u32(u32::from(c) - 0x60).unwrap_or(c)),
            '\u{3041}'..='\u{3096}' => out.push(c),
            c if is_han(c) => out.push(common_shape(c)),
            c if c.is_alphanumeric() => out.extend(
                c.nfd()
                    .filter(|&c| !is_combining_mark(c))
                    .flat_map(char::to_lowercase),
            ),
            _ if out.is_empty() || out.ends_with(' ') => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Han, and the dozen that Unicode keeps among its compatibility characters: 﨑 in 山﨑.
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2ffff}')
}

fn common_shape(c: char) -> char {
    let shapes = KANJI.iter().find(|shapes| shapes.contains(c));
    shapes.and_then(|shapes| shapes.chars().next()).unwrap_or(c)
}

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    /// At least one kanji.
    Kanji,
    /// Hiragana and katakana alone.
    Kana,
    /// Anything else.
    Alphabet,
}

impl Script {
    /// The script of a folded text.
    #[must_use]
    pub(crate) fn of(folded: &str) -> Self {
        let is_kana = |c| matches!(c, '\u{3041}'..='\u{3096}' | 'ー' | ' ');
        if folded.contains(is_han) {
            Self::Kanji
        } else if !folded.is_empty() && folded.chars().all(is_kana) {
            Self::Kana
        } else {
            Self::Alphabet
        }
    }
}

/// Edits (characters added, removed, changed, or two swapped) that lead from one text to the other; more than `most` is
/// said as `most + 1`.
#[must_use]
pub(crate) fn edits(one: &str, other: &str, most: usize) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if one.len().abs_diff(other.len()) > most {
        return most + 1;
    }
    let width = other.len() + 1;
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..width).collect();
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, b) in other.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut least = (at(&above, j + 1) + 1).min(at(&row, j) + 1);
            least = least.min(at(&above, j) + usize::from(a != b));
            let swapped =
                i > 0 && j > 0 && one.get(i - 1) == Some(b) && other.get(j - 1) == Some(a);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            if let Some(cell) = row.get_mut(j + 1) {
                *cell = least;
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(most + 1).min(most + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_shapes_become_one() {
        for (typed, form) in [
            ("ＴＡＲＯ　Yamada", "taro yamada"),
            ("髙橋　渡邉", "高橋 渡辺"),
            ("ﾔﾏﾀﾞ ﾀﾛｳ", "やまだ たろう"),
            ("佐々木", "佐佐木"),
            ("José  Müller-Lüdenscheidt", "jose mueller luedenscheidt"),
            ("O’Brien", "obrien"),
            ("𠮷野", "吉野"),
            (" \t。", ""),
        ] {
            assert_eq!(folded(typed), form, "{typed}");
        }
        assert_eq!(Script::of("高橋 たろう"), Script::Kanji);
        assert_eq!(Script::of("たろう"), Script::Kana);
        assert_eq!(Script::of("taro"), Script::Alphabet);
    }

    #[test]
    fn edits_count_swaps_as_one() {
        assert_eq!(edits("yamada", "yamada", 2), 0);
        assert_eq!(edits("yamada", "ymaada", 2), 1);
        assert_eq!(edits("meier", "maier", 2), 1);
        assert_eq!(edits("meier", "mayer", 2), 2);
        assert_eq!(edits("anna", "johannes", 2), 3);
        assert_eq!(edits("", "a", 0), 1);
    }
}
