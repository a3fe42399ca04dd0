//! What servers ask, put to the user.

use super::{Running, sampling};
use crate::core::Core;
use llm_switch_mcp::{Answer, Asked, Question};
use serde_json::{Value, json};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc;
use url::Url;

/// How long the user may think about a form or a page. Its server's own clock
/// stands meanwhile.
const PATIENCE: Duration = Duration::from_secs(600);

/// Put what is ASKED by RUNNING to the user, each question in a task of its
/// own: one that nobody answers holds up no other.
pub(crate) fn listen(
    core: &Arc<Core>,
    running: &Arc<Running>,
    mut asked: mpsc::Receiver<Question>,
) {
    let (core, running) = (Arc::clone(core), Arc::downgrade(running));
    let tasks = core.tasks.clone();
    tasks.background(async move {
        while let Some(question) = asked.recv().await {
            let Some(running) = Weak::upgrade(&running) else { return };
            let core = Arc::clone(&core);
            let tasks = core.tasks.clone();
            tasks.background(async move { put(&core, &running, question).await });
        }
    });
}

async fn put(core: &Arc<Core>, running: &Running, question: Question) {
    let Question { server, tools, asked, mut reply } = question;
    let answer = async {
        match asked {
            Asked::Form { message, schema } => {
                let details = json!({
                    "server": server, "tools": tools, "message": message,
                    "schema": schema.to_string(),
                });
                form(ask(core, running, "mcp-form", details).await)
            }
            Asked::Url { message, url, .. } => {
                let host = Url::parse(&url).ok();
                let host = host.as_ref().and_then(Url::host_str);
                let details =
                    json!({"server": server, "message": message, "url": url, "host": host});
                match ask(core, running, "mcp-page", details).await {
                    Some(Value::Bool(true)) => Answer::Accept(Value::Null),
                    Some(_) => Answer::Decline,
                    None => Answer::Cancel,
                }
            }
            Asked::Sampling { params } => sampling::sample(core, running, &tools, &params).await,
            Asked::Roots => roots(running),
        }
    };
    // A server that does not wait any more is no reason to go on asking.
    tokio::select! {
        answer = answer => drop(reply.send(answer)),
        () = reply.closed() => {}
    }
}

async fn ask(core: &Core, running: &Running, kind: &str, details: Value) -> Option<Value> {
    core.ask(running.asker().0, kind, details, PATIENCE).await
}

/// What the user made of a form.
fn form(answer: Option<Value>) -> Answer {
    let Some(answer) = answer else { return Answer::Cancel };
    let value = answer["value"].as_str().and_then(|text| serde_json::from_str(text).ok());
    match (answer["answer"].as_str(), value) {
        (Some("accept"), Some(value)) => Answer::Accept(value),
        (Some("decline"), _) => Answer::Decline,
        _ => Answer::Cancel,
    }
}

/// The project that RUNNING is about: its own, or that of who waits for it.
fn roots(running: &Running) -> Answer {
    let project = running.project.clone().or_else(|| running.asker().1.project);
    let root = |folder: &std::path::PathBuf| {
        let name = folder.file_name().map(|it| it.to_string_lossy().into_owned());
        Some(json!({"uri": Url::from_directory_path(folder).ok()?.as_str(), "name": name}))
    };
    Answer::Accept(project.iter().filter_map(root).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_filled_in_declined_or_left() {
        let accepted = json!({"answer": "accept", "value": "{\"name\":\"Ada\",\"ok\":false}"});
        assert_eq!(form(Some(accepted)), Answer::Accept(json!({"name": "Ada", "ok": false})));
        assert_eq!(form(Some(json!({"answer": "decline"}))), Answer::Decline);
        for left in [None, Some(json!({"answer": "accept", "value": "{"})), Some(json!(true))] {
            assert_eq!(form(left), Answer::Cancel);
        }
    }
}
