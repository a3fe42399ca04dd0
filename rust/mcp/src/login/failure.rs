//! What goes wrong at a login, told to a person.

use crate::failure::mcp;
use llm_switch_types::{Error, ErrorKind};
use rmcp::transport::auth::AuthError;

/// ERROR in our words. Most of its texts hold what a server sent, in which a
/// token or a secret may stand, or an address, in which a key may: of these
/// only the code that OAuth has for it is told.
pub(crate) fn of(error: &AuthError) -> Error {
    let (what, advice) = match error {
        AuthError::AuthorizationServerMismatch { .. } => (
            "the answer is from another authorization server than the one that was asked".into(),
            "Do not log in there: somebody may have mixed them up on purpose",
        ),
        AuthError::AuthorizationServerMissingIssuer { .. } => (
            "the authorization server does not say who it is".into(),
            "Tell whoever runs it that its answers lack the issuer",
        ),
        AuthError::MetadataError(text) if text.contains("resource mismatch") => (
            "it says that its logins are for another address than its own".into(),
            "Look whether its url is right",
        ),
        AuthError::MetadataError(_) | AuthError::NoAuthorizationSupport => (
            "it does not say where one logs in".into(),
            "Look whether its url is right, or give it a key in its headers",
        ),
        AuthError::PkceUnsupported => (
            "its authorization server does not know PKCE with S256, without which a login is not safe"
                .into(),
            "Give it a key in its headers, if it knows any",
        ),
        AuthError::RegistrationFailed(text) => (
            format!("its authorization server does not let us register{}", code(text)),
            "Register llm-switch there by hand and configure the client id",
        ),
        AuthError::TokenExchangeFailed(text) | AuthError::ClientCredentialsError(text) => (
            format!("its authorization server gave no token{}", code(text)),
            "Log in again, or look whether the client id and secret are right",
        ),
        AuthError::TokenRefreshFailed(text) | AuthError::TokenRefreshRejected(text) => (
            format!("its authorization server did not renew the token{}", code(text)),
            "Try again later, or log in again",
        ),
        AuthError::CredentialStoreError(_) => (
            "the place where its tokens are kept cannot be used".into(),
            "Look whether it is locked",
        ),
        _ => ("it did not work out".into(), "Log in again"),
    };
    mcp(format!("logging in: {what}")).advise(advice)
}

/// The error of OAuth that TEXT names, in brackets.
fn code(text: &str) -> String {
    const CODES: &[&str] = &[
        "invalid_request",
        "invalid_client_metadata",
        "invalid_client",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_target",
        "invalid_redirect_uri",
        "access_denied",
    ];
    let known = CODES.iter().find(|code| text.contains(**code));
    known.map(|code| format!(" ({code})")).unwrap_or_default()
}

/// Two logins to one server at once are one too many.
pub(crate) fn under_way() -> Error {
    mcp("logging in: that is under way already").advise("Finish it in the browser, or leave it")
}

/// There is nothing to log in with.
pub(crate) fn impossible() -> Error {
    Error::new(ErrorKind::Config, "one cannot log in to it")
        .advise("Only a server over HTTP without a header Authorization has a login")
}

/// What is needed for logging in on our own behalf is not there.
pub(crate) fn nameless() -> Error {
    Error::new(ErrorKind::Config, "logging in: its client id or client secret is not configured")
        .advise("Configure both, or log in as yourself")
}
