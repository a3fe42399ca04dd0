//! HTTP for tests, a connection for each request.

use std::collections::HashMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// A request, as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// With its query.
    pub target: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

/// An answer: its status, further headers, and a body.
pub struct Answered(pub u16, pub Vec<(&'static str, String)>, pub String);

impl Asked {
    /// The fields of its body, which is a form, or of its query.
    pub fn fields(&self) -> HashMap<String, String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let text = if self.body.is_empty() { query } else { &self.body };
        url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
    }
}

/// Serve ANSWER at a port of its own until what is returned is dropped.
pub async fn serve(
    answer: impl Fn(Asked) -> Answered + Clone + Send + 'static,
) -> (u16, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut guests = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            guests.spawn(async move { attend(stream, answer).await });
        }
    });
    (port, tasks)
}

async fn attend(mut stream: TcpStream, answer: impl Fn(Asked) -> Answered) {
    let Some(asked) = receive(&mut stream).await else { return };
    let Answered(status, headers, body) = answer(asked);
    let headers: String = headers.iter().map(|(name, it)| format!("{name}: {it}\r\n")).collect();
    let head = format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all((head + &body).as_bytes()).await;
}

async fn receive(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let asked = read(head, body);
            let length = asked.headers.get("content-length").map_or(0, |it| it.parse().unwrap());
            if body.len() >= length {
                return Some(asked);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

fn read(head: &str, body: &str) -> Asked {
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ').map(str::to_owned);
    let (method, target) = (first.next().unwrap(), first.next().unwrap());
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    Asked { method, target, headers, body: body.to_owned() }
}

/// GET URL, as a browser that has never been there: the status, where it sends
/// one on to, and the page.
pub async fn get(url: &str) -> (u16, Option<String>, String) {
    let url = url::Url::parse(url).unwrap();
    let at = (url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect(at).await.unwrap();
    let target = &url[url::Position::BeforePath..];
    let asked = format!("GET {target} HTTP/1.1\r\nhost: {}:{}\r\n\r\n", at.0, at.1);
    stream.write_all(asked.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, page) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let location = head.lines().find_map(|line| line.strip_prefix("location: "));
    (status, location.map(str::to_owned), page.to_owned())
}
