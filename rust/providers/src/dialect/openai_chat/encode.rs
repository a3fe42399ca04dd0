//! From a [`Request`] to the JSON of `openai-chat`.

use super::messages::messages;
use super::quirks;
use crate::dialect::Encoded;
use crate::dialect::json::Members;
use llm_switch_types::{Format, MaxTokensField, Provider, Request, Tool, ToolChoice};
use serde_json::{Value, json};

/// REQUEST for MODEL at PROVIDER.
pub(crate) fn encode(provider: &Provider, model: &str, request: &Request) -> Encoded {
    let mut body = request.extra.clone();
    let mut members = Members(&mut body);
    members.set("model", Some(model.into()));
    members.set("messages", Some(messages(&request.messages)));
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

/// What TOOL is called, for and takes. Others have taken this form over.
pub(crate) fn tool(tool: &Tool) -> Value {
    json!({"type": "function", "function": {
        "name": tool.name, "description": tool.description, "parameters": tool.parameters}})
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{Message, Role};

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
