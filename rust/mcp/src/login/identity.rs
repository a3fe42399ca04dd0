//! Who we are at an authorization server.

use rmcp::transport::auth::{
    AuthError, AuthorizationManager, AuthorizationMetadata, OAuthClientConfig,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

/// Our name where nothing was agreed on.
const NAME: &str = "llm-switch";

/// Who we are, where that was agreed on beforehand.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// What the authorization server calls us. An `https` address with a path
    /// is that of a document about us, which some servers read for
    /// themselves; at the others we register.
    pub id: Option<String>,
    /// The secret that goes with it.
    pub secret: Option<SecretString>,
}

/// Who we are at one authorization server.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Registered {
    /// The server that knows us by this; nobody else may be told.
    pub(crate) issuer: Option<String>,
    id: String,
    secret: Option<String>,
    /// Where it sends the user's browser back to.
    pub(crate) redirect: String,
}

impl Identity {
    /// Who we are at the server of METADATA, which sends back to REDIRECT:
    /// what was agreed on, else a document about us, else KNOWN from an
    /// earlier login, else what we are told when we register with MANAGER for
    /// SCOPES.
    pub(crate) async fn at(
        &self,
        metadata: &AuthorizationMetadata,
        redirect: &str,
        known: Option<Registered>,
        manager: &mut AuthorizationManager,
        scopes: &[&str],
    ) -> Result<Registered, AuthError> {
        let as_known = |id: &str, secret: Option<String>| Registered {
            issuer: metadata.issuer.clone(),
            id: id.to_owned(),
            secret,
            redirect: redirect.to_owned(),
        };
        let secret = self.secret.as_ref().map(|it| it.expose_secret().to_owned());
        match &self.id {
            Some(id) if !self.is_document() || reads_documents(metadata) => {
                return Ok(as_known(id, secret));
            }
            _ => {}
        }
        let fits = |it: &Registered| it.issuer == metadata.issuer && it.redirect == redirect;
        if let Some(known) = known.filter(|it| it.issuer.is_some() && fits(it)) {
            return Ok(known);
        }
        let config = manager.register_client(NAME, redirect, scopes).await?;
        Ok(as_known(&config.client_id, config.client_secret))
    }

    /// Whether it is the address of a document about us.
    fn is_document(&self) -> bool {
        let url = self.id.as_ref().and_then(|id| Url::parse(id).ok());
        self.secret.is_none() && url.is_some_and(|it| it.scheme() == "https" && it.path() != "/")
    }
}

impl Registered {
    /// Let MANAGER speak as this.
    pub(crate) fn configure(&self, manager: &mut AuthorizationManager) -> Result<(), AuthError> {
        let mut config = OAuthClientConfig::new(&self.id, &self.redirect);
        config.client_secret = self.secret.clone();
        manager.configure_client(config)
    }
}

/// Whether the server of METADATA reads documents about its clients. One that
/// registers nobody can do nothing else with an address.
fn reads_documents(metadata: &AuthorizationMetadata) -> bool {
    let said = metadata.additional_fields.get("client_id_metadata_document_supported");
    said.and_then(|it| it.as_bool()) == Some(true) || metadata.registration_endpoint.is_none()
}
