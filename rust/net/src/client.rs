//! Sending one request.

use crate::{Reach, Reply, failure, reach::LoopbackResolver};
use llm_switch_types::{Error, ErrorKind, Result};
use once_cell::sync::OnceCell;
use reqwest::{header, redirect};
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
    reach: Reach,
    timeouts: Timeouts,
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
        Client { reach, timeouts, inner: Arc::default() }
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
        self.reach.check(&url)?;
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
        let again = request.try_clone().filter(|_| self.reach == Reach::Loopback);
        let mut sent = request.send().await;
        // A server may close a connection that was kept open in the moment in
        // which it is used. Here the question can be put again, for it costs
        // nothing; a service that bills might have answered the first.
        if let Some(again) = again.filter(|_| sent.as_ref().is_err_and(failure::is_broken)) {
            sent = again.send().await;
        }
        sent.map(Reply::new).map_err(|error| failure::of(error, self.timeouts))
    }

    fn inner(&self) -> Result<&reqwest::Client> {
        self.inner
            .get_or_try_init(|| self.build())
            .map_err(|error| failure::of(error, self.timeouts))
    }

    #[allow(clippy::disallowed_methods, reason = "this is the one place")]
    fn build(&self) -> reqwest::Result<reqwest::Client> {
        // An error means that somebody in this process was first: the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let reach = self.reach;
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::custom(move |attempt| follow(reach, attempt)))
            .connect_timeout(self.timeouts.connect)
            .read_timeout(self.timeouts.idle)
            .user_agent(concat!("llm-switch/", env!("CARGO_PKG_VERSION")));
        match reach {
            Reach::Anywhere => builder,
            Reach::Loopback => bind_to_loopback(builder.dns_resolver(Arc::new(LoopbackResolver))),
        }
        .build()
    }
}

#[cfg(target_os = "linux")]
fn bind_to_loopback(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder.interface("lo")
}

#[cfg(not(target_os = "linux"))]
fn bind_to_loopback(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
}

/// Follow within the same origin only: a prompt was addressed to one server,
/// and a server that sends it elsewhere is not the one the user named.
fn follow(reach: Reach, attempt: redirect::Attempt<'_>) -> redirect::Action {
    if let Err(refusal) = reach.check(attempt.url()) {
        return attempt.error(refusal);
    }
    let same_origin = attempt.previous().iter().all(|seen| seen.origin() == attempt.url().origin());
    if same_origin && attempt.previous().len() < 5 { attempt.follow() } else { attempt.stop() }
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
