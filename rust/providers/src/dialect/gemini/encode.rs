//! From a [`Request`] to the JSON of `gemini`.

use super::config::generation_config;
use super::contents::{contents, system};
use crate::dialect::Encoded;
use crate::dialect::json::Members;
use llm_switch_types::{Provider, Request, Tool, ToolChoice};
use serde_json::{Value, json};

/// REQUEST for MODEL.
///
/// Two things that a request can hold have no place on this wire: whether
/// tools may be called in parallel, and marks for the prompt cache, which the
/// service keeps by itself (a cache that the user made is named with the
/// further parameter `cachedContent`).
pub(crate) fn encode(_: &Provider, model: &str, request: &Request) -> Encoded {
    let mut body = request.extra.clone();
    // Both stand in the path, and nothing in the body may say otherwise.
    body.remove("model");
    body.remove("stream");
    let mut members = Members(&mut body);
    members.set("contents", Some(contents(model, &request.messages)));
    members.set("systemInstruction", system(&request.messages));
    members.set("generationConfig", generation_config(model, request));
    if !request.tools.is_empty() {
        members.set("tools", Some(tools(&request.tools)));
        members.set("toolConfig", request.tool_choice.as_ref().map(tool_config));
    }
    Encoded { path: path(model, request.stream), body: Value::Object(body) }
}

/// A name that holds its collection (`models/…`, `tunedModels/…`), as the
/// service lists them, is a path already.
fn path(model: &str, stream: bool) -> String {
    let collection = if model.contains('/') { "" } else { "models/" };
    let method = if stream { "streamGenerateContent?alt=sse" } else { "generateContent" };
    format!("/{collection}{model}:{method}")
}

fn tools(tools: &[Tool]) -> Value {
    json!([{"functionDeclarations": tools.iter().map(declaration).collect::<Vec<_>>()}])
}

/// The field `parameters` refuses most of JSON Schema (`$ref`,
/// `additionalProperties`, lists of types); this one takes it verbatim.
fn declaration(tool: &Tool) -> Value {
    json!({"name": tool.name, "description": tool.description,
        "parametersJsonSchema": tool.parameters})
}

fn tool_config(choice: &ToolChoice) -> Value {
    let calling = match choice {
        ToolChoice::Auto => json!({"mode": "AUTO"}),
        ToolChoice::None => json!({"mode": "NONE"}),
        ToolChoice::Required => json!({"mode": "ANY"}),
        ToolChoice::Tool(name) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
    };
    json!({"functionCallingConfig": calling})
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{CacheMark, Dialect, Message, Role};

    fn encoded(model: &str, request: &Request) -> Encoded {
        let provider = Provider {
            dialect: Dialect::Gemini,
            ..Provider::unknown("test", "http://127.0.0.1:1/v1beta")
        };
        encode(&provider, model, request)
    }

    #[test]
    fn the_path_names_the_model_and_the_way_of_delivery() {
        let path = |model, stream| encoded(model, &Request { stream, ..Request::default() }).path;
        assert_eq!(path("gemini-x", true), "/models/gemini-x:streamGenerateContent?alt=sse");
        assert_eq!(path("models/gemini-x", false), "/models/gemini-x:generateContent");
        assert_eq!(path("tunedModels/mine", false), "/tunedModels/mine:generateContent");
    }

    #[test]
    fn a_plain_question_says_nothing_else() {
        let request = Request {
            messages: vec![
                Message::text(Role::System, "Be brief."),
                Message::text(Role::User, "Hi"),
            ],
            cache: vec![CacheMark::System],
            ..Request::default()
        };
        let expected = json!({
            "systemInstruction": {"parts": [{"text": "Be brief."}]},
            "contents": [{"role": "user", "parts": [{"text": "Hi"}]}]});
        assert_eq!(encoded("m", &request).body, expected);
    }

    #[test]
    fn tools_keep_their_schema_verbatim() {
        let parameters = json!({"type": "object", "additionalProperties": false,
            "properties": {"x": {"type": ["string", "null"]}}});
        let tool = Tool { name: "f".into(), description: "d".into(), parameters };
        let request = Request { tools: vec![tool.clone()], ..Request::default() };
        let expected = json!([{"functionDeclarations": [{"name": "f", "description": "d",
            "parametersJsonSchema": tool.parameters}]}]);
        let body = encoded("m", &request).body;
        assert_eq!((&body["tools"], body.get("toolConfig")), (&expected, None));
    }

    #[test]
    fn each_choice_of_tools_has_its_mode() {
        let table = [
            (ToolChoice::Auto, json!({"mode": "AUTO"})),
            (ToolChoice::None, json!({"mode": "NONE"})),
            (ToolChoice::Required, json!({"mode": "ANY"})),
            (ToolChoice::Tool("f".into()), json!({"mode": "ANY", "allowedFunctionNames": ["f"]})),
        ];
        let tool = Tool { name: "f".into(), description: String::new(), parameters: json!({}) };
        for (choice, expected) in table {
            let request = Request {
                tools: vec![tool.clone()],
                tool_choice: Some(choice),
                ..Request::default()
            };
            let body = encoded("m", &request).body;
            assert_eq!(body["toolConfig"], json!({"functionCallingConfig": expected}));
        }
    }

    #[test]
    fn a_choice_without_tools_is_left_out() {
        let request = Request { tool_choice: Some(ToolChoice::Required), ..Request::default() };
        assert_eq!(encoded("m", &request).body, json!({"contents": []}));
    }

    #[test]
    fn what_the_user_set_by_name_is_passed_on_but_cannot_redirect_the_request() {
        let extra = json!({"cachedContent": "cachedContents/x", "model": "dearer", "stream": true,
            "contents": [{"parts": [{"text": "other"}]}]});
        let request = Request { extra: extra.as_object().cloned().unwrap(), ..Request::default() };
        let encoded = encoded("m", &request);
        assert_eq!(encoded.body, json!({"cachedContent": "cachedContents/x", "contents": []}));
        assert_eq!(encoded.path, "/models/m:generateContent");
    }
}
