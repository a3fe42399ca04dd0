//! What an answer is billed at, and the limit that a client sets to that.
//!
//! A token is a word here, and each delta has one.

use crate::{
    prompt::Prompt,
    reply::Answer,
    steps::{Ending, Finish, Step, Usage},
};
use serde_json::Value;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Where a request sets its output limit. No two dialects mean different
/// things by one of these, so that none of them has to be asked.
const LIMITS: &[&str] = &[
    "/max_completion_tokens",
    "/max_output_tokens",
    "/max_tokens",
    "/generationConfig/maxOutputTokens",
    "/options/num_predict",
];

/// What a service bills for an answer: the prompt, and the output that was
/// made until the client left. A refusal is billed at nothing.
#[derive(Clone, Default)]
pub(crate) struct Bill {
    pub(crate) prompt: u64,
    output: Arc<AtomicU64>,
}

impl Bill {
    /// Keeps the bill of `answer` to `prompt` while it is made. `hidden` is
    /// thought before the first word.
    pub(crate) fn of(answer: Answer, prompt: &Prompt, hidden: u64) -> (Answer, Bill) {
        let usage = answer.usage.as_ref();
        let bill = Bill {
            prompt: usage.map_or_else(|| prompt.tokens(), |usage| usage.prompt),
            output: Arc::new(AtomicU64::new(hidden)),
        };
        // A complete answer is billed at what the service tells.
        let is_complete = matches!(answer.ending, Ending::Finished(_));
        let whole = usage.filter(|_| is_complete).map(|usage| usage.output);
        let output = Arc::clone(&bill.output);
        let steps = answer.steps.map(Some).chain([None]).filter_map(move |step| {
            match (&step, whole) {
                (Some(step), _) => drop(output.fetch_add(tokens(step), Ordering::Relaxed)),
                (None, Some(whole)) => output.store(whole, Ordering::Relaxed),
                (None, None) => {}
            }
            step
        });
        (Answer { steps: Box::new(steps), ..answer }, bill)
    }

    /// Tokens that were made so far.
    pub(crate) fn output(&self) -> u64 {
        self.output.load(Ordering::Relaxed)
    }
}

/// `answer`, stopped at the output limit of `prompt` if that has one.
pub(crate) fn limited(answer: Answer, prompt: &Prompt) -> Answer {
    let Some(limit) = limit(&prompt.body) else { return answer };
    let mut kept = Vec::new();
    let mut left = limit;
    for step in answer.steps {
        let size = tokens(&step);
        if size > left {
            kept.extend(beginning(step, left));
            return stopped(Answer { steps: Box::new(kept.into_iter()), ..answer }, limit);
        }
        left -= size;
        kept.push(step);
    }
    Answer { steps: Box::new(kept.into_iter()), ..answer }
}

fn limit(body: &Value) -> Option<u64> {
    LIMITS.iter().find_map(|place| body.pointer(place)?.as_u64())
}

/// What the service says of an answer that was stopped at `limit`, a fault
/// that it did not come to included.
fn stopped(answer: Answer, limit: u64) -> Answer {
    let counted =
        |usage: Usage| Usage { output: limit, reasoning: usage.reasoning.min(limit), ..usage };
    let usage = answer.usage.map(counted);
    Answer { ending: Ending::Finished(Finish::Length), usage, ..answer }
}

/// `answer` after `hidden` tokens of thought, which are told with the usage
/// alone and which no limit holds.
pub(crate) fn thinking(answer: Answer, hidden: u64) -> Answer {
    let more = |usage: Usage| Usage {
        output: usage.output + hidden,
        reasoning: usage.reasoning + hidden,
        ..usage
    };
    Answer { usage: answer.usage.map(more), ..answer }
}

fn tokens(step: &Step) -> u64 {
    match step {
        Step::Text(_) | Step::Escaped(_) | Step::Reasoning { .. } | Step::Call(_) => 1,
        Step::Repeat { times, .. } => *times,
        Step::Seal { .. } | Step::Nulls | Step::NotJson | Step::Failure(_) => 0,
    }
}

/// The first `most` tokens of a step that has more.
fn beginning(step: Step, most: u64) -> Option<Step> {
    match step {
        Step::Repeat { text, .. } if most > 0 => Some(Step::Repeat { text, times: most }),
        _ => None,
    }
}
