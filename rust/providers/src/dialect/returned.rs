//! What a tool returned, for services that take its text and its media apart.

use super::media::left_out;
use llm_switch_types::{Message, Part, Role};

/// What a tool returned.
pub(super) struct Returned<'a> {
    /// All texts, a line apart, with a word for what is not among the media.
    pub(super) text: String,
    /// The media that the service takes.
    pub(super) media: Vec<&'a Part>,
}

/// What is said where a tool returned media only, and the service wants a text
/// in its turn.
const FOLLOWS: &str = "The result follows.";

impl<'a> Returned<'a> {
    /// What MESSAGE, a tool's turn, says and shows to a service that takes the
    /// media of which TAKES holds.
    pub(super) fn of(message: &'a Message, takes: impl Fn(&str) -> bool) -> Self {
        let (mut texts, mut media) = (Vec::new(), Vec::new());
        for part in &message.parts {
            match part {
                Part::Text(text) => texts.push(text.clone()),
                Part::Media(url) if takes(url) => media.push(part),
                Part::Media(url) => texts.push(left_out(url)),
            }
        }
        Returned { text: texts.join("\n"), media }
    }

    /// The text, for a service to which the media go behind the tools' turns.
    pub(super) fn text_before_media(&self) -> &str {
        if self.text.is_empty() && !self.media.is_empty() { FOLLOWS } else { &self.text }
    }
}

/// What is said before media that stand behind the tools' turns: whose they
/// are. TOOL is its name, where it is known.
pub(super) fn whose(tool: Option<&str>) -> String {
    let tool = tool.map_or("a tool".to_owned(), |name| format!("the tool {name}"));
    format!("This is what {tool} returned:")
}

/// TEXT of MESSAGE, for services that have no field for a tool that failed, so
/// that the text says it.
pub(super) fn error_mark(message: &Message, text: &str) -> String {
    let unmarked = message.role == Role::Tool && message.is_error && !text.starts_with("Error");
    if unmarked { format!("Error: {text}") } else { text.to_owned() }
}
