//! The wire protocols: each turns its requests into a [`Prompt`], and the
//! steps of an answer into bytes.
//!
//! They are written from the services' documentation and from recorded
//! streams, never from our own decoders: agreement with ourselves would prove
//! nothing.
//!
//! A script means the same in each of them, in each one's own terms. Where
//! the terms differ:
//!
//! | script | what is different |
//! |---|---|
//! | `reasoning:FIELD`, `tools-reasoning`, `recall` | FIELD is told apart by `openai-chat` only; elsewhere thoughts have one place, but `none` and `hidden` hold everywhere. `ollama` knows no seal |
//! | `tools-whole` | `gemini` and `ollama` send every call whole |
//! | `tools-noindex` | only `openai-chat` numbers calls in a way that can be left out |
//! | `tools-noid` | calls have no id in `gemini`; in `ollama` they never have; `anthropic` and `openai-responses` would not be themselves without |
//! | `filter` | a reason in `openai-chat`, `refusal` in `anthropic`, `incomplete` in `openai-responses`, `SAFETY` in `gemini`; `ollama` has no such thing and just stops |
//! | `usage`, cache counts | each dialect's own way to count; `ollama` counts the prompt without what was cached, and no thoughts |
//! | `nousage` | leaves out what `anthropic`, `gemini` and `ollama` always send |
//! | `cost` | told by `openai-chat` and `openai-responses`, as OpenRouter does |
//! | `midstream:SHAPE` | a shape is a kind of `openai-chat`; elsewhere the dialect's own error comes, and `overloaded` is one everywhere |
//! | `flood` | in `openai-responses` its events share one sequence number; no closing event repeats more than 16 MiB of it |
//! | `nulls` | in `gemini` and `ollama` members are left out where the others send null, so those get null too |
//! | `crlf`, `comments` | nothing to `ollama`: its lines are no events |
//! | `limits` | `gemini` and `ollama` have no such headers |

mod anthropic;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_responses;

use crate::{
    prompt::Prompt,
    refusal::{Refusal, Said},
    reply::Answer,
    request::Head,
    response::Response,
};
use serde_json::{Map, Value, json};

/// A wire protocol.
pub(crate) trait Dialect: Sync {
    /// Whether answers are asked for at this path.
    fn answers_at(&self, path: &str) -> bool;

    /// The prompt that a request holds, its caller still unknown.
    fn read(&self, head: &Head, body: &[u8]) -> Result<Prompt, Refusal>;

    /// The response that carries `answer`, as a stream or in one piece.
    fn answer(&self, answer: Answer, prompt: &Prompt) -> Response;

    /// The words that refuse a request for `model`.
    fn say(&self, refusal: &Refusal, model: &str) -> Said;

    /// The response to a question about models or the server, if it is one.
    fn information(&self, method: &str, path: &str, body: &[u8]) -> Option<Response>;

    /// The key that a request brings.
    fn key<'a>(&self, head: &'a Head) -> Option<&'a str> {
        // Azure's header beside everybody's.
        bearer(head).or(head.header("api-key"))
    }

    /// The headers that tell how much is left.
    fn limits(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// The header that names a request.
    fn request_id(&self) -> &'static str {
        "x-request-id"
    }

    /// Whether a stream is one of server-sent events, which can hold comments.
    fn streams_events(&self) -> bool {
        true
    }
}

/// The dialect that is spoken at a request's URL.
pub(crate) fn of(head: &Head) -> &'static dyn Dialect {
    let path = head.path();
    match path {
        "/v1/responses" => &openai_responses::OpenAiResponses,
        "/v1/messages" => &anthropic::Anthropic,
        "/v1/models" if head.header("anthropic-version").is_some() => &anthropic::Anthropic,
        _ if path.starts_with("/v1beta/") => &gemini::Gemini,
        _ if path.starts_with("/api/") => &ollama::Ollama,
        _ => &openai_chat::OpenAiChat,
    }
}

/// The path that the base URL of a service of `dialect` usually has.
pub(crate) const fn usual_path(dialect: llm_switch_types::Dialect) -> &'static str {
    use llm_switch_types::Dialect::{Anthropic, Gemini, Ollama, OpenaiChat, OpenaiResponses};
    match dialect {
        OpenaiChat | OpenaiResponses => "/v1",
        Anthropic | Ollama => "",
        Gemini => "/v1beta",
    }
}

fn bearer(head: &Head) -> Option<&str> {
    head.header("authorization")?.strip_prefix("Bearer ")
}

/// The first member of `value` that is none of `known`.
fn unknown_member<'a>(value: &'a Value, known: &[&str]) -> Option<&'a str> {
    let members = value.as_object()?;
    members.keys().map(String::as_str).find(|name| !known.contains(name))
}

/// The members of a body that a [`Prompt`] does not name.
fn parameters(body: &Value, named: &[&str]) -> Map<String, Value> {
    let members = body.as_object().into_iter().flatten();
    let others = members.filter(|(name, _)| !named.contains(&name.as_str()));
    others.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Media that came by address, or inline as `data:MIME;base64,…`, in the form
/// in which scripts tell of it.
fn media(url: &str) -> Value {
    let inline = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    inline.map_or_else(|| json!({"url": url}), |(mime, data)| json!({"mime": mime, "data": data}))
}

/// The items of `value`, if it is a list.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
