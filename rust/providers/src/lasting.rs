//! Which thoughts outlast the user's next question.

use llm_switch_types::{Dialect, Provider};
use serde_json::{Map, Value};

/// What of OPAQUE, the opaque part of a turn at PROVIDER, goes back with that
/// turn also when the user has asked something else since; `None` if nothing
/// does.
///
/// What a service signed or encrypted was made to come back, and is worth
/// nothing elsewhere. Thoughts in plain words are not asked for: the templates
/// of local models drop them, some services refuse the field, and all count
/// it as input. Who demands them with every turn has a row that says so.
pub fn lasting(provider: &Provider, opaque: &Value) -> Option<Value> {
    match provider.dialect {
        Dialect::Anthropic => Some(opaque.clone()),
        Dialect::OpenaiResponses => has_thoughts(opaque).then(|| opaque.clone()),
        Dialect::Gemini => is_signed(opaque).then(|| opaque.clone()),
        Dialect::OpenaiChat => fields(provider.quirks.echo_reasoning_content, opaque),
        Dialect::Ollama => None,
    }
}

/// Whether there is an item beside those that the turn itself speaks of.
fn has_thoughts(items: &Value) -> bool {
    let said = |item: &Value| matches!(item["type"].as_str(), Some("message" | "function_call"));
    items.as_array().is_some_and(|items| !items.iter().all(said))
}

fn is_signed(opaque: &Value) -> bool {
    let parts = opaque["parts"].as_array();
    parts.is_some_and(|parts| parts.iter().any(|part| part["thoughtSignature"].is_string()))
}

/// The fields of a message that go back: those that are signed, and the plain
/// ones where they are DEMANDED.
fn fields(demanded: bool, opaque: &Value) -> Option<Value> {
    let goes = |name: &str| name == "reasoning_details" || demanded && name == "reasoning_content";
    let fields = opaque.as_object()?.iter().filter(|(name, _)| goes(name));
    let fields: Map<String, Value> =
        fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    (!fields.is_empty()).then_some(Value::Object(fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Quirks;
    use serde_json::json;

    fn lasts(dialect: Dialect, echo_reasoning_content: bool, opaque: Value) -> Option<Value> {
        let quirks = Quirks { echo_reasoning_content, ..Quirks::default() };
        let provider =
            Provider { dialect, quirks, ..Provider::unknown("x", "https://x.example/v1") };
        lasting(&provider, &opaque)
    }

    #[test]
    fn what_is_signed_or_encrypted_lasts_in_every_dialect() {
        let table = [
            (Dialect::Anthropic, json!({"content": [{"type": "thinking", "signature": "s"}]})),
            (Dialect::Gemini, json!({"parts": [{"text": "a", "thoughtSignature": "s"}]})),
            (Dialect::OpenaiResponses, json!([{"type": "reasoning"}, {"type": "message"}])),
            (Dialect::OpenaiChat, json!({"reasoning_details": [{"signature": "s"}]})),
        ];
        for (dialect, opaque) in table {
            assert_eq!(lasts(dialect, false, opaque.clone()), Some(opaque), "{dialect:?}");
        }
    }

    #[test]
    fn what_is_bound_to_nothing_does_not_last() {
        let table = [
            (Dialect::Gemini, json!({"parts": [{"functionCall": {"id": "a"}}]})),
            (Dialect::OpenaiResponses, json!([{"type": "message"}, {"type": "function_call"}])),
            (Dialect::OpenaiChat, json!({"reasoning": "Hm."})),
            (Dialect::Ollama, json!({"thinking": "Hm."})),
        ];
        for (dialect, opaque) in table {
            assert_eq!(lasts(dialect, false, opaque), None, "{dialect:?}");
        }
    }

    #[test]
    fn plain_thoughts_last_only_where_every_turn_has_to_bear_them() {
        let opaque = json!({"reasoning_content": "Hm."});
        assert_eq!(lasts(Dialect::OpenaiChat, false, opaque.clone()), None);
        assert_eq!(lasts(Dialect::OpenaiChat, true, opaque.clone()), Some(opaque));
    }
}
