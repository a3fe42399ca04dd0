//! Scripts that answer properly, in a form that decoders trip over.

use super::texts::word;
use crate::{
    prompt::Prompt,
    reply::{Answer, Reply},
    steps::Step,
};

/// Bytes in a megabyte, and the most of them that a line may have: beyond
/// this the test machine would suffer, not the client.
const MEGABYTE: usize = 1 << 20;
const LONGEST_LINE: usize = 1024;

/// "🦄" cut in its two halves, as a service that counts UTF-16 units cuts it.
pub(crate) fn surrogate(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let low = match parameters {
        "" => r"\udd84",
        "lone" => "",
        _ => return None,
    };
    let steps = [
        Step::Text("A unicorn: ".to_owned()),
        Step::Escaped(r"\ud83e"),
        Step::Escaped(low),
        Step::Text(" and no more.".to_owned()),
    ];
    Some(Answer::new(steps, 4, prompt.tokens()).into())
}

pub(crate) fn nulls(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let steps = || [Step::Nulls, Step::Text(word(1)), Step::Nulls, Step::Text(word(2))];
    parameters.is_empty().then(|| Answer::new(steps(), 2, prompt.tokens()).into())
}

pub(crate) fn not_json(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let steps = || [Step::Text(word(1)), Step::NotJson, Step::Text(word(2))];
    parameters.is_empty().then(|| Answer::new(steps(), 2, prompt.tokens()).into())
}

pub(crate) fn line(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let megabytes = parameters.parse().ok().filter(|n| (1..=LONGEST_LINE).contains(n))?;
    let text = "x".repeat(megabytes * MEGABYTE);
    Some(Answer::new([Step::Text(text)], 1, prompt.tokens()).into())
}
