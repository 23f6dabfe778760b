//! How kana are written in Latin script, loosely enough that the usual ways of writing meet.

const SYLLABLES: [(char, &str); 83] = [
    ('あ', "a"),
    ('い', "i"),
    ('う', "u"),
    ('え', "e"),
    ('お', "o"),
    ('か', "ka"),
    ('き', "ki"),
    ('く', "ku"),
    ('け', "ke"),
    ('こ', "ko"),
    ('さ', "sa"),
    ('し', "shi"),
    ('す', "su"),
    ('せ', "se"),
    ('そ', "so"),
    ('た', "ta"),
    ('ち', "chi"),
    ('つ', "tsu"),
    ('て', "te"),
    ('と', "to"),
    ('な', "na"),
    ('に', "ni"),
    ('ぬ', "nu"),
    ('ね', "ne"),
    ('の', "no"),
    ('は', "ha"),
    ('ひ', "hi"),
    ('ふ', "fu"),
    ('へ', "he"),
    ('ほ', "ho"),
    ('ま', "ma"),
    ('み', "mi"),
    ('む', "mu"),
    ('め', "me"),
    ('も', "mo"),
    ('や', "ya"),
    ('ゆ', "yu"),
    ('よ', "yo"),
    ('ら', "ra"),
    ('り', "ri"),
    ('る', "ru"),
    ('れ', "re"),
    ('ろ', "ro"),
    ('わ', "wa"),
    ('ゐ', "i"),
    ('ゑ', "e"),
    ('を', "o"),
    ('ん', "n"),
    ('が', "ga"),
    ('ぎ', "gi"),
    ('ぐ', "gu"),
    ('げ', "ge"),
    ('ご', "go"),
    ('ざ', "za"),
    ('じ', "ji"),
    ('ず', "zu"),
    ('ぜ', "ze"),
    ('ぞ', "zo"),
    ('だ', "da"),
    ('ぢ', "ji"),
    ('づ', "zu"),
    ('で', "de"),
    ('ど', "do"),
    ('ば', "ba"),
    ('び', "bi"),
    ('ぶ', "bu"),
    ('べ', "be"),
    ('ぼ', "bo"),
    ('ぱ', "pa"),
    ('ぴ', "pi"),
    ('ぷ', "pu"),
    ('ぺ', "pe"),
    ('ぽ', "po"),
    ('ゔ', "vu"),
    ('ぁ', "a"),
    ('ぃ', "i"),
    ('ぅ', "u"),
    ('ぇ', "e"),
    ('ぉ', "o"),
    ('ゃ', "ya"),
    ('ゅ', "yu"),
    ('ょ', "yo"),
    ('っ', ""),
];

/// Hiragana (as [`crate::text::folded`] gives it) in Latin script, in the form of [`loose`].
#[must_use]
pub(crate) fn from_kana(kana: &str) -> String {
    let mut out = String::new();
    let mut doubled = false;
    for c in kana.chars() {
        let Some((_, syllable)) = SYLLABLES.iter().find(|(kana, _)| *kana == c) else {
            if c == ' ' {
                out.push(' ');
            }
            continue;
        };
        match c {
            'っ' => {
                doubled = true;
                continue;
            }
            // きょ: the vowel gives way; し, ち and じ need no y.
            'ゃ' | 'ゅ' | 'ょ' if out.ends_with('i') => {
                out.pop();
                let bare = out.ends_with("sh") || out.ends_with("ch") || out.ends_with('j');
                out.push_str(syllable.get(usize::from(bare)..).unwrap_or_default());
            }
            _ => {
                if doubled {
                    out.extend(syllable.chars().next());
                }
                out.push_str(syllable);
            }
        }
        doubled = false;
    }
    loose(&out)
}

/// Latin script without what differs between the ways of writing Japanese: long vowels short (Satou, Satoh and
/// Sato), si as shi, tu as tsu, hu as fu, doubled characters single, m before b and p as n.
#[must_use]
pub(crate) fn loose(latin: &str) -> String {
    let mut out = latin.to_owned();
    for (from, to) in [
        ("sy", "sh"),
        ("ty", "ch"),
        ("zy", "j"),
        ("jy", "j"),
        ("si", "shi"),
        ("ti", "chi"),
        ("tu", "tsu"),
        ("hu", "fu"),
        ("zi", "ji"),
        ("oh ", "o "),
        ("ou", "o"),
        ("oo", "o"),
        ("uu", "u"),
        ("mb", "nb"),
        ("mp", "np"),
        ("tch", "ch"),
    ] {
        // "shu" and "chu" hold "hu" but do not mean it.
        if from == "hu" {
            out = out
                .replace("shu", "s\u{1}")
                .replace("chu", "c\u{1}")
                .replace(from, to);
            out = out.replace("s\u{1}", "shu").replace("c\u{1}", "chu");
        } else {
            out = out.replace(from, to);
        }
    }
    let ends_long = out.len() > 2 && out.ends_with("oh");
    out.truncate(out.len() - usize::from(ends_long));
    let mut single = String::with_capacity(out.len());
    for c in out.chars() {
        if c == ' ' || !single.ends_with(c) {
            single.push(c);
        }
    }
    single
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_of_writing_meet() {
        for (kana, written) in [
            ("さとう", "satoh"),
            ("さとう", "satou"),
            ("ゆうこ", "yuko"),
            ("しょうた", "shota"),
            ("じゅんいち", "junichi"),
            ("はっとり", "hattori"),
            ("ほんま", "honma"),
            ("おおの", "ono"),
            ("つちや", "tutiya"),
            ("ふじた", "hujita"),
            ("しゅうへい", "shuhei"),
            ("なんば", "namba"),
            ("きょうこ", "kyoko"),
        ] {
            assert_eq!(from_kana(kana), loose(written), "{kana} {written}");
        }
        assert_ne!(from_kana("けんた"), from_kana("けんと"));
    }
}
