//! Japanese or Chinese: by kana, and where none stand, by characters that only one of them writes.

use std::sync::OnceLock;

use super::{LOOKED_AT, Language};

/// Words of Chinese grammar; some stand in Japanese compounds, so that they count where they are many.
const GRAMMAR: &str = "的了是我你很在也就都和吃有没";
/// Chinese words of characters that both write.
const WORDS: [&str; 14] = [
    "客服",
    "物流",
    "好用",
    "不好",
    "不能",
    "不行",
    "好吃",
    "好看",
    "垃圾",
    "收到",
    "太差",
    "一般般",
    "合身",
    "不會",
];
/// A Chinese text borrows a kana here and there (の on a label); a Japanese one has at least one among so many characters.
const KANA_ONE_IN: usize = 12;
/// Han characters without kana or sign of either: a Japanese heading is at most so long.
const HEADING_MAX: usize = 12;

/// The language of a text with so many kana and han characters.
pub(super) fn detect(text: &str, kana: usize, han: usize) -> Language {
    if kana > 0 && kana * KANA_ONE_IN >= han {
        return Language::Japanese;
    }
    let (mut chinese, mut japanese, mut grammar) = (0_usize, 0_usize, 0_usize);
    let signs = signs();
    for c in text.chars().take(LOOKED_AT) {
        if ('\u{3005}'..='\u{9fff}').contains(&c) {
            chinese += usize::from(signs.0.binary_search(&c).is_ok());
            japanese += usize::from(signs.1.binary_search(&c).is_ok());
            grammar += usize::from(GRAMMAR.contains(c));
        }
    }
    if kana == 0 {
        chinese += WORDS.iter().filter(|word| text.contains(**word)).count();
    }
    if chinese == japanese {
        // 品質不良 may be either, 品质不良 is Chinese.
        let is_chinese = grammar * 8 > han || (han > HEADING_MAX && kana == 0);
        return if is_chinese {
            Language::Chinese
        } else {
            Language::Japanese
        };
    }
    if chinese > japanese {
        Language::Chinese
    } else {
        Language::Japanese
    }
}

/// Simplified characters that Japanese does not write and particles of Chinese, and characters that only Japanese
/// writes, each in order. Made from the national character sets: in the first plane of one and in none of the other.
fn signs() -> &'static (Vec<char>, Vec<char>) {
    static SIGNS: OnceLock<(Vec<char>, Vec<char>)> = OnceLock::new();
    SIGNS.get_or_init(|| {
        let list = |file: &'static str| {
            let mut list: Vec<char> = file.chars().filter(|c| !c.is_whitespace()).collect();
            list.sort_unstable();
            list
        };
        (
            list(include_str!("han_chinese.txt")),
            list(include_str!("han_japanese.txt")),
        )
    })
}
