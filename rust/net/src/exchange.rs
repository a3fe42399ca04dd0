//! A whole request for a whole answer.

use crate::{Client, failure};
use http::{HeaderMap, Request, Response, header::CONTENT_TYPE};
use llm_switch_types::{Error, ErrorKind, Result};

/// The longest answer in bytes.
const LONGEST: usize = 1 << 20;

impl Client {
    /// Send REQUEST and wait for the whole answer, whatever its status. Of an
    /// event stream, which has no end, the head is all.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the address is out of reach, in which case
    /// nothing was sent; [`ErrorKind::Network`] when no answer came;
    /// [`ErrorKind::Protocol`] when it is longer than a megabyte.
    pub async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>> {
        let request = reqwest::Request::try_from(request).map_err(|error| self.told(error))?;
        self.guard.check(request.url())?;
        let sent = self.inner()?.execute(request).await;
        let mut answer = sent.map_err(|error| self.told(error))?;
        let mut whole = Response::new(Vec::new());
        *whole.status_mut() = answer.status();
        *whole.headers_mut() = std::mem::take(answer.headers_mut());
        if is_stream(whole.headers()) {
            return Ok(whole);
        }
        while let Some(piece) = answer.chunk().await.map_err(|error| self.told(error))? {
            if whole.body().len() + piece.len() > LONGEST {
                return Err(Error::new(ErrorKind::Protocol, "the answer is too long"));
            }
            whole.body_mut().extend_from_slice(&piece);
        }
        Ok(whole)
    }

    fn told(&self, error: reqwest::Error) -> Error {
        failure::of(error, self.guard.timeouts)
    }
}

fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    kind.is_some_and(|kind| kind.starts_with(b"text/event-stream"))
}
