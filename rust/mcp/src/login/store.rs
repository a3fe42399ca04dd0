//! What is kept of a login, between the owner's place for it and rmcp.

use crate::login::{Tokens, identity::Registered, messenger::Mishap};
use async_trait::async_trait;
use llm_switch_types::Result;
use rmcp::transport::auth::{
    AuthError, CredentialRefreshGuard, CredentialStore, StoredCredentials,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Mutex;

/// What is kept of a login.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Saved {
    /// Who we are at the authorization server, which need not be asked again.
    pub(crate) client: Option<Registered>,
    /// The tokens, and what they are for.
    pub(crate) credentials: Option<StoredCredentials>,
}

/// The place for one server, and what is known to be there. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Store(Arc<Inner>);

struct Inner {
    tokens: Arc<dyn Tokens>,
    server: String,
    url: String,
    mishap: Mishap,
    /// Each request asks for the token: the place is asked but once.
    known: Mutex<Option<Saved>>,
}

impl Store {
    pub(crate) fn new(tokens: Arc<dyn Tokens>, server: &str, url: &str, mishap: Mishap) -> Store {
        let (server, url, known) = (server.to_owned(), url.to_owned(), Mutex::default());
        Store(Arc::new(Inner { tokens, server, url, mishap, known }))
    }

    /// What is kept. What nobody can read is as nothing: the next login
    /// replaces it.
    pub(crate) async fn read(&self) -> Result<Saved> {
        let mut known = self.0.known.lock().await;
        if let Some(saved) = known.as_ref() {
            return Ok(saved.clone());
        }
        let text = self.0.tokens.load(&self.0.server, &self.0.url).await?;
        let saved = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Ok(known.insert(saved).clone())
    }

    /// Keep what CHANGE makes of what is kept.
    pub(crate) async fn change(&self, change: impl FnOnce(&mut Saved)) -> Result<()> {
        let mut saved = self.read().await?;
        change(&mut saved);
        let text = serde_json::to_string(&saved).unwrap_or_default();
        self.0.tokens.save(&self.0.server, &self.0.url, text).await?;
        *self.0.known.lock().await = Some(saved);
        Ok(())
    }

    /// Keep nothing.
    pub(crate) async fn forget(&self) -> Result<()> {
        *self.0.known.lock().await = Some(Saved::default());
        self.0.tokens.forget(&self.0.server, &self.0.url).await
    }

    /// RESULT for rmcp, which knows texts only.
    fn pass<T>(&self, result: Result<T>) -> std::result::Result<T, AuthError> {
        result.map_err(|error| {
            let text = error.to_string();
            self.0.mishap.note(error);
            AuthError::CredentialStoreError(text)
        })
    }
}

#[async_trait]
impl CredentialStore for Store {
    async fn load(&self) -> std::result::Result<Option<StoredCredentials>, AuthError> {
        self.pass(self.read().await.map(|saved| saved.credentials))
    }

    async fn save(&self, credentials: StoredCredentials) -> std::result::Result<(), AuthError> {
        self.pass(self.change(|saved| saved.credentials = Some(credentials)).await)
    }

    async fn clear(&self) -> std::result::Result<(), AuthError> {
        self.pass(self.forget().await)
    }

    /// Another Emacs may have refreshed meanwhile, which often makes the older
    /// refresh token worthless: look again before it is used.
    async fn acquire_refresh_guard(
        &self,
    ) -> std::result::Result<Option<CredentialRefreshGuard>, AuthError> {
        self.0.known.lock().await.take();
        Ok(None)
    }
}
