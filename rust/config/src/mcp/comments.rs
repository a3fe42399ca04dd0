//! JSON as VS Code writes it: with comments and trailing commas.

use std::ops::Range;

/// TEXT with spaces in the place of its comments and trailing commas, so that
/// the rest is plain JSON and stands where it stood.
pub(super) fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut end = 0;
    for blank in blanks(text.as_bytes()) {
        plain.push_str(&text[end..blank.start]);
        end = blank.end;
        let bytes = text[blank].bytes();
        plain.extend(bytes.map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
    }
    plain.push_str(&text[end..]);
    plain
}

/// The comments and trailing commas of TEXT, in order.
fn blanks(text: &[u8]) -> Vec<Range<usize>> {
    let (mut blanks, mut comma, mut at) = (Vec::new(), None, 0);
    while let Some(first) = text.get(at) {
        let end = at + token(&text[at..]);
        match first {
            b'/' if end > at + 1 => blanks.push(at..end),
            b',' => comma = Some(at..end),
            b'}' | b']' => blanks.extend(comma.take()),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => comma = None,
        }
        at = end;
    }
    blanks.sort_unstable_by_key(|blank| blank.start);
    blanks
}

/// How long the token is that TEXT begins with: a string, a comment or a
/// single byte.
fn token(text: &[u8]) -> usize {
    let end = match text {
        [b'"', ..] => string(text),
        [b'/', b'/', ..] => text.iter().position(|byte| *byte == b'\n'),
        [b'/', b'*', rest @ ..] => rest.windows(2).position(|it| it == b"*/").map(|at| at + 4),
        _ => Some(1),
    };
    end.unwrap_or(text.len())
}

/// Where the string ends that TEXT begins with, if it does.
fn string(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_trailing_commas_become_spaces_and_the_rest_stays_where_it_was() {
        let text = "{ // née, ]\n\"a//,]\\\"/*\": [1, /* x\n, */ 2 , /**/ ] /*/ */ , }";
        let plain = without_comments(text);
        assert_eq!(plain.len(), text.len());
        assert_eq!(plain.matches('\n').count(), 2);
        let value: serde_json::Value = serde_json::from_str(&plain).unwrap();
        assert_eq!(value, serde_json::json!({ "a//,]\"/*": [1, 2] }));
    }

    #[test]
    fn plain_json_stays_as_it_is_and_broken_text_stays_broken() {
        for text in ["", "{\"a\":[1,{\"b\":\"\\\\\"}],\"c\":null}", "\"open", "/", "\"a\\", "[1,"] {
            assert_eq!(without_comments(text), text);
        }
        assert_eq!(without_comments("1/*"), "1  ");
        assert!(serde_json::from_str::<serde_json::Value>(&without_comments("[1 /*]")).is_err());
    }
}
