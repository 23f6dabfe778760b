//! One form for what people type in many: widths, marks, case, kana and umlauts, with the way back to the original text.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

/// A text in its folded form, with the byte of the original that each folded byte came from.
#[derive(Default, Debug)]
pub struct Folded {
    text: String,
    origin: Vec<u32>,
    original_len: usize,
}

impl Folded {
    /// Folds `text`: NFKC, lower case, katakana to hiragana, ä to ae, ß to ss, runs of blanks and of the long mark to one.
    ///
    /// Line breaks stay as `\n` where they end a sentence, and become a blank where they only wrap one.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut folded = Self::default();
        folded.fill(text);
        folded
    }

    /// Replaces what is held by the folded form of `text`, keeping the memory.
    pub fn fill(&mut self, text: &str) {
        self.text.clear();
        self.origin.clear();
        self.original_len = text.len();
        let mut segment = String::new();
        let mut rest = text.char_indices().peekable();
        while let Some((at, c)) = rest.next() {
            let origin = u32::try_from(at).unwrap_or(u32::MAX);
            if !rest.peek().is_some_and(|&(_, next)| is_mark(next)) && is_plain(c) {
                self.blank_or_push(c, origin, rest.peek().map(|&(_, next)| next));
                continue;
            }
            segment.clear();
            segment.push(c);
            while let Some((_, mark)) = rest.next_if(|&(_, next)| is_mark(next)) {
                segment.push(mark);
            }
            for c in segment.nfkc() {
                self.blank_or_push(c, origin, None);
            }
        }
    }

    /// The folded text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte of the original text at which the folded byte `at` begins; its length for the end.
    #[must_use]
    pub fn origin(&self, at: usize) -> usize {
        self.origin
            .get(at)
            .map_or(self.original_len, |&origin| origin as usize)
    }

    fn blank_or_push(&mut self, c: char, origin: u32, next: Option<char>) {
        if !(c.is_whitespace() || c.is_control() || c == '\u{feff}') {
            return self.push_folded(c, origin);
        }
        let wraps = next.is_some_and(|next| next.is_ascii_lowercase() || is_blank(next))
            && self
                .text
                .ends_with(|last: char| last.is_ascii_alphanumeric() || last == ',');
        let blank = if matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}') && !wraps {
            '\n'
        } else {
            ' '
        };
        match self.text.as_bytes().last() {
            Some(b'\n') => {}
            Some(b' ') if blank == ' ' => {}
            Some(b' ') => {
                self.text.pop();
                self.origin.pop();
                self.push(blank, origin);
            }
            _ => self.push(blank, origin),
        }
    }

    fn push_folded(&mut self, c: char, origin: u32) {
        match c {
            'a'..='z' => self.push(c, origin),
            'A'..='Z' => self.push(c.to_ascii_lowercase(), origin),
            // Katakana stand 0x60 above hiragana.
            '\u{30a1}'..='\u{30f6}' => {
                self.push(char::from_u32(u32::from(c) - 0x60).unwrap_or(c), origin);
            }
            'ー' | '〜' | '～' | '\u{2015}' if self.text.ends_with('ー') => {}
            '〜' | '～' => self.push('ー', origin),
            'ä' | 'Ä' => self.push_all("ae", origin),
            'ö' | 'Ö' => self.push_all("oe", origin),
            'ü' | 'Ü' => self.push_all("ue", origin),
            'ß' | 'ẞ' => self.push_all("ss", origin),
            '\u{2018}' | '\u{2019}' | '\u{00b4}' | '`' => self.push('\'', origin),
            // Joiners and variation selectors carry no meaning here.
            '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{00ad}' => {}
            c if c.is_ascii() => self.push(c, origin),
            c => c.to_lowercase().for_each(|c| self.push(c, origin)),
        }
    }

    fn push_all(&mut self, text: &str, origin: u32) {
        text.chars().for_each(|c| self.push(c, origin));
    }

    fn push(&mut self, c: char, origin: u32) {
        self.text.push(c);
        self.origin.resize(self.text.len(), origin);
    }
}

/// Whether `c` is of the katakana that people write, long mark included.
#[must_use]
pub fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30a1}'..='\u{30fa}' | 'ー' | '\u{ff66}'..='\u{ff9f}')
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

/// Characters that NFKC leaves alone when no mark follows them.
fn is_plain(c: char) -> bool {
    c.is_ascii()
        || matches!(c, '\u{3041}'..='\u{309a}' | '\u{30a1}'..='\u{30fe}' | '\u{4e00}'..='\u{9fff}' | '、' | '。' | '「' | '」')
}

fn is_mark(c: char) -> bool {
    !c.is_ascii() && (matches!(c, '\u{ff9e}' | '\u{ff9f}') || canonical_combining_class(c) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_forms_of_a_word_become_one() {
        for (typed, folded) in [
            ("ＳＯＬＥ　１２", "sole 12"),
            ("ｿｰﾙのﾋﾋﾞ割れ", "そーるのひび割れ"),
            ("ヒヒ\u{3099}", "ひび"),
            ("Große Öffnung", "grosse oeffnung"),
            ("u\u{308}ber", "ueber"),
            ("すごーーい〜", "すごーい〜".replace('〜', "ー").as_str()),
            ("came \t  off", "came off"),
            ("came\noff", "came off"),
            ("it broke.\nThe sole", "it broke.\nthe sole"),
            ("don’t", "don't"),
            ("\u{0}\u{7}", " "),
            ("", ""),
        ] {
            assert_eq!(Folded::new(typed).text(), folded, "{typed:?}");
        }
    }

    #[test]
    fn every_folded_byte_knows_its_origin() {
        let typed = "Ａß㌔終";
        let folded = Folded::new(typed);
        assert_eq!(folded.text(), "assきろ終");
        let last = folded.text().len() - "終".len();
        assert_eq!(&typed[folded.origin(last)..], "終");
        assert_eq!(folded.origin(folded.text().len()), typed.len());
        assert_eq!(folded.origin(1), "Ａ".len());
        assert_eq!(folded.origin(2), "Ａ".len());
    }
}
