//! The test server over HTTP.

use llm_switch_mcp::HttpClient;
use llm_switch_net::Reach;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The client of the product, for this machine.
pub fn client() -> HttpClient {
    HttpClient::guarded(Reach::Loopback).unwrap()
}

/// A server that ends when this is dropped.
pub struct HttpServer {
    pub port: u16,
    child: Child,
}

impl HttpServer {
    /// Start one with ARGS on PORT, or any.
    pub async fn start(port: u16, args: &[&str]) -> HttpServer {
        let mut command = Command::new(super::program());
        command.args(["http", &port.to_string()]).args(args).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let line = lines.next_line().await.unwrap().unwrap();
        let port = line.rsplit_once(':').unwrap().1.parse().expect(&line);
        HttpServer { port, child }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.port)
    }

    /// End it, which frees its port.
    pub async fn end(mut self) -> u16 {
        self.child.kill().await.unwrap();
        self.port
    }
}
