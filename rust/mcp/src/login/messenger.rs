//! The one way out for rmcp's part in a login.

use futures_util::FutureExt;
use llm_switch_net::{Client, Reach, Timeouts, names_inward};
use llm_switch_types::Error;
use parking_lot::Mutex;
use rmcp::transport::auth::{OAuthHttpClient, OAuthHttpClientFuture, OAuthHttpRequest};
use std::{sync::Arc, time::Duration};
use url::Url;

/// How long an authorization server may take.
const PATIENCE: Timeouts =
    Timeouts { connect: Duration::from_secs(10), idle: Duration::from_secs(30) };

/// Carries each request of a login. rmcp would build a client of its own
/// otherwise, which knows nothing of how far we may reach.
pub(crate) struct Messenger {
    client: Client,
    mishap: Mishap,
}

/// What went wrong last below rmcp, which tells it as a text only.
#[derive(Clone, Default)]
pub(crate) struct Mishap(Arc<Mutex<Option<Error>>>);

impl Messenger {
    /// For a login to the server at URL, within REACH. Whoever is on the
    /// internet may not send us to a private network.
    pub(crate) fn new(reach: Reach, url: &Url, mishap: Mishap) -> Messenger {
        let client = Client::new(reach, PATIENCE).without_redirects();
        let client = match reach {
            Reach::Anywhere if !names_inward(url) => client.outward(),
            _ => client,
        };
        Messenger { client, mishap }
    }
}

impl OAuthHttpClient for Messenger {
    /// Redirects are never followed, even where rmcp would: a code or a secret
    /// in the body is meant for the one address that was agreed on.
    fn execute(&self, errand: OAuthHttpRequest) -> OAuthHttpClientFuture<'_> {
        let sent = self.client.exchange(errand.request);
        Box::pin(sent.map(|answer| {
            answer.map_err(|error| {
                self.mishap.note(error.clone());
                error.into()
            })
        }))
    }
}

impl Mishap {
    pub(crate) fn note(&self, error: Error) {
        *self.0.lock() = Some(error);
    }

    pub(crate) fn take(&self) -> Option<Error> {
        self.0.lock().take()
    }
}
