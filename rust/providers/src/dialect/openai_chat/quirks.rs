//! What a provider wants otherwise, done to a request that is already encoded.
//!
//! Encoding knows the dialect and this knows the row, so that a provider with
//! oddities stays a row of data.

use super::schema;
use llm_switch_types::{Effort, Provider, Quirks, Request, ThinkingSwitch};
use serde_json::{Map, Value, json};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Make BODY, which encodes REQUEST, what PROVIDER wants.
pub(super) fn apply(provider: &Provider, request: &Request, body: &mut Map<String, Value>) {
    let quirks = &provider.quirks;
    for message in list(body.get_mut("messages")) {
        turn(quirks, message);
    }
    for tool in list(body.get_mut("tools")) {
        schema::adapt(quirks, &mut tool["function"]["parameters"]);
    }
    if let Some(schema) =
        body.get_mut("response_format").and_then(|it| it.pointer_mut("/json_schema/schema"))
    {
        schema::adapt(quirks, schema);
    }
    if quirks.format_or_tools && body.contains_key("tools") {
        body.remove("response_format");
    }
    if let Some((switch, effort)) = quirks.thinking.zip(request.reasoning.effort) {
        think(switch, effort, body);
    }
    parameters(quirks, request, body);
}

fn list(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}

fn turn(quirks: &Quirks, message: &mut Value) {
    if quirks.developer_role && message["role"] == "system" {
        message["role"] = "developer".into();
    }
    if quirks.echo_reasoning_content
        && message["role"] == "assistant"
        && message["reasoning_content"].is_null()
    {
        message["reasoning_content"] = "".into();
    }
    if let Some(length) = quirks.tool_call_id_length {
        let calls = list(message.get_mut("tool_calls")).filter_map(|call| call.get_mut("id"));
        calls.for_each(|id| rename(id, length));
        message.get_mut("tool_call_id").into_iter().for_each(|id| rename(id, length));
    }
}

/// Make ID one of LENGTH letters and digits: the service's own again where it
/// was one, else the same for the call and its result.
fn rename(id: &mut Value, length: usize) {
    let text = id.as_str().unwrap_or_default();
    let own = text.strip_prefix("call_").unwrap_or(text);
    let fits = own.len() == length && own.bytes().all(|byte| byte.is_ascii_alphanumeric());
    *id = if fits { own.into() } else { hashed(text, length).into() };
}

fn hashed(text: &str, length: usize) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let mut rest = hasher.finish();
    let digits = (0..length).map(|_| {
        let digit = (rest % 36) as u32;
        rest /= 36;
        char::from_digit(digit, 36).unwrap_or('0')
    });
    digits.collect()
}

/// Who has a switch is told both: on or off, and how much unless it is off.
fn think(switch: ThinkingSwitch, effort: Effort, body: &mut Map<String, Value>) {
    let on = effort != Effort::None;
    let (field, value) = match switch {
        ThinkingSwitch::Type => {
            ("thinking", json!({"type": if on { "enabled" } else { "disabled" }}))
        }
        ThinkingSwitch::Enable => ("enable_thinking", on.into()),
        ThinkingSwitch::Reasoning => ("reasoning", json!({"enabled": on})),
    };
    body.entry(field).or_insert(value);
    if !on {
        body.remove("reasoning_effort");
    }
}

/// What the user set by name stays: the row may be older than the service.
fn parameters(quirks: &Quirks, request: &Request, body: &mut Map<String, Value>) {
    let ours = |name: &&String| !request.extra.contains_key(*name);
    for name in quirks.refused_parameters.iter().filter(ours) {
        body.remove(name);
    }
    for (name, theirs) in &quirks.renamed_parameters {
        if let Some(value) = body.remove(name) {
            body.entry(theirs).or_insert(value);
        }
    }
    for (name, value) in &quirks.extra_body {
        body.entry(name).or_insert_with(|| value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::super::encode;
    use super::*;
    use llm_switch_types::{Format, Message, Reasoning, Role, Sampling, Tool, ToolCall};

    fn sent(quirks: Value, model: &str, request: &Request) -> Value {
        let quirks = serde_json::from_value(quirks).unwrap();
        let provider = Provider { quirks, ..Provider::unknown("x", "https://x.org/v1") };
        encode(&provider, model, request).body
    }

    fn turns(quirks: Value, messages: Vec<Message>) -> Value {
        sent(quirks, "m", &Request { messages, ..Request::default() })["messages"].take()
    }

    fn called(id: &str) -> Vec<Message> {
        let call = ToolCall { id: id.into(), name: "f".into(), arguments: "{}".into() };
        let calling = Message {
            parts: Vec::new(),
            tool_calls: vec![call],
            ..Message::text(Role::Assistant, "")
        };
        let result = Message { tool_call_id: Some(id.into()), ..Message::text(Role::Tool, "r") };
        vec![calling, result]
    }

    #[test]
    fn nothing_special_changes_nothing() {
        let request = Request { max_output_tokens: Some(7), ..Request::default() };
        assert_eq!(
            sent(json!({}), "m", &request),
            json!({"model": "m", "messages": [], "stream": false, "max_tokens": 7})
        );
    }

    #[test]
    fn standing_instructions_go_under_the_role_that_is_wanted() {
        let messages = || vec![Message::text(Role::System, "s"), Message::text(Role::User, "u")];
        let turns = turns(json!({"developer-role": true}), messages());
        assert_eq!((&turns[0]["role"], &turns[1]["role"]), (&json!("developer"), &json!("user")));
    }

    #[test]
    fn every_turn_of_the_assistant_echoes_its_reasoning_or_that_there_was_none() {
        let mut messages =
            vec![Message::text(Role::Assistant, "a"), Message::text(Role::Assistant, "b")];
        messages[0].opaque = Some(json!({"reasoning_content": "hm"}));
        let turns = turns(json!({"echo-reasoning-content": true}), messages);
        assert_eq!(
            (&turns[0]["reasoning_content"], &turns[1]["reasoning_content"]),
            (&json!("hm"), &json!(""))
        );
    }

    #[test]
    fn the_ids_of_calls_have_the_length_that_is_wanted_and_still_agree() {
        let quirks = json!({"tool-call-id-length": 9});
        let ids = |id: &str| {
            let turns = turns(quirks.clone(), called(id));
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&turns[0]["tool_calls"][0]["id"]), text(&turns[1]["tool_call_id"]))
        };
        assert_eq!(ids("call_D681PevKs"), ("D681PevKs".into(), "D681PevKs".into()));
        let (call, result) = ids("call_of_somebody_else");
        assert_eq!(call, result);
        assert!(call.len() == 9 && call.bytes().all(|it| it.is_ascii_alphanumeric()), "{call}");
        assert_ne!(call, ids("call_of_yet_another").0);
    }

    #[test]
    fn the_form_of_the_answer_gives_way_to_tools_where_only_one_can_be() {
        let tool = Tool { name: "f".into(), description: "d".into(), parameters: json!({}) };
        let request = Request { format: Some(Format::Json), ..Request::default() };
        let quirks = json!({"format-or-tools": true});
        assert!(sent(quirks.clone(), "m", &request).get("response_format").is_some());
        let request = Request { tools: vec![tool], ..request };
        assert_eq!(sent(quirks, "m", &request).get("response_format"), None);
    }

    #[test]
    fn reasoning_is_switched_in_each_way() {
        let asked = |switch: &str, effort| {
            let reasoning = Reasoning { effort: Some(effort), ..Reasoning::default() };
            sent(json!({"thinking": switch}), "m", &Request { reasoning, ..Request::default() })
        };
        let on = asked("type", Effort::High);
        assert_eq!(
            (&on["thinking"]["type"], &on["reasoning_effort"]),
            (&json!("enabled"), &json!("high"))
        );
        let off = asked("type", Effort::None);
        assert_eq!(
            (&off["thinking"]["type"], off.get("reasoning_effort")),
            (&json!("disabled"), None)
        );
        assert_eq!(asked("enable", Effort::None)["enable_thinking"], false);
        assert_eq!(asked("reasoning", Effort::Low)["reasoning"], json!({"enabled": true}));
        assert_eq!(
            sent(json!({"thinking": "type"}), "m", &Request::default()).get("thinking"),
            None
        );
    }

    #[test]
    fn a_refused_parameter_is_sent_only_if_the_user_insists() {
        let sampling = Sampling { temperature: Some(0.5), ..Sampling::default() };
        let request = Request { sampling, ..Request::default() };
        let quirks = json!({"refused-parameters": ["temperature"]});
        assert_eq!(sent(quirks.clone(), "m", &request).get("temperature"), None);
        let extra = json!({"temperature": 1}).as_object().cloned().unwrap();
        let request = Request { extra, ..Request::default() };
        assert_eq!(sent(quirks, "m", &request)["temperature"], 1);
    }

    #[test]
    fn parameters_are_renamed_and_added_below_what_the_user_set() {
        let sampling = Sampling { seed: Some(4), ..Sampling::default() };
        let extra = json!({"tool_stream": false}).as_object().cloned().unwrap();
        let request = Request { sampling, extra, ..Request::default() };
        let quirks = json!({"renamed-parameters": {"seed": "random_seed"},
            "extra-body": {"tool_stream": true, "more": 1}});
        let body = sent(quirks, "m", &request);
        assert_eq!((&body["random_seed"], body.get("seed")), (&json!(4), None));
        assert_eq!((&body["tool_stream"], &body["more"]), (&json!(false), &json!(1)));
    }

    #[test]
    fn the_output_limit_follows_the_model_and_is_never_left_out_where_it_matters() {
        let limited = Request { max_output_tokens: Some(7), ..Request::default() };
        let quirks = json!({"max-completion-tokens-models": ["kimi-k3"]});
        assert_eq!(sent(quirks.clone(), "kimi-k3.1-pro", &limited)["max_completion_tokens"], 7);
        assert_eq!(sent(quirks, "kimi-k2.6", &limited)["max_tokens"], 7);
        let quirks = json!({"default-max-tokens": 4096});
        assert_eq!(sent(quirks.clone(), "m", &Request::default())["max_tokens"], 4096);
        assert_eq!(sent(quirks, "m", &limited)["max_tokens"], 7);
    }
}
