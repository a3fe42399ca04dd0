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
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

/// Answers all requests that come over `stream`.
pub(crate) async fn serve(mut stream: TcpStream, port: u16, service: &Service) -> io::Result<()> {
    // One write must be one packet, or a test of chunks tests the kernel.
    stream.set_nodelay(true)?;
    // Borrowed halves: an owned one would end the stream properly when it is
    // dropped, and a reset must not look like that.
    let (reader, mut writer) = stream.split();
    let mut requests = Requests::new(reader);
    let after = loop {
        match exchange(&mut requests, &mut writer, port, service).await {
            After::KeepAlive => {}
            after => break after,
        }
    };
    if after == After::Reset {
        stream.set_zero_linger()?;
    }
    Ok(())
}

/// Reads one request and answers it.
async fn exchange<R, W>(
    requests: &mut Requests<R>,
    writer: &mut W,
    port: u16,
    service: &Service,
) -> After
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    match read(requests, writer, port, service).await {
        Ok(exchange) => answer(exchange, requests, writer, service).await,
        Err(Unreadable::Gone) => After::Close,
        Err(Unreadable::Refused(status)) => {
            let refusal = Response::new(status, "text/plain", "not a request that can be read\n");
            // That the client has left as well changes nothing.
            let _ = send(refusal, Delivery::default(), writer).await;
            After::Close
        }
    }
}

async fn read<R, W>(
    requests: &mut Requests<R>,
    writer: &mut W,
    port: u16,
    service: &Service,
) -> Result<Exchange, Unreadable>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let head = requests.head().await?;
    if head.expects_continue() {
        writer.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
    }
    let body = requests.body(&head).await?;
    Ok(service.receive(&head, &body, port))
}

/// Sends the answer, for as long as the client listens.
async fn answer<R, W>(
    exchange: Exchange,
    requests: &mut Requests<R>,
    writer: &mut W,
    service: &Service,
) -> After
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin,
{
    let Exchange { number, response, delivery, keep_alive } = exchange;
    let sent = tokio::select! {
        sent = send(response, delivery, writer) => sent.ok(),
        () = requests.left() => None,
    };
    service.ended(number, if sent.is_some() { Outcome::Answered } else { Outcome::ClientLeft });
    match sent {
        Some(After::KeepAlive) if !keep_alive => After::Close,
        Some(after) => after,
        None => After::Close,
    }
}
