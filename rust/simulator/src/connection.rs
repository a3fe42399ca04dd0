//! One client's connection, from the first byte to the last.

use crate::{
    delivery::{After, Delivery, send},
    received::Outcome,
    request::{Requests, Unreadable},
    response::Response,
    service::{Exchange, Service},
};
use std::io;
use tokio::{
    io::AsyncWriteExt,
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
};

/// Answers all requests that come over `stream` from the client's `port`.
pub(crate) async fn serve(mut stream: TcpStream, port: u16, service: &Service) -> io::Result<()> {
    // One write must be one packet, or a test of chunks tests the kernel.
    stream.set_nodelay(true)?;
    // Borrowed halves: an owned one would end the stream properly when it is
    // dropped, and a reset must not look like that.
    let (reader, writer) = stream.split();
    let mut connection = Connection { requests: Requests::new(reader), writer, port, service };
    let after = loop {
        match connection.exchange().await {
            After::KeepAlive => {}
            after => break after,
        }
    };
    if after == After::Reset {
        stream.set_zero_linger()?;
    }
    Ok(())
}

struct Connection<'a> {
    requests: Requests<ReadHalf<'a>>,
    writer: WriteHalf<'a>,
    port: u16,
    service: &'a Service,
}

impl Connection<'_> {
    /// Reads one request and answers it.
    async fn exchange(&mut self) -> After {
        match self.read().await {
            Ok(exchange) => self.answer(exchange).await,
            Err(Unreadable::Gone) => After::Close,
            Err(Unreadable::Refused(status)) => {
                let refusal = Response::new(status, "text/plain", "not a readable request\n");
                // That the client has left as well changes nothing.
                let _ = send(refusal, Delivery::default(), &mut self.writer).await;
                After::Close
            }
        }
    }

    async fn read(&mut self) -> Result<Exchange, Unreadable> {
        let head = self.requests.head().await?;
        if head.expects_continue() {
            self.writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let body = self.requests.body(&head).await?;
        Ok(self.service.receive(&head, &body, self.port))
    }

    /// Sends the answer, for as long as the client listens.
    async fn answer(&mut self, exchange: Exchange) -> After {
        let Exchange { number, response, delivery, keep_alive } = exchange;
        let bill = delivery.bill.clone();
        let sent = tokio::select! {
            sent = send(response, delivery, &mut self.writer) => sent.ok(),
            () = self.requests.left() => None,
        };
        let outcome = sent.as_ref().map_or(Outcome::ClientLeft, |_| Outcome::Answered);
        self.service.ended(number, outcome, &bill);
        match sent {
            Some(After::KeepAlive) if !keep_alive => After::Close,
            Some(after) => after,
            None => After::Close,
        }
    }
}
