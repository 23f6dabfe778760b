//! What a file shows of its own dialect: its encoding by its bytes, its delimiter by its
//! heading row.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Delimiters that are tried, the most common first.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How a delimiter is called in messages.
pub(crate) fn delimiter_name(delimiter: u8) -> String {
    match delimiter {
        b',' => "comma".to_owned(),
        b';' => "semicolon".to_owned(),
        b'\t' => "tab".to_owned(),
        b'|' => "bar".to_owned(),
        other => format!("`{}`", char::from(other)),
    }
}

/// The byte order mark at the start of a file: its encoding and length.
pub(crate) fn mark_of(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    Encoding::for_bom(bytes)
}

/// UTF-16 without a mark shows as zero bytes on one side of most pairs.
pub(crate) fn wide_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..bytes.len().min(4096)).unwrap_or(bytes);
    let pairs = sample.len() / 2;
    let (mut first, mut second) = (0, 0);
    for pair in sample.chunks_exact(2) {
        first += usize::from(pair.first() == Some(&0));
        second += usize::from(pair.last() == Some(&0));
    }
    if pairs >= 2 && second * 10 >= pairs * 4 && first * 10 <= pairs {
        Some(UTF_16LE)
    } else if pairs >= 2 && first * 10 >= pairs * 4 && second * 10 <= pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The encoding of a stretch that holds bytes beyond ASCII: UTF-8 if it is valid (a cut last
/// character aside), else the most likely legacy encoding.
pub(crate) fn legacy_encoding(bytes: &[u8], cut: bool) -> &'static Encoding {
    match std::str::from_utf8(bytes) {
        Ok(_) => UTF_8,
        Err(error) if cut && error.error_len().is_none() => UTF_8,
        Err(_) if is_mostly_utf8(bytes) => UTF_8,
        Err(_) => japanese_encoding(bytes).unwrap_or_else(|| {
            let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
            detector.feed(bytes, true);
            detector.guess(None, Utf8Detection::Deny)
        }),
    }
}

/// Whether a few bytes are spoiled in what is UTF-8 otherwise: their rows are refused, and the
/// others are not read as something else for their sake.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let (mut wide, mut bad) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        wide += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    wide >= 4 * bad
}

/// Shift_JIS or EUC-JP where the whole stretch decodes and much of it is kana: a few words are
/// enough to tell, where statistics of letters need sentences.
fn japanese_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let is_kana = |c: &char| matches!(c, '\u{3041}'..='\u{30fe}');
    [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP]
        .into_iter()
        .find(|encoding| {
            let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
            text.is_some_and(|text| {
                let wide = text.chars().filter(|c| !c.is_ascii()).count();
                let kana = text.chars().filter(is_kana).count();
                kana >= 2 && kana * 5 >= wide
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "お客様番号,氏名,備考\r\n1,山田花子,靴底にひび割れがあります。雪の日に歩いただけです。\r\n";

    #[test]
    fn a_few_words_are_enough() {
        for text in [
            "靴底にひび割れがあります",
            "テスト",
            "ひび",
            "返品の理由：サイズ違い",
        ] {
            for encoding in [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP] {
                let bytes = encoding.encode(text).0;
                assert_eq!(legacy_encoding(&bytes, false), encoding, "{text}");
            }
        }
        let texts = [
            "Größe;Stück;für Bären",
            "São Paulo, não",
            "déçu; très usé",
            "Größe",
        ];
        for text in texts {
            let bytes = encoding_rs::WINDOWS_1252.encode(text).0;
            assert_eq!(
                legacy_encoding(&bytes, false),
                encoding_rs::WINDOWS_1252,
                "{text}"
            );
        }
    }

    #[test]
    fn encodings_are_distinguished() {
        for encoding in [encoding_rs::SHIFT_JIS, encoding_rs::EUC_JP, UTF_8] {
            let (bytes, _, lost) = encoding.encode(TEXT);
            assert!(!lost);
            assert_eq!(legacy_encoding(&bytes, false), encoding);
        }
        let wide: Vec<u8> = "id;name\r\n1;Zürich\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(wide_encoding(&wide), Some(UTF_16LE));
        let wide: Vec<u8> = "id;name\r\n1;Zürich\r\n"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(wide_encoding(&wide), Some(UTF_16BE));
        assert_eq!(wide_encoding(TEXT.as_bytes()), None);
        assert_eq!(legacy_encoding(&TEXT.as_bytes()[..7], true), UTF_8);
    }
}
