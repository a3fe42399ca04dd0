//! Servers for tests, and an owner who notes what it is told.

#![allow(dead_code, unused_imports, reason = "each test file uses its part of this")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper fails as its test would")]

mod guarded_mcp;
#[path = "../../examples/conformance/memory.rs"]
mod memory;
mod oauth;
mod over_http;
mod plain_http;
mod processes;
mod user;

pub use memory::Memory;
pub use oauth::Guarded;
pub use over_http::{HttpServer, client};
pub use plain_http::get;
pub use processes::{alive, gone};
pub use user::*;

use llm_switch_mcp::*;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Whoever started the server, and what it was told.
pub struct Owner {
    pub host: Host,
    pub questions: mpsc::Receiver<Question>,
    pub events: Arc<Mutex<Vec<Event>>>,
    pub lines: Arc<Mutex<Vec<String>>>,
}

impl Owner {
    /// One that can answer everything.
    pub fn new() -> Owner {
        let (sender, questions) = mpsc::channel(8);
        let (events, lines) =
            (Arc::<Mutex<Vec<Event>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let (told, heard) = (Arc::clone(&events), Arc::clone(&lines));
        let host = Host {
            environment: std::env::vars().collect(),
            http: Some(client()),
            login: None,
            questions: sender,
            offers: Offers { elicitation: true, sampling: true, roots: true },
            events: Arc::new(move |event| told.lock().push(event)),
            stderr: Arc::new(move |line| heard.lock().push(line.to_owned())),
            era: None,
        };
        Owner { host, questions, events, lines }
    }

    /// The names of the states that were told, oldest first.
    pub fn states(&self) -> Vec<&'static str> {
        let name = |event: &Event| match event {
            Event::State { state } => Some(match state {
                State::Starting => "starting",
                State::Ready { .. } => "ready",
                State::NeedsAuth { .. } => "needs-auth",
                State::Failed { .. } => "failed",
                State::Stopped { .. } => "stopped",
            }),
            _ => None,
        };
        self.events.lock().iter().filter_map(name).collect()
    }

    pub fn was_told(&self, event: &Event) -> bool {
        self.events.lock().contains(event)
    }
}

/// The path of the test server, which `cargo test` builds with the tests.
pub fn program() -> String {
    let here = std::env::current_exe().unwrap();
    let path: PathBuf = here.ancestors().nth(2).unwrap().join("examples/server");
    assert!(path.exists(), "run first: cargo build -p llm-switch-mcp --example server");
    path.to_str().unwrap().to_owned()
}

pub fn stdio(command: &str, args: &[&str]) -> Definition {
    let launch = Launch::Stdio {
        command: command.into(),
        args: args.iter().map(|it| (*it).to_owned()).collect(),
        env: Values::default(),
        cwd: None,
    };
    Definition::new("test", launch)
}

/// The test server over stdio, with ARGS.
pub fn server(args: &[&str]) -> Definition {
    stdio(&program(), &[&["stdio"], args].concat())
}

/// A server that the shell SCRIPT is; `$0` is the path of the test server.
pub fn script(script: &str) -> Definition {
    stdio("/bin/sh", &["-c", script, &program()])
}

pub fn at(url: &str) -> Definition {
    Definition::new("test", Launch::Http { url: url.into(), headers: Values::default() })
}

pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

/// Call TOOL and give its text.
pub async fn text(server: &Server, tool: &str, arguments: Value) -> String {
    said(server.call(tool, object(arguments), |_| {}).await.unwrap())
}

/// The text of OUTCOME.
pub fn said(outcome: Outcome) -> String {
    match outcome.content.into_iter().next() {
        Some(Part::Text { text }) => text,
        other => panic!("no text: {other:?}"),
    }
}

/// Wait until IT is so, which it becomes soon or never.
pub async fn soon(what: &str, it: impl Fn() -> bool) {
    for _ in 0..500 {
        if it() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not so after ten seconds: {what}");
}
