//! What a server says to one that it does not know.

use rmcp::service::{ClientInitializeError, ServiceError};
use rmcp::transport::DynamicTransportError;
use rmcp::transport::streamable_http_client::{AuthRequiredError, InsufficientScopeError};
use serde::Serialize;

/// What a server wants before it lets anybody in, with 401 or 403.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Challenge {
    /// Its header `WWW-Authenticate`, from which the login starts.
    pub header: String,
    /// Whether it knows who asks, who may not do this.
    pub insufficient_scope: bool,
}

impl Challenge {
    /// The challenge that kept a connection from coming about.
    pub(crate) fn at_start(error: &ClientInitializeError) -> Option<Challenge> {
        match error {
            ClientInitializeError::TransportError { error, .. } => Challenge::behind(error),
            ClientInitializeError::LegacyFallbackFailed { discover, fallback } => {
                Challenge::at_start(fallback).or_else(|| Challenge::at_start(discover))
            }
            _ => None,
        }
    }

    /// The challenge that a request was answered with.
    pub(crate) fn in_use(error: &ServiceError) -> Option<Challenge> {
        match error {
            ServiceError::TransportSend(error) => Challenge::behind(error),
            _ => None,
        }
    }

    /// The challenge that ERROR is about. Most of rmcp's errors do not name
    /// their causes, but these do.
    pub(crate) fn behind(error: &DynamicTransportError) -> Option<Challenge> {
        let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error.error.as_ref());
        while let Some(found) = next {
            if let Some(it) = found.downcast_ref::<AuthRequiredError>() {
                let header = it.www_authenticate_header.clone();
                return Some(Challenge { header, insufficient_scope: false });
            }
            if let Some(it) = found.downcast_ref::<InsufficientScopeError>() {
                let header = it.www_authenticate_header.clone();
                return Some(Challenge { header, insufficient_scope: true });
            }
            next = found.source();
        }
        None
    }
}
