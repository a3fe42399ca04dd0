//! What the rules look at in a request.

use crate::intake::Ask;
use crate::money::Habits;
use llm_switch_types::{Part, Purpose, Role};

/// What the rules look at in a request.
#[derive(Debug, Default)]
pub(crate) struct Signs {
    /// The last message without code: its words in small letters, each between
    /// spaces.
    pub(super) text: String,
    /// All of it in small letters, code too.
    pub(super) raw: String,
    /// There is code, or something else in fences.
    pub(super) code: bool,
    /// A question mark stands outside of it.
    pub(super) asks: bool,
    pub(super) input: u64,
    pub(super) images: bool,
    pub(super) tools: usize,
    pub(super) tool_turns: usize,
    pub(super) failures: u64,
    pub(super) purpose: Option<Purpose>,
    pub(super) language: Option<String>,
}

impl Signs {
    /// What the rules look at in ASK.
    pub(crate) fn of(ask: &Ask) -> Signs {
        let messages = &ask.request.messages;
        let last = messages.iter().rposition(|it| it.role == Role::User);
        let parts = last.map_or(&[][..], |at| &messages[at].parts);
        let texts = parts.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Media(_) => None,
        });
        let after = last.map_or(0, |at| at + 1);
        Signs {
            input: Habits::default().bound(&ask.request).likely.0,
            images: parts.iter().any(|part| matches!(part, Part::Media(_))),
            tools: ask.request.tools.len(),
            tool_turns: messages[after..].iter().filter(|it| it.role == Role::Tool).count(),
            failures: ask.facts.failures,
            purpose: Some(ask.purpose),
            language: ask.facts.language.clone(),
            ..Signs::said(&texts.collect::<Vec<_>>().join("\n"))
        }
    }

    /// What they see in TEXT.
    pub(super) fn said(text: &str) -> Signs {
        let text = &text[..text.floor_char_boundary(LOOKED_AT.min(text.len()))];
        let prose = prose(text);
        Signs {
            text: plain(&prose),
            raw: text.to_lowercase(),
            code: prose.len() < text.trim().len(),
            asks: prose.contains('?'),
            ..Signs::default()
        }
    }

    pub(super) fn words(&self) -> usize {
        self.text.split_whitespace().count()
    }
}

/// Letters of a message that are looked at: who pastes a book says what is
/// wanted at its beginning.
const LOOKED_AT: usize = 8_000;

/// TEXT as [`Signs`] keeps it.
fn plain(text: &str) -> String {
    let word = |c: char| if c.is_alphanumeric() { c } else { ' ' };
    let lower: String = text.to_lowercase().chars().map(word).collect();
    let words: Vec<&str> = lower.split_whitespace().collect();
    format!(" {} ", words.join(" "))
}

/// What stands around code.
const FENCE: &str = "```";

/// TEXT without code: what is named in it is not what is asked. Code stands in
/// fences, and often it is just pasted.
fn prose(text: &str) -> String {
    let outside = text.split(FENCE).step_by(2).collect::<Vec<_>>().join("\n");
    let lines = outside.lines().filter(|line| !is_code(line));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Whether LINE is rather code than prose, by its signs.
fn is_code(line: &str) -> bool {
    const SIGNS: &str = "{}()[]<>=;|_$&*\\/+:";
    let signs = line.chars().filter(|it| SIGNS.contains(*it)).count();
    let words = line.split_whitespace().filter(|it| it.chars().all(char::is_alphabetic)).count();
    let is_indented = line.starts_with([' ', '\t']);
    let ends_as_code = line.trim_end().ends_with([';', '{', '}']);
    let lower = line.to_lowercase();
    let is_query = lower.starts_with("select ") && lower.contains(" from ");
    is_query || signs > words.max(2) || (is_indented || ends_as_code) && signs > 0
}

/// TEXT as it stands in what [`plain`] makes.
pub(super) fn phrase(text: &str) -> String {
    match text.strip_suffix('*') {
        Some(stem) => plain(stem).trim_end().to_owned(),
        None => plain(text),
    }
}
