//! The simulator, in a process of its own.

use crate::Result;
use crate::child::Owned;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// A running simulator.
pub struct Service {
    child: Owned,
    /// The base URL of its OpenAI dialect.
    pub url: String,
}

/// What the simulator has served.
#[derive(Clone, Copy, Debug, Default)]
pub struct Served {
    /// Requests that came in.
    pub requests: u64,
    /// Tokens that it bills for them, in and out.
    pub tokens: u64,
}

impl Service {
    /// Starts the simulator that the environment names.
    pub fn start() -> Result<Service> {
        let missing = "LLM_SWITCH_SIMULATOR does not name the simulator: use make budget-race";
        let program = std::env::var_os("LLM_SWITCH_SIMULATOR").map(PathBuf::from).ok_or(missing)?;
        let mut child = Owned::start(&program, &["--until-eof"])?;
        let line = child.line()?;
        let url = line.trim().strip_prefix("listening on ").ok_or("the simulator is silent")?;
        Ok(Service { url: url.to_owned(), child })
    }

    /// What it has served, when nothing is on its way any more.
    pub fn served(&self) -> Result<Served> {
        loop {
            let log: Value = serde_json::from_str(&self.get("/simulator/requests")?)?;
            let requests = log["requests"].as_array().ok_or("the simulator tells no requests")?;
            if requests.iter().all(|it| it["outcome"] != "answering") {
                return Ok(requests.iter().fold(Served::default(), Served::add));
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn get(&self, path: &str) -> Result<String> {
        let address = self.url.trim_start_matches("http://").trim_end_matches("/v1");
        let mut stream = TcpStream::connect(address)?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        let (_, body) = response.split_once("\r\n\r\n").ok_or("the simulator gives no body")?;
        Ok(body.to_owned())
    }

    /// Ends it.
    pub fn end(self) -> Result<()> {
        self.child.end().map(drop)
    }
}

impl Served {
    fn add(self, received: &Value) -> Served {
        let tokens = |name: &str| received[name].as_u64().unwrap_or_default();
        let more = tokens("prompt_tokens") + tokens("output_tokens");
        Served { requests: self.requests + 1, tokens: self.tokens + more }
    }
}
