//! Scripts that begin to answer and then fail.

use super::texts::words_answer;
use crate::{
    prompt::Prompt,
    reply::{Answer, Reply},
    steps::{FailureShape, Fault, Step},
};

/// Words before the fault, where the script's name gives no number.
const WORDS: u64 = 3;

pub(crate) fn stall(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    words_then(Fault::Stall, parameters, prompt)
}

pub(crate) fn cut(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    words_then(Fault::Cut, parameters, prompt)
}

pub(crate) fn truncate(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    words_then(Fault::Truncate, parameters, prompt)
}

pub(crate) fn reset(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    words_then(Fault::Reset, parameters, prompt)
}

fn words_then(fault: Fault, parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let words = if parameters.is_empty() { WORDS } else { parameters.parse().ok()? };
    Some(words_answer(words, prompt).fault(fault).into())
}

/// Words, an error in the stream, and its end without the mark of success.
pub(crate) fn midstream(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let shape = match parameters {
        "" | "openai" => FailureShape::OpenAi,
        "vllm" => FailureShape::Vllm,
        "openrouter" => FailureShape::OpenRouter,
        "ollama" => FailureShape::Ollama,
        "overloaded" => FailureShape::Overloaded,
        _ => return None,
    };
    let words = words_answer(WORDS, prompt).fault(Fault::Cut);
    let steps = Box::new(words.steps.chain([Step::Failure(shape)]));
    Some(Answer { steps, ..words }.into())
}
