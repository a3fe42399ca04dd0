//! The conversation as `contents`: turns of the user and of the model, each a
//! list of parts.

use super::family::wants_signatures;
use super::parts::part;
use super::results;
use crate::dialect::arguments::comparable;
use crate::dialect::json::object;
use llm_switch_types::{Message, Role, ToolCall};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// What the service's documentation gives for calls that it did not sign
/// itself: those of another model's turn, after a switch or a fallback.
const UNSIGNED: &str = "skip_thought_signature_validator";

/// All standing instructions among MESSAGES. Wherever they stand, this wire
/// has one place for them.
pub(super) fn system(messages: &[Message]) -> Option<Value> {
    let turns = messages.iter().filter(|message| message.role == Role::System);
    let parts: Vec<Value> = turns.flat_map(|message| &message.parts).filter_map(part).collect();
    (!parts.is_empty()).then(|| json!({"parts": parts}))
}

/// The other MESSAGES, for MODEL.
pub(super) fn contents(model: &str, messages: &[Message]) -> Value {
    let spoken: Vec<_> = messages.iter().filter(|message| message.role != Role::System).collect();
    // The results of one turn's calls belong together, or the service counts
    // too few of them; and a call is refused behind a turn that only says
    // something, as which a chat sends what was said before it.
    let turns = spoken.chunk_by(|one, next| one.role == next.role && one.role != Role::User);
    let mut sent = Sent { model, calls: HashMap::new() };
    turns.flat_map(|turn| sent.contents(turn)).collect()
}

/// What has been said to a model up to some turn.
struct Sent<'a> {
    model: &'a str,
    /// By our ids, what the results of its calls must bear: the tool's name,
    /// and the service's own id where it gave one.
    calls: HashMap<&'a str, Map<String, Value>>,
}

impl<'a> Sent<'a> {
    /// A TURN, and behind it what its tools returned that has no place in it.
    /// Nothing, where nothing is said: the service refuses that.
    fn contents(&mut self, turn: &[&'a Message]) -> Vec<Value> {
        let is_model = turn.iter().any(|message| message.role == Role::Assistant);
        let parts: Vec<Value> = turn.iter().flat_map(|message| self.parts(message)).collect();
        let behind: Vec<Value> = turn.iter().flat_map(|message| self.shown(message)).collect();
        let contents = [(if is_model { "model" } else { "user" }, parts), ("user", behind)];
        let said = contents.into_iter().filter(|(_, parts)| !parts.is_empty());
        said.map(|(role, parts)| json!({"role": role, "parts": parts})).collect()
    }

    fn parts(&mut self, message: &'a Message) -> Vec<Value> {
        match message.role {
            Role::Assistant => self.assistant(message),
            Role::Tool => vec![self.result(message)],
            Role::System | Role::User => message.parts.iter().filter_map(part).collect(),
        }
    }

    fn assistant(&mut self, message: &'a Message) -> Vec<Value> {
        let parts = kept(message).unwrap_or_else(|| self.foreign(message));
        for (call, wire) in message.tool_calls.iter().zip(called(&parts)) {
            let mut names = Map::new();
            names.insert("name".into(), call.name.as_str().into());
            names.extend(wire.get("id").map(|id| ("id".to_owned(), id.clone())));
            self.calls.insert(&call.id, names);
        }
        parts
    }

    /// A turn that this model did not write, or did not sign. Its calls go
    /// without ids, which the wire allows: ours mean nothing to the service.
    fn foreign(&self, message: &Message) -> Vec<Value> {
        let mut calls: Vec<Value> = message.tool_calls.iter().map(call).collect();
        // Of parallel calls only the first is signed.
        if let Some(first) = calls.first_mut().filter(|_| wants_signatures(self.model)) {
            first["thoughtSignature"] = UNSIGNED.into();
        }
        message.parts.iter().filter_map(part).chain(calls).collect()
    }

    fn result(&self, message: &Message) -> Value {
        let id = message.tool_call_id.as_deref().unwrap_or_default();
        let unknown = || Map::from_iter([("name".to_owned(), id.into())]);
        let names = self.calls.get(id).cloned().unwrap_or_else(unknown);
        results::result(self.model, names, message)
    }

    /// What MESSAGE shows behind its turn, if it is a tool's.
    fn shown(&self, message: &Message) -> Vec<Value> {
        let Some(id) = message.tool_call_id.as_deref() else { return Vec::new() };
        let name = self.calls.get(id).and_then(|names| names["name"].as_str());
        results::shown(self.model, name, message)
    }
}

/// The parts of MESSAGE as this model wrote and signed them, in their order.
/// They stand for the whole turn, unless somebody changed its calls since.
fn kept(message: &Message) -> Option<Vec<Value>> {
    let parts = message.opaque.as_ref()?.get("parts")?.as_array()?;
    let signed = called(parts).map(|call| {
        (call["name"].as_str().unwrap_or_default(), comparable(&call["args"].to_string()))
    });
    let calls = message.tool_calls.iter();
    let made = calls.map(|call| (call.name.as_str(), comparable(&call.arguments)));
    signed.eq(made).then(|| parts.clone())
}

fn called(parts: &[Value]) -> impl Iterator<Item = &Value> {
    parts.iter().filter_map(|part| part.get("functionCall"))
}

fn call(call: &ToolCall) -> Value {
    json!({"functionCall": {"name": call.name, "args": object(&call.arguments, "arguments")}})
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Part;

    const NEW: &str = "gemini-3.8-flash";
    const OLD: &str = "gemini-2.5-flash";

    fn calls(names: &[(&str, &str)], opaque: Option<Value>) -> Message {
        let call = |(id, name): &(&str, &str)| ToolCall {
            id: (*id).into(),
            name: (*name).into(),
            arguments: "{\"x\":1}".into(),
        };
        Message {
            tool_calls: names.iter().map(call).collect(),
            opaque,
            ..Message::text(Role::Assistant, "")
        }
    }

    fn result(id: &str, text: &str) -> Message {
        Message { tool_call_id: Some(id.into()), ..Message::text(Role::Tool, text) }
    }

    #[test]
    fn standing_instructions_are_gathered_from_wherever_they_stand() {
        let messages = [
            Message::text(Role::System, "One."),
            Message::text(Role::User, "Hi"),
            Message::text(Role::System, "Two."),
        ];
        let expected = json!({"parts": [{"text": "One."}, {"text": "Two."}]});
        assert_eq!(system(&messages), Some(expected));
        assert_eq!(contents(NEW, &messages), json!([{"role": "user", "parts": [{"text": "Hi"}]}]));
        assert_eq!(system(&messages[1..2]), None);
    }

    #[test]
    fn media_go_inline_or_by_address() {
        let urls = [
            "data:image/png;base64,AA",
            "data:application/pdf;base64,BB",
            "https://a.example/b.JPG?c=1",
            "https://a.example/files/1",
        ];
        let message = Message {
            parts: urls.map(|url| Part::Media(url.into())).to_vec(),
            ..Message::text(Role::User, "")
        };
        let expected = json!([
            {"inlineData": {"mimeType": "image/png", "data": "AA"}},
            {"inlineData": {"mimeType": "application/pdf", "data": "BB"}},
            {"fileData": {"fileUri": urls[2], "mimeType": "image/jpeg"}},
            {"fileData": {"fileUri": urls[3]}}]);
        assert_eq!(contents(NEW, &[message])[0]["parts"], expected);
    }

    #[test]
    fn a_turn_in_which_nothing_is_said_is_left_out() {
        let messages = [Message::text(Role::User, "Hi"), Message::text(Role::Assistant, "")];
        assert_eq!(contents(NEW, &messages).as_array().map(Vec::len), Some(1));
    }

    #[test]
    fn the_results_of_parallel_calls_stand_together_and_bear_the_tools_names() {
        let failed = Message { is_error: true, ..result("call_b", "no such file") };
        let messages = [
            calls(&[("call_a", "look"), ("call_b", "read")], None),
            result("call_a", "moon"),
            failed,
            Message::text(Role::User, "Go on"),
        ];
        let expected = json!([
            {"role": "model", "parts": [
                {"functionCall": {"name": "look", "args": {"x": 1}}},
                {"functionCall": {"name": "read", "args": {"x": 1}}}]},
            {"role": "user", "parts": [
                {"functionResponse": {"name": "look", "response": {"output": "moon"}}},
                {"functionResponse": {"name": "read", "response": {"error": "no such file"}}}]},
            {"role": "user", "parts": [{"text": "Go on"}]}]);
        assert_eq!(contents(OLD, &messages), expected);
    }

    #[test]
    fn what_was_said_before_a_call_is_of_its_turn() {
        let messages = [
            Message::text(Role::User, "Hi"),
            Message::text(Role::Assistant, "I look."),
            calls(&[("call_a", "look")], None),
            result("call_a", "moon"),
        ];
        let sent = contents(OLD, &messages);
        assert_eq!(sent.as_array().map(Vec::len), Some(3));
        let expected = json!([{"text": "I look."},
            {"functionCall": {"name": "look", "args": {"x": 1}}}]);
        assert_eq!(sent[1]["parts"], expected);
    }

    #[test]
    fn what_the_model_signed_goes_back_as_it_came_and_its_ids_with_the_results() {
        let parts = json!([
            {"text": "Let me see.", "thoughtSignature": "s1"},
            {"functionCall": {"id": "x9", "name": "look", "args": {"x": 1}}, "thoughtSignature": "s2"},
            {"functionCall": {"name": "look", "args": {"x": 1}}}]);
        let messages = [
            calls(&[("call_x9", "look"), ("call_7_1", "look")], Some(json!({"parts": parts}))),
            result("call_x9", "moon"),
            result("call_7_1", "sun"),
        ];
        let expected = json!([
            {"role": "model", "parts": parts},
            {"role": "user", "parts": [
                {"functionResponse": {"id": "x9", "name": "look", "response": {"output": "moon"}}},
                {"functionResponse": {"name": "look", "response": {"output": "sun"}}}]}]);
        assert_eq!(contents(NEW, &messages), expected);
    }

    #[test]
    fn what_the_model_signed_is_void_once_its_calls_were_changed() {
        for signed in [json!({"name": "read", "args": {"x": 1}}), json!({"name": "look"})] {
            let parts = json!([{"functionCall": signed, "thoughtSignature": "s"}]);
            let message = calls(&[("call_1", "look")], Some(json!({"parts": parts})));
            let sent = contents(OLD, &[message]);
            let made = json!([{"functionCall": {"name": "look", "args": {"x": 1}}}]);
            assert_eq!(sent[0]["parts"], made);
        }
    }

    #[test]
    fn the_first_call_of_somebody_elses_turn_is_marked_as_unsigned() {
        let message = calls(&[("call_a", "look"), ("call_b", "look")], None);
        let sent = contents(NEW, &[message]);
        assert_eq!(sent[0]["parts"][0]["thoughtSignature"], UNSIGNED);
        assert_eq!(sent[0]["parts"][1].get("thoughtSignature"), None);
    }

    #[test]
    fn what_tools_showed_an_older_model_stands_behind_all_of_their_results() {
        let mut seen = result("call_a", "seen");
        seen.parts.push(Part::Media("data:image/png;base64,AA".into()));
        let messages = [
            calls(&[("call_a", "look"), ("call_b", "read")], None),
            seen,
            result("call_b", "moon"),
        ];
        let expected = json!([
            {"role": "user", "parts": [
                {"functionResponse": {"name": "look", "response": {"output": "seen"}}},
                {"functionResponse": {"name": "read", "response": {"output": "moon"}}}]},
            {"role": "user", "parts": [
                {"text": "This is what the tool look returned:"},
                {"inlineData": {"mimeType": "image/png", "data": "AA"}}]}]);
        assert_eq!(json!(contents(OLD, &messages).as_array().unwrap()[1..]), expected);
    }

    #[test]
    fn a_result_may_hold_an_image_and_answer_a_call_that_was_cut_off() {
        let mut message = result("call_z", "seen");
        message.parts.push(Part::Media("data:image/png;base64,AA".into()));
        let expected = json!([{"functionResponse": {"name": "call_z",
            "response": {"output": "seen"},
            "parts": [{"inlineData": {"mimeType": "image/png", "data": "AA"}}]}}]);
        assert_eq!(contents(NEW, &[message])[0]["parts"], expected);
    }
}
