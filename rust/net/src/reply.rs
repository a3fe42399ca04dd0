//! The answer to a request, piece by piece.

use crate::{Headers, Timeouts, failure};
use bytes::Bytes;
use llm_switch_types::Result;

/// The head of an answer, and its body as it arrives.
#[derive(Debug)]
pub struct Reply {
    inner: reqwest::Response,
}

impl Reply {
    pub(crate) fn new(inner: reqwest::Response) -> Reply {
        Reply { inner }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.inner.status().as_u16()
    }

    /// The header NAME, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.inner.headers().get(name)?.to_str().ok()
    }

    /// Whether the body is of the media type KIND.
    pub fn is(&self, kind: &str) -> bool {
        self.header("content-type").is_some_and(|it| it.trim_start().starts_with(kind))
    }

    /// Its headers, as far as they are text.
    pub fn headers(&self) -> Headers {
        let pairs = self.inner.headers().iter();
        pairs.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect()
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Network`] when the connection breaks.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.inner.chunk().await.map_err(|error| failure::of(error, Timeouts::default()))
    }

    /// The body, of which at most LIMIT bytes are read.
    ///
    /// # Errors
    /// As [`Reply::chunk`].
    pub async fn body(&mut self, limit: usize) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        while body.len() < limit {
            let Some(chunk) = self.chunk().await? else { break };
            body.extend_from_slice(&chunk[..chunk.len().min(limit - body.len())]);
        }
        Ok(body)
    }
}
