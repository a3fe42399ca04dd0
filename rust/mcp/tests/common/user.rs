//! A user who logs in, with a browser.

use super::{Memory, Owner, get, soon, text};
use llm_switch_mcp::*;
use serde_json::json;
use std::sync::Arc;

/// An owner who can log in, and what is kept for them.
pub fn owner() -> (Owner, Arc<Memory>) {
    let (mut owner, memory) = (Owner::new(), Arc::new(Memory::default()));
    owner.host.login = Some(Login::new(memory.clone()));
    (owner, memory)
}

/// Log in to SERVER as OWNER, who goes where they are asked to, and comes back
/// by themselves.
pub async fn log_in(server: &Server, owner: &mut Owner) -> String {
    let browser = async {
        let question = owner.questions.recv().await.unwrap();
        // Dropping the question would leave it.
        (visit(&question).await, question)
    };
    let (done, (page, _question)) = tokio::join!(server.login(), browser);
    done.unwrap();
    page
}

/// Go to the page of QUESTION, and to where it leads; what is shown there.
pub async fn visit(question: &Question) -> String {
    let Asked::Login { url, host, callback } = &question.asked else { panic!("{question:?}") };
    assert_eq!(host, "127.0.0.1");
    let back = get(url).await.1.unwrap();
    assert!(back.starts_with(callback.as_str()), "{back}");
    get(&back).await.2
}

/// Where the page of QUESTION leads.
pub async fn back(question: &Question) -> String {
    let Asked::Login { url, .. } = &question.asked else { panic!("{question:?}") };
    get(url).await.1.unwrap()
}

/// Wait until SERVER wants a login.
pub async fn stranger(server: &Server) {
    soon("a login is wanted", || matches!(server.state(), State::NeedsAuth { .. })).await;
}

pub async fn echo(server: &Server) -> String {
    text(server, "echo", json!({})).await
}

/// All that MEMORY keeps, as one text.
pub fn kept(memory: &Memory) -> String {
    memory.0.lock().values().cloned().collect()
}
