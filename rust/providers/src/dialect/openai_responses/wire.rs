//! The parts of an answer that say how it went.

use llm_switch_types::{StopReason, Usage};
use serde_json::Value;

/// The error that MESSAGE reports: in itself, in the answer that it holds, or
/// by being one. Some services fail without saying why.
pub(super) fn reported(message: &Value) -> Option<&Value> {
    let response = &message["response"];
    let nested = [&message["error"], &response["error"]].into_iter().find(|it| !it.is_null());
    let failed = |status: &Value| status == "failed" || status == "cancelled";
    nested.or_else(|| match message["type"].as_str() {
        Some("error") => Some(message),
        Some("response.failed") => Some(&Value::Null),
        _ => (failed(&message["status"]) || failed(&response["status"])).then_some(&Value::Null),
    })
}

/// Whether MESSAGE is an answer in one piece, and not one that is made in the
/// background, to be fetched later.
pub(super) fn is_whole(message: &Value) -> bool {
    let pending = ["queued", "in_progress"].iter().any(|status| message["status"] == *status);
    message["output"].is_array() && !pending
}

/// The items that RESPONSE lists.
pub(super) fn output(response: &mut Value) -> Vec<Value> {
    match response.get_mut("output").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

/// Why RESPONSE ended. What is incomplete for a reason that we do not know
/// misses its end, as one that is too long does.
pub(super) fn stop_reason(response: &Value) -> StopReason {
    match (response["status"].as_str(), response["incomplete_details"]["reason"].as_str()) {
        (_, Some("content_filter")) => StopReason::ContentFilter,
        (Some("incomplete"), _) | (_, Some(_)) => StopReason::Length,
        _ => StopReason::End,
    }
}

/// The disjoint buckets of a `usage` object. Here cached and written tokens
/// lie inside `input_tokens`, and reasoning inside `output_tokens`.
pub(super) fn usage(wire: &Value) -> Option<Usage> {
    let count = |path: &str| wire.pointer(path).and_then(Value::as_u64).unwrap_or(0);
    wire.as_object()?;
    let cache_read = count("/input_tokens_details/cached_tokens");
    let cache_write = count("/input_tokens_details/cache_write_tokens");
    Some(Usage {
        input: count("/input_tokens").saturating_sub(cache_read.saturating_add(cache_write)),
        cache_read,
        cache_write_5m: cache_write,
        output: count("/output_tokens"),
        reasoning: count("/output_tokens_details/reasoning_tokens"),
        ..Usage::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_is_found_wherever_it_stands() {
        let error = json!({"code": "server_error", "message": "Oops"});
        let table = [
            (json!({"error": error}), Some(&error)),
            (json!({"type": "response.failed", "response": {"error": error}}), Some(&error)),
            (json!({"object": "response", "status": "failed", "error": error}), Some(&error)),
            (json!({"type": "error", "error": error}), Some(&error)),
            (json!({"type": "response.failed", "response": null}), Some(&Value::Null)),
            (json!({"object": "response", "status": "cancelled"}), Some(&Value::Null)),
            (json!({"type": "response.created", "response": {"error": null}}), None),
        ];
        for (message, expected) in &table {
            assert_eq!(reported(message), *expected, "{message}");
        }
        let flat = json!({"type": "error", "code": "x", "message": "Oops", "param": null});
        assert_eq!(reported(&flat), Some(&flat));
    }

    #[test]
    fn an_answer_ends_for_the_reason_it_gives() {
        let table = [
            (json!({"status": "completed"}), StopReason::End),
            (json!({"status": "completed", "incomplete_details": null}), StopReason::End),
            (json!({}), StopReason::End),
            (json!({"status": "incomplete"}), StopReason::Length),
            (json!({"incomplete_details": {"reason": "max_output_tokens"}}), StopReason::Length),
            (
                json!({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}),
                StopReason::ContentFilter,
            ),
        ];
        for (response, expected) in table {
            assert_eq!(stop_reason(&response), expected, "{response}");
        }
    }

    #[test]
    fn usage_tolerates_what_is_missing_and_what_cannot_be() {
        assert_eq!(usage(&Value::Null), None);
        let odd = json!({"input_tokens": 5, "output_tokens": null,
            "input_tokens_details": {"cached_tokens": 9, "cache_write_tokens": u64::MAX}});
        let usage = usage(&odd).unwrap();
        assert_eq!((usage.input, usage.cache_read, usage.output), (0, 9, 0));
    }
}
