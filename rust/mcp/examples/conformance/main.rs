//! A client for the official conformance suite: what a product does with any
//! server, and nothing that only a test would do.
//!
//! It starts the server at an address, lists its tools and calls each of them,
//! or those that the suite names. Where it has to log in it goes to the page
//! and comes back from there, as a browser whose user says yes to everything.
//!
//! conformance client --requirements 2026-07-28 --command target/debug/examples/conformance

mod arguments;
mod browser;
mod memory;

use arguments::Call;
use llm_switch_mcp::*;
use llm_switch_net::Reach;
use llm_switch_types::Result;
use memory::Memory;
use serde_json::Value;
use std::{error::Error, io::Write, process::ExitCode, sync::Arc};
use tokio::sync::mpsc;

/// The address of a document about us that the suite's servers know.
const DOCUMENT: &str = "https://conformance-test.local/client-metadata.json";

/// How often one thing is tried that needs a login first.
const TRIES: usize = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().next_back() else { return ExitCode::FAILURE };
    match run(url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

async fn run(url: String) -> std::result::Result<(), Box<dyn Error>> {
    let context: Value = match std::env::var("MCP_CONFORMANCE_CONTEXT") {
        Ok(text) => serde_json::from_str(&text)?,
        Err(_) => Value::Null,
    };
    let (sender, questions) = mpsc::channel(8);
    let launch = Launch::Http { url, headers: Values::default() };
    let server = Server::start(Definition::new("conformance", launch), host(&context, sender)?);
    tokio::select! {
        done = call_all(&server, &context) => done?,
        () = browser::answer(questions) => {}
    }
    server.stop().await;
    Ok(())
}

/// Call what CONTEXT says, else every tool of SERVER. That one fails keeps
/// nobody from the others.
async fn call_all(server: &Server, context: &Value) -> Result<()> {
    let tools = logged_in(server, async || server.tools().await).await?;
    let mut outcome = Ok(());
    for Call { tool, arguments } in arguments::calls(context, &tools) {
        let call = async || server.call(&tool, arguments.clone(), |_| {}).await.map(drop);
        if let Err(error) = logged_in(server, call).await {
            say(&error.to_string());
            outcome = Err(error);
        }
    }
    outcome
}

/// What WORK gives, after logging in to SERVER where it wants that first.
async fn logged_in<T>(server: &Server, work: impl AsyncFn() -> Result<T>) -> Result<T> {
    for _ in 1..TRIES {
        match work().await {
            Err(_) if matches!(server.state(), State::NeedsAuth { .. }) => server.login().await?,
            done => return done,
        }
    }
    work().await
}

fn host(context: &Value, questions: mpsc::Sender<Question>) -> Result<Host> {
    Ok(Host {
        environment: std::env::vars().collect(),
        http: Some(HttpClient::guarded(Reach::Loopback)?),
        login: Some(login(context)),
        questions,
        offers: Offers { elicitation: true, sampling: true, roots: true },
        events: Arc::new(|_| {}),
        stderr: Arc::new(|_| {}),
        era: None,
    })
}

/// As CONTEXT says who we are; on our own behalf only where the suite wants
/// that, for which its name for what it does now is the only sign.
fn login(context: &Value) -> Login {
    let text = |name: &str| context[name].as_str().map(str::to_owned);
    let scenario = std::env::var("MCP_CONFORMANCE_SCENARIO").unwrap_or_default();
    let id = text("client_id").or_else(|| Some(DOCUMENT.to_owned()));
    let secret = text("client_secret").map(Into::into);
    let grant = match scenario.contains("client-credentials") {
        true => Grant::Client,
        false => Grant::User,
    };
    let login = Login::new(Arc::new(Memory::default()));
    Login { identity: Identity { id, secret }, grant, ..login }
}

fn say(text: &str) {
    // Whoever does not listen misses it.
    let _ = writeln!(std::io::stderr(), "{text}");
}
