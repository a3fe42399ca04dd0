//! The script that tells whether its thoughts come back.

use super::{
    texts::thoughtful,
    tools::{self, OPENAI, thoughts_and_rest},
};
use crate::{
    prompt::Prompt,
    reply::{Answer, Reply},
    steps::Step,
};

/// What is said before the calls, in a markup that chats change.
const BEFORE: &str = "I **look**. ";

/// Thoughts, and how many of the turns so far came back with theirs. Where a
/// number of calls is given, those come before, after thoughts of their own.
pub(crate) fn recall(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let (field, calls) = thoughts_and_rest(parameters)?;
    let calls = if calls.is_empty() { 0 } else { tools::number(calls)? };
    let is_done = prompt.tools.is_empty() || !prompt.tool_results().is_empty();
    let answer = if calls == 0 || is_done {
        Answer::text(&count(prompt), prompt.tokens())
    } else {
        let answer = tools::calls(OPENAI, calls, prompt);
        let text = [Step::Text(BEFORE.to_owned())].into_iter();
        Answer { steps: Box::new(text.chain(answer.steps)), ..answer }
    };
    Some(thoughtful(answer, field).into())
}

fn count(prompt: &Prompt) -> String {
    let turns = || prompt.messages.iter().filter(|message| message.role == "assistant");
    let thoughtful = turns().filter(|message| message.has_thoughts).count();
    format!("My thoughts came back with **{thoughtful} of {}** turns.", turns().count())
}
