//! Scripts that call the request's tools.

use super::texts::{OWN, reasoning_field, thoughtful};
use crate::{
    prompt::{Prompt, ToolOffer},
    refusal::{Cause, Refusal},
    reply::{Answer, Reply},
    steps::{CallPiece, Finish, ReasoningField, Step},
};
use serde_json::{Map, Value, json};

/// The most calls in one answer.
const MOST_CALLS: usize = 128;
/// Characters of the arguments in one delta: few enough to cut inside names,
/// numbers and escapes.
const PIECE: usize = 5;

/// How the calls stand on the wire: servers differ.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    in_pieces: bool,
    index: bool,
    id: bool,
}

pub(super) const OPENAI: Manner = Manner { in_pieces: true, index: true, id: true };

pub(crate) fn fragments(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    tools(OPENAI, parameters, prompt)
}

pub(crate) fn whole(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    tools(Manner { in_pieces: false, ..OPENAI }, parameters, prompt)
}

pub(crate) fn without_index(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    tools(Manner { index: false, ..OPENAI }, parameters, prompt)
}

pub(crate) fn without_id(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    tools(Manner { id: false, ..OPENAI }, parameters, prompt)
}

/// Thoughts before the calls, which have to come back with them.
pub(crate) fn after_reasoning(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let (field, n) = thoughts_and_rest(parameters)?;
    let reply = tools(OPENAI, n, prompt)?;
    if let Some(message) = prompt.thoughtless() {
        let call = message.calls.first().cloned().unwrap_or_default();
        let cause = Cause::ThoughtsLost { place: message.place, call };
        return Some(Reply::Refusal(Refusal::new(400, cause)));
    }
    match reply {
        Reply::Answer(answer) => Some(thoughtful(answer, field).into()),
        other => Some(other),
    }
}

/// Where PARAMETERS put the thoughts, which they need not say, and what stands
/// behind that.
pub(super) fn thoughts_and_rest(parameters: &str) -> Option<(Option<ReasoningField>, &str)> {
    match parameters.split_once(':') {
        Some((field, rest)) => Some((reasoning_field(field)?, rest)),
        None => Some(reasoning_field(parameters).map_or((OWN, parameters), |field| (field, ""))),
    }
}

/// Calls, or what they gave when the conversation ends with that: so a tool
/// loop with this model always comes to its end.
fn tools(manner: Manner, parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let n = if parameters.is_empty() { 1 } else { number(parameters)? };
    let results = prompt.tool_results();
    let answer = match (results.is_empty(), prompt.tools.is_empty()) {
        (false, _) => Answer::text(&quoted(&results), prompt.tokens()),
        (true, true) => Answer::text("The request offers no tools.", prompt.tokens()),
        (true, false) => calls(manner, n, prompt),
    };
    Some(answer.into())
}

/// The number of calls that `text` is.
pub(super) fn number(text: &str) -> Option<usize> {
    text.parse().ok().filter(|n| (1..=MOST_CALLS).contains(n))
}

/// `The tools said: "22 °C", "raining".`
fn quoted(results: &[&str]) -> String {
    let quotes: Vec<String> = results.iter().map(|result| format!("{result:?}")).collect();
    format!("The tools said: {}.", quotes.join(", "))
}

pub(super) fn calls(manner: Manner, n: usize, prompt: &Prompt) -> Answer {
    let number = prompt.caller.number;
    let offers = prompt.tools.iter().cycle().take(n).enumerate();
    let steps: Vec<Step> = offers
        .flat_map(|(index, tool)| call(manner, number, index, tool))
        .map(Step::Call)
        .collect();
    let output = steps.len() as u64;
    Answer::new(steps, output, prompt.tokens()).finish(Finish::ToolCalls)
}

/// The pieces of one call. Its id is unlike that of any other request, since a
/// conversation may hold the calls of many.
fn call(manner: Manner, request: u64, index: usize, tool: &ToolOffer) -> Vec<CallPiece> {
    let arguments = sample(&tool.parameters).to_string();
    let place = manner.index.then_some(index);
    let head = CallPiece {
        index: place,
        id: manner.id.then(|| format!("call_{request}_{index}")),
        name: Some(tool.name.clone()),
        arguments: String::new(),
    };
    if !manner.in_pieces {
        return vec![CallPiece { arguments, ..head }];
    }
    let piece = |arguments| CallPiece { index: place, id: None, name: None, arguments };
    std::iter::once(head).chain(pieces(&arguments).map(piece)).collect()
}

fn pieces(text: &str) -> impl Iterator<Item = String> {
    let characters: Vec<char> = text.chars().collect();
    let pieces: Vec<String> =
        characters.chunks(PIECE).map(|piece| piece.iter().collect()).collect();
    pieces.into_iter()
}

/// A value that a JSON Schema allows.
fn sample(schema: &Value) -> Value {
    let first = |key: &str| schema[key].as_array().and_then(|values| values.first());
    if let Some(value) = schema.get("const").or(first("enum")).or(schema.get("default")) {
        return value.clone();
    }
    if let Some(choice) = first("anyOf").or(first("oneOf")) {
        return sample(choice);
    }
    let kind = first("type").unwrap_or(&schema["type"]).as_str();
    match kind {
        Some("object") | None => properties(schema),
        Some("array") => json!([sample(&schema["items"])]),
        Some("string") => json!("Zürich \"🦄\""),
        Some("integer") => json!(7),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some(_) => Value::Null,
    }
}

fn properties(schema: &Value) -> Value {
    let properties = schema["properties"].as_object();
    let values: Map<String, Value> =
        properties.into_iter().flatten().map(|(name, s)| (name.clone(), sample(s))).collect();
    Value::Object(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_follow_the_schema() {
        let schema = json!({"type": "object", "properties": {
            "city": {"type": "string", "enum": ["Zürich", "Bern"]},
            "days": {"type": ["integer", "null"]},
            "tags": {"type": "array", "items": {"type": "boolean"}},
            "unit": {"anyOf": [{"const": "C"}, {"type": "null"}]},
            "more": {"type": "object", "properties": {"x": {"type": "number"}}},
        }});
        let expected = json!({"city": "Zürich", "days": 7, "tags": [true], "unit": "C",
                              "more": {"x": 1.5}});
        assert_eq!(sample(&schema), expected);
        assert_eq!(sample(&Value::Null), json!({}));
    }

    #[test]
    fn pieces_add_up_to_the_whole() {
        let text = r#"{"city":"Zürich 🦄"}"#;
        assert!(pieces(text).count() > 3);
        assert_eq!(pieces(text).collect::<String>(), text);
    }
}
