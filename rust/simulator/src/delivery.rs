//! Sending a response, in the manner that its script wants.

use crate::{
    meter::Bill,
    response::{Body, Part, Parts, Response},
    steps::Fault,
    turnstile::Most,
};
use std::{future, io, time::Duration};
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    time::{Interval, interval, sleep},
};

/// How many bytes of a repeated event go into one write: enough that the
/// socket, and not the system call, is the limit.
const BATCH: usize = 64 * 1024;

/// What stands before an event where comments are wanted: a keep-alive of its
/// own, and one that touches the event.
const COMMENTS: &[u8] = b"\n: keep-alive\n\n: keep-alive\n";

/// A reset discards what is still under way; what the script said before it
/// should arrive, even when the client's kernel is slow to acknowledge.
const SETTLE: Duration = Duration::from_millis(50);

/// The end of a chunked body.
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// How the bytes of a response are sent.
#[derive(Clone, Default)]
pub(crate) struct Delivery {
    /// Silence before the first byte.
    pub(crate) before: Duration,
    /// The time from one chunk to the next.
    pub(crate) every: Option<Duration>,
    /// Whether each byte is a chunk.
    pub(crate) single_bytes: bool,
    /// Whether the lines of events end in CR LF.
    pub(crate) crlf: bool,
    /// Whether comments and blank lines stand between events.
    pub(crate) comments: bool,
    /// Whether the head tells how much of the account's limits is left.
    pub(crate) limits: bool,
    /// Whether the answer ends at the output limit that the client has set.
    pub(crate) metered: bool,
    /// Tokens of thought that are billed, but neither told nor limited.
    pub(crate) hidden: u64,
    /// How often it is given; who comes more often is refused.
    pub(crate) most: Option<Most>,
    /// Tokens of the longest prompt that is taken.
    pub(crate) room: Option<u64>,
    /// The script that it delivers.
    pub(crate) script: Option<String>,
    /// What is billed for it.
    pub(crate) bill: Bill,
}

/// What becomes of the connection after a response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum After {
    KeepAlive,
    Close,
    Reset,
}

/// Sends `response` over `out`.
pub(crate) async fn send<W>(response: Response, delivery: Delivery, out: W) -> io::Result<After>
where
    W: AsyncWrite + Unpin,
{
    // A timer takes a millisecond even for nothing.
    if !delivery.before.is_zero() {
        sleep(delivery.before).await;
    }
    let pace = delivery.every.map(interval);
    Sender { out, delivery, pace }.response(response).await
}

struct Sender<W> {
    out: W,
    delivery: Delivery,
    pace: Option<Interval>,
}

impl<W: AsyncWrite + Unpin> Sender<W> {
    async fn response(&mut self, mut response: Response) -> io::Result<After> {
        match std::mem::replace(&mut response.body, Body::Whole(Vec::new())) {
            Body::Whole(body) if self.delivery.single_bytes => {
                self.chunked(response, Box::new([Part::Bytes(body)].into_iter())).await
            }
            Body::Whole(body) => self.whole(response, &body).await,
            Body::Parts(parts) => self.chunked(response, parts).await,
        }
    }

    async fn whole(&mut self, response: Response, body: &[u8]) -> io::Result<After> {
        let head = response.header("content-length", body.len()).head();
        self.out.write_all(&[&head, body].concat()).await?;
        Ok(After::KeepAlive)
    }

    async fn chunked(&mut self, response: Response, parts: Parts) -> io::Result<After> {
        let head = response.header("transfer-encoding", "chunked").head();
        self.out.write_all(&head).await?;
        for part in parts {
            match part {
                Part::Bytes(bytes) => self.bytes(&bytes).await?,
                Part::Event(event) => self.event(&event).await?,
                Part::Repeat { event, times } => self.repeat(&event, times).await?,
                Part::Fault(fault) => return self.fault(fault).await,
            }
        }
        self.out.write_all(LAST_CHUNK).await?;
        Ok(After::KeepAlive)
    }

    async fn event(&mut self, event: &[u8]) -> io::Result<()> {
        let event = self.dressed(event);
        self.bytes(&event).await
    }

    /// The event with the line ends and comments that are wanted.
    fn dressed(&self, event: &[u8]) -> Vec<u8> {
        let comments = if self.delivery.comments { COMMENTS } else { b"" };
        let lines = [comments, event].concat();
        if !self.delivery.crlf {
            return lines;
        }
        lines.split(|byte| *byte == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..])
    }

    async fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let size = if self.delivery.single_bytes { 1 } else { bytes.len().max(1) };
        for piece in bytes.chunks(size) {
            if let Some(pace) = &mut self.pace {
                pace.tick().await;
            }
            self.out.write_all(&chunk(piece)).await?;
        }
        Ok(())
    }

    async fn repeat(&mut self, event: &[u8], times: u64) -> io::Result<()> {
        if self.pace.is_some() || self.delivery.single_bytes {
            for _ in 0..times {
                self.event(event).await?;
            }
            return Ok(());
        }
        self.flood(&chunk(&self.dressed(event)), times).await
    }

    async fn flood(&mut self, chunk: &[u8], times: u64) -> io::Result<()> {
        let per_batch = (BATCH / chunk.len()).max(1);
        let batch = chunk.repeat(per_batch);
        let mut left = times;
        while left > 0 {
            let now = left.min(per_batch as u64);
            self.out.write_all(&batch[..now as usize * chunk.len()]).await?;
            left -= now;
        }
        Ok(())
    }

    async fn fault(&mut self, fault: Fault) -> io::Result<After> {
        match fault {
            Fault::Stall => future::pending().await,
            Fault::Cut => {
                self.out.write_all(LAST_CHUNK).await?;
                Ok(After::Close)
            }
            Fault::Truncate => {
                // A chunk that promises more than comes.
                self.out.write_all(b"40\r\ndata: {\"id").await?;
                Ok(After::Close)
            }
            Fault::Reset => {
                sleep(SETTLE).await;
                Ok(After::Reset)
            }
        }
    }
}

/// `bytes` as one HTTP chunk.
fn chunk(bytes: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    chunk
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    async fn sent(parts: Vec<Part>, delivery: Delivery) -> (String, After) {
        let mut out = Vec::new();
        let after = send(Response::parts("text/plain", parts), delivery, &mut out).await.unwrap();
        let text = String::from_utf8(out).unwrap();
        (text.split_once("\r\n\r\n").unwrap().1.to_owned(), after)
    }

    #[tokio::test]
    async fn each_part_is_a_chunk() {
        let parts = vec![Part::Event("é\n\n".into()), Part::Bytes(b"ab".to_vec())];
        let (body, after) = sent(parts, Delivery::default()).await;
        assert_eq!(body, "4\r\né\n\n\r\n2\r\nab\r\n0\r\n\r\n");
        assert_eq!(after, After::KeepAlive);
    }

    #[tokio::test]
    async fn only_events_are_dressed() {
        let parts = || vec![Part::Event(b"a\n\n".to_vec()), Part::Bytes(b"b\n".to_vec())];
        let delivery = Delivery { crlf: true, comments: true, ..Delivery::default() };
        let (body, _) = sent(parts(), delivery).await;
        let event = "\r\n: keep-alive\r\n\r\n: keep-alive\r\na\r\n\r\n";
        assert_eq!(body, format!("{:x}\r\n{event}\r\n2\r\nb\n\r\n0\r\n\r\n", event.len()));
    }

    /// The clock stands still but for the waits of the delivery itself, so
    /// the sum is exact.
    #[tokio::test(start_paused = true)]
    async fn pauses_are_before_the_first_byte_and_between_chunks() {
        let start = Instant::now();
        let millis = Duration::from_millis;
        let delivery =
            Delivery { before: millis(100), every: Some(millis(10)), ..Delivery::default() };
        let parts = || vec![Part::Bytes(b"abc".to_vec()), Part::Bytes(b"d".to_vec())];
        sent(parts(), delivery.clone()).await;
        assert_eq!(start.elapsed(), millis(100 + 10));
        sent(parts(), Delivery { before: millis(0), single_bytes: true, ..delivery }).await;
        assert_eq!(start.elapsed(), millis(100 + 10 + 30));
    }

    #[tokio::test]
    async fn a_flood_is_complete_at_the_borders_of_its_writes() {
        let per_batch = (BATCH / chunk(b"abcde").len()) as u64;
        for times in [0, 1, per_batch - 1, per_batch, per_batch + 1, 3 * per_batch + 7] {
            let part = Part::Repeat { event: b"abcde".to_vec(), times };
            let (body, _) = sent(vec![part], Delivery::default()).await;
            assert_eq!(body.matches("5\r\nabcde\r\n").count() as u64, times);
            assert!(body.ends_with(if times == 0 { "0\r\n\r\n" } else { "e\r\n0\r\n\r\n" }));
        }
    }

    #[tokio::test]
    async fn faults_differ_in_how_the_body_and_the_connection_end() {
        let parts = |fault| vec![Part::Bytes(b"a".to_vec()), Part::Fault(fault)];
        let begun = "1\r\na\r\n";
        let (body, after) = sent(parts(Fault::Cut), Delivery::default()).await;
        assert_eq!((body.as_str(), after), ("1\r\na\r\n0\r\n\r\n", After::Close));
        let (body, after) = sent(parts(Fault::Truncate), Delivery::default()).await;
        assert_eq!((body.as_str(), after), ("1\r\na\r\n40\r\ndata: {\"id", After::Close));
        let (body, after) = sent(parts(Fault::Reset), Delivery::default()).await;
        assert_eq!((body.as_str(), after), (begun, After::Reset));
    }
}
