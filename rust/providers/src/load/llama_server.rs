//! llama-server's `/slots` and `/metrics`. Either can be switched off.

use super::Load;
use crate::models::Server;
use futures_util::future::join;
use llm_switch_types::Result;
use serde_json::Value;

pub(super) async fn load(server: &Server<'_>) -> Result<Load> {
    let base = &server.provider.base_url;
    let root = base.strip_suffix("/v1").unwrap_or(base);
    let (slots, metrics) = (format!("{root}/slots"), format!("{root}/metrics"));
    let (slots, metrics) = join(server.ask(&slots, None), server.read(&metrics, None)).await;
    if let (Err(error), Err(_)) = (&slots, &metrics) {
        return Err(error.clone());
    }
    let metrics = metrics.unwrap_or_default();
    Ok(read(&slots.unwrap_or_default(), &String::from_utf8_lossy(&metrics)))
}

fn read(slots: &Value, metrics: &str) -> Load {
    let slots = slots.as_array();
    let is_busy = |slot: &&Value| slot["is_processing"] == true;
    let counted = slots.map(|all| all.iter().filter(is_busy).count() as u64);
    let told = || metric(metrics, "llamacpp:requests_processing").map(|it| it as u64);
    Load {
        busy: counted.or_else(told),
        slots: slots.map(|all| all.len() as u64),
        // Nothing was answered yet when it is 0.
        tokens_per_second: metric(metrics, "llamacpp:predicted_tokens_seconds")
            .filter(|it| *it > 0.0),
        loaded: None,
    }
}

/// The value of NAME in METRICS, which are written as Prometheus wants them.
fn metric(metrics: &str, name: &str) -> Option<f64> {
    let mut values = metrics.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    values.next_back()?.trim().parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const METRICS: &str = "\
# HELP llamacpp:predicted_tokens_seconds Average generation throughput in tokens/s.
# TYPE llamacpp:predicted_tokens_seconds gauge
llamacpp:predicted_tokens_seconds 41.5
# TYPE llamacpp:requests_processing gauge
llamacpp:requests_processing 1
";

    #[test]
    fn slots_and_speed_are_told() {
        let slots = json!([{"id": 0, "is_processing": true}, {"id": 1, "is_processing": false}]);
        let load = read(&slots, METRICS);
        assert_eq!((load.busy, load.slots), (Some(1), Some(2)));
        assert_eq!(load.tokens_per_second, Some(41.5));
    }

    #[test]
    fn one_of_both_may_be_switched_off() {
        let load = read(&Value::Null, METRICS);
        assert_eq!((load.busy, load.slots), (Some(1), None));
        let load = read(&json!([{"is_processing": false}]), "");
        assert_eq!((load.busy, load.slots, load.tokens_per_second), (Some(0), Some(1), None));
    }

    #[test]
    fn who_has_answered_nothing_has_no_speed() {
        assert_eq!(read(&json!([]), "llamacpp:predicted_tokens_seconds 0").tokens_per_second, None);
    }
}
