//! An assistant's turn, handed out and taken back.
//!
//! A turn is a list of items whose order binds them: reasoning stands before
//! the call that it led to, and services refuse one without the other. So the
//! opaque part of a turn is that list, as the service sent it, but without
//! the text and the calls, which stand in the turn itself.

use super::input::texts;
use crate::dialect::openai_chat::prefixed;
use llm_switch_types::{Message, Role, ToolCall};
use serde_json::{Value, json};
use std::collections::HashMap;

/// ITEM without what the turn itself says.
pub(super) fn opaque(mut item: Value) -> Value {
    let said: &[&str] = match item["type"].as_str() {
        Some("message") => &["content"],
        Some("function_call") => &["name", "arguments"],
        _ => &[],
    };
    if let Value::Object(fields) = &mut item {
        fields.retain(|field, _| !said.contains(&field.as_str()));
    }
    item
}

/// The service's own ids of the calls that we handed out under others.
///
/// The opaque part keeps them, because a prefix that was added cannot be told
/// from one that the service chose, and services limit their length.
pub(super) struct Ids<'a>(HashMap<String, &'a str>);

impl<'a> Ids<'a> {
    pub(super) fn of(messages: &'a [Message]) -> Self {
        let turns = messages.iter().filter(|message| message.role == Role::Assistant);
        let ids = turns.flat_map(items).filter_map(|item| item["call_id"].as_str());
        Ids(ids.map(|id| (prefixed(id.to_owned()), id)).collect())
    }

    /// What the service calls the call that we call ID.
    pub(super) fn own<'b>(&self, id: &'b str) -> &'b str
    where
        'a: 'b,
    {
        self.0.get(id).copied().unwrap_or(id)
    }
}

fn items(message: &Message) -> impl Iterator<Item = &Value> {
    message.opaque.as_ref().and_then(Value::as_array).into_iter().flatten()
}

/// The items of the assistant's turn MESSAGE.
pub(super) fn assistant(message: &Message, ids: &Ids) -> Vec<Value> {
    let mut turn = Turn {
        ids,
        text: texts(message).map(output_text).collect(),
        calls: message.tool_calls.iter().collect(),
        held: Vec::new(),
        items: Vec::new(),
    };
    items(message).for_each(|item| turn.take_back(item));
    turn.finish()
}

fn output_text(text: &str) -> Value {
    json!({"type": "output_text", "text": text, "annotations": []})
}

/// A turn while it is put together.
struct Turn<'a> {
    ids: &'a Ids<'a>,
    /// What is said in it and stands nowhere yet.
    text: Vec<Value>,
    calls: Vec<&'a ToolCall>,
    /// Reasoning that waits for what it led to: alone it is refused.
    held: Vec<Value>,
    items: Vec<Value>,
}

impl Turn<'_> {
    /// Put ITEM of the opaque part where it stood. The text of several
    /// messages has become one text, which stands at the first of them.
    fn take_back(&mut self, item: &Value) {
        match item["type"].as_str() {
            Some("message") if self.text.is_empty() => {}
            Some("message") => {
                let content = std::mem::take(&mut self.text);
                self.put(item, json!({"content": content}));
            }
            Some("function_call") => match self.find(&item["call_id"]) {
                Some(at) => {
                    let call = self.calls.remove(at);
                    self.put(item, json!({"name": call.name, "arguments": call.arguments}));
                }
                None => self.held.clear(),
            },
            _ => self.held.push(item.clone()),
        }
    }

    fn find(&self, call_id: &Value) -> Option<usize> {
        let call_id = call_id.as_str()?;
        self.calls.iter().position(|call| self.ids.own(&call.id) == call_id)
    }

    /// ITEM with what the turn SAID, and before it what led to it.
    fn put(&mut self, item: &Value, said: Value) {
        let mut item = item.clone();
        if let (Value::Object(item), Value::Object(said)) = (&mut item, said) {
            item.extend(said);
        }
        self.items.append(&mut self.held);
        self.items.push(item);
    }

    /// What no item of the opaque part spoke of comes as it would without one:
    /// the text first, then the calls.
    fn finish(mut self) -> Vec<Value> {
        if !self.text.is_empty() {
            let text = json!({"type": "message", "role": "assistant", "content": self.text});
            self.items.insert(0, text);
        }
        let call = |call: &ToolCall| {
            json!({"type": "function_call", "call_id": self.ids.own(&call.id),
                   "name": call.name, "arguments": call.arguments})
        };
        let calls: Vec<Value> = self.calls.into_iter().map(call).collect();
        self.items.extend(calls);
        self.items
    }
}

#[cfg(test)]
mod tests {
    use super::super::input::input;
    use super::*;

    fn call(id: &str) -> ToolCall {
        ToolCall { id: id.into(), name: "look".into(), arguments: format!("{{\"at\":\"{id}\"}}") }
    }

    fn turn(text: &str, calls: &[&str], opaque: Option<Value>) -> Message {
        let tool_calls = calls.iter().map(|id| call(id)).collect();
        Message { tool_calls, opaque, ..Message::text(Role::Assistant, text) }
    }

    fn reasoning(id: &str) -> Value {
        json!({"type": "reasoning", "id": id, "summary": [], "encrypted_content": "c2VjcmV0"})
    }

    /// What a service sent, in its order.
    fn sent() -> [Value; 5] {
        let message = json!({"type": "message", "id": "msg_1", "role": "assistant",
            "status": "completed", "phase": "commentary", "content": [output_text("I look.")]});
        let call = |id: &str, own: &str| {
            json!({"type": "function_call", "id": id, "call_id": own, "status": "completed",
                   "name": "look", "arguments": format!("{{\"at\":\"{}\"}}", prefixed(own.into()))})
        };
        [reasoning("rs_1"), message, call("fc_1", "call_1"), reasoning("rs_2"), call("fc_2", "2")]
    }

    #[test]
    fn a_turn_goes_back_as_it_came() {
        let opaque: Value = sent().map(opaque).into_iter().collect();
        for said in ["I look.", "arguments"] {
            assert!(!opaque.to_string().contains(said), "said twice: {said}");
        }
        let message = turn("I look.", &["call_1", "call_2"], Some(opaque));
        assert_eq!(input(&[message]), sent());
    }

    #[test]
    fn a_result_answers_the_call_by_the_id_that_the_service_gave_it() {
        let opaque: Value = sent().map(opaque).into_iter().collect();
        let result = |id: &str| Message {
            tool_call_id: Some(id.into()),
            ..Message::text(Role::Tool, "a star")
        };
        let messages = [
            turn("", &["call_1", "call_2"], Some(opaque)),
            result("call_1"),
            result("call_2"),
            result("call_3"),
        ];
        let items = input(&messages);
        let ids: Vec<_> = items[items.len() - 3..].iter().map(|item| &item["call_id"]).collect();
        assert_eq!(ids, ["call_1", "2", "call_3"]);
    }

    #[test]
    fn a_turn_of_another_service_is_plain_items() {
        let expected = json!([
            {"type": "message", "role": "assistant", "content": [output_text("I look.")]},
            {"type": "function_call", "call_id": "call_1", "name": "look",
             "arguments": "{\"at\":\"call_1\"}"}]);
        for opaque in [None, Some(json!({"reasoning_content": "Hm"})), Some(json!("?"))] {
            assert_eq!(json!(input(&[turn("I look.", &["call_1"], opaque)])), expected);
        }
    }

    #[test]
    fn reasoning_goes_only_with_what_it_led_to() {
        let opaque: Value = sent().map(opaque).into_iter().collect();
        let message = turn("", &["call_1"], Some(opaque));
        let [first, _, call, ..] = sent();
        assert_eq!(input(&[message]), [first, call]);
    }
}
