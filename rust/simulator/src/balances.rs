//! What named providers say is left on an account.

use crate::response::Response;
use serde_json::Value;

/// The path at which each provider tells it, and what it says. No two share
/// a path, so all of them stand at the one address that there is.
const BALANCES: &[(&str, &str)] = &[
    ("/key/info", include_str!("../../../test/fixtures/balance/litellm.json")),
    ("/user/balance", include_str!("../../../test/fixtures/balance/deepseek.json")),
    ("/v1/users/me/balance", include_str!("../../../test/fixtures/balance/moonshot.json")),
    ("/coding/v1/usages", include_str!("../../../test/fixtures/balance/kimi-code.json")),
    (
        "/api/monitor/usage/quota/limit",
        include_str!("../../../test/fixtures/balance/zai-coding.json"),
    ),
    ("/v1/token_plan/remains", include_str!("../../../test/fixtures/balance/minimax.json")),
    ("/api/v1/credits", include_str!("../../../test/fixtures/balance/openrouter.json")),
    ("/payment/checklist", include_str!("../../../test/fixtures/balance/deepinfra.json")),
    ("/v1/user/info", include_str!("../../../test/fixtures/balance/siliconflow.json")),
    ("/users/me/subscription_usage", include_str!("../../../test/fixtures/balance/chutes.json")),
];

/// The balance at PATH, if one is told there.
pub(crate) fn response(method: &str, path: &str) -> Option<Response> {
    let (_, body) = BALANCES.iter().find(|(known, _)| method == "GET" && *known == path)?;
    serde_json::from_str::<Value>(body).ok().map(|json| Response::json(200, json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_balance_is_told_and_to_who_gets_it_only() {
        for (path, _) in BALANCES {
            assert!(response("GET", path).is_some() && response("POST", path).is_none(), "{path}");
        }
    }
}
