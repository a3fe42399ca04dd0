//! Reading HTTP/1.1 requests off a socket.

use bytes::{Buf, Bytes, BytesMut};
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The most headers, and bytes of them, that a request may have.
const MOST_HEADERS: usize = 100;
const LONGEST_HEAD: usize = 64 * 1024;

/// A request's head.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// The path as it came, or the whole URL from a client that takes this
    /// server for its proxy.
    pub(crate) target: String,
    /// Names in lower case, and values.
    headers: Vec<(String, String)>,
}

/// Why there is no request to answer.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The client has left.
    Gone,
    /// What came deserves this status and a closed connection.
    Refused(u16),
}

impl From<io::Error> for Unreadable {
    fn from(_: io::Error) -> Self {
        Unreadable::Gone
    }
}

impl Head {
    /// The value of header `name`, which is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The same request, had it come to `target`.
    pub(crate) fn at(&self, target: String) -> Self {
        Head { target, ..self.clone() }
    }

    /// The target without its query.
    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The value of `name` in the query, as it stands there.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// The names of all headers, in their order.
    pub(crate) fn names(&self) -> Vec<String> {
        self.headers.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Whether the client wants to see 100 before it sends the body.
    pub(crate) fn expects_continue(&self) -> bool {
        self.is("expect", "100-continue")
    }

    /// Whether another request may follow on this connection.
    pub(crate) fn keep_alive(&self) -> bool {
        !self.is("connection", "close")
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.header(name).is_some_and(|v| v.eq_ignore_ascii_case(value))
    }

    /// The body's length in bytes. A chunked body is refused rather than read:
    /// no client of an LLM service sends one.
    fn content_length(&self) -> Result<usize, Unreadable> {
        if self.header("transfer-encoding").is_some() {
            return Err(Unreadable::Refused(411));
        }
        let length = self.header("content-length").unwrap_or("0");
        length.parse().map_err(|_| Unreadable::Refused(400))
    }

    fn new(parsed: &httparse::Request<'_, '_>) -> Self {
        let header = |h: &httparse::Header<'_>| {
            (h.name.to_lowercase(), String::from_utf8_lossy(h.value).into_owned())
        };
        Head {
            method: parsed.method.unwrap_or_default().to_owned(),
            target: parsed.path.unwrap_or_default().to_owned(),
            headers: parsed.headers.iter().map(header).collect(),
        }
    }
}

/// The requests that come in on one connection.
pub(crate) struct Requests<R> {
    socket: R,
    buffer: BytesMut,
}

impl<R: AsyncRead + Unpin> Requests<R> {
    /// The requests that `socket` brings.
    pub(crate) fn new(socket: R) -> Self {
        Requests { socket, buffer: BytesMut::new() }
    }

    /// The next request's head.
    pub(crate) async fn head(&mut self) -> Result<Head, Unreadable> {
        loop {
            if let Some(head) = self.parse()? {
                return Ok(head);
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(Unreadable::Refused(431));
            }
            self.fill().await?;
        }
    }

    /// The body that follows `head`.
    pub(crate) async fn body(&mut self, head: &Head) -> Result<Bytes, Unreadable> {
        let length = head.content_length()?;
        while self.buffer.len() < length {
            self.fill().await?;
        }
        Ok(self.buffer.split_to(length).freeze())
    }

    /// Ends when the client leaves; closing its half of the connection counts
    /// as that. What it sends meanwhile is kept for the next request.
    pub(crate) async fn left(&mut self) {
        while self.fill().await.is_ok() {}
    }

    async fn fill(&mut self) -> Result<(), Unreadable> {
        match self.socket.read_buf(&mut self.buffer).await? {
            0 => Err(Unreadable::Gone),
            _ => Ok(()),
        }
    }

    fn parse(&mut self) -> Result<Option<Head>, Unreadable> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        let status = parsed.parse(&self.buffer).map_err(|_| Unreadable::Refused(400))?;
        let httparse::Status::Complete(length) = status else { return Ok(None) };
        // Without chunks, which HTTP/1.0 does not know, half of the scripts
        // would mean nothing.
        if parsed.version != Some(1) {
            return Err(Unreadable::Refused(505));
        }
        let head = Head::new(&parsed);
        self.buffer.advance(length);
        Ok(Some(head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[u8] = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\nX-A: 1\r\n\r\nabc\
                         GET /b HTTP/1.1\r\nConnection: Close\r\n\r\n";

    #[tokio::test]
    async fn two_requests_in_one_packet_are_two() {
        let mut requests = Requests::new(TWO);
        let head = requests.head().await.unwrap();
        assert_eq!((head.target.as_str(), head.keep_alive()), ("/a", true));
        assert_eq!(head.names(), ["content-length", "x-a"]);
        assert_eq!(&requests.body(&head).await.unwrap()[..], b"abc");
        let head = requests.head().await.unwrap();
        assert_eq!((head.target.as_str(), head.keep_alive()), ("/b", false));
        assert!(requests.body(&head).await.unwrap().is_empty());
        assert!(matches!(requests.head().await, Err(Unreadable::Gone)));
    }

    #[tokio::test]
    async fn what_is_not_http_1_1_is_refused_with_a_status() {
        for (bytes, status) in [
            (&b"\x16\x03\x01\x02\x00\x01"[..], 400),
            (b"GET / HTTP/1.0\r\n\r\n", 505),
            (b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", 400),
            (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        ] {
            let mut requests = Requests::new(bytes);
            let outcome = match requests.head().await {
                Ok(head) => requests.body(&head).await.map(|_| ()),
                Err(error) => Err(error),
            };
            assert!(matches!(outcome, Err(Unreadable::Refused(s)) if s == status), "{outcome:?}");
        }
    }
}
