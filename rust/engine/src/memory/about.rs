//! What a turn is about.

use super::trace::Print;
use llm_switch_types::{Message, Part, Role};
use sha2::{Digest, Sha256};
use std::mem::take;

/// What the turn behind each beginning of MESSAGES is about: the first of
/// these hashes is of none of them, the last of all.
///
/// A turn is about the question that was asked last, and about the one before
/// with what the assistant said to it: "Go on" is asked in many conversations.
/// What is older does not count. It may be edited or left out, and thoughts
/// would be lost with it that are of use.
pub(super) fn abouts(messages: &[Message]) -> Vec<Print> {
    let mut asked = Asked::default();
    let abouts = messages.iter().map(|message| asked.hear(message));
    [Print::default()].into_iter().chain(abouts).collect()
}

/// What the turn behind all of MESSAGES is about.
pub(super) fn about(messages: &[Message]) -> Print {
    let questions = messages.iter().enumerate().filter(|(_, message)| message.role == Role::User);
    let before = questions.rev().nth(1).map_or(0, |(at, _)| at);
    abouts(&messages[before..]).pop().unwrap_or_default()
}

#[derive(Default)]
struct Asked {
    /// The question that was asked last, and what was said to it since.
    said: Sha256,
    about: Print,
}

impl Asked {
    /// What the turn behind MESSAGE is about, which comes next.
    fn hear(&mut self, message: &Message) -> Print {
        match message.role {
            Role::User => {
                let before = take(&mut self.said).finalize();
                self.add(message);
                let question = self.said.clone().finalize();
                self.about =
                    Sha256::new_with_prefix(before).chain_update(question).finalize().into();
            }
            Role::Assistant => self.add(message),
            Role::System | Role::Tool => {}
        }
        self.about
    }

    fn add(&mut self, message: &Message) {
        for part in &message.parts {
            let (kind, said) = match part {
                Part::Text(text) => ("text", text.trim()),
                Part::Media(url) => ("media", url.as_str()),
            };
            // A turn that only calls tools says nothing, in one part or in none.
            if !said.is_empty() {
                self.said.update(format!("{kind} {} ", said.len()));
                self.said.update(said);
            }
        }
    }
}
