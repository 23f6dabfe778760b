//! What is said around a defect that makes it none of this text: a question whether it happens, another product.

use super::span::Span;

/// Questions that begin so ask whether something happens; others complain ("Why did the sole crack?").
const WHETHER: [&str; 34] = [
    "has anyone",
    "has anybody",
    "did anyone",
    "does anyone",
    "anyone else",
    "can the",
    "can it",
    "could the",
    "could it",
    "will the",
    "will it",
    "would the",
    "would it",
    "do the",
    "do these",
    "do they",
    "does it",
    "does the",
    "is it likely",
    "are these likely",
    "kann die",
    "kann der",
    "kann das",
    "kann man",
    "kann es",
    "koennen die",
    "koennte die",
    "hat jemand",
    "hatte jemand",
    "reisst die",
    "loest sich die",
    "weiss jemand",
    "wie oft",
    "how often",
];
/// What makes a defect one of another thing.
const OTHERS: [&str; 28] = [
    "他社",
    "他のメーカー",
    "別のメーカー",
    "ほかのメーカー",
    "他のブランド",
    "別のブランド",
    "前の靴は",
    "以前の靴は",
    "前に買った他",
    "old brand",
    "other brand",
    "another brand",
    "previous brand",
    "former brand",
    "old pair from",
    "different brand",
    "competitor",
    "my old shoes",
    "my last brand",
    "andere marke",
    "anderen marke",
    "anderer marke",
    "alte marke",
    "alten marke",
    "andere schuhe",
    "anderen schuhen",
    "frueheren schuhe",
    "vorherigen schuhe",
];
/// A sentence is looked at so far to either side, in bytes.
const REACH_BYTES: usize = 240;

/// Whether the sentence of `defect` asks whether it happens, or speaks of another thing.
pub(super) fn is_elsewhere(text: &str, defect: Span) -> bool {
    let from = text.floor_char_boundary(defect.begin.saturating_sub(REACH_BYTES));
    let before = text.get(from..defect.begin).unwrap_or_default();
    let begin = before
        .rfind(['.', '!', '?', '。', '\n'])
        .map_or(0, |at| at + 1);
    let before = before.get(begin..).unwrap_or_default();
    let before = before.trim_start_matches(|c: char| !c.is_alphanumeric());
    if OTHERS.iter().any(|word| before.contains(word)) {
        return true;
    }
    let to = text.floor_char_boundary((defect.end + REACH_BYTES).min(text.len()));
    let behind = text.get(defect.end..to).unwrap_or_default();
    let end = behind.find(['.', '!', '?', '。', '\n']);
    let mark = end.and_then(|at| behind.get(at..));
    let Some(mark) = mark.filter(|mark| mark.starts_with('?')) else {
        return false;
    };
    // 亀裂?と思ったら汚れ: a question with its answer.
    mark.starts_with("?と思") || WHETHER.iter().any(|word| before.starts_with(word))
}

/// "If the sole cracks again": it has happened.
pub(super) fn is_again(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default().trim_start();
    ["again", "wieder", "nochmal", "erneut"]
        .iter()
        .any(|word| rest.starts_with(word))
}
