//! The login of one server.

use crate::login::messenger::{Messenger, Mishap};
use crate::login::{Grant, Login, Pass, failure, page::Page, scopes, store::Store};
use crate::{Challenge, Host, calls::Calls, failure::mcp};
use llm_switch_net::Reach;
use llm_switch_types::{Error, Result};
use rmcp::transport::auth::{AuthError, AuthorizationManager};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::timeout};
use url::Url;

/// How long an authorization server may keep us from using what it gave us.
const RESTORING: Duration = Duration::from_secs(5);

/// The login of one server: what is known of it, and how to come by it.
pub(crate) struct Session {
    pub(super) login: Login,
    pub(super) url: Url,
    pub(super) store: Store,
    messenger: Arc<Messenger>,
    mishap: Mishap,
    pub(super) page: Page,
    /// Held for moments only: each request asks it for the token.
    pub(super) manager: Arc<Mutex<AuthorizationManager>>,
    /// Held while the user logs in.
    under_way: Mutex<()>,
}

impl Session {
    /// The LOGIN of SERVER at URL, within REACH, of which nothing is known yet.
    ///
    /// # Errors
    /// When URL is no address.
    pub(crate) async fn new(
        server: &str,
        url: &str,
        login: Login,
        reach: Reach,
        host: &Host,
        calls: Arc<Calls>,
    ) -> Result<Session> {
        let parsed = Url::parse(url).map_err(|_| mcp("its url is no address"))?;
        let mishap = Mishap::default();
        let messenger = Arc::new(Messenger::new(reach, &parsed, mishap.clone()));
        let store = Store::new(Arc::clone(&login.tokens), server, url, mishap.clone());
        let mut manager = blank(&parsed, &messenger).await.map_err(|it| failure::of(&it))?;
        manager.set_credential_store(store.clone());
        let questions = host.questions.clone();
        let page = Page { server: server.to_owned(), questions, calls };
        let manager = Arc::new(Mutex::new(manager));
        let under_way = Mutex::default();
        Ok(Session { login, url: parsed, store, messenger, mishap, page, manager, under_way })
    }

    /// What lets a client in that connects now, with the login that was kept.
    ///
    /// # Errors
    /// When the place where it is kept cannot be read.
    pub(crate) async fn pass(&self) -> Result<Pass> {
        self.restore().await?;
        let blank = blank(&self.url, &self.messenger).await.map_err(|it| self.told(&it))?;
        Ok(Pass { blank, shared: Arc::clone(&self.manager) })
    }

    /// Take up the login that was kept.
    async fn restore(&self) -> Result<()> {
        let saved = self.store.read().await?;
        if saved.credentials.as_ref().is_none_or(|it| it.token_response.is_none()) {
            return Ok(());
        }
        let mut manager = self.manager.lock().await;
        // What fails here is needed for a refresh only: a token that is still
        // good can be used while its authorization server is away.
        let known = timeout(RESTORING, manager.initialize_from_store()).await;
        if let (Ok(Ok(true)), Some(client)) = (known, saved.client) {
            client.configure(&mut manager).map_err(|it| self.told(&it))?;
        }
        Ok(())
    }

    /// Whether a login takes nobody's time but ours.
    pub(crate) fn needs_nobody(&self) -> bool {
        self.login.grant == Grant::Client
    }

    /// Log in, because the server said CHALLENGE.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Cancelled`] when the user does not want
    /// to; [`llm_switch_types::ErrorKind::Mcp`] when it does not work out.
    pub(crate) async fn log_in(&self, challenge: Option<&Challenge>) -> Result<()> {
        let _one = self.under_way.try_lock().map_err(|_| failure::under_way())?;
        self.proceed(challenge).await
    }

    /// Log in, or wait for whoever does that already: several calls may find
    /// out at once that they need it, which is one question to the user.
    ///
    /// # Errors
    /// As above.
    pub(crate) async fn log_in_once(&self, challenge: &Challenge) -> Result<()> {
        match self.under_way.try_lock() {
            Ok(_one) => self.proceed(Some(challenge)).await,
            Err(_) => {
                drop(self.under_way.lock().await);
                Ok(())
            }
        }
    }

    /// Whether a login can help against CHALLENGE, which a call got.
    pub(crate) fn helps(&self, challenge: &Challenge) -> bool {
        match challenge.insufficient_scope {
            true => !scopes::missing(challenge, &self.url).is_empty(),
            false => self.needs_nobody(),
        }
    }

    async fn proceed(&self, challenge: Option<&Challenge>) -> Result<()> {
        self.mishap.take();
        let done = match self.login.grant {
            Grant::User => self.as_user(challenge).await,
            Grant::Client => self.as_client(challenge).await,
        };
        // The server may have forgotten who we are, which only its page says.
        if done.is_err() && challenge.is_some_and(|it| !it.insufficient_scope) {
            self.store.change(|saved| saved.client = None).await?;
        }
        done
    }

    /// Forget the login.
    pub(crate) async fn log_out(&self) -> Result<()> {
        self.store.forget().await
    }

    /// ERROR in our words: what happened below it, where anything did.
    pub(super) fn told(&self, error: &AuthError) -> Error {
        match self.mishap.take() {
            Some(below) => Error { what: format!("logging in: {}", below.what), ..below },
            None => failure::of(error),
        }
    }
}

/// A manager for URL that knows nothing, and reaches out by MESSENGER only.
async fn blank(
    url: &Url,
    messenger: &Arc<Messenger>,
) -> std::result::Result<AuthorizationManager, AuthError> {
    let messenger = Arc::clone(messenger);
    AuthorizationManager::new_with_oauth_http_client(url.as_str(), messenger).await
}
