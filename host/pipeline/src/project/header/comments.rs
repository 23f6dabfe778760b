//! The `--` comments of a SQL file with their places.

/// What follows `--` in a line, trimmed.
pub(super) struct Comment<'t> {
    pub(super) text: &'t str,
    /// The byte offset of `text` in the file.
    pub(super) start: usize,
    /// Blanks between `--` and `text`.
    pub(super) indent: usize,
}

impl<'t> Comment<'t> {
    /// `line` begins with `--` at the byte `offset` of the file.
    fn new(line: &'t str, offset: usize) -> Self {
        let behind = line.trim_start_matches('-');
        let text = behind.trim_start();
        Self {
            text: text.trim_end(),
            start: offset + (line.len() - text.len()),
            indent: behind.len() - text.len(),
        }
    }
}

/// The comment lines above the first line of SQL, and the offset of that line.
pub(super) fn leading_comments(body: &str) -> (Vec<Comment<'_>>, usize) {
    let mut comments = Vec::new();
    let mut offset = 0;
    for line in body.split_inclusive('\n') {
        let trimmed = line.trim_start();
        if trimmed.starts_with("--") {
            comments.push(Comment::new(trimmed, offset + (line.len() - trimmed.len())));
        } else if !trimmed.is_empty() {
            break;
        }
        offset += line.len();
    }
    (comments, offset)
}

/// The `--` comments of SQL from a byte offset on, without what looks like one inside quotes or a
/// block comment.
pub(super) fn later_comments(body: &str, from: usize) -> Vec<Comment<'_>> {
    let mut comments = Vec::new();
    let mut at = from;
    while let Some(rest) = body.get(at..).filter(|rest| !rest.is_empty()) {
        let passed = if rest.starts_with("--") {
            let line = rest.lines().next().unwrap_or_default();
            comments.push(Comment::new(line, at));
            line.len()
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
            // A doubled quote ends one text and begins the next at once, which passes over both.
            rest.get(1..)
                .and_then(|t| t.find(quote))
                .map_or(rest.len(), |end| end + 2)
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        at += passed;
    }
    comments
}
