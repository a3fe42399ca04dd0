//! The conversation, as the items of a request.

use super::turn::{Ids, assistant};
use crate::dialect::media::{Kind, kind};
use crate::dialect::returned::{Returned, error_mark};
use llm_switch_types::{Message, Part, Role};
use serde_json::{Value, json};

/// The turns of the system among MESSAGES, which have a field of their own.
/// The item for them is refused by some services behind this dialect.
pub(super) fn instructions(messages: &[Message]) -> Option<String> {
    let turns = messages.iter().filter(|message| message.role == Role::System);
    let texts: Vec<&str> = turns.flat_map(texts).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// All other MESSAGES, in order.
pub(super) fn input(messages: &[Message]) -> Vec<Value> {
    let ids = Ids::of(messages);
    messages.iter().flat_map(|message| items(message, &ids)).collect()
}

fn items(message: &Message, ids: &Ids) -> Vec<Value> {
    match message.role {
        Role::System => Vec::new(),
        Role::User => {
            let content: Value = message.parts.iter().map(part).collect();
            vec![json!({"type": "message", "role": "user", "content": content})]
        }
        Role::Assistant => assistant(message, ids),
        Role::Tool => {
            let id = message.tool_call_id.as_deref().unwrap_or_default();
            vec![json!({"type": "function_call_output", "call_id": ids.own(id),
                        "output": output(message)})]
        }
    }
}

/// The texts of MESSAGE that are not empty.
pub(super) fn texts(message: &Message) -> impl Iterator<Item = &str> {
    message.parts.iter().filter_map(|part| match part {
        Part::Text(text) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    })
}

/// What is only text stays a string, which every server takes. There is no
/// sound in a result here, and no image of a type that few services take.
fn output(message: &Message) -> Value {
    let Returned { text, media } = Returned::of(message, |url| kind(url) != Kind::Other);
    let text = error_mark(message, &text);
    if media.is_empty() {
        return text.into();
    }
    let text = (!text.is_empty()).then(|| json!({"type": "input_text", "text": text}));
    text.into_iter().chain(media.into_iter().map(part)).collect()
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"type": "input_text", "text": text}),
        Part::Media(url) if kind(url) != Kind::Document => {
            json!({"type": "input_image", "image_url": url})
        }
        Part::Media(url) if url.starts_with("data:") => {
            json!({"type": "input_file", "filename": "document.pdf", "file_data": url})
        }
        Part::Media(url) => json!({"type": "input_file", "file_url": url}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_system_turns_are_one_text_of_instructions() {
        let turns = [
            (Role::System, "Be brief."),
            (Role::User, "Hi"),
            (Role::System, ""),
            (Role::System, "Speak French."),
        ];
        let messages = turns.map(|(role, text)| Message::text(role, text));
        assert_eq!(instructions(&messages).as_deref(), Some("Be brief.\n\nSpeak French."));
        assert_eq!(input(&messages).len(), 1);
        assert_eq!(instructions(&messages[1..2]), None);
    }

    #[test]
    fn media_go_as_images_or_files_inline_or_by_address() {
        let media = [
            "data:image/png;base64,AA",
            "https://example.org/a.png",
            "data:application/pdf;base64,AA",
            "https://example.org/a.PDF?page=1",
        ];
        let parts = media.map(|url| Part::Media(url.into())).to_vec();
        let user = Message { parts, ..Message::text(Role::User, "") };
        let expected = json!([
            {"type": "input_image", "image_url": media[0]},
            {"type": "input_image", "image_url": media[1]},
            {"type": "input_file", "filename": "document.pdf", "file_data": media[2]},
            {"type": "input_file", "file_url": media[3]}]);
        assert_eq!(input(&[user])[0]["content"], expected);
    }

    #[test]
    fn a_result_is_text_or_parts_and_says_that_the_tool_failed() {
        let result = |parts: &[Part], is_error| {
            let tool_call_id = Some("call_1".into());
            let parts = parts.to_vec();
            let tool = Message { parts, tool_call_id, is_error, ..Message::text(Role::Tool, "") };
            input(&[tool]).remove(0)
        };
        let text = |text: &str| Part::Text(text.into());
        let image = Part::Media("data:image/png;base64,AA".into());
        let expected = json!({"type": "function_call_output", "call_id": "call_1", "output": "ok"});
        assert_eq!(result(&[text("ok")], false), expected);
        assert_eq!(result(&[text("no file")], true)["output"], "Error: no file");
        assert_eq!(result(&[], false)["output"], "");
        let shown = json!({"type": "input_image", "image_url": "data:image/png;base64,AA"});
        let said = |text: &str| json!({"type": "input_text", "text": text});
        let here = [text("Here"), image.clone()];
        assert_eq!(result(&here, false)["output"], json!([said("Here"), shown]));
        assert_eq!(result(&here, true)["output"], json!([said("Error: Here"), shown]));
        assert_eq!(result(&[image], false)["output"], json!([shown]));
        let document = "data:application/pdf;base64,AA";
        assert_eq!(
            result(&[Part::Media(document.into())], false)["output"],
            json!([{"type": "input_file", "filename": "document.pdf", "file_data": document}])
        );
        let sound = Part::Media("data:audio/wav;base64,AA".into());
        let told = result(&[text("Listen"), sound], false)["output"].take();
        assert!(told.as_str().unwrap().starts_with("Listen\n[audio/wav was left out"), "{told}");
    }
}
