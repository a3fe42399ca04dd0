//! Where the user's browser comes back to.

use crate::failure::mcp;
use crate::login::redirect::{PATH, state};
use llm_switch_types::Result;
use std::{net::Ipv4Addr, time::Duration};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use url::Url;

/// How long a browser may take to say what it wants: some open connections
/// that they never use.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest request in bytes that is read.
const LONGEST: usize = 16 << 10;

const THANKS: &str = "<!doctype html><meta charset=utf-8><title>llm-switch</title>\
    <p>llm-switch has what it needs: you can close this page and go back to Emacs.";

const WRONG: &str = "<!doctype html><meta charset=utf-8><title>llm-switch</title>\
    <p>This is not the page that llm-switch waits for.";

/// A port of this machine that waits for the user's browser while this lives.
pub(crate) struct Callback {
    listener: TcpListener,
    /// The address to send the browser to.
    pub(crate) address: Url,
}

impl Callback {
    /// Wait at PORT, else at that of the address BEFORE where it is free, so
    /// that what we registered with can be used again, else anywhere.
    ///
    /// # Errors
    /// When nothing can be listened to there.
    pub(crate) async fn open(port: Option<u16>, before: Option<&str>) -> Result<Callback> {
        let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let before = before.and_then(|it| Url::parse(it).ok()?.port());
        let bound = match (port, before) {
            (Some(port), _) => bind(port).await,
            (None, Some(before)) => match bind(before).await {
                Err(_) => bind(0).await,
                bound => bound,
            },
            (None, None) => bind(0).await,
        };
        let opened = bound.and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
        let (port, listener) = opened.map_err(|error| {
            let at = port.map(|port| format!(" at port {port}")).unwrap_or_default();
            mcp(format!("logging in: the browser cannot be waited for{at}: {error}"))
                .advise("End what uses the port, or configure another one")
        })?;
        let address = Url::parse(&format!("http://127.0.0.1:{port}{PATH}"))
            .map_err(|error| mcp(error.to_string()))?;
        Ok(Callback { listener, address })
    }

    /// Wait for the browser that brings WANTED as its state; the whole address
    /// that it asks for. Whoever else knocks is sent away.
    pub(crate) async fn arrival(&self, wanted: &str) -> Url {
        let mut guests = JoinSet::new();
        loop {
            tokio::select! {
                guest = self.listener.accept() => match guest {
                    Ok((stream, _)) => {
                        let visit = receive(stream, self.address.clone(), wanted.to_owned());
                        guests.spawn(timeout(PATIENCE, visit));
                    }
                    // All descriptors are in use, which passes.
                    Err(_) => sleep(Duration::from_millis(100)).await,
                },
                Some(visit) = guests.join_next() => {
                    if let Ok(Ok(Some(url))) = visit {
                        return url;
                    }
                }
            }
        }
    }
}

/// The address that STREAM asks for, if it is HERE and brings WANTED.
async fn receive(mut stream: TcpStream, here: Url, wanted: String) -> Option<Url> {
    let head = head(&mut stream).await?;
    let target = head.strip_prefix("GET ").and_then(|rest| rest.split(' ').next());
    let url = target.filter(|it| it.starts_with(PATH)).and_then(|it| here.join(it).ok());
    let url = url.filter(|it| it.path() == PATH && state(it).as_ref() == Some(&wanted));
    let (status, page) = match url {
        Some(_) => ("200 OK", THANKS),
        None => ("404 Not Found", WRONG),
    };
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nconnection: close\r\n\r\n{page}",
        page.len()
    );
    // The browser has said what it had to, whether it hears this or not.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    url
}

/// What STREAM begins with, up to the empty line.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|it| it == b"\r\n\r\n") {
        if bytes.len() > LONGEST || stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(bytes).ok()
}
