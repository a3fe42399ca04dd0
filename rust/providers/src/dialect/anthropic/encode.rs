//! From a [`Request`] to the JSON of `anthropic`.

use super::thinking::{effort, max_tokens, thinking};
use super::{cache, turns};
use crate::dialect::Encoded;
use crate::dialect::json::Members;
use llm_switch_types::{Format, Provider, Request, Tool, ToolChoice};
use serde_json::{Map, Value, json};

/// REQUEST for MODEL. PROVIDER changes nothing: this wire has one form.
pub(crate) fn encode(_provider: &Provider, model: &str, request: &Request) -> Encoded {
    let mut body = request.extra.clone();
    let mut members = Members(&mut body);
    members.set("model", Some(model.into()));
    members.set("messages", Some(turns::turns(&request.messages).into()));
    members.set("stream", Some(request.stream.into()));
    members.set("max_tokens", Some(max_tokens(request).into()));
    members.set("system", some_of(system(request)));
    members.set("thinking", thinking(request));
    members.set("stop_sequences", some_of(stop_sequences(request)));
    members.set("tools", some_of(request.tools.iter().map(tool).collect()));
    members.set("tool_choice", tool_choice(request));
    configure_output(&mut body, request);
    sample(&mut body, request);
    let mut body = Value::Object(body);
    cache::mark(&mut body, &request.cache);
    Encoded { path: "/v1/messages".into(), body }
}

fn some_of(list: Vec<Value>) -> Option<Value> {
    (!list.is_empty()).then_some(Value::Array(list))
}

/// The wire knows schemas but no "any JSON", so that is asked for in words.
fn system(request: &Request) -> Vec<Value> {
    let mut system = turns::system(&request.messages);
    if request.format == Some(Format::Json) {
        system.extend(turns::text("Answer with one JSON object and nothing else."));
    }
    system
}

/// The service refuses blank ones.
fn stop_sequences(request: &Request) -> Vec<Value> {
    let stop = request.sampling.stop.iter();
    stop.filter(|text| !text.trim().is_empty()).map(|text| text.as_str().into()).collect()
}

fn tool(tool: &Tool) -> Value {
    json!({"name": tool.name, "description": tool.description, "input_schema": tool.parameters})
}

/// Whether tools run in parallel is part of the choice here. Without tools
/// there is none, and `none` leaves nothing to run.
fn tool_choice(request: &Request) -> Option<Value> {
    let choice = match (&request.tool_choice, request.parallel_tool_calls) {
        _ if request.tools.is_empty() => return None,
        (None, None) => return None,
        (Some(ToolChoice::None), _) => return Some(json!({"type": "none"})),
        (None | Some(ToolChoice::Auto), _) => json!({"type": "auto"}),
        (Some(ToolChoice::Required), _) => json!({"type": "any"}),
        (Some(ToolChoice::Tool(name)), _) => json!({"type": "tool", "name": name}),
    };
    Some(with_parallel(choice, request.parallel_tool_calls))
}

fn with_parallel(mut choice: Value, parallel: Option<bool>) -> Value {
    if let Some(parallel) = parallel {
        choice["disable_parallel_tool_use"] = (!parallel).into();
    }
    choice
}

/// Effort and schema share a field with what the user may set by name.
fn configure_output(body: &mut Map<String, Value>, request: &Request) {
    let effort = request.reasoning.effort.and_then(effort).map(Value::from);
    let format = match &request.format {
        Some(Format::Schema { schema, .. }) => {
            Some(json!({"type": "json_schema", "schema": schema}))
        }
        Some(Format::Json) | None => None,
    };
    for (key, value) in [("effort", effort), ("format", format)] {
        if let Some(value) = value {
            let config = body.entry("output_config").or_insert_with(|| json!({}));
            if let Some(config) = config.as_object_mut() {
                config.insert(key.to_owned(), value);
            }
        }
    }
}

/// A model that thinks chooses its words itself: the service refuses both
/// together. There is no seed on this wire.
fn sample(body: &mut Map<String, Value>, request: &Request) {
    if body.get("thinking").is_some_and(|thinking| thinking["type"] != "disabled") {
        return;
    }
    let sampling = &request.sampling;
    let fields = [
        ("temperature", sampling.temperature.map(Value::from)),
        ("top_p", sampling.top_p.map(Value::from)),
        ("top_k", sampling.top_k.map(Value::from)),
    ];
    let set = fields.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    body.extend(set);
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{CacheMark, Dialect, Effort, Message, Reasoning, Role, Sampling};

    fn encoded(request: &Request) -> Encoded {
        let provider = Provider {
            dialect: Dialect::Anthropic,
            ..Provider::unknown("test", "http://127.0.0.1:1")
        };
        encode(&provider, "m", request)
    }

    fn body(request: &Request) -> Value {
        encoded(request).body
    }

    fn tools() -> Request {
        let tool = Tool {
            name: "f".into(),
            description: "d".into(),
            parameters: json!({"type": "object"}),
        };
        Request { tools: vec![tool], ..Request::default() }
    }

    #[test]
    fn a_plain_question_states_the_version_and_a_limit() {
        let request = Request {
            messages: vec![
                Message::text(Role::System, "Be brief."),
                Message::text(Role::User, "Hi"),
            ],
            stream: true,
            ..Request::default()
        };
        let encoded = encoded(&request);
        assert_eq!(encoded.path, "/v1/messages");
        let expected = json!({"model": "m", "stream": true, "max_tokens": 8192,
            "system": [{"type": "text", "text": "Be brief."}],
            "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]});
        assert_eq!(encoded.body, expected);
    }

    #[test]
    fn the_output_limit_is_the_users() {
        let request = Request { max_output_tokens: Some(7), ..Request::default() };
        assert_eq!(body(&request)["max_tokens"], 7);
    }

    #[test]
    fn tools_go_with_their_schema() {
        let expected =
            json!([{"name": "f", "description": "d", "input_schema": {"type": "object"}}]);
        assert_eq!(body(&tools())["tools"], expected);
        assert_eq!(body(&tools()).get("tool_choice"), None);
    }

    #[test]
    fn each_choice_of_tools_has_its_form() {
        let table = [
            (Some(ToolChoice::Auto), None, json!({"type": "auto"})),
            (Some(ToolChoice::None), Some(false), json!({"type": "none"})),
            (Some(ToolChoice::Required), None, json!({"type": "any"})),
            (Some(ToolChoice::Tool("f".into())), None, json!({"type": "tool", "name": "f"})),
            (None, Some(false), json!({"type": "auto", "disable_parallel_tool_use": true})),
            (
                Some(ToolChoice::Required),
                Some(true),
                json!({"type": "any", "disable_parallel_tool_use": false}),
            ),
        ];
        for (choice, parallel, expected) in table {
            let request = Request { tool_choice: choice, parallel_tool_calls: parallel, ..tools() };
            assert_eq!(body(&request)["tool_choice"], expected);
            let without = Request { tools: Vec::new(), ..request };
            assert_eq!(body(&without).get("tool_choice"), None, "{expected} without tools");
        }
    }

    #[test]
    fn a_schema_goes_as_such_and_plain_json_is_asked_for_in_words() {
        let schema = json!({"type": "object"});
        let format = Format::Schema { name: "n".into(), schema: schema.clone(), strict: true };
        let request = Request { format: Some(format), ..Request::default() };
        let expected = json!({"format": {"type": "json_schema", "schema": schema}});
        assert_eq!(body(&request)["output_config"], expected);
        let request = Request { format: Some(Format::Json), ..Request::default() };
        assert_eq!(body(&request).get("output_config"), None);
        assert!(body(&request)["system"][0]["text"].as_str().unwrap().contains("JSON"));
    }

    #[test]
    fn effort_is_told_on_this_wires_scale() {
        for (effort, word) in
            [(Effort::Minimal, "low"), (Effort::High, "high"), (Effort::Max, "max")]
        {
            let reasoning = Reasoning { effort: Some(effort), ..Reasoning::default() };
            let body = body(&Request { reasoning, ..Request::default() });
            assert_eq!(body["output_config"], json!({"effort": word}));
            assert_eq!(body["thinking"], json!({"type": "adaptive"}));
        }
        let reasoning = Reasoning { effort: Some(Effort::None), ..Reasoning::default() };
        let body = body(&Request { reasoning, ..Request::default() });
        assert_eq!(body.get("output_config"), None);
        assert_eq!(body["thinking"], json!({"type": "disabled"}));
    }

    #[test]
    fn sampling_is_told_unless_the_model_thinks() {
        let sampling = Sampling {
            temperature: Some(0.5),
            top_p: Some(0.25),
            top_k: Some(3),
            seed: Some(1),
            stop: vec!["END".into(), "\n".into()],
        };
        let request = Request { sampling, ..Request::default() };
        let expected = json!({"model": "m", "stream": false, "max_tokens": 8192, "messages": [],
            "temperature": 0.5, "top_p": 0.25, "top_k": 3, "stop_sequences": ["END"]});
        assert_eq!(body(&request), expected);
        let reasoning = Reasoning { budget: Some(2000), ..Reasoning::default() };
        let body = body(&Request { reasoning, ..request });
        assert_eq!(body["thinking"], json!({"type": "enabled", "budget_tokens": 2000}));
        for refused in ["temperature", "top_p", "top_k"] {
            assert_eq!(body.get(refused), None);
        }
    }

    #[test]
    fn cache_marks_stand_in_the_request() {
        let messages =
            vec![Message::text(Role::System, "Be brief."), Message::text(Role::User, "Hi")];
        let cache = vec![CacheMark::System, CacheMark::Tool, CacheMark::Message];
        let body = body(&Request { messages, cache, ..tools() });
        for block in ["/system/0", "/tools/0", "/messages/0/content/0"] {
            let mark = &body.pointer(block).unwrap()["cache_control"];
            assert_eq!(mark, &json!({"type": "ephemeral"}), "{block}");
        }
    }

    #[test]
    fn what_the_user_set_by_name_is_passed_on_but_cannot_redirect_the_request() {
        let extra = json!({"service_tier": "auto", "model": "dearer", "stream": true,
            "messages": [], "output_config": {"effort": "max", "task_budget": 1}});
        let request = Request {
            messages: vec![Message::text(Role::User, "Hi")],
            reasoning: Reasoning { effort: Some(Effort::Low), ..Reasoning::default() },
            extra: extra.as_object().cloned().unwrap(),
            ..Request::default()
        };
        let body = body(&request);
        assert_eq!(body["service_tier"], "auto");
        assert_eq!((&body["model"], &body["stream"]), (&json!("m"), &json!(false)));
        assert_eq!(body["messages"].as_array().map(Vec::len), Some(1));
        assert_eq!(body["output_config"], json!({"effort": "low", "task_budget": 1}));
    }
}
