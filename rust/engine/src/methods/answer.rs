//! `answer.stands`: how an answer stands in its chat.

use super::Job;
use llm_switch_types::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Params {
    turns: Vec<Standing>,
}

#[derive(Deserialize)]
struct Standing {
    /// What `Done` told as `kept`.
    kept: u64,
    /// Its texts, as they will be sent back.
    texts: Vec<String>,
}

/// `{turns: [{kept, texts: [TEXT…]}…]}` -> `{}`. The thoughts of those turns
/// are put back where exactly these texts come back, and the turn's calls.
///
/// # Errors
/// [`ErrorKind::Module`] for anything else.
pub(super) async fn stands(job: Job) -> Result<Value> {
    // What is wrong with it is not repeated: it holds an answer.
    let wrong = |_| Error::new(ErrorKind::Module, "answer.stands does not understand its turns");
    let Params { turns } = serde_json::from_value(job.params).map_err(wrong)?;
    for Standing { kept, texts } in turns {
        job.core.memory.stands(kept, &texts);
    }
    Ok(json!({}))
}
