//! What tools returned: their text, and media inside of it or behind.

use super::family::takes_media_in_results;
use super::parts::part;
use crate::dialect::media::mime;
use crate::dialect::returned::{Returned, whose};
use llm_switch_types::{Message, Part};
use serde_json::{Map, Value, json};

/// What MESSAGE, a tool's turn, returned to MODEL. NAMES are what it bears:
/// the tool's name, and the id of the call where the service gave one.
///
/// A turn of results has as many parts as there were calls: media beside them
/// in it are refused. So they stand inside of the results or behind the turn.
pub(super) fn result(model: &str, names: Map<String, Value>, message: &Message) -> Value {
    let returned = Returned::of(message, takes);
    let (inside, behind) = placed(model, &returned);
    let text = if behind.is_empty() { &returned.text } else { returned.text_before_media() };
    let key = if message.is_error { "error" } else { "output" };
    let mut response = names;
    response.insert("response".into(), json!({key: text}));
    if !inside.is_empty() {
        response.insert("parts".into(), inside.into_iter().filter_map(part).collect());
    }
    json!({"functionResponse": response})
}

/// The parts that show MODEL behind the turn what else MESSAGE returned, whose
/// tool is called TOOL.
pub(super) fn shown(model: &str, tool: Option<&str>, message: &Message) -> Vec<Value> {
    let returned = Returned::of(message, takes);
    let (_, behind) = placed(model, &returned);
    let word = (!behind.is_empty()).then(|| json!({"text": whose(tool)}));
    word.into_iter().chain(behind.into_iter().filter_map(part)).collect()
}

/// The media that go inside of the result, and those that go behind.
fn placed<'a>(model: &str, returned: &Returned<'a>) -> (Vec<&'a Part>, Vec<&'a Part>) {
    let goes_inside = |part: &&Part| takes_media_in_results(model) && fits_inside(part);
    returned.media.iter().copied().partition(goes_inside)
}

/// Whether the service takes PART inside of a result.
fn fits_inside(part: &Part) -> bool {
    const TYPES: [&str; 5] =
        ["image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain"];
    part.inline().is_some_and(|(mime, _)| TYPES.contains(&mime))
}

/// Whether the service takes the media at URL at all.
fn takes(url: &str) -> bool {
    const IMAGES: [&str; 5] = ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"];
    mime(url).is_none_or(|mime| {
        let kind = mime.split('/').next().unwrap_or_default();
        IMAGES.contains(&mime)
            || mime == "application/pdf"
            || ["audio", "video", "text"].contains(&kind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Role;

    const NEW: &str = "gemini-3.8-flash";
    const OLD: &str = "gemini-2.5-flash";

    fn returned(text: &str, urls: &[&str]) -> Message {
        let media = urls.iter().map(|url| Part::Media((*url).into()));
        let text = (!text.is_empty()).then(|| Part::Text(text.into()));
        Message { parts: text.into_iter().chain(media).collect(), ..Message::text(Role::Tool, "") }
    }

    fn sent(model: &str, message: &Message) -> (Value, Value) {
        let names = Map::from_iter([("name".to_owned(), "shoot".into())]);
        let result = result(model, names, message)["functionResponse"].take();
        (result, shown(model, Some("shoot"), message).into())
    }

    fn inline(mime: &str) -> Value {
        json!({"inlineData": {"mimeType": mime, "data": "AA"}})
    }

    #[test]
    fn images_and_documents_stand_inside_of_the_result_where_the_model_takes_them() {
        let both = ["data:image/png;base64,AA", "data:application/pdf;base64,AA"];
        let (result, behind) = sent(NEW, &returned("Here", &both));
        let expected = json!({"name": "shoot", "response": {"output": "Here"},
            "parts": [inline("image/png"), inline("application/pdf")]});
        assert_eq!((result, behind), (expected, json!([])));
        let (result, _) = sent(NEW, &returned("", &both[..1]));
        assert_eq!(result["response"], json!({"output": ""}));
    }

    #[test]
    fn older_models_see_them_behind_the_turn() {
        let (result, behind) = sent(OLD, &returned("", &["data:image/png;base64,AA"]));
        let expected = json!({"name": "shoot", "response": {"output": "The result follows."}});
        assert_eq!(result, expected);
        let word = json!({"text": "This is what the tool shoot returned:"});
        assert_eq!(behind, json!([word, inline("image/png")]));
    }

    #[test]
    fn what_no_result_takes_stands_behind_and_what_nobody_takes_is_told() {
        let urls =
            ["data:audio/wav;base64,AA", "https://a.example/b.png", "data:image/gif;base64,AA"];
        let (result, behind) = sent(NEW, &returned("Here", &urls));
        assert_eq!(result.get("parts"), None);
        let said = result["response"]["output"].as_str().unwrap();
        assert!(said.starts_with("Here\n[image/gif was left out"), "{said}");
        assert_eq!(behind[1], inline("audio/wav"));
        assert_eq!(behind[2]["fileData"]["fileUri"], urls[1]);
        assert_eq!(behind.as_array().map(Vec::len), Some(3));
    }
}
