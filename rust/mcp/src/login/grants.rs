//! The two ways to log in.

use crate::login::{Session, callback::Callback, failure, scopes};
use crate::{Challenge, failure::mcp};
use llm_switch_types::Result;
use rmcp::transport::auth::{AuthorizationManager, AuthorizationMetadata, ClientCredentialsConfig};
use secrecy::ExposeSecret;
use url::Url;

impl Session {
    /// Log in on the user's behalf, who is asked.
    pub(super) async fn as_user(&self, challenge: Option<&Challenge>) -> Result<()> {
        let saved = self.store.read().await?;
        let before = saved.client.as_ref().map(|it| it.redirect.as_str());
        let callback = Callback::open(self.login.callback_port, before).await?;
        let page = self.prepare(&callback, challenge).await?;
        let back = self.page.show(&page, &callback).await?;
        let manager = self.manager.lock().await;
        let issuer = back.issuer.as_deref();
        let exchanged =
            manager.exchange_code_for_token_with_issuer(&back.code, &back.state, issuer).await;
        exchanged.map(drop).map_err(|it| self.told(&it))
    }

    /// The page on which the user logs in, which leads to CALLBACK.
    async fn prepare(&self, callback: &Callback, challenge: Option<&Challenge>) -> Result<Url> {
        let mut manager = self.manager.lock().await;
        let metadata = self.discover(&mut manager, challenge).await?;
        let saved = self.store.read().await?;
        let own = &self.login.scopes;
        let scopes = scopes::choose(&manager, &metadata, &saved, own, challenge, &self.url).await;
        let scopes: Vec<_> = scopes.iter().map(String::as_str).collect();
        let redirect = callback.address.as_str();
        let identity = &self.login.identity;
        let client = identity.at(&metadata, redirect, saved.client, &mut manager, &scopes).await;
        let client = client.map_err(|it| self.told(&it))?;
        client.configure(&mut manager).map_err(|it| self.told(&it))?;
        self.store.change(|saved| saved.client = Some(client)).await?;
        let page = manager.get_authorization_url(&scopes).await.map_err(|it| self.told(&it))?;
        Url::parse(&page).map_err(|_| mcp("logging in: the page has no address"))
    }

    /// Log in on our own behalf.
    pub(super) async fn as_client(&self, challenge: Option<&Challenge>) -> Result<()> {
        let (Some(id), Some(secret)) = (&self.login.identity.id, &self.login.identity.secret)
        else {
            return Err(failure::nameless());
        };
        let mut manager = self.manager.lock().await;
        let metadata = self.discover(&mut manager, challenge).await?;
        let (saved, own) = (self.store.read().await?, &self.login.scopes);
        let config = ClientCredentialsConfig::ClientSecret {
            client_id: id.clone(),
            client_secret: secret.expose_secret().to_owned(),
            scopes: scopes::choose(&manager, &metadata, &saved, own, challenge, &self.url).await,
            resource: Some(self.url.to_string()),
        };
        manager.validate_client_credentials_metadata(&config).map_err(|it| self.told(&it))?;
        manager.configure_client_credentials(&config).map_err(|it| self.told(&it))?;
        let exchanged = manager.exchange_client_credentials(&config).await;
        exchanged.map(drop).map_err(|it| self.told(&it))
    }

    /// What the authorization server can do that the server names, in
    /// CHALLENGE or elsewhere.
    async fn discover(
        &self,
        manager: &mut AuthorizationManager,
        challenge: Option<&Challenge>,
    ) -> Result<AuthorizationMetadata> {
        let header = challenge.map(|it| it.header.as_str());
        let found = manager.resolve_metadata_from_challenge(header).await;
        let metadata = found.map_err(|it| self.told(&it))?.metadata;
        manager.set_metadata(metadata.clone());
        Ok(metadata)
    }
}
