//! JSON texts and events as bytes.

use serde_json::Value;
use std::fmt::Display;

/// What a payload says that is not JSON.
pub(crate) const NOT_JSON: &str = "this is not JSON";

/// Stands for the backslash of an escape inside a string of a [`Value`]. No
/// script says this letter of the private use area itself.
const MARK: char = '\u{e000}';

/// `escaped`, the inside of a JSON string, as a string that a [`Value`] can
/// hold: half of a surrogate pair has no other way into one.
pub(crate) fn marked(escaped: &str) -> String {
    escaped.replace('\\', &MARK.to_string())
}

/// The JSON text of `value`, its marks turned into escapes.
pub(crate) fn text(value: &Value) -> String {
    value.to_string().replace(MARK, "\\")
}

/// A server-sent event without a name.
pub(crate) fn event(data: impl Display) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

/// A server-sent event with a name.
pub(crate) fn named_event(name: &str, data: impl Display) -> Vec<u8> {
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn half_a_surrogate_pair_survives_a_value() {
        let value = json!({"text": marked(r"\ud83e"), "other": "a\\b"});
        assert_eq!(text(&value), r#"{"text":"\ud83e","other":"a\\b"}"#);
    }
}
