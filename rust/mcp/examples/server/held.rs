//! The resources and prompts, beside the tools.

use rmcp::ErrorData;
use rmcp::model::*;

/// A red square.
pub const PICTURE: &str = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mO4oKBAEmIY1TCqYfhqAABLfxAQegypMgAAAABJRU5ErkJggg==";

/// The resources that are listed.
pub fn resources() -> Vec<Resource> {
    (1..=7).map(|it| Resource::new(format!("note://{it}"), format!("note {it}"))).collect()
}

/// What the resource at URI holds: a note, or one of those that are not listed,
/// of which each has one kind of content.
pub fn read(uri: &str) -> Result<Vec<ResourceContents>, ErrorData> {
    let text = |text: String| ResourceContents::text(text, uri);
    let picture = |data: &str| ResourceContents::blob(data, uri).with_mime_type("image/png");
    match uri.split_once("://").unwrap_or_default() {
        ("note", _) => Ok(vec![text(format!("This is {uri}")), picture("AAEC")]),
        ("doc", name) => Ok(vec![text(format!("# {name}\n")).with_mime_type("text/markdown")]),
        ("picture", _) => Ok(vec![picture(PICTURE)]),
        _ => Err(ErrorData::resource_not_found(format!("there is no {uri}"), None)),
    }
}

/// The prompts: one is a question, the other a conversation.
pub fn prompts() -> Vec<Prompt> {
    let topic = || PromptArgument::new("topic").with_description("About what").with_required(true);
    let style = PromptArgument::new("style").with_description("How").with_required(false);
    vec![
        Prompt::new("review", Some("Reviews a text"), Some(vec![topic()])),
        Prompt::new("talk", Some("Begins to talk"), Some(vec![topic(), style])),
    ]
}

/// The prompt that REQUEST names, filled in.
pub fn fill(request: GetPromptRequestParams) -> Vec<PromptMessage> {
    let arguments = request.arguments.unwrap_or_default();
    let given = |name| arguments.get(name).and_then(|it| it.as_str());
    let topic = given("topic").unwrap_or("nothing");
    let said = |role, text: String| PromptMessage::new_text(role, text);
    match request.name.as_str() {
        "talk" => vec![
            said(Role::User, format!("Let us talk about {topic}")),
            said(Role::Assistant, format!("Yes, {}", given("style").unwrap_or("gladly"))),
            said(Role::User, "Begin".to_owned()),
        ],
        _ => vec![said(Role::User, format!("Review {topic}"))],
    }
}
