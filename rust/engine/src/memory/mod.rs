//! Thoughts of earlier turns, for as long as the engine runs.
//!
//! Services sign or encrypt what their models think and want it back with the
//! turn that it led to. A chat in Emacs is text: of a turn nothing comes back
//! but its words and the ids of its calls. So thoughts are kept here, by what
//! their turn looks like when it comes back, and put back when it does. They
//! are held in memory only, and neither written nor logged.

mod trace;
mod turn;

pub(crate) use turn::Turn;

use llm_switch_types::{Message, Request};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use trace::Trace;

/// Turns that are remembered at most, and what their thoughts may take
/// together, in bytes: more than anybody's chats of a day.
const MOST_TURNS: usize = 1_000;
const MOST_BYTES: usize = 32 << 20;

/// The thoughts that are remembered.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// By number, so the oldest comes first.
    turns: BTreeMap<u64, Turn>,
    last: u64,
    bytes: usize,
}

impl Memory {
    /// Remember TURN; the oldest go where there are too many. The number that
    /// [`Memory::stands`] wants.
    pub(crate) fn keep(&self, turn: Turn) -> u64 {
        let mut kept = self.0.lock();
        kept.last += 1;
        kept.bytes += turn.bytes();
        let number = kept.last;
        kept.turns.insert(number, turn);
        while kept.turns.len() > MOST_TURNS || kept.bytes > MOST_BYTES {
            let Some((_, oldest)) = kept.turns.pop_first() else { break };
            kept.bytes -= oldest.bytes();
        }
        number
    }

    /// Turn NUMBER stands in its chat as TEXTS: trimmed, or in another markup
    /// than the model's. One that is forgotten already stays so.
    pub(crate) fn stands(&self, number: u64, texts: &[String]) {
        if let Some(turn) = self.0.lock().turns.get_mut(&number) {
            turn.stand(texts);
        }
    }

    /// Put the thoughts of earlier turns back into REQUEST.
    pub(crate) fn restore_in(&self, request: &mut Request) {
        request.messages = self.restore(std::mem::take(&mut request.messages));
    }

    /// MESSAGES with the thoughts of the turns that are known among them, each
    /// of which becomes one message again with all results behind it.
    fn restore(&self, messages: Vec<Message>) -> Vec<Message> {
        if self.0.lock().turns.is_empty() {
            return messages;
        }
        let traces: Vec<Vec<Trace>> = messages.iter().map(Trace::of).collect();
        let kept = self.0.lock();
        let mut restored = Vec::with_capacity(messages.len());
        let mut rest = messages.into_iter();
        while let (at, [_, ..]) = (traces.len() - rest.len(), rest.as_slice()) {
            match kept.find(rest.as_slice(), &traces[at..], &restored) {
                Some((turn, length)) => restored.extend(turn.restore(rest.by_ref().take(length))),
                None => restored.extend(rest.next()),
            }
        }
        restored
    }
}

impl Kept {
    /// The newest turn that MESSAGES, which bear TRACES, begin with, and how
    /// many of them it is. BEFORE is what was said before.
    fn find(
        &self,
        messages: &[Message],
        traces: &[Vec<Trace>],
        before: &[Message],
    ) -> Option<(&Turn, usize)> {
        let turns = self.turns.values().rev();
        let mut found = turns.filter_map(|turn| Some((turn, turn.length(messages, traces)?)));
        found.find(|(turn, _)| turn.answers(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{Part, Role, ToolCall};
    use serde_json::{Value, json};

    fn user(text: &str) -> Message {
        Message::text(Role::User, text)
    }

    fn said(text: &str) -> Message {
        Message::text(Role::Assistant, text)
    }

    fn call(id: &str) -> ToolCall {
        ToolCall { id: id.into(), name: "look".into(), arguments: "{}".into() }
    }

    fn calling(id: &str) -> Message {
        Message { parts: Vec::new(), tool_calls: vec![call(id)], ..said("") }
    }

    fn result(id: &str) -> Message {
        Message { tool_call_id: Some(id.into()), ..Message::text(Role::Tool, id) }
    }

    fn turn(question: &str, text: &str, calls: &[&str], thoughts: &str) -> Turn {
        let calls: Vec<ToolCall> = calls.iter().map(|id| call(id)).collect();
        Turn::new(&[user(question)], text, &calls, json!(thoughts).to_string())
    }

    fn thoughts(memory: &Memory, messages: Vec<Message>) -> Vec<Option<Value>> {
        memory.restore(messages).into_iter().map(|message| message.opaque).collect()
    }

    #[test]
    fn a_text_that_comes_back_has_its_thoughts_again() {
        let memory = Memory::default();
        memory.keep(turn("Hi", "Hello \n", &[], "t"));
        let messages = vec![user("Hi"), said("Hello"), user("Go on")];
        assert_eq!(thoughts(&memory, messages), [None, Some(json!("t")), None]);
    }

    #[test]
    fn a_text_that_was_changed_goes_without() {
        let memory = Memory::default();
        memory.keep(turn("Hi", "Hello", &[], "t"));
        assert_eq!(thoughts(&memory, vec![user("Hi"), said("Hello!")]), [None, None]);
    }

    #[test]
    fn the_same_words_after_another_question_are_another_turn() {
        let memory = Memory::default();
        memory.keep(turn("Is it?", "Yes.", &[], "one"));
        memory.keep(turn("Was it?", "Yes.", &[], "two"));
        let messages = vec![user("Is it?"), said("Yes."), user("Will it?"), said("Yes.")];
        assert_eq!(thoughts(&memory, messages), [None, Some(json!("one")), None, None]);
    }

    #[test]
    fn of_two_answers_to_one_question_the_newer_counts() {
        let memory = Memory::default();
        memory.keep(turn("Is it?", "Yes.", &[], "one"));
        memory.keep(turn("Is it?", "Yes.", &[], "two"));
        let messages = vec![user("Is it?"), said("Yes.")];
        assert_eq!(thoughts(&memory, messages), [None, Some(json!("two"))]);
    }

    #[test]
    fn what_stands_in_the_chat_counts_and_not_what_was_said() {
        let memory = Memory::default();
        let number = memory.keep(turn("Hi", "**Hello**", &[], "t"));
        memory.stands(number, &["*Hello*".to_owned()]);
        let ask = |text: &str| thoughts(&memory, vec![user("Hi"), said(text)]).pop().flatten();
        assert_eq!(ask("*Hello*"), Some(json!("t")));
        assert_eq!(ask("**Hello**"), None);
    }

    #[test]
    fn a_turn_that_comes_back_in_pieces_is_one_again() {
        let memory = Memory::default();
        memory.keep(turn("Hi", "I look.", &["call_1", "call_2"], "t"));
        let pieces = vec![
            user("Hi"),
            said("I look."),
            calling("call_2"),
            result("call_2"),
            calling("call_1"),
            result("call_1"),
            said("I saw."),
        ];
        let whole = Message {
            tool_calls: vec![call("call_1"), call("call_2")],
            opaque: Some(json!("t")),
            ..said("I look.")
        };
        let expected =
            [user("Hi"), whole, result("call_1"), result("call_2"), said("I saw.")].to_vec();
        assert_eq!(memory.restore(pieces), expected);
    }

    #[test]
    fn calls_are_known_only_all_together_and_after_their_question() {
        let memory = Memory::default();
        memory.keep(turn("Hi", "", &["call_0", "call_1"], "t"));
        let both = |question: &str| {
            let calls = [calling("call_0"), result("call_0"), calling("call_1"), result("call_1")];
            thoughts(&memory, [vec![user(question)], calls.to_vec()].concat())
        };
        assert_eq!(both("Hi"), [None, Some(json!("t")), None, None]);
        assert_eq!(both("Ho"), [const { None }; 5]);
        let one = vec![user("Hi"), calling("call_0"), result("call_0"), said("I saw.")];
        assert_eq!(thoughts(&memory, one), [const { None }; 4]);
    }

    #[test]
    fn a_turn_that_brings_its_own_thoughts_keeps_them() {
        let memory = Memory::default();
        memory.keep(turn("Hi", "Hello", &[], "ours"));
        let own = Message { opaque: Some(json!("own")), ..said("Hello") };
        assert_eq!(thoughts(&memory, vec![user("Hi"), own]), [None, Some(json!("own"))]);
    }

    #[test]
    fn the_oldest_are_forgotten_first_by_count_and_by_size() {
        let memory = Memory::default();
        for i in 0..=MOST_TURNS {
            memory.keep(turn("Hi", &format!("a{i}"), &[], "t"));
        }
        let is_known = |text: &str| thoughts(&memory, vec![user("Hi"), said(text)])[1].is_some();
        assert!(!is_known("a0") && is_known("a1"));
        memory.keep(turn("Hi", "large", &[], &"t".repeat(MOST_BYTES - 1_000)));
        assert!(!is_known("a1") && is_known("large"));
        memory.keep(turn("Hi", "larger", &[], &"t".repeat(MOST_BYTES + 1)));
        assert!(!is_known("larger"));
        assert_eq!(memory.0.lock().bytes, 0);
    }

    #[test]
    fn a_question_is_known_by_what_it_shows_too() {
        let memory = Memory::default();
        let asked = |image: &str| Message {
            parts: vec![Part::Text("What?".into()), Part::Media(image.into())],
            ..user("")
        };
        memory.keep(Turn::new(&[asked("a")], "A cat.", &[], json!("t").to_string()));
        let ask =
            |image: &str| thoughts(&memory, vec![asked(image), said("A cat.")]).pop().flatten();
        assert_eq!((ask("a"), ask("b")), (Some(json!("t")), None));
    }
}
