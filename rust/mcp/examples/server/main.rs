//! An MCP server for tests: whatever a server can do, well or badly.
//!
//! Its tools are those of `tools.rs`. It is built with the server side of the
//! same library as our client, so what passes between the two is tested by
//! the other servers of the project's peers, not by this one.

#![allow(deprecated, reason = "sampling and roots are on their way out of the protocol")]

mod answers;
mod asking;
mod faults;
mod handler;
mod held;
mod http;
mod tools;

use handler::Handler;
use rmcp::{ServiceExt, transport::stdio};
use std::{error::Error, process::ExitCode};

const USAGE: &str = "\
usage: server stdio [--old] [--faults] [--many COUNT]
       server http PORT [--old] [--json] [--stateless]

  --old        know the protocol up to 2025-11-25 only
  --faults     have tools that a good server does not have
  --many       have COUNT tools more
  --json       answer with JSON where an answer is one message
  --stateless  keep no sessions";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            answers::say(&format!("server: {error}\n{USAGE}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let has = |name: &str| arguments.iter().any(|it| it == name);
    let mut after = arguments.iter().skip_while(|it| *it != "--many").skip(1);
    let many = after.next().map(|it| it.parse()).transpose()?.unwrap_or(0);
    let handler = Handler::new(has("--old"), faults::all(has("--faults"), many));
    match arguments.first().map(String::as_str) {
        Some("stdio") => {
            handler.serve(stdio()).await?.waiting().await?;
            Ok(())
        }
        Some("http") => {
            let port = arguments.get(1).ok_or("http needs a port")?.parse()?;
            http::serve(handler, port, has("--json"), !has("--stateless")).await
        }
        _ => Err("say stdio or http".into()),
    }
}
