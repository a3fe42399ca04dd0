//! `generationConfig`: how the model writes, reasons and formats.

use super::family::counts_thoughts;
use crate::dialect::json::Members;
use llm_switch_types::{Effort, Format, Reasoning, Request};
use serde_json::{Map, Value, json};

/// The configuration that REQUEST asks of MODEL. What the user put under this
/// name stays, unless the request says otherwise.
pub(super) fn generation_config(model: &str, request: &Request) -> Option<Value> {
    let named = request.extra.get("generationConfig").and_then(Value::as_object);
    let mut config = named.cloned().unwrap_or_default();
    let mut members = Members(&mut config);
    let sampling = &request.sampling;
    members.set("maxOutputTokens", request.max_output_tokens.map(Value::from));
    members.set("temperature", sampling.temperature.map(Value::from));
    members.set("topP", sampling.top_p.map(Value::from));
    members.set("topK", sampling.top_k.map(Value::from));
    members.set("seed", sampling.seed.map(Value::from));
    members.set("stopSequences", (!sampling.stop.is_empty()).then(|| json!(sampling.stop)));
    members.set("thinkingConfig", thinking(model, &request.reasoning));
    members.set("responseMimeType", request.format.as_ref().map(|_| "application/json".into()));
    // `responseSchema` knows a subset of OpenAPI and refuses the rest of JSON
    // Schema; this one takes it verbatim. Neither name nor strictness has a
    // place here: a schema is always enforced.
    if let Some(Format::Schema { schema, .. }) = &request.format {
        members.set("responseJsonSchema", Some(schema.clone()));
    }
    (!config.is_empty()).then_some(Value::Object(config))
}

/// A budget and a level exclude each other; the budget says more.
fn thinking(model: &str, reasoning: &Reasoning) -> Option<Value> {
    let mut config = Map::new();
    if let Some(show) = reasoning.show {
        config.insert("includeThoughts".into(), show.into());
    }
    let counted = reasoning.effort.filter(|_| counts_thoughts(model)).map(tokens);
    if let Some(budget) = reasoning.budget.or(counted) {
        config.insert("thinkingBudget".into(), budget.into());
    } else if let Some(effort) = reasoning.effort {
        config.insert("thinkingLevel".into(), level(effort).into());
    }
    (!config.is_empty()).then_some(Value::Object(config))
}

/// The service's own equivalents of the efforts, up to what each model of the
/// counting family takes.
const fn tokens(effort: Effort) -> u64 {
    match effort {
        Effort::None => 0,
        Effort::Minimal | Effort::Low => 1024,
        Effort::Medium => 8192,
        Effort::High | Effort::Xhigh | Effort::Max => 24576,
    }
}

/// There is no level for not thinking at all, and none above the fifth.
const fn level(effort: Effort) -> &'static str {
    match effort {
        Effort::None | Effort::Minimal => "MINIMAL",
        Effort::Low => "LOW",
        Effort::Medium => "MEDIUM",
        Effort::High => "HIGH",
        Effort::Xhigh | Effort::Max => "XHIGH",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Sampling;

    fn config(model: &str, request: &Request) -> Value {
        generation_config(model, request).unwrap_or_default()
    }

    fn thinking(model: &str, reasoning: Reasoning) -> Value {
        let request = Request { reasoning, ..Request::default() };
        config(model, &request)["thinkingConfig"].take()
    }

    #[test]
    fn a_request_that_asks_for_nothing_leaves_all_to_the_service() {
        assert_eq!(config("gemini-3.8-flash", &Request::default()), Value::Null);
    }

    #[test]
    fn sampling_stops_and_the_limit_have_their_names() {
        let sampling = Sampling {
            temperature: Some(0.5),
            top_p: Some(0.25),
            top_k: Some(40),
            seed: Some(7),
            stop: vec!["END".into()],
        };
        let request = Request { sampling, max_output_tokens: Some(9), ..Request::default() };
        let expected = json!({"temperature": 0.5, "topP": 0.25, "topK": 40, "seed": 7,
            "stopSequences": ["END"], "maxOutputTokens": 9});
        assert_eq!(config("m", &request), expected);
    }

    #[test]
    fn json_may_be_of_any_form_or_of_one_schema() {
        let request = Request { format: Some(Format::Json), ..Request::default() };
        assert_eq!(config("m", &request), json!({"responseMimeType": "application/json"}));
        let schema = json!({"type": "object", "additionalProperties": false, "$defs": {}});
        let format = Format::Schema { name: "n".into(), schema: schema.clone(), strict: true };
        let request = Request { format: Some(format), ..Request::default() };
        let expected =
            json!({"responseMimeType": "application/json", "responseJsonSchema": schema});
        assert_eq!(config("m", &request), expected);
    }

    #[test]
    fn an_effort_is_a_level_or_a_budget_as_the_family_counts() {
        let effort = |effort| Reasoning { effort: Some(effort), ..Reasoning::default() };
        let table = [
            ("gemini-3.8-flash", Effort::None, json!({"thinkingLevel": "MINIMAL"})),
            ("gemini-3.8-flash", Effort::High, json!({"thinkingLevel": "HIGH"})),
            ("gemini-4-argon", Effort::Max, json!({"thinkingLevel": "XHIGH"})),
            ("gemini-2.5-flash", Effort::None, json!({"thinkingBudget": 0})),
            ("gemini-2.5-flash", Effort::Max, json!({"thinkingBudget": 24576})),
        ];
        for (model, asked, expected) in table {
            assert_eq!(thinking(model, effort(asked)), expected, "{model} {asked:?}");
        }
    }

    #[test]
    fn a_budget_goes_before_an_effort_and_thoughts_are_shown_when_asked_for() {
        let reasoning = Reasoning { effort: Some(Effort::Low), budget: Some(99), show: Some(true) };
        let expected = json!({"includeThoughts": true, "thinkingBudget": 99});
        assert_eq!(thinking("gemini-3.8-flash", reasoning), expected);
    }

    #[test]
    fn what_the_user_put_here_stays_beside_what_the_request_says() {
        let extra = json!({"generationConfig": {"presencePenalty": 1, "topK": 1}});
        let sampling = Sampling { top_k: Some(2), ..Sampling::default() };
        let extra = extra.as_object().cloned().unwrap();
        let request = Request { extra, sampling, ..Request::default() };
        assert_eq!(config("m", &request), json!({"presencePenalty": 1, "topK": 2}));
    }
}
