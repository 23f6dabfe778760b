//! The words of a text as hashes, found without a branch, since a processor cannot predict where words end.

/// FNV-1a (Fowler, Noll & Vo).
const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;
/// What a byte is to words: part of one, the end of a sentence, neither.
const IN_WORD: u8 = 1;
const MARK: u8 = 2;
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        classes[byte as usize] = match byte {
            b'\'' | 0x80.. => IN_WORD,
            byte if byte.is_ascii_alphanumeric() => IN_WORD,
            b'.' | b'!' | b'?' | b';' => MARK,
            _ => 0,
        };
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};
/// A word of a text, and how many ends of sentences stand before it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Word {
    pub hash: u64,
    pub begin: u32,
    pub end: u32,
    pub marks: u32,
}

/// The words of `text`, which ends in a blank, and their FNV-1a hashes; returns their number. The loop has no branch:
/// every byte writes a word, and what turns out not to end a word is overwritten by the next. Places are noted only if
/// `SPANS`.
pub(super) fn hash_words<const SPANS: bool>(text: &[u8], words: &mut Vec<Word>) -> usize {
    if words.len() < text.len() {
        words.resize(text.len(), Word::default());
    }
    let (mut found, mut was_word) = (0_usize, 0_u64);
    let mut word = Word::default();
    for (at, &byte) in text.iter().enumerate() {
        let class = CLASSES[usize::from(byte)];
        let is_word = u64::from(class == IN_WORD);
        if let Some(slot) = words.get_mut(found) {
            slot.hash = word.hash;
            slot.marks = word.marks;
            if SPANS {
                slot.begin = word.begin;
                slot.end = at as u32;
            }
        }
        found = found.wrapping_add((was_word & !is_word) as usize);
        word.marks = word.marks.wrapping_add(u32::from(class == MARK));
        let begins = is_word & !was_word;
        if SPANS && begins == 1 {
            word.begin = at as u32;
        }
        let hash = if begins == 1 { FNV_BASIS } else { word.hash };
        word.hash = (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
        was_word = is_word;
    }
    found
}
