//! Reasoning that a server leaves in the text, between `<think>` tags.

use llm_switch_types::Event;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";
/// More blanks than any model writes before it says something.
const MAX_BLANK: usize = 4096;

/// Tells reasoning from text where the server does not: an answer that
/// begins with `<think>` is reasoning up to `</think>`.
///
/// Anywhere else the tag is text, since people ask models about HTML.
#[derive(Debug, Default)]
pub(crate) struct ThinkSplitter {
    state: State,
    /// What may be the beginning of a tag, cut by the network.
    held: String,
    /// Nothing has been said since the last tag, so blanks still go with it.
    fresh: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum State {
    #[default]
    Start,
    Thinking,
    Text,
}

impl ThinkSplitter {
    /// Take the next piece of TEXT; what it is goes to OUT.
    pub(crate) fn push(&mut self, text: &str, out: &mut Vec<Event>) {
        if self.state == State::Text {
            return self.say(text, out);
        }
        self.held.push_str(text);
        if self.state == State::Start && !self.leave_start(out) {
            return;
        }
        if self.state == State::Thinking {
            self.think(out);
        }
    }

    /// The answer has ended: what was held back is what it seems.
    pub(crate) fn finish(&mut self, out: &mut Vec<Event>) {
        let held = std::mem::take(&mut self.held);
        self.say(&held, out);
    }

    /// Whether it is decided what the answer begins with.
    fn leave_start(&mut self, out: &mut Vec<Event>) -> bool {
        let begin = self.held.trim_start();
        if let Some(rest) = begin.strip_prefix(OPEN) {
            self.held = rest.to_owned();
            self.enter(State::Thinking);
        } else if OPEN.starts_with(begin) && self.held.len() <= MAX_BLANK {
            return false;
        } else {
            self.state = State::Text;
            self.finish(out);
        }
        true
    }

    fn think(&mut self, out: &mut Vec<Event>) {
        let held = std::mem::take(&mut self.held);
        if let Some((thought, text)) = held.split_once(CLOSE) {
            self.say(thought, out);
            self.enter(State::Text);
            return self.say(text, out);
        }
        let keep = (1..CLOSE.len()).rev().find(|n| held.ends_with(&CLOSE[..*n])).unwrap_or(0);
        let (thought, rest) = held.split_at(held.len() - keep);
        self.say(thought, out);
        self.held = rest.to_owned();
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.fresh = true;
    }

    fn say(&mut self, text: &str, out: &mut Vec<Event>) {
        let text = if self.fresh { text.trim_start() } else { text };
        if !text.is_empty() {
            self.fresh = false;
            let kind = if self.state == State::Thinking { Event::Reasoning } else { Event::Text };
            out.push(kind(text.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&str]) -> (String, String) {
        let (mut splitter, mut out) = (ThinkSplitter::default(), Vec::new());
        pieces.iter().for_each(|piece| splitter.push(piece, &mut out));
        splitter.finish(&mut out);
        out.into_iter().fold(Default::default(), |(reasoning, text), event| match event {
            Event::Reasoning(it) => (reasoning + &it, text),
            Event::Text(it) => (reasoning, text + &it),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn any_cut_gives_the_same_split() {
        let answer = "\n<think>\nwhy é?</think>\n\nBecause </think>.";
        let expected = ("why é?".to_owned(), "Because </think>.".to_owned());
        for cut in (0..=answer.len()).filter(|cut| answer.is_char_boundary(*cut)) {
            assert_eq!(split(&[&answer[..cut], &answer[cut..]]), expected, "cut at {cut}");
        }
        let pieces: Vec<String> = answer.chars().map(String::from).collect();
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        assert_eq!(split(&pieces), expected);
    }

    #[test]
    fn text_that_only_resembles_a_tag_stays_text() {
        for text in ["<thin", "<thing>", " ", "a <think>b</think>", "<b>"] {
            assert_eq!(split(&[text]), (String::new(), text.to_owned()));
        }
    }

    #[test]
    fn blanks_without_end_are_not_held_back() {
        let (mut splitter, mut out) = (ThinkSplitter::default(), Vec::new());
        splitter.push(&" ".repeat(MAX_BLANK + 1), &mut out);
        assert!(matches!(&out[..], [Event::Text(text)] if text.len() > MAX_BLANK));
        assert_eq!(splitter.held, "");
    }

    #[test]
    fn reasoning_without_end_is_reasoning() {
        assert_eq!(split(&["<think>a</thi"]), ("a</thi".to_owned(), String::new()));
    }
}
