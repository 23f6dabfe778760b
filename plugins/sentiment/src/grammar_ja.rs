//! What follows a Japanese word and turns its meaning: denial, condition, and what only looks like them.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, Anchored, Input, MatchKind, StartKind};

/// How far behind a word its denial may stand, in bytes of folded text (32 characters).
const REACH_BYTES: usize = 96;

/// Two hiragana that are a word behind any other.
const OWN_WORDS: [&str; 6] = ["いい", "よい", "よく", "よさ", "くれ", "ほし"];
/// How requests, questions and phrases of politeness end.
const REQUEST_ENDS: [&str; 9] = [
    "か",
    "かな",
    "ください",
    "下さい",
    "願います",
    "願いします",
    "いたします",
    "致します",
    "ございます",
];
/// What follows a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Nothing that turns it
    Plain,
    /// A denial, which ends so many bytes behind the word
    Denied(usize),
    /// Only supposed: a condition, a fear, a protection against it
    Supposed,
    /// Two denials: neither the word nor its opposite
    Hedged,
}

#[derive(Clone, Copy, PartialEq)]
enum Part {
    Bridge,
    /// As a bridge where feelings are judged; where facts are, it ends the search ("割れるとは思わなかった").
    JudgedBridge,
    Deny,
    Suppose,
    Hedge,
    Stop,
}

// Folded: katakana are written in hiragana. Longer entries win over shorter ones at the same place.
const PARTS: &[(Part, &str)] = &[
    (
        Part::Bridge,
        "く い かっ た だ っ て で は が も に の と を や な さ れ ら り る し せ げ き っぽ み め べ わ か たり だり \
         など なんか とか よう ような ように こと 事 もの 物 ところ 所 点 わけ 訳 感じ 感 様子 気配 心配 兆候 恐れ 余地 \
         られ される されて して でき 出来 いか 行か いき 行き いって 行って お おり てお あり 有り ござい \
         全く まったく 全然 一切 特に とくに 別に 何も なにも 何一つ どこにも 今のところ まだ 現在 ほとんど 殆ど \
         あまり あんまり さほど それほど そこまで そんなに たいして 大して 決して ちっとも 少しも 一度も 一つも ひとつも \
         1つも 1か所も 一箇所も 見られ 見受けられ 見当た 見つか 起き 起こ 起こっ 発生 入っ 入 確認 感じられ \
         感じ 感じる 気にな 気に くれ もらえ いただけ 頂け 生じ 出 出て つい 付い して し ため \" ' 」 』",
    ),
    (
        Part::JudgedBridge,
        "言え いえ 思え 感じませ 呼べ とは 言い 上手く うまく",
    ),
    (
        Part::Deny,
        "ない なかった なかっ なく 無い 無かっ 無く 無し なし なさ 無さ ません ませんで ませんでした ず ずに ぬ ねー ねえ \
         かね しかね 兼ね し兼ね ぜろ 0 皆無 程遠 ほど遠 少な ふりー なくな 無くな 難し 知らず",
    ),
    (
        Part::Suppose,
        "たら れば けれ ければ かったら ないか ないかと にくい にくく づらい づらく 防止 対策 予防 しそうなら たとしても ても",
    ),
    (
        Part::Hedge,
        "なくはな なくもな ないわけでは ないことはな ないこともな わけではな 訳ではな とは限ら とはかぎら",
    ),
    (
        Part::Stop,
        "かねな しかねな 兼ねな のに ので から けど けれど が、 だけで だけじゃ のみならず ばかりか ばかりでな はず 筈 しか てはなら てはいけ \
         なければ なきゃ なくては なくちゃ ないと のではない のではない ではないか ではないでしょう じゃないか なんて \
         くださ 下さ て入り て入ら て入れ に違いな にちがいな かもしれ かも知れ とともに と共に",
    ),
];

struct Grammar {
    parts: Vec<Part>,
    find: AhoCorasick,
}

fn grammar() -> Option<&'static Grammar> {
    static GRAMMAR: OnceLock<Option<Grammar>> = OnceLock::new();
    GRAMMAR
        .get_or_init(|| {
            let words = PARTS
                .iter()
                .flat_map(|(part, list)| list.split_whitespace().map(move |word| (*part, word)));
            let (parts, words): (Vec<_>, Vec<_>) = words.unzip();
            // Our own few hundred words: far below the sizes at which building can fail.
            let find = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .start_kind(StartKind::Anchored)
                .build(words)
                .ok()?;
            Some(Grammar { parts, find })
        })
        .as_ref()
}

/// What follows the word that ends where `rest` begins; `rest` is folded. `judged`: a feeling, not a fact.
#[must_use]
pub fn after(rest: &str, judged: bool) -> After {
    follow(rest, judged).0
}

/// As [`after`], with the place in `rest` at which the search stopped.
#[must_use]
pub fn follow(rest: &str, judged: bool) -> (After, usize) {
    let Some(grammar) = grammar() else {
        return (After::Plain, 0);
    };
    let mut at = 0;
    while at < REACH_BYTES {
        let input = Input::new(rest)
            .range(at..rest.len())
            .anchored(Anchored::Yes);
        let Some(found) = grammar.find.find(input) else {
            break;
        };
        let turned = match grammar.parts.get(found.pattern().as_usize()) {
            Some(Part::Bridge) => After::Plain,
            Some(Part::JudgedBridge) if judged => After::Plain,
            Some(Part::Deny) => After::Denied(found.end()),
            Some(Part::Suppose) => After::Supposed,
            Some(Part::Hedge) => After::Hedged,
            _ => break,
        };
        if turned != After::Plain {
            return (turned, found.end());
        }
        at = found.end();
    }
    (After::Plain, at)
}

/// Whether a text only asks or thanks, by its end: what no word of the lexicon decides there is no opinion.
pub(crate) fn is_request(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| !c.is_alphabetic() || c == 'ー');
    REQUEST_ENDS.iter().any(|request| end.ends_with(request))
}

/// Whether a text of one sentence asks about a thing or for a case that may come ("遅れる場合はお知らせください"): no word of it is
/// an opinion.
pub(crate) fn is_enquiry(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| !c.is_alphabetic());
    is_request(text)
        && !text.contains(['。', '!', '！', '\n'])
        && CASES.iter().any(|case| text.contains(case))
}

/// What makes a request one about a case that may come, or about how something is done.
const CASES: [&str; 11] = [
    "有無",
    "際は",
    "際には",
    "場合は",
    "場合、",
    "について",
    "手順",
    "方法",
    "受付",
    "料はいくら",
    "なければ",
];

/// Whether a word of one or two hiragana is only the end of another: けが in 半田付けが and ミス in 書き込みする.
pub(crate) fn is_ending(word: &str, before: &str) -> bool {
    let is_hiragana = |c: char| ('\u{3041}'..='\u{309f}').contains(&c);
    let mut chars = word.chars();
    let is_short = chars.by_ref().take(2).all(is_hiragana) && chars.next().is_none();
    is_short
        && !OWN_WORDS.contains(&word)
        && before
            .chars()
            .next_back()
            .is_some_and(|c| ('\u{3400}'..='\u{9fff}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denials_of_facts() {
        for rest in [
            "もなく、",
            "はありません",
            "ていない",
            "てはいません",
            "は一切見られませんでした",
            "ではなく",
            "は今のところない",
            "た様子もない",
        ] {
            assert!(matches!(after(rest, false), After::Denied(_)), "{rest}");
        }
        for rest in [
            "てしまい、もう履けない",
            "ました。残念でなりません",
            "るとは思わなかった",
            "るなんてありえない",
            "て使えない",
            "だけでなく",
        ] {
            assert_eq!(after(rest, false), After::Plain, "{rest}");
        }
        for rest in ["たら困る", "ないか心配", "防止"] {
            assert_eq!(after(rest, false), After::Supposed, "{rest}");
        }
    }
}
