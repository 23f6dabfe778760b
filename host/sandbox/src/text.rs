//! Text from guests and servers, cut to what a person reads.

/// Longest text that is passed on, in bytes.
const TEXT_MAX_BYTES: usize = 4096;

/// The text, cut at a character; an ellipsis marks the cut.
pub(crate) fn clip(mut text: String) -> String {
    if text.len() > TEXT_MAX_BYTES {
        let mut end = TEXT_MAX_BYTES;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}
