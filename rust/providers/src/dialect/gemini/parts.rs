//! Texts and media as parts of a turn.

use crate::dialect::media::mime;
use llm_switch_types::Part;
use serde_json::{Value, json};

/// PART; `None` for an empty text, which the service refuses.
pub(super) fn part(part: &Part) -> Option<Value> {
    match (part, part.inline()) {
        (Part::Text(text), _) => (!text.is_empty()).then(|| json!({"text": text})),
        (_, Some((mime, data))) => Some(json!({"inlineData": {"mimeType": mime, "data": data}})),
        (Part::Media(url), None) => Some(json!({"fileData": file(url)})),
    }
}

/// A file by its address. Its type may be left out, but not everywhere, so it
/// is told where the name shows it.
fn file(url: &str) -> Value {
    match mime(url) {
        Some(mime) => json!({"fileUri": url, "mimeType": mime}),
        None => json!({"fileUri": url}),
    }
}
