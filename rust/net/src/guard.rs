//! Building clients that hold themselves to their reach.

use crate::resolver::{LoopbackResolver, PublicResolver};
use crate::{Reach, Timeouts, inward};
use reqwest::redirect;
use std::sync::Arc;

/// What a client may do. It is the same for all that it sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    pub(crate) reach: Reach,
    pub(crate) timeouts: Timeouts,
    /// Whether it may reach this machine and the networks around it.
    pub(crate) inward: bool,
    /// Whether a connection is kept for the next request.
    pub(crate) keep: bool,
    /// Whether it goes where a server of the same origin sends it.
    pub(crate) follow: bool,
}

impl Guard {
    pub(crate) fn new(reach: Reach, timeouts: Timeouts) -> Guard {
        Guard { reach, timeouts, inward: true, keep: true, follow: true }
    }

    /// Refuse a URL that lies beyond.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Refused`].
    pub(crate) fn check(self, url: &url::Url) -> llm_switch_types::Result<()> {
        self.reach.check(url)?;
        if self.inward { Ok(()) } else { inward::refuse(url) }
    }

    #[allow(clippy::disallowed_methods, reason = "this is the one place")]
    pub(crate) fn build(self) -> reqwest::Result<reqwest::Client> {
        // An error means that somebody in this process was first: the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(self.redirects())
            .connect_timeout(self.timeouts.connect)
            .read_timeout(self.timeouts.idle)
            .user_agent(concat!("llm-switch/", env!("CARGO_PKG_VERSION")));
        let builder = if self.keep { builder } else { builder.pool_max_idle_per_host(0) };
        match self.reach {
            Reach::Anywhere if self.inward => builder,
            Reach::Anywhere => builder.dns_resolver(Arc::new(PublicResolver)),
            Reach::Loopback => bind_to_loopback(builder.dns_resolver(Arc::new(LoopbackResolver))),
        }
        .build()
    }

    fn redirects(self) -> redirect::Policy {
        match self.follow {
            true => redirect::Policy::custom(move |attempt| self.redirected(attempt)),
            false => redirect::Policy::none(),
        }
    }

    /// Follow within the same origin only: a prompt was addressed to one
    /// server, and a server that sends it elsewhere is not the one the user
    /// named.
    fn redirected(self, attempt: redirect::Attempt<'_>) -> redirect::Action {
        if let Err(refusal) = self.check(attempt.url()) {
            return attempt.error(refusal);
        }
        let same_origin =
            attempt.previous().iter().all(|seen| seen.origin() == attempt.url().origin());
        if same_origin && attempt.previous().len() < 5 { attempt.follow() } else { attempt.stop() }
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
