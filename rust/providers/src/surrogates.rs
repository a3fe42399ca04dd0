//! Lone surrogates in JSON.
//!
//! Some services cut a UTF-16 pair between two deltas and escape each half
//! (`"\ud83e"`), which is no JSON string. One bad half must not kill a stream.

use std::borrow::Cow;

/// JSON with every lone surrogate escape replaced by U+FFFD's. Whatever else
/// is wrong with it stays as it is.
pub(crate) fn replace_lone(json: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(escape) = json[at..].find('\\').map(|offset| at + offset) {
        at = match unit(json, escape) {
            Some(0xD800..0xDC00) if matches!(unit(json, escape + 6), Some(0xDC00..0xE000)) => {
                escape + 12
            }
            Some(0xD800..0xE000) => {
                out.push_str(&json[copied..escape]);
                out.push_str("\\ufffd");
                copied = escape + 6;
                copied
            }
            Some(_) => escape + 6,
            None => escape + 1 + json[escape + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(&json[copied..]);
    Cow::Owned(out)
}

/// The code unit of the `\uXXXX` escape that begins at AT.
fn unit(json: &str, at: usize) -> Option<u32> {
    let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
    u32::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_lone_halves_only() {
        let table = [
            (r#""plain é""#, r#""plain é""#),
            (r#""\ud83e\udd16""#, r#""\ud83e\udd16""#),
            (r#""a\ud83e""#, r#""a\ufffd""#),
            (r#""\udd16b""#, r#""\ufffdb""#),
            (r#""\ud83e\ud83e\udd16""#, r#""\ufffd\ud83e\udd16""#),
            (r#""\\ud83e""#, r#""\\ud83e""#),
            (r#""\ud8"#, r#""\ud8"#),
            (r"\é", r"\é"),
            ("\\", "\\"),
        ];
        for (json, expected) in table {
            assert_eq!(replace_lone(json), expected);
        }
    }
}
