//! An assistant's turn, as it goes back.

use super::{ids, turns};
use crate::dialect::json::object;
use llm_switch_types::{Message, Part, ToolCall};
use serde_json::{Value, json};

/// The blocks of the assistant's turn MESSAGE.
///
/// Where the decoder kept them as opaque they stand in the order in which
/// they came, since the service refuses thinking that was moved. Otherwise
/// MESSAGE says what goes back: the calls that it still has, and its own text
/// when that is another now.
pub(super) fn blocks(message: &Message) -> Vec<Value> {
    let came = came(message);
    let unchanged = came_text(came) == text(message);
    let mut texts = if unchanged { Vec::new() } else { turns::content(&message.parts) };
    let mut calls: Vec<&ToolCall> = message.tool_calls.iter().collect();
    let mut blocks = Vec::new();
    for block in came {
        match block["type"].as_str().unwrap_or_default() {
            // As they came, too: they may hold citations. But not blank ones.
            "text" if unchanged => blocks.extend(turns::text(said(block)).and(Some(block.clone()))),
            "text" => blocks.append(&mut texts),
            "tool_use" => {
                blocks.append(&mut texts);
                let at = calls.iter().position(|call| block["id"] == call.id.as_str());
                blocks.extend(at.map(|at| tool_use(calls.remove(at))));
            }
            _ => blocks.push(block.clone()),
        }
    }
    blocks.append(&mut texts);
    blocks.extend(calls.into_iter().map(tool_use));
    blocks
}

/// What the decoder kept of the turn.
fn came(message: &Message) -> &[Value] {
    let content = message.opaque.as_ref().and_then(|opaque| opaque["content"].as_array());
    content.map_or(&[], Vec::as_slice)
}

fn came_text(came: &[Value]) -> String {
    came.iter().filter(|block| block["type"] == "text").map(said).collect()
}

fn said(block: &Value) -> &str {
    block["text"].as_str().unwrap_or_default()
}

fn text(message: &Message) -> String {
    let text = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Media(_) => String::new(),
    };
    message.parts.iter().map(text).collect()
}

fn tool_use(call: &ToolCall) -> Value {
    json!({"type": "tool_use", "id": ids::own(&call.id), "name": call.name,
           "input": input(&call.arguments)})
}

/// The service wants an object. What the model wrote wrongly goes back under
/// the key that the service's documentation names for it.
fn input(arguments: &str) -> Value {
    object(arguments, "INVALID_JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Role;

    fn call(id: &str, arguments: &str) -> ToolCall {
        ToolCall { id: id.into(), name: "f".into(), arguments: arguments.into() }
    }

    fn tool_use(id: &str, input: Value) -> Value {
        json!({"type": "tool_use", "id": id, "name": "f", "input": input})
    }

    /// A turn that thought between its calls.
    fn interleaved() -> Message {
        Message {
            tool_calls: vec![call("call_toolu_1", r#"{"x":1}"#), call("call_toolu_2", "{}")],
            opaque: Some(json!({"content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "ZGF0YQ"},
                {"type": "text", "text": "First"},
                {"type": "tool_use", "id": "call_toolu_1"},
                {"type": "thinking", "thinking": "", "signature": "bW9yZQ"},
                {"type": "text", "text": ""},
                {"type": "text", "text": " second", "citations": [{"url": "u"}]},
                {"type": "tool_use", "id": "call_toolu_2"}]})),
            ..Message::text(Role::Assistant, "First second")
        }
    }

    #[test]
    fn what_came_goes_back_unchanged_and_in_its_place() {
        let expected = [
            json!({"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}),
            json!({"type": "redacted_thinking", "data": "ZGF0YQ"}),
            json!({"type": "text", "text": "First"}),
            tool_use("toolu_1", json!({"x": 1})),
            json!({"type": "thinking", "thinking": "", "signature": "bW9yZQ"}),
            json!({"type": "text", "text": " second", "citations": [{"url": "u"}]}),
            tool_use("toolu_2", json!({})),
        ];
        assert_eq!(blocks(&interleaved()), expected);
    }

    #[test]
    fn what_the_turn_says_now_wins_over_what_came() {
        let mut message = interleaved();
        message.parts = vec![Part::Text("Changed".into())];
        message.tool_calls.remove(0);
        message.tool_calls.push(call("call_toolu_9", "{}"));
        let kinds: Vec<_> = blocks(&message)
            .into_iter()
            .map(|block| block["id"].as_str().or(block["text"].as_str()).map(str::to_owned))
            .map(Option::unwrap_or_default)
            .collect();
        assert_eq!(kinds, ["", "", "Changed", "", "toolu_2", "toolu_9"]);
    }

    #[test]
    fn a_turn_without_thinking_is_its_text_and_its_calls() {
        let message = Message {
            tool_calls: vec![call("call_a", "{}")],
            ..Message::text(Role::Assistant, "Looking.")
        };
        let expected = [json!({"type": "text", "text": "Looking."}), tool_use("a", json!({}))];
        assert_eq!(blocks(&message), expected);
    }

    #[test]
    fn arguments_that_are_no_object_are_told_as_such() {
        let table = [
            (r#"{"x":"é"}"#, json!({"x": "é"})),
            ("", json!({})),
            (r#"{"x":"#, json!({"INVALID_JSON": r#"{"x":"#})),
            ("[1]", json!({"INVALID_JSON": "[1]"})),
        ];
        for (arguments, expected) in table {
            assert_eq!(input(arguments), expected, "{arguments}");
        }
    }
}
