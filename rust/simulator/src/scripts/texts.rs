//! Scripts that answer in text and end as they should.

use crate::{
    prompt::Prompt,
    reply::{Answer, Reply},
    steps::{Finish, ReasoningField, Step, Usage},
};
use serde_json::Number;
use std::time::Duration;

const HELLO: &str = "Hello from the simulator.";
const THOUGHTS: &str = "The user said something. I shall answer it.";
/// A token of four bytes, which is what a client takes one for that has to
/// estimate.
const TOKEN: &str = "tok ";
/// What each delta of a flood says.
const TICK: &str = "tick ";

/// Word `i` of the script `words`, with the space that ends it.
///
/// Numbered, so that a gap or a swap shows; each tenth has letters of two and
/// of four bytes, so that a cut inside a letter shows too.
pub fn word(i: u64) -> String {
    if i.is_multiple_of(10) { format!("w{i}é🦄 ") } else { format!("w{i} ") }
}

/// All that the script `words:N` says.
pub fn words_text(n: u64) -> String {
    (1..=n).map(word).collect()
}

/// An answer of the first `n` words.
pub(crate) fn words_answer(n: u64, prompt: &Prompt) -> Answer {
    Answer::new((1..=n).map(|i| Step::Text(word(i))), n, prompt.tokens())
}

fn hello_answer(prompt: &Prompt) -> Answer {
    Answer::text(HELLO, prompt.tokens())
}

pub(crate) fn hello(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    parameters.is_empty().then(|| hello_answer(prompt).into())
}

pub(crate) fn words(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    paced(parameters, |n| words_answer(n, prompt))
}

pub(crate) fn tokens(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let steps = |n| (0..n).map(|_| Step::Text(TOKEN.to_owned()));
    paced(parameters, |n| Answer::new(steps(n), n, prompt.tokens()))
}

/// What `answer` makes of the N of `N@R`, at R deltas a second.
fn paced(parameters: &str, answer: impl FnOnce(u64) -> Answer) -> Option<Reply> {
    let (n, rate) = parameters.split_once('@').unwrap_or((parameters, "0"));
    let answer = answer(n.parse().ok()?);
    Some(Answer { every: interval(rate.parse().ok()?)?, ..answer }.into())
}

/// The time between two words at `rate` words a second; none at rate 0.
fn interval(rate: f64) -> Option<Option<Duration>> {
    if rate == 0.0 {
        return Some(None);
    }
    Duration::try_from_secs_f64(1.0 / rate).ok().map(Some)
}

pub(crate) fn flood(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let times = parameters.parse().ok()?;
    let step = Step::Repeat { text: TICK, times };
    Some(Answer::new([step], times, prompt.tokens()).into())
}

pub(crate) fn echo(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let answer = || Answer::text(prompt.last_user_text(), prompt.tokens());
    parameters.is_empty().then(|| answer().into())
}

pub(crate) fn reasoning(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let field = if parameters.is_empty() { OWN } else { reasoning_field(parameters)? };
    Some(thoughtful(hello_answer(prompt), field).into())
}

/// The same answer after thoughts in `field`; after silent ones without.
pub(crate) fn thoughtful(answer: Answer, field: Option<ReasoningField>) -> Answer {
    let thoughts: Vec<String> = THOUGHTS.split_inclusive(' ').map(str::to_owned).collect();
    let reasoning = thoughts.len() as u64;
    let usage =
        answer.usage.clone().map(|u| Usage { output: u.output + reasoning, reasoning, ..u });
    let is_aloud = field.is_some_and(|field| !matches!(field, ReasoningField::Hidden));
    let aloud = thoughts.into_iter().filter(move |_| is_aloud);
    let aloud = aloud.filter_map(move |text| field.map(|field| Step::Reasoning { field, text }));
    let seal = field.map(|field| Step::Seal { field, thoughts: THOUGHTS.to_owned() });
    Answer { steps: Box::new(aloud.chain(seal).chain(answer.steps)), usage, ..answer }
}

/// Where thoughts stand when nothing is said about it.
pub(crate) const OWN: Option<ReasoningField> = Some(ReasoningField::ReasoningContent);

/// The field that a parameter names; `Some(None)` for thoughts that are
/// counted but not told, as OpenAI's models think.
pub(crate) fn reasoning_field(name: &str) -> Option<Option<ReasoningField>> {
    Some(match name {
        "reasoning_content" => Some(ReasoningField::ReasoningContent),
        "reasoning" => Some(ReasoningField::Reasoning),
        "reasoning_text" => Some(ReasoningField::ReasoningText),
        "both" => Some(ReasoningField::Both),
        "details" => Some(ReasoningField::Details),
        "hidden" => Some(ReasoningField::Hidden),
        "none" => None,
        _ => return None,
    })
}

pub(crate) fn length(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    parameters.is_empty().then(|| hello_answer(prompt).finish(Finish::Length).into())
}

pub(crate) fn filter(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    parameters.is_empty().then(|| hello_answer(prompt).finish(Finish::ContentFilter).into())
}

pub(crate) fn usage(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let counts: Vec<u64> = parameters.split(',').map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let (prompt_tokens, cached, output, reasoning, written, written_hour) = match counts[..] {
        [p, c, o, r] => (p, c, o, r, 0, 0),
        [p, c, o, r, w, h] => (p, c, o, r, w, h),
        _ => return None,
    };
    if cached + written + written_hour > prompt_tokens || reasoning > output {
        return None;
    }
    let usage = Usage {
        prompt: prompt_tokens,
        cached,
        written,
        written_hour,
        output,
        reasoning,
        cost: None,
    };
    Some(hello_answer(prompt).usage(Some(usage)).into())
}

pub(crate) fn nousage(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    parameters.is_empty().then(|| hello_answer(prompt).usage(None).into())
}

pub(crate) fn cost(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let cost: Number = parameters.parse().ok()?;
    let answer = hello_answer(prompt);
    let usage = answer.usage.clone().map(|usage| Usage { cost: Some(cost), ..usage });
    Some(answer.usage(usage).into())
}

pub(crate) fn served(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let name = Some(parameters.to_owned()).filter(|name| !name.is_empty())?;
    Some(Answer { served: Some(name), ..hello_answer(prompt) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tenth_word_has_letters_of_two_and_four_bytes() {
        assert_eq!(words_text(11), "w1 w2 w3 w4 w5 w6 w7 w8 w9 w10é🦄 w11 ");
    }

    #[test]
    fn a_rate_is_words_a_second() {
        assert_eq!(interval(50.0), Some(Some(Duration::from_millis(20))));
        assert_eq!(interval(0.0), Some(None));
        assert_eq!(interval(-1.0), None);
        assert_eq!(interval(f64::NAN), None);
    }
}
