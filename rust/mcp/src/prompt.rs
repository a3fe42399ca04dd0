//! The prompts of a server, and what completes their arguments.

use crate::Part;
use rmcp::model::{CompletionInfo, GetPromptResult, Role};
use serde::Serialize;

/// A prompt that a server has ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Prompt {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it wants to know.
    pub arguments: Vec<Argument>,
}

/// Something that a prompt wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Whether there is no prompt without it.
    pub required: bool,
}

/// A prompt with its arguments filled in.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Filled {
    /// What it is for.
    pub description: Option<String>,
    /// What is said, oldest first: `user` or `assistant`, and what.
    pub messages: Vec<(String, Part)>,
}

/// What an argument that was begun may become.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Completion {
    /// At most 100 of them.
    pub values: Vec<String>,
    /// Whether there are more.
    pub more: bool,
}

/// What is completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An argument of the prompt of this name.
    Prompt(String),
    /// A gap of the template of this address.
    Template(String),
}

impl From<rmcp::model::Prompt> for Prompt {
    fn from(it: rmcp::model::Prompt) -> Prompt {
        let arguments = it.arguments.unwrap_or_default().into_iter().map(|it| Argument {
            name: it.name,
            description: it.description,
            required: it.required == Some(true),
        });
        Prompt {
            name: it.name,
            title: it.title,
            description: it.description,
            arguments: arguments.collect(),
        }
    }
}

impl From<GetPromptResult> for Filled {
    fn from(it: GetPromptResult) -> Filled {
        let messages = it.messages.into_iter().map(|it| (role(&it.role), Part::from(it.content)));
        Filled { description: it.description, messages: messages.collect() }
    }
}

fn role(role: &Role) -> String {
    match role {
        Role::Assistant => "assistant".into(),
        _ => "user".into(),
    }
}

impl From<CompletionInfo> for Completion {
    fn from(it: CompletionInfo) -> Completion {
        Completion { values: it.values, more: it.has_more == Some(true) }
    }
}
