//! How much the model thinks, and the output limit, which includes that.

use llm_switch_types::{Effort, Reasoning, Request, ToolChoice};
use serde_json::{Value, json};

/// The service wants a limit in every request.
const DEFAULT_OUTPUT: u64 = 8192;
/// It refuses a smaller budget.
const LEAST_BUDGET: u64 = 1024;

/// The output limit of REQUEST. One that is set is never raised, since it may
/// be what the user's budget affords: the thinking has to fit.
pub(super) fn max_tokens(request: &Request) -> u64 {
    let thinking = request.reasoning.budget.unwrap_or(0);
    request.max_output_tokens.unwrap_or(DEFAULT_OUTPUT.saturating_add(thinking))
}

/// The `thinking` field. A forced tool goes before it, as the service refuses
/// the two together.
pub(super) fn thinking(request: &Request) -> Option<Value> {
    let Reasoning { effort, budget, show } = request.reasoning;
    if effort == Some(Effort::None) || budget == Some(0) {
        return Some(json!({"type": "disabled"}));
    }
    if matches!(request.tool_choice, Some(ToolChoice::Required | ToolChoice::Tool(_))) {
        return None;
    }
    let mut thinking = match budget {
        Some(budget) => enabled(budget, max_tokens(request))?,
        // An effort alone does not make every model think.
        None => effort.map(|_| json!({"type": "adaptive"}))?,
    };
    if let Some(show) = show {
        thinking["display"] = if show { "summarized" } else { "omitted" }.into();
    }
    Some(thinking)
}

/// Thinking with BUDGET below MAX_TOKENS; `None` when there is no room.
fn enabled(budget: u64, max_tokens: u64) -> Option<Value> {
    let room = max_tokens.checked_sub(1).filter(|room| *room >= LEAST_BUDGET)?;
    Some(json!({"type": "enabled", "budget_tokens": budget.clamp(LEAST_BUDGET, room)}))
}

/// The word for EFFORT here, where the scale is shorter.
pub(super) fn effort(effort: Effort) -> Option<&'static str> {
    match effort {
        Effort::None => None,
        Effort::Minimal => Some(Effort::Low.name()),
        more => Some(more.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(effort: Option<Effort>, budget: Option<u64>, limit: Option<u64>) -> Request {
        let reasoning = Reasoning { effort, budget, show: None };
        Request { reasoning, max_output_tokens: limit, ..Request::default() }
    }

    #[test]
    fn a_budget_fits_below_the_output_limit() {
        // Budget and limit as asked, then as sent; 0 for no thinking.
        let table = [
            (2000, None, 2000, 10192),
            (2000, Some(3000), 2000, 3000),
            (2000, Some(2000), 1999, 2000),
            (10, Some(3000), 1024, 3000),
            (2000, Some(1024), 0, 1024),
            (2000, Some(0), 0, 0),
        ];
        for (budget, limit, sent, max) in table {
            let request = request(None, Some(budget), limit);
            let thinking = thinking(&request).unwrap_or_default();
            assert_eq!(thinking["budget_tokens"].as_u64().unwrap_or(0), sent, "{budget} {limit:?}");
            assert_eq!(max_tokens(&request), max, "{budget} {limit:?}");
        }
    }

    #[test]
    fn an_effort_makes_the_model_think_as_it_sees_fit() {
        let table = [
            (None, None, Value::Null),
            (Some(Effort::High), None, json!({"type": "adaptive"})),
            (Some(Effort::None), None, json!({"type": "disabled"})),
            (Some(Effort::High), Some(0), json!({"type": "disabled"})),
            (Some(Effort::None), Some(2000), json!({"type": "disabled"})),
        ];
        for (effort, budget, expected) in table {
            let thinking = thinking(&request(effort, budget, None)).unwrap_or_default();
            assert_eq!(thinking, expected, "{effort:?} {budget:?}");
        }
    }

    #[test]
    fn thinking_is_shown_or_not_only_where_there_is_some() {
        for (show, display) in [(true, "summarized"), (false, "omitted")] {
            let mut request = request(Some(Effort::Low), None, None);
            request.reasoning.show = Some(show);
            assert_eq!(thinking(&request).unwrap()["display"], display);
            request.reasoning.effort = None;
            assert_eq!(thinking(&request), None);
        }
    }

    #[test]
    fn a_forced_tool_goes_before_thinking() {
        for choice in [ToolChoice::Required, ToolChoice::Tool("f".into())] {
            let mut request = request(Some(Effort::High), Some(2000), None);
            request.tool_choice = Some(choice);
            assert_eq!(thinking(&request), None);
        }
    }
}
