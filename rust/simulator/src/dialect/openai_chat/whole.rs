//! Answers in one piece, for clients that do not stream.

use super::{Completion, error, finish_reason, sealed, thoughts, usage};
use crate::{
    reply::Answer,
    response::Response,
    steps::{CallPiece, Ending, FailureShape, Finish, ReasoningField, Step, Usage},
    wire::NOT_JSON,
};
use serde_json::{Map, Value, json};

/// The response that holds all of `answer`.
pub(super) fn response(completion: &Completion, answer: Answer) -> Response {
    let message = answer.steps.fold(Message::default(), Message::add);
    if message.not_json {
        return Response::json(200, NOT_JSON);
    }
    if let Some(shape) = message.failure {
        return Response::json(500, error::failure(shape));
    }
    let finish = match answer.ending {
        Ending::Finished(finish) => finish,
        Ending::Fault(_) => Finish::Stop,
    };
    Response::ending(body(completion, &message, finish, answer.usage.as_ref()), answer.ending)
}

fn body(
    completion: &Completion,
    message: &Message,
    finish: Finish,
    tokens: Option<&Usage>,
) -> String {
    let head = completion.head("chat.completion");
    let message = message.json();
    let reason = finish_reason(finish);
    let ends = format!(r#""logprobs":null,"finish_reason":"{reason}""#);
    let choice = format!(r#"{{"index":0,"message":{message},{ends}}}"#);
    let usage = tokens.map_or_else(String::new, |tokens| format!(r#","usage":{}"#, usage(tokens)));
    format!(r#"{{{head},"choices":[{choice}]{usage}}}"#)
}

/// The message as its steps make it.
#[derive(Default)]
struct Message {
    /// The text, as the inside of a JSON string.
    content: String,
    thoughts: Option<(ReasoningField, String)>,
    seal: Map<String, Value>,
    calls: Vec<CallPiece>,
    nulls: bool,
    not_json: bool,
    failure: Option<FailureShape>,
}

impl Message {
    fn add(mut self, step: Step) -> Self {
        match step {
            Step::Text(text) => self.content += &escaped(&text),
            Step::Escaped(text) => self.content += text,
            Step::Repeat { text, times } => {
                self.content.extend(std::iter::repeat_n(escaped(text), times as usize));
            }
            Step::Reasoning { field, text } => {
                self.thoughts.get_or_insert((field, String::new())).1 += &text;
            }
            Step::Seal { field, thoughts } => self.seal = sealed(field, &thoughts),
            Step::Call(piece) => self.call(piece),
            Step::Nulls => self.nulls = true,
            Step::NotJson => self.not_json = true,
            Step::Failure(shape) => self.failure = Some(shape),
        }
        self
    }

    fn call(&mut self, piece: CallPiece) {
        match self.calls.last_mut() {
            Some(call) if piece.name.is_none() => call.arguments += &piece.arguments,
            _ => self.calls.push(piece),
        }
    }

    fn json(&self) -> String {
        let content = match self.content.as_str() {
            "" if !self.calls.is_empty() => "null".to_owned(),
            text => format!("\"{text}\""),
        };
        let mut members = self.members();
        members.insert("refusal".to_owned(), Value::Null);
        let members = Value::Object(members).to_string();
        format!(r#"{{"role":"assistant","content":{content},{}"#, &members[1..])
    }

    /// All but the role and the content.
    fn members(&self) -> Map<String, Value> {
        let mut members = Map::new();
        if let Some((field, text)) = &self.thoughts {
            members.extend(thoughts(*field, text));
        }
        members.extend(self.details());
        if !self.calls.is_empty() {
            members.insert("tool_calls".to_owned(), self.calls.iter().map(call).collect());
        }
        if self.nulls {
            let names = ["tool_calls", "function_call", "reasoning_content", "reasoning"];
            members.extend(names.map(|name| (name.to_owned(), Value::Null)));
        }
        members
    }

    /// The thoughts' details and their seal, one list on this wire.
    fn details(&self) -> Map<String, Value> {
        let told = self.thoughts.iter().flat_map(|(field, text)| thoughts(*field, text));
        let both = told.chain(self.seal.clone()).filter(|(name, _)| name == "reasoning_details");
        let items: Vec<Value> =
            both.filter_map(|(_, list)| list.as_array().cloned()).flatten().collect();
        let list = (!items.is_empty()).then(|| ("reasoning_details".to_owned(), json!(items)));
        list.into_iter().collect()
    }
}

/// `text` as the inside of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = json!(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// A call in one piece. It has its place in an array here, so no server gives
/// it an index.
fn call(call: &CallPiece) -> Value {
    let function = json!({"name": call.name, "arguments": call.arguments});
    match &call.id {
        Some(id) => json!({"id": id, "type": "function", "function": function}),
        None => json!({"type": "function", "function": function}),
    }
}
