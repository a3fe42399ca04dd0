//! From a [`Request`] to the JSON of `openai-chat`.

use super::quirks;
use crate::dialect::Encoded;
use crate::dialect::json::Members;
use llm_switch_types::{
    Format, MaxTokensField, Message, Part, Provider, Request, Role, Tool, ToolCall, ToolChoice,
};
use serde_json::{Map, Value, json};

/// REQUEST for MODEL at PROVIDER.
pub(crate) fn encode(provider: &Provider, model: &str, request: &Request) -> Encoded {
    let mut body = request.extra.clone();
    let mut members = Members(&mut body);
    members.set("model", Some(model.into()));
    members.set("messages", Some(request.messages.iter().map(message).collect()));
    members.set("stream", Some(request.stream.into()));
    // Without it no service tells the usage of a streamed answer.
    members.set("stream_options", request.stream.then(|| json!({"include_usage": true})));
    members.set("temperature", request.sampling.temperature.map(Value::from));
    members.set("top_p", request.sampling.top_p.map(Value::from));
    members.set("top_k", request.sampling.top_k.map(Value::from));
    members.set("seed", request.sampling.seed.map(Value::from));
    let stop = &request.sampling.stop;
    members.set("stop", (!stop.is_empty()).then(|| json!(stop)));
    members.set("reasoning_effort", request.reasoning.effort.map(|effort| effort.name().into()));
    let limit = request.max_output_tokens.or(provider.quirks.default_max_tokens);
    members.set(max_tokens_field(provider, model), limit.map(Value::from));
    members.set("response_format", request.format.as_ref().map(response_format));
    if !request.tools.is_empty() {
        members.set("tools", Some(request.tools.iter().map(tool).collect()));
        members.set("tool_choice", request.tool_choice.as_ref().map(tool_choice));
        members.set("parallel_tool_calls", request.parallel_tool_calls.map(Value::from));
    }
    quirks::apply(provider, request, &mut body);
    Encoded { path: "/chat/completions".into(), body: Value::Object(body) }
}

fn response_format(format: &Format) -> Value {
    match format {
        Format::Json => json!({"type": "json_object"}),
        Format::Schema { name, schema, strict } => json!({"type": "json_schema",
            "json_schema": {"name": name, "schema": schema, "strict": strict}}),
    }
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Tool(name) => json!({"type": "function", "function": {"name": name}}),
    }
}

fn max_tokens_field(provider: &Provider, model: &str) -> &'static str {
    let new = &provider.quirks.max_completion_tokens_models;
    match provider.max_tokens_field {
        MaxTokensField::MaxTokens if new.iter().any(|it| model.starts_with(it)) => {
            "max_completion_tokens"
        }
        MaxTokensField::MaxTokens => "max_tokens",
        MaxTokensField::MaxCompletionTokens => "max_completion_tokens",
    }
}

fn message(message: &Message) -> Value {
    let mut out = Map::new();
    out.insert("role".into(), json!(message.role));
    out.insert("content".into(), content(message));
    if !message.tool_calls.is_empty() {
        out.insert("tool_calls".into(), message.tool_calls.iter().map(tool_call).collect());
    }
    if let Some(id) = &message.tool_call_id {
        out.insert("tool_call_id".into(), id.as_str().into());
    }
    // What this service handed out with the turn: reasoning, signatures.
    if let Some(Value::Object(opaque)) = &message.opaque {
        out.extend(opaque.clone());
    }
    Value::Object(out)
}

/// A single text stays a string, which every server takes. A turn without
/// text is null and never "", which several servers refuse beside tool calls.
fn content(message: &Message) -> Value {
    match message.parts.as_slice() {
        [] => Value::Null,
        [Part::Text(text)] => error_mark(message, text).into(),
        parts => parts.iter().map(part).collect(),
    }
}

/// This dialect has no field for a tool that failed, so the text says it.
pub(crate) fn error_mark(message: &Message, text: &str) -> String {
    let unmarked = message.role == Role::Tool && message.is_error && !text.starts_with("Error");
    if unmarked { format!("Error: {text}") } else { text.to_owned() }
}

fn part(part: &Part) -> Value {
    match part {
        Part::Text(text) => json!({"type": "text", "text": text}),
        Part::Media(url) if is_document(url) => {
            json!({"type": "file", "file": {"filename": "document.pdf", "file_data": url}})
        }
        Part::Media(url) => json!({"type": "image_url", "image_url": {"url": url}}),
    }
}

pub(crate) fn is_document(url: &str) -> bool {
    url.starts_with("data:application/pdf")
}

/// What TOOL is called, for and takes. Others have taken this form over.
pub(crate) fn tool(tool: &Tool) -> Value {
    json!({"type": "function", "function": {
        "name": tool.name, "description": tool.description, "parameters": tool.parameters}})
}

fn tool_call(call: &ToolCall) -> Value {
    json!({"id": call.id, "type": "function",
           "function": {"name": call.name, "arguments": call.arguments}})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(max_tokens_field: MaxTokensField) -> Provider {
        Provider { max_tokens_field, ..Provider::unknown("test", "http://127.0.0.1:1/v1") }
    }

    fn encoded(request: &Request) -> Value {
        encode(&provider(MaxTokensField::MaxTokens), "m", request).body
    }

    #[test]
    fn a_plain_question_asks_for_usage_with_the_stream() {
        let request = Request {
            messages: vec![
                Message::text(Role::System, "Be brief."),
                Message::text(Role::User, "Hi"),
            ],
            stream: true,
            ..Request::default()
        };
        let expected = json!({
            "model": "m", "stream": true, "stream_options": {"include_usage": true},
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]});
        assert_eq!(encoded(&request), expected);
    }

    #[test]
    fn the_output_limit_bears_the_name_that_the_provider_knows() {
        let request = Request { max_output_tokens: Some(7), ..Request::default() };
        assert_eq!(encoded(&request)["max_tokens"], 7);
        let body = encode(&provider(MaxTokensField::MaxCompletionTokens), "m", &request).body;
        assert_eq!((body.get("max_tokens"), &body["max_completion_tokens"]), (None, &json!(7)));
    }

    #[test]
    fn a_tool_turn_goes_back_as_it_came() {
        let call =
            ToolCall { id: "call_1".into(), name: "f".into(), arguments: "{\"x\":1}".into() };
        let assistant = Message {
            parts: Vec::new(),
            tool_calls: vec![call],
            opaque: Some(json!({"reasoning_content": "hm"})),
            ..Message::text(Role::Assistant, "")
        };
        let result = Message {
            tool_call_id: Some("call_1".into()),
            is_error: true,
            ..Message::text(Role::Tool, "no such file")
        };
        let request = Request { messages: vec![assistant, result], ..Request::default() };
        assert_eq!(
            encoded(&request)["messages"],
            json!([
            {"role": "assistant", "content": null, "reasoning_content": "hm", "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"x\":1}"}}]},
            {"role": "tool", "tool_call_id": "call_1", "content": "Error: no such file"}])
        );
    }

    #[test]
    fn tools_and_their_choice_go_together() {
        let tool = Tool {
            name: "f".into(),
            description: "d".into(),
            parameters: json!({"type": "object"}),
        };
        let request = Request { tool_choice: Some(ToolChoice::Required), ..Request::default() };
        assert_eq!(
            encoded(&request).get("tool_choice"),
            None,
            "some servers refuse it without tools"
        );
        let request = Request { tools: vec![tool], ..request };
        assert_eq!(encoded(&request)["tool_choice"], "required");
        assert_eq!(encoded(&request)["tools"][0]["function"]["name"], "f");
    }

    #[test]
    fn media_go_as_images_or_files() {
        let parts = ["data:image/png;base64,AA", "data:application/pdf;base64,AA"];
        let message = Message {
            parts: parts.map(|url| Part::Media(url.into())).to_vec(),
            ..Message::text(Role::User, "")
        };
        let request = Request { messages: vec![message], ..Request::default() };
        let content = &encoded(&request)["messages"][0]["content"];
        assert_eq!(content[0]["image_url"]["url"], parts[0]);
        assert_eq!(content[1]["file"]["file_data"], parts[1]);
    }

    #[test]
    fn what_the_user_set_by_name_is_passed_on_but_cannot_redirect_the_request() {
        let extra = json!({"min_p": 0.1, "model": "dearer", "stream": true});
        let request = Request { extra: extra.as_object().cloned().unwrap(), ..Request::default() };
        let body = encoded(&request);
        assert_eq!(
            (&body["min_p"], &body["model"], &body["stream"]),
            (&json!(0.1), &json!("m"), &json!(false))
        );
    }
}
