//! What the driver hands to a worker, and what it hears back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Tokens of each prompt. Four bytes each, as an estimate takes them.
pub const PROMPT: u64 = 24;

/// Something to ask.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// A route, or a script of the simulator at the account `sim`.
    pub model: String,
    /// The output limit that the user sets.
    pub limit: Option<u64>,
    /// Milliseconds after which the user cancels.
    pub cancel_after: Option<u64>,
}

impl Job {
    /// Asks the script called SCRIPT of the metered account.
    pub fn script(script: &str, limit: Option<u64>) -> Job {
        Job { model: format!("sw/sim/{script}"), limit, cancel_after: None }
    }

    /// What Emacs would submit.
    pub fn request(&self) -> Value {
        let text = "tok ".repeat(PROMPT as usize);
        let mut request = json!({
            "model": self.model, "stream": true,
            "messages": [{"role": "user", "content": text}],
            "llm_switch": {"v": llm_switch_engine::BOUNDARY, "purpose": "chat"},
        });
        if let Some(limit) = self.limit {
            request["max_tokens"] = limit.into();
        }
        request
    }
}

/// How a job ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct End {
    /// `done`, or the kind of the error.
    pub kind: String,
    /// What the error says.
    pub what: String,
    /// When the budget is full again, in Unix milliseconds.
    pub resets_at: Option<i64>,
    /// Milliseconds since it was asked.
    pub waited: u64,
}
