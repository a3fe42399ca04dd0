//! The provider that the simulator stands for: its address, the header of its
//! key, and what it refuses although the dialect allows it.
//!
//! All of this is read from the provider's row, as the client reads it: what
//! is proved is that the row is obeyed, not that it is true.

use crate::{
    dialect::{list, usual_path},
    prompt::Prompt,
    refusal::{Cause, Refusal},
    request::Head,
};
use llm_switch_types::{Auth, Dialect, MaxTokensField, Provider, Quirks, ThinkingSwitch};
use serde_json::Value;

/// A provider that the simulator stands for.
pub(crate) struct Host {
    dialect: Dialect,
    /// The path of the base URL.
    pub(crate) path: String,
    auth: Auth,
    quirks: Quirks,
    limit: MaxTokensField,
}

impl Host {
    /// The host of `provider`'s row.
    pub(crate) fn new(provider: &Provider) -> Self {
        Host {
            dialect: provider.dialect,
            path: path(&provider.base_url),
            auth: provider.auth.clone(),
            quirks: provider.quirks.clone(),
            limit: provider.max_tokens_field,
        }
    }

    /// What stands below the base URL, at the dialect's usual place; `None`
    /// for what does not stand there.
    pub(crate) fn usual(&self, target: &str) -> Option<String> {
        let below = target.strip_prefix(&self.path).filter(|below| below.starts_with('/'))?;
        Some(format!("{}{below}", usual_path(self.dialect)))
    }

    /// The key of a request, if it stands in the header that the row names.
    pub(crate) fn key<'a>(&self, head: &'a Head) -> Option<&'a str> {
        match &self.auth {
            Auth::None => None,
            Auth::Bearer | Auth::OptionalBearer => {
                head.header("authorization")?.strip_prefix("Bearer ")
            }
            Auth::Header(name) => head.header(name),
        }
    }

    /// Whether a stream tells its usage to everybody, asked or not: where it
    /// may not be asked for.
    pub(crate) fn tells_usage(&self) -> bool {
        self.quirks.refused_parameters.iter().any(|name| name == "stream_options")
    }

    /// Why this host refuses `prompt`, if it does. Rows have quirks of
    /// `openai-chat` only.
    pub(crate) fn refuse(&self, prompt: &Prompt) -> Option<Refusal> {
        if self.dialect != Dialect::OpenaiChat {
            return None;
        }
        let unwanted = self.unwanted(prompt).map(|name| Cause::Parameter(name.to_owned()));
        let cause = unwanted.or_else(|| self.wrong(&prompt.body).map(Cause::BadRequest))?;
        Some(Refusal::new(400, cause))
    }

    /// The first parameter that must not be there.
    fn unwanted<'a>(&'a self, prompt: &'a Prompt) -> Option<&'a str> {
        let renamed = self.quirks.renamed_parameters.keys();
        let names = self.quirks.refused_parameters.iter().chain(renamed).map(String::as_str);
        let names = names.chain([self.other_limit(&prompt.model)]);
        let both = self.quirks.format_or_tools && !prompt.tools.is_empty();
        names.chain(both.then_some("response_format")).find(|name| prompt.names(name))
    }

    /// The name of the output limit that is not this host's.
    fn other_limit(&self, model: &str) -> &'static str {
        let newer = &self.quirks.max_completion_tokens_models;
        let is_newer = newer.iter().any(|prefix| model.starts_with(prefix));
        match self.limit {
            MaxTokensField::MaxTokens if !is_newer => "max_completion_tokens",
            _ => "max_tokens",
        }
    }

    fn wrong(&self, body: &Value) -> Option<String> {
        let mut messages = list(&body["messages"]).iter();
        let missing = self.missing(body).map(|name| format!("{name} is required"));
        let in_turn = || messages.find_map(|message| self.wrong_turn(message));
        missing.or_else(in_turn).or_else(|| {
            let mut tools = list(&body["tools"]).iter();
            tools.find_map(|tool| self.wrong_schema(&tool["function"]["parameters"]))
        })
    }

    fn missing(&self, body: &Value) -> Option<&str> {
        let is_missing = |name: &&str| body.get(*name).is_none();
        let limited = ["max_tokens", "max_completion_tokens"].iter().any(|it| !is_missing(it));
        let limit = self.quirks.default_max_tokens.filter(|_| !limited).map(|_| "max_tokens");
        let asked = body.get("reasoning_effort").is_some();
        let switch = self.quirks.thinking.filter(|_| asked).map(|switch| match switch {
            ThinkingSwitch::Type => "thinking",
            ThinkingSwitch::Enable => "enable_thinking",
            ThinkingSwitch::Reasoning => "reasoning",
        });
        let carried = self.quirks.extra_body.keys().map(String::as_str);
        limit.or_else(|| carried.chain(switch).find(is_missing))
    }

    fn wrong_turn(&self, message: &Value) -> Option<String> {
        let quirks = &self.quirks;
        if quirks.developer_role && message["role"] == "system" {
            return Some("the role 'system' is not supported: use 'developer'".to_owned());
        }
        if quirks.echo_reasoning_content
            && message["role"] == "assistant"
            && !message["reasoning_content"].is_string()
        {
            return Some("reasoning_content is missing in assistant message".to_owned());
        }
        let length = quirks.tool_call_id_length?;
        let calls = list(&message["tool_calls"]).iter().map(|call| &call["id"]);
        let mut ids = calls.chain(message.get("tool_call_id")).filter_map(Value::as_str);
        let fits = |id: &str| id.len() == length && id.bytes().all(|b| b.is_ascii_alphanumeric());
        let id = ids.find(|id| !fits(id))?;
        Some(format!("Tool call id was {id} but must be a-z, A-Z, 0-9, with a length of {length}."))
    }

    fn wrong_schema(&self, schema: &Value) -> Option<String> {
        let mut keywords = self.quirks.refused_schema_keywords.iter();
        if let Some(keyword) = keywords.find(|keyword| schema.get(keyword.as_str()).is_some()) {
            return Some(format!("Unsupported JSON schema fields: {keyword}"));
        }
        let properties = schema["properties"].as_object().into_iter().flatten();
        let untyped = |name: &String, value: &Value| {
            (self.quirks.typed_properties && value.get("type").is_none())
                .then(|| format!("At path 'properties.{name}': type is not defined"))
        };
        let mut parts = properties.map(|(name, value)| (Some(name), value));
        parts
            .find_map(|(name, value)| {
                name.and_then(|name| untyped(name, value)).or_else(|| self.wrong_schema(value))
            })
            .or_else(|| schema.get("items").and_then(|items| self.wrong_schema(items)))
    }
}

/// The path of `url`, with what the user has to fill in filled in.
fn path(url: &str) -> String {
    let below = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = below.find('/').map_or("", |at| &below[at..]);
    path.replace(['{', '}'], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn host(quirks: Value) -> Host {
        let quirks = serde_json::from_value(quirks).unwrap();
        Host::new(&Provider { quirks, ..Provider::unknown("x", "https://x.org/a/{b}/v4") })
    }

    fn refused(quirks: Value, body: Value) -> bool {
        let tools = list(&body["tools"])
            .iter()
            .map(|_| crate::prompt::ToolOffer { name: String::new(), parameters: Value::Null });
        let prompt =
            Prompt { model: "new-1".into(), tools: tools.collect(), body, ..Prompt::default() };
        host(quirks).refuse(&prompt).is_some()
    }

    #[test]
    fn only_what_stands_below_the_base_url_is_there() {
        let host = host(json!({}));
        assert_eq!(host.usual("/a/b/v4/models?x").as_deref(), Some("/v1/models?x"));
        for target in ["/v1/models", "/a/b/v4", "/a/b/v40/models", "/models"] {
            assert_eq!(host.usual(target), None, "{target}");
        }
    }

    #[test]
    fn each_quirk_refuses_who_does_not_know_it_and_nobody_else() {
        let turn = |turn: Value| json!({"messages": [turn]});
        let tool = |schema: Value| json!({"tools": [{"function": {"parameters": schema}}]});
        for (quirks, wrong, right) in [
            (json!({}), json!({"max_completion_tokens": 1}), json!({"max_tokens": 1})),
            (
                json!({"max-completion-tokens-models": ["new"]}),
                json!({"max_tokens": 1}),
                json!({"max_completion_tokens": 1}),
            ),
            (json!({"refused-parameters": ["seed"]}), json!({"seed": 1}), json!({})),
            (json!({"renamed-parameters": {"a": "b"}}), json!({"a": 1}), json!({"b": 1})),
            (json!({"extra-body": {"a": 1}}), json!({}), json!({"a": 2})),
            (json!({"default-max-tokens": 9}), json!({}), json!({"max_tokens": 1})),
            (
                json!({"format-or-tools": true}),
                json!({"response_format": {}, "tools": [{}]}),
                json!({"response_format": {}}),
            ),
            (
                json!({"thinking": "enable"}),
                json!({"reasoning_effort": "low"}),
                json!({"reasoning_effort": "low", "enable_thinking": true}),
            ),
            (
                json!({"developer-role": true}),
                turn(json!({"role": "system"})),
                turn(json!({"role": "developer"})),
            ),
            (
                json!({"echo-reasoning-content": true}),
                turn(json!({"role": "assistant"})),
                turn(json!({"role": "assistant", "reasoning_content": ""})),
            ),
            (
                json!({"tool-call-id-length": 3}),
                turn(json!({"tool_call_id": "a_c"})),
                turn(json!({"tool_call_id": "abc"})),
            ),
            (
                json!({"tool-call-id-length": 3}),
                turn(json!({"tool_calls": [{"id": "abcd"}]})),
                turn(json!({"tool_calls": [{"id": "abc"}]})),
            ),
            (
                json!({"refused-schema-keywords": ["minItems"]}),
                tool(json!({"properties": {"a": {"items": {"minItems": 1}}}})),
                tool(json!({"properties": {"a": {"items": {}}}})),
            ),
            (
                json!({"typed-properties": true}),
                tool(json!({"properties": {"a": {"enum": [1]}}})),
                tool(json!({"properties": {"a": {"type": "string"}}})),
            ),
        ] {
            assert!(refused(quirks.clone(), wrong.clone()), "{quirks} allows {wrong}");
            assert!(!refused(quirks.clone(), right.clone()), "{quirks} refuses {right}");
        }
    }
}
