//! From a [`Request`] to the JSON of `ollama`.

use super::messages::messages;
use crate::dialect::json::Members;
use crate::dialect::{Encoded, openai_chat};
use llm_switch_types::{Effort, Format, Provider, Reasoning, Request, Tool, ToolChoice};
use serde_json::{Value, json};

/// REQUEST for MODEL.
///
/// Marks for the prompt cache have no place on this wire, whose server caches
/// by itself, nor has the wish for calls one at a time.
pub(crate) fn encode(_: &Provider, model: &str, request: &Request) -> Encoded {
    let mut body = request.extra.clone();
    let mut members = Members(&mut body);
    members.set("model", Some(model.into()));
    members.set("messages", Some(messages(&request.messages)));
    members.set("stream", Some(request.stream.into()));
    members.set("options", options(request));
    members.set("think", think(&request.reasoning));
    members.set("format", request.format.as_ref().map(format));
    let tools = offered(request);
    members.set(
        "tools",
        (!tools.is_empty()).then(|| tools.into_iter().map(openai_chat::tool).collect()),
    );
    Encoded { path: "/api/chat".into(), body: Value::Object(body) }
}

/// How the server runs the model. What the user put under this name (`num_ctx`
/// above all) stays, unless the request says otherwise.
fn options(request: &Request) -> Option<Value> {
    let named = request.extra.get("options").and_then(Value::as_object);
    let mut options = named.cloned().unwrap_or_default();
    let mut members = Members(&mut options);
    let sampling = &request.sampling;
    members.set("num_predict", request.max_output_tokens.map(Value::from));
    members.set("temperature", sampling.temperature.map(Value::from));
    members.set("top_p", sampling.top_p.map(Value::from));
    members.set("top_k", sampling.top_k.map(Value::from));
    members.set("seed", sampling.seed.map(Value::from));
    members.set("stop", (!sampling.stop.is_empty()).then(|| json!(sampling.stop)));
    (!options.is_empty()).then_some(Value::Object(options))
}

/// A level, which models that know only on and off take for on. A budget can
/// only say whether; and a wish to see thoughts says nothing, since they are
/// always sent, and asking a model for them that has none is an error.
fn think(reasoning: &Reasoning) -> Option<Value> {
    let level = |effort| match effort {
        Effort::None => json!(false),
        Effort::Minimal | Effort::Low => json!("low"),
        Effort::Medium => json!("medium"),
        Effort::High | Effort::Xhigh => json!("high"),
        Effort::Max => json!("max"),
    };
    reasoning.effort.map(level).or(reasoning.budget.map(|budget| json!(budget > 0)))
}

fn format(format: &Format) -> Value {
    match format {
        Format::Json => "json".into(),
        Format::Schema { schema, .. } => schema.clone(),
    }
}

/// The tools that REQUEST lets the model call. This wire has no choice of
/// tools, but a tool that it does not see it cannot call. That it must call
/// one cannot be said.
fn offered(request: &Request) -> Vec<&Tool> {
    let may_call = |tool: &&Tool| match &request.tool_choice {
        Some(ToolChoice::None) => false,
        Some(ToolChoice::Tool(name)) => tool.name == *name,
        Some(ToolChoice::Auto | ToolChoice::Required) | None => true,
    };
    request.tools.iter().filter(may_call).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{Dialect, Message, Role, Sampling};

    fn encoded(request: &Request) -> Value {
        let provider = Provider {
            dialect: Dialect::Ollama,
            ..Provider::unknown("test", "http://127.0.0.1:1")
        };
        let encoded = encode(&provider, "m", request);
        assert_eq!(encoded.path, "/api/chat");
        encoded.body
    }

    #[test]
    fn a_plain_question_says_nothing_else() {
        let request = Request {
            messages: vec![Message::text(Role::User, "Hi")],
            stream: true,
            ..Request::default()
        };
        let expected = json!({"model": "m", "stream": true,
            "messages": [{"role": "user", "content": "Hi"}]});
        assert_eq!(encoded(&request), expected);
    }

    #[test]
    fn sampling_stops_and_the_limit_are_options_beside_those_of_the_user() {
        let sampling = Sampling {
            temperature: Some(0.5),
            top_p: Some(0.25),
            top_k: Some(40),
            seed: Some(7),
            stop: vec!["END".into()],
        };
        let extra = json!({"keep_alive": "5m", "options": {"num_ctx": 8192, "seed": 1}});
        let extra = extra.as_object().cloned().unwrap();
        let request = Request { sampling, max_output_tokens: Some(9), extra, ..Request::default() };
        let body = encoded(&request);
        let expected = json!({"temperature": 0.5, "top_p": 0.25, "top_k": 40, "seed": 7,
            "stop": ["END"], "num_predict": 9, "num_ctx": 8192});
        assert_eq!((&body["options"], &body["keep_alive"]), (&expected, &json!("5m")));
    }

    #[test]
    fn thinking_is_a_level_or_off() {
        let reasoning = |effort, budget, show| encoded_think(Reasoning { effort, budget, show });
        assert_eq!(reasoning(Some(Effort::None), None, None), json!(false));
        assert_eq!(reasoning(Some(Effort::Minimal), None, None), json!("low"));
        assert_eq!(reasoning(Some(Effort::Medium), Some(9), None), json!("medium"));
        assert_eq!(reasoning(Some(Effort::Max), None, None), json!("max"));
        assert_eq!(reasoning(None, Some(0), None), json!(false));
        assert_eq!(reasoning(None, Some(9), None), json!(true));
        assert_eq!(reasoning(None, None, Some(true)), Value::Null);
    }

    fn encoded_think(reasoning: Reasoning) -> Value {
        encoded(&Request { reasoning, ..Request::default() })["think"].take()
    }

    #[test]
    fn json_may_be_of_any_form_or_of_one_schema() {
        let format = |format| {
            encoded(&Request { format: Some(format), ..Request::default() })["format"].take()
        };
        assert_eq!(format(Format::Json), "json");
        let schema = json!({"type": "object"});
        let named = Format::Schema { name: "n".into(), schema: schema.clone(), strict: true };
        assert_eq!(format(named), schema);
    }

    #[test]
    fn a_choice_of_tools_decides_which_are_offered() {
        let tool = |name: &str| Tool {
            name: name.into(),
            description: "d".into(),
            parameters: json!({"type": "object"}),
        };
        let offered = |tool_choice| {
            let tools = vec![tool("f"), tool("g")];
            encoded(&Request { tools, tool_choice, ..Request::default() })["tools"].take()
        };
        let wire = |name: &str| {
            json!({"type": "function", "function": {"name": name,
            "description": "d", "parameters": {"type": "object"}}})
        };
        let both = json!([wire("f"), wire("g")]);
        assert_eq!(offered(None), both);
        assert_eq!(offered(Some(ToolChoice::Auto)), both);
        assert_eq!(offered(Some(ToolChoice::Required)), both);
        assert_eq!(offered(Some(ToolChoice::None)), Value::Null);
        assert_eq!(offered(Some(ToolChoice::Tool("g".into()))), json!([wire("g")]));
    }

    #[test]
    fn what_the_user_set_by_name_cannot_redirect_the_request() {
        let extra = json!({"model": "dearer", "stream": true, "messages": [1]});
        let request = Request { extra: extra.as_object().cloned().unwrap(), ..Request::default() };
        assert_eq!(encoded(&request), json!({"model": "m", "stream": false, "messages": []}));
    }
}
