//! Sending one request.

use crate::{Reach, Reply, failure, guard::Guard};
use llm_switch_types::{Error, ErrorKind, Result};
use once_cell::sync::OnceCell;
use reqwest::header;
use secrecy::{ExposeSecret, SecretString};
use std::{sync::Arc, time::Duration};
use url::Url;

/// How long to wait for what.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until the connection stands.
    pub connect: Duration,
    /// Between two pieces of an answer, and until the first. A model that is
    /// being loaded says nothing for minutes.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts { connect: Duration::from_secs(10), idle: Duration::from_secs(300) }
    }
}

/// An HTTP client that knows how far it may reach. Cheap to clone.
///
/// The connections behind it are pooled and made at first use, because
/// reading the machine's certificates takes milliseconds that loading an
/// Emacs package should not.
#[derive(Clone)]
pub struct Client {
    pub(crate) guard: Guard,
    inner: Arc<OnceCell<reqwest::Client>>,
}

/// What to send.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Where to.
    pub url: &'a str,
    /// The key, and the header that it goes into.
    pub key: Option<(KeyHeader<'a>, &'a SecretString)>,
    /// Further headers that the service wants.
    pub headers: &'a [(&'static str, &'static str)],
    /// JSON to post; a GET without.
    pub json: Option<&'a [u8]>,
    /// The content type to ask for.
    pub accept: &'a str,
}

/// The header that a key goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHeader<'a> {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `NAME: KEY`.
    Named(&'a str),
}

impl Client {
    /// A client that may reach as far as REACH.
    pub fn new(reach: Reach, timeouts: Timeouts) -> Client {
        Client::from(Guard::new(reach, timeouts))
    }

    /// The same, but each connection is closed after its answer: a server that
    /// delays small packets stalls each event stream on a kept one for 44 ms.
    #[must_use]
    pub fn without_keeping(self) -> Client {
        Client::from(Guard { keep: false, ..self.guard })
    }

    /// The same, but it goes nowhere else, even where it is sent.
    #[must_use]
    pub fn without_redirects(self) -> Client {
        Client::from(Guard { follow: false, ..self.guard })
    }

    /// The same, but it reaches neither this machine nor the networks around
    /// it: for addresses that a server on the internet names.
    #[must_use]
    pub fn outward(self) -> Client {
        Client::from(Guard { inward: false, ..self.guard })
    }

    /// How far it may reach.
    pub fn reach(&self) -> Reach {
        self.guard.reach
    }

    /// The client below, for a library that speaks HTTP itself. It holds
    /// itself to its reach in all but the first address, which the caller has
    /// to [check](Reach::check): an IP literal passes by its resolver.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] when the machine's certificates cannot be read.
    pub fn below(&self) -> Result<reqwest::Client> {
        self.inner().cloned()
    }

    /// Build what a first request would have to wait for.
    ///
    /// # Errors
    /// [`ErrorKind::Network`] when the machine's certificates cannot be read.
    pub fn warm_up(&self) -> Result<()> {
        self.inner().map(drop)
    }

    /// Send CALL and wait for the head of the reply, whatever its status.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the address is out of reach, in which case
    /// nothing was sent; [`ErrorKind::Network`] when no reply came.
    pub async fn send(&self, call: Call<'_>) -> Result<Reply> {
        let url = Url::parse(call.url).map_err(|e| {
            Error::new(ErrorKind::Config, format!("{:?} is no address: {e}", call.url))
        })?;
        self.guard.check(&url)?;
        let mut request = match call.json {
            Some(json) => self.inner()?.post(url).body(json.to_vec()),
            None => self.inner()?.get(url),
        }
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, call.accept);
        for (name, value) in call.headers {
            request = request.header(*name, *value);
        }
        if let Some((place, key)) = call.key {
            let (name, value) = key_header(place, key)?;
            request = request.header(name, value);
        }
        let again = request.try_clone().filter(|_| self.reach() == Reach::Loopback);
        let mut sent = request.send().await;
        // A server may close a connection that was kept open in the moment in
        // which it is used. Here the question can be put again, for it costs
        // nothing; a service that bills might have answered the first.
        if let Some(again) = again.filter(|_| sent.as_ref().is_err_and(failure::is_broken)) {
            sent = again.send().await;
        }
        sent.map(Reply::new).map_err(|error| failure::of(error, self.guard.timeouts))
    }

    pub(crate) fn inner(&self) -> Result<&reqwest::Client> {
        self.inner
            .get_or_try_init(|| self.guard.build())
            .map_err(|error| failure::of(error, self.guard.timeouts))
    }
}

impl From<Guard> for Client {
    fn from(guard: Guard) -> Client {
        Client { guard, inner: Arc::default() }
    }
}

/// The header, marked so that no log of the stack below prints it.
fn key_header<'a>(
    place: KeyHeader<'a>,
    key: &SecretString,
) -> Result<(&'a str, header::HeaderValue)> {
    let (name, text) = match place {
        KeyHeader::Bearer => ("authorization", format!("Bearer {}", key.expose_secret())),
        KeyHeader::Named(name) => (name, key.expose_secret().to_owned()),
    };
    let mut value = header::HeaderValue::from_str(&text).map_err(|_| {
        Error::new(ErrorKind::Auth, "the key holds characters that cannot be sent")
            .advise("Look for line ends or quotes around the key where it is kept")
    })?;
    value.set_sensitive(true);
    Ok((name, value))
}
