//! A client that sees every byte. It shares no code with the simulator, nor
//! with the client that the simulator is there to test.

#![allow(dead_code, reason = "each test file uses its own part of this")]
#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod answer;
mod dialect;

use bytes::BytesMut;
use llm_switch_simulator::{Simulator, test_key};
use llm_switch_types::Dialect;
use serde_json::{Value, json};
use std::io::ErrorKind;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection to a simulator.
pub struct Client {
    stream: TcpStream,
    unread: BytesMut,
}

/// A response as it came over the wire.
#[derive(Debug)]
pub struct Answer {
    pub head: String,
    /// The chunks; of a body with a length, one.
    pub chunks: Vec<Vec<u8>>,
    pub end: End,
}

/// How a response ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the last chunk, or at the length that the head gave.
    Complete,
    /// The connection was closed before that.
    Closed,
    /// The connection was reset before that.
    Reset,
}

impl Client {
    pub async fn connect(simulator: &Simulator) -> Client {
        let stream = TcpStream::connect(simulator.address()).await.unwrap();
        Client { stream, unread: BytesMut::new() }
    }

    /// Sends the request for `model` to answer "Hi there", as a stream.
    pub async fn ask(&mut self, model: &str) -> Answer {
        self.ask_with(model, json!({})).await
    }

    /// The same, with these members of the body besides or instead.
    pub async fn ask_with(&mut self, model: &str, more: Value) -> Answer {
        self.send(&request(model, more)).await;
        self.answer().await
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        self.answer().await
    }

    /// Posts `body` with these headers.
    pub async fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let body = body.to_string();
        let headers: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\n{headers}Content-Length: {length}");
        self.send(&format!("{head}\r\n\r\n{body}")).await;
        self.answer().await
    }

    pub async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    pub async fn answer(&mut self) -> Answer {
        let mut answer = Answer { head: String::new(), chunks: Vec::new(), end: End::Complete };
        if let Err(end) = self.read(&mut answer).await {
            answer.end = end;
        }
        answer
    }

    async fn read(&mut self, answer: &mut Answer) -> Result<(), End> {
        answer.head = self.until("\r\n\r\n").await?;
        if let Some(length) = answer.header("content-length") {
            let body = self.take(length.parse().unwrap()).await?;
            answer.chunks.push(body);
            return Ok(());
        }
        assert_eq!(answer.header("transfer-encoding"), Some("chunked"), "{}", answer.head);
        loop {
            let size = usize::from_str_radix(self.until("\r\n").await?.trim_end(), 16).unwrap();
            let chunk = self.take(size + 2).await?;
            assert!(chunk.ends_with(b"\r\n"));
            if size == 0 {
                return Ok(());
            }
            answer.chunks.push(chunk[..size].to_vec());
        }
    }

    async fn until(&mut self, mark: &str) -> Result<String, End> {
        let mark = mark.as_bytes();
        loop {
            if let Some(at) = self.unread.windows(mark.len()).position(|bytes| bytes == mark) {
                return Ok(String::from_utf8(self.take(at + mark.len()).await?).unwrap());
            }
            self.fill().await?;
        }
    }

    async fn take(&mut self, length: usize) -> Result<Vec<u8>, End> {
        while self.unread.len() < length {
            self.fill().await?;
        }
        Ok(self.unread.split_to(length).to_vec())
    }

    /// Reads what is there; at the end says how the connection ended.
    pub async fn fill(&mut self) -> Result<(), End> {
        match self.stream.read_buf(&mut self.unread).await {
            Ok(0) => Err(End::Closed),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Err(End::Reset),
            Err(error) => panic!("{error}"),
        }
    }

    /// A head without a body, such as 100 has.
    pub async fn head(&mut self) -> String {
        self.until("\r\n\r\n").await.unwrap()
    }

    pub fn port(&self) -> u16 {
        self.stream.local_addr().unwrap().port()
    }
}

/// A simulator that takes any key.
pub async fn simulator() -> Simulator {
    Simulator::builder().start().await.unwrap()
}

/// What `model` answers to one question on a connection of its own.
pub async fn ask(model: &str) -> Answer {
    let simulator = simulator().await;
    Client::connect(&simulator).await.ask(model).await
}

/// What `model` answers in `dialect`, as a stream.
pub async fn ask_in(dialect: Dialect, model: &str) -> Answer {
    let simulator = simulator().await;
    Client::connect(&simulator).await.ask_in(dialect, model, &json!({})).await
}

/// The text of a request.
pub fn request(model: &str, more: Value) -> String {
    let mut body = json!({
        "model": model,
        "stream": true,
        "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": "Hi there"}],
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
        if name == "stream" {
            body.as_object_mut().unwrap().remove("stream_options");
        }
    }
    let body = body.to_string();
    format!(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n{body}",
        test_key("sk-test"),
        body.len()
    )
}
