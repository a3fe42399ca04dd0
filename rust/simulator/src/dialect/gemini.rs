//! `gemini`: `POST /v1beta/models/{model}:streamGenerateContent`, as Google's
//! AI Studio speaks it.

mod chunks;
mod error;
mod request;
mod schema;
mod turns;

use super::{Dialect, bearer};
use crate::{
    prompt::Prompt,
    refusal::{Refusal, Said},
    reply::Answer,
    request::Head,
    response::Response,
    script::SCRIPTS,
};
use chunks::Writer;
use serde_json::{Value, json};

const MODELS: &str = "/v1beta/models";

/// `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`.
pub(super) struct Gemini;

impl Dialect for Gemini {
    fn answers_at(&self, path: &str) -> bool {
        asked(path).is_some()
    }

    fn read(&self, head: &Head, body: &[u8]) -> Result<Prompt, Refusal> {
        let (model, method) = asked(head.path()).unwrap_or_default();
        let prompt = request::read(body)?;
        let stream = method == "streamGenerateContent";
        if stream && head.query("alt") != Some("sse") {
            // The service would stream one JSON array then, which nobody here
            // reads on purpose.
            return Err(Refusal::bad_request("the simulator streams with ?alt=sse only"));
        }
        Ok(Prompt { model: plain(model), stream, ..prompt })
    }

    fn answer(&self, answer: Answer, prompt: &Prompt) -> Response {
        let writer = Writer::new(&answer, prompt);
        if prompt.stream {
            return Response::events(chunks::parts(writer, answer));
        }
        chunks::whole(writer, answer)
    }

    fn say(&self, refusal: &Refusal, model: &str) -> Said {
        error::say(refusal, model)
    }

    fn information(&self, method: &str, path: &str, _: &[u8]) -> Option<Response> {
        if method != "GET" {
            return None;
        }
        match path.strip_prefix(MODELS)?.strip_prefix('/') {
            None => Some(models()),
            Some(name) => {
                let name = plain(name);
                let script = SCRIPTS.iter().find(|script| script.example == name)?;
                Some(Response::json(200, model(script)))
            }
        }
    }

    fn key<'a>(&self, head: &'a Head) -> Option<&'a str> {
        head.header("x-goog-api-key").or(head.query("key")).or(bearer(head))
    }
}

/// The model and the method that a path names. The model may hold colons.
fn asked(path: &str) -> Option<(&str, &str)> {
    let (model, method) = path.strip_prefix(MODELS)?.strip_prefix('/')?.rsplit_once(':')?;
    matches!(method, "generateContent" | "streamGenerateContent").then_some((model, method))
}

/// `name` without the escapes that clients put into a path.
fn plain(name: &str) -> String {
    let mut pieces = name.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let escaped = piece
            .split_at_checked(2)
            .and_then(|(hex, rest)| Some((u8::from_str_radix(hex, 16).ok()?, rest)));
        let (byte, rest) = escaped.unwrap_or((b'%', piece));
        bytes.push(byte);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn models() -> Response {
    let models: Vec<Value> = SCRIPTS.iter().map(model).collect();
    Response::json(200, json!({"models": models}))
}

fn model(script: &crate::Script) -> Value {
    json!({"name": format!("models/{}", script.example), "version": "001",
           "displayName": script.form, "description": script.about, "inputTokenLimit": 1_048_576,
           "outputTokenLimit": 65_536, "thinking": true,
           "supportedGenerationMethods": ["generateContent", "countTokens"]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_may_have_colons_in_its_name() {
        let path = "/v1beta/models/slow:5:words:2:streamGenerateContent";
        assert_eq!(asked(path), Some(("slow:5:words:2", "streamGenerateContent")));
        assert_eq!(asked("/v1beta/models/hello:countTokens"), None);
        assert_eq!(plain("words%3A2%405%2c%C3%a9"), "words:2@5,é");
        assert_eq!(plain("100%"), "100%");
    }
}
