//! Requests: the JSON that clients send, as strictly as Google reads it.

use super::{schema, turns};
use crate::{
    dialect::{list, parameters},
    prompt::{Caller, Message, Prompt, ToolOffer},
    refusal::{Cause, Refusal},
};
use serde_json::Value;

/// What [`Prompt`] has members of its own for.
const NAMED: &[&str] = &["contents", "systemInstruction", "tools"];

/// The prompt that a request's body holds. The model and whether to stream
/// stand in the URL.
pub(super) fn read(body: &[u8]) -> Result<Prompt, Refusal> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| Refusal::bad_request(format!("Invalid JSON payload received. {error}")))?;
    let body = schema::camel_cased(body);
    if let Some(path) = schema::unknown(&body) {
        return Err(Refusal::new(400, Cause::Parameter(path)));
    }
    turns::check(&body)?;
    Ok(Prompt {
        model: String::new(),
        stream: false,
        include_usage: true,
        messages: system(&body).into_iter().chain(turns::messages(&body)).collect(),
        tools: offers(&body),
        parameters: parameters(&body, NAMED),
        body,
        caller: Caller::default(),
    })
}

fn system(body: &Value) -> Option<Message> {
    let text = turns::text(body.get("systemInstruction")?);
    Some(Message { role: "system".to_owned(), text, ..Message::default() })
}

fn offers(body: &Value) -> Vec<ToolOffer> {
    let tools = list(&body["tools"]).iter();
    let declarations = tools.filter_map(|tool| tool["functionDeclarations"].as_array()).flatten();
    declarations.map(offer).collect()
}

fn offer(declaration: &Value) -> ToolOffer {
    let schema = declaration.get("parametersJsonSchema").or(declaration.get("parameters"));
    ToolOffer {
        name: declaration["name"].as_str().unwrap_or_default().to_owned(),
        parameters: schema.cloned().unwrap_or_default(),
    }
}
