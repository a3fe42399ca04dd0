//! From a [`Request`] to the JSON of `openai-responses`.

use super::input::{input, instructions};
use crate::dialect::Encoded;
use crate::dialect::json::Members;
use llm_switch_types::{Effort, Format, Provider, Reasoning, Request, Tool, ToolChoice};
use serde_json::{Map, Value, json};

/// What makes a service hand out its reasoning when it keeps nothing itself.
const ENCRYPTED: &str = "reasoning.encrypted_content";

/// REQUEST for MODEL. Marks for the prompt cache have no field: here the
/// service finds by itself what it has seen before.
pub(crate) fn encode(provider: &Provider, model: &str, request: &Request) -> Encoded {
    let mut body = request.extra.clone();
    let mut members = Members(&mut body);
    members.set("model", Some(model.into()));
    members.set("instructions", instructions(&request.messages).map(Value::from));
    members.set("input", Some(input(&request.messages).into()));
    members.set("stream", Some(request.stream.into()));
    members.set("max_output_tokens", request.max_output_tokens.map(Value::from));
    if !request.tools.is_empty() {
        members.set("tools", Some(request.tools.iter().map(tool).collect()));
        members.set("tool_choice", request.tool_choice.as_ref().map(tool_choice));
        members.set("parallel_tool_calls", request.parallel_tool_calls.map(Value::from));
    }
    sampling(request, members);
    merge(&mut body, "reasoning", reasoning(&request.reasoning));
    merge(&mut body, "text", request.format.as_ref().map(format).unwrap_or_default());
    leave_out(&provider.quirks.refused_parameters, request, &mut body);
    stateless(&mut body);
    Encoded { path: "/responses".into(), body: Value::Object(body) }
}

/// OpenAI knows only the first two, other servers of this dialect know all. A
/// refusal that names one is better than an answer that silently ran past it.
fn sampling(request: &Request, mut members: Members) {
    let sampling = &request.sampling;
    members.set("temperature", sampling.temperature.map(Value::from));
    members.set("top_p", sampling.top_p.map(Value::from));
    members.set("top_k", sampling.top_k.map(Value::from));
    members.set("seed", sampling.seed.map(Value::from));
    members.set("stop", (!sampling.stop.is_empty()).then(|| json!(sampling.stop)));
}

/// What the row says is REFUSED need not be tried; what the user set by name
/// stays, since the row may be older than the service.
fn leave_out(refused: &[String], request: &Request, body: &mut Map<String, Value>) {
    for name in refused.iter().filter(|name| !request.extra.contains_key(*name)) {
        body.remove(name);
    }
}

/// The service keeps nothing and hands out what it must see again, unless the
/// user set `store` by name; what else the user includes comes with it.
fn stateless(body: &mut Map<String, Value>) {
    body.entry("store").or_insert(false.into());
    let include = body.entry("include").or_insert_with(|| json!([]));
    if let Value::Array(fields) = include
        && !fields.iter().any(|field| field == ENCRYPTED)
    {
        fields.push(ENCRYPTED.into());
    }
}

/// Put FIELDS into the object KEY of BODY, beside what the user set there by
/// name (`text.verbosity`, `reasoning.mode`).
fn merge(body: &mut Map<String, Value>, key: &str, fields: Map<String, Value>) {
    if fields.is_empty() {
        return;
    }
    match body.get_mut(key) {
        Some(Value::Object(own)) => own.extend(fields),
        _ => {
            body.insert(key.to_owned(), fields.into());
        }
    }
}

fn reasoning(wanted: &Reasoning) -> Map<String, Value> {
    let effort = effort(wanted).map(|effort| ("effort".to_owned(), effort.name().into()));
    let show = wanted.show.unwrap_or(false);
    let summary = show.then(|| ("summary".to_owned(), "auto".into()));
    effort.into_iter().chain(summary).collect()
}

/// This wire has words only. A budget of tokens becomes the word that the
/// gateways between it and token-counting ones take for it.
fn effort(wanted: &Reasoning) -> Option<Effort> {
    wanted.effort.or(wanted.budget.map(|tokens| match tokens {
        0 => Effort::None,
        1..5_000 => Effort::Low,
        5_000..10_000 => Effort::Medium,
        _ => Effort::High,
    }))
}

fn format(format: &Format) -> Map<String, Value> {
    let format = match format {
        Format::Json => json!({"type": "json_object"}),
        Format::Schema { name, schema, strict } => {
            json!({"type": "json_schema", "name": name, "schema": schema, "strict": strict})
        }
    };
    Map::from_iter([("format".to_owned(), format)])
}

/// `strict` is said because its default is true here, which refuses schemas
/// that every other dialect takes.
fn tool(tool: &Tool) -> Value {
    json!({"type": "function", "name": tool.name, "description": tool.description,
           "parameters": tool.parameters, "strict": false})
}

fn tool_choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Tool(name) => json!({"type": "function", "name": name}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{CacheMark, Dialect, Message, Quirks, Role, Sampling};

    fn encoded(request: &Request) -> Value {
        let provider = Provider {
            dialect: Dialect::OpenaiResponses,
            ..Provider::unknown("test", "http://127.0.0.1:1/v1")
        };
        encode(&provider, "m", request).body
    }

    fn with_extra(extra: Value) -> Request {
        Request { extra: extra.as_object().cloned().unwrap(), ..Request::default() }
    }

    fn look() -> Tool {
        let parameters = json!({"type": "object"});
        Tool { name: "look".into(), description: "Looks".into(), parameters }
    }

    #[test]
    fn a_plain_question_leaves_nothing_at_the_service() {
        let messages =
            vec![Message::text(Role::System, "Be brief."), Message::text(Role::User, "Hi")];
        let request = Request { messages, stream: true, ..Request::default() };
        let content = json!([{"type": "input_text", "text": "Hi"}]);
        let expected = json!({
            "model": "m", "stream": true, "store": false, "instructions": "Be brief.",
            "include": ["reasoning.encrypted_content"],
            "input": [{"type": "message", "role": "user", "content": content}]});
        assert_eq!(encoded(&request), expected);
    }

    #[test]
    fn tools_are_flat_and_not_strict() {
        let parallel_tool_calls = Some(true);
        let request = Request { tools: vec![look()], parallel_tool_calls, ..Request::default() };
        let body = encoded(&request);
        let tool = json!({"type": "function", "name": "look", "description": "Looks",
            "parameters": {"type": "object"}, "strict": false});
        assert_eq!(body["tools"], json!([tool]));
        assert_eq!(body["parallel_tool_calls"], true);
    }

    #[test]
    fn each_choice_of_a_tool_has_its_form() {
        let table = [
            (ToolChoice::Auto, json!("auto")),
            (ToolChoice::None, json!("none")),
            (ToolChoice::Required, json!("required")),
            (ToolChoice::Tool("look".into()), json!({"type": "function", "name": "look"})),
        ];
        for (choice, expected) in table {
            let request = Request { tool_choice: Some(choice), ..Request::default() };
            assert_eq!(encoded(&request).get("tool_choice"), None, "without tools");
            let request = Request { tools: vec![look()], ..request };
            assert_eq!(encoded(&request)["tool_choice"], expected);
        }
    }

    #[test]
    fn the_form_of_the_answer_stands_beside_what_the_user_set_for_its_text() {
        let request = with_extra(json!({"text": {"verbosity": "low"}}));
        let json = Request { format: Some(Format::Json), ..request.clone() };
        assert_eq!(
            encoded(&json)["text"],
            json!({"verbosity": "low", "format": {"type": "json_object"}})
        );
        let schema = json!({"type": "object"});
        let format = Format::Schema { name: "n".into(), schema: schema.clone(), strict: true };
        let request = Request { format: Some(format), ..Request::default() };
        let expected =
            json!({"type": "json_schema", "name": "n", "schema": schema, "strict": true});
        assert_eq!(encoded(&request)["text"], json!({"format": expected}));
    }

    #[test]
    fn reasoning_is_asked_for_in_words() {
        let of = |effort, budget, show| {
            let reasoning = Reasoning { effort, budget, show };
            encoded(&Request { reasoning, ..Request::default() }).get("reasoning").cloned()
        };
        assert_eq!(of(None, None, None), None);
        assert_eq!(of(None, None, Some(false)), None);
        assert_eq!(of(None, None, Some(true)), Some(json!({"summary": "auto"})));
        let both = json!({"effort": "xhigh", "summary": "auto"});
        assert_eq!(of(Some(Effort::Xhigh), Some(1), Some(true)), Some(both));
        for (budget, word) in [(0, "none"), (1_024, "low"), (8_192, "medium"), (32_000, "high")] {
            assert_eq!(of(None, Some(budget), None), Some(json!({"effort": word})));
        }
    }

    #[test]
    fn limits_and_sampling_bear_their_names() {
        let sampling = Sampling {
            temperature: Some(0.5),
            top_p: Some(0.25),
            top_k: Some(4),
            seed: Some(7),
            stop: vec!["END".into()],
        };
        let request =
            Request { sampling, max_output_tokens: Some(99), cache: vec![], ..Request::default() };
        let body = encoded(&request);
        let expected = json!({"temperature": 0.5, "top_p": 0.25, "top_k": 4, "seed": 7,
            "stop": ["END"], "max_output_tokens": 99});
        for (field, value) in expected.as_object().unwrap() {
            assert_eq!(&body[field], value, "{field}");
        }
        let cache = vec![CacheMark::System, CacheMark::Tool, CacheMark::Message];
        assert_eq!(encoded(&Request { cache, ..request }), body, "the cache needs no marks");
    }

    #[test]
    fn what_the_row_says_is_refused_is_sent_only_if_the_user_insists() {
        let refused_parameters = vec!["stop".to_owned()];
        let quirks = Quirks { refused_parameters, ..Quirks::default() };
        let provider = Provider { quirks, ..Provider::unknown("x", "https://x.org/v1") };
        let sampling = Sampling { stop: vec!["END".into()], ..Sampling::default() };
        let request = Request { sampling, ..Request::default() };
        assert_eq!(encode(&provider, "m", &request).body.get("stop"), None);
        let extra = json!({"stop": ["END"]}).as_object().cloned().unwrap();
        let insisting = Request { extra, ..Request::default() };
        assert_eq!(encode(&provider, "m", &insisting).body["stop"], json!(["END"]));
    }

    #[test]
    fn what_the_user_set_by_name_is_passed_on_but_cannot_redirect_the_request() {
        let extra = json!({"service_tier": "flex", "model": "dearer", "stream": true, "store": true,
            "input": "other", "include": ["message.output_text.logprobs"]});
        let expected = json!({"service_tier": "flex", "model": "m", "stream": false, "store": true,
            "input": [], "include": ["message.output_text.logprobs", "reasoning.encrypted_content"]});
        assert_eq!(encoded(&with_extra(extra)), expected);
    }
}
