//! What is asked for.

use crate::{Challenge, login::store::Saved};
use rmcp::transport::auth::{AuthorizationManager, AuthorizationMetadata, WWWAuthenticateParams};
use url::Url;

/// What makes an authorization server give refresh tokens, where it knows it.
const OFFLINE: &str = "offline_access";

/// What to ask the server of METADATA for: what CHALLENGE says is missing,
/// else OWN, else what MANAGER was told by the server at URL; and always what
/// was granted before, as in SAVED: asking for less would take it away.
pub(crate) async fn choose(
    manager: &AuthorizationManager,
    metadata: &AuthorizationMetadata,
    saved: &Saved,
    own: &[String],
    challenge: Option<&Challenge>,
    url: &Url,
) -> Vec<String> {
    let wanted = match challenge.filter(|it| it.insufficient_scope) {
        Some(challenge) => missing(challenge, url),
        None if !own.is_empty() => own.to_vec(),
        None => manager.select_initial_scopes(&[]).await,
    };
    let same = |issuer: &Option<String>| *issuer == metadata.issuer;
    let before = saved.credentials.as_ref().filter(|it| same(&it.issuer));
    let before = before.map(|it| it.granted_scopes.clone()).unwrap_or_default();
    let all = union(before, wanted);
    match all.is_empty() || !supports(metadata, OFFLINE) {
        true => all,
        false => union(all, vec![OFFLINE.to_owned()]),
    }
}

/// What CHALLENGE of the server at URL says is missing.
pub(crate) fn missing(challenge: &Challenge, url: &Url) -> Vec<String> {
    let scope = WWWAuthenticateParams::parse(&challenge.header, url).scope.unwrap_or_default();
    scope.split_whitespace().map(str::to_owned).collect()
}

/// FIRST and then SECOND, each but once.
fn union(first: Vec<String>, second: Vec<String>) -> Vec<String> {
    second.into_iter().fold(first, |mut all, scope| {
        if !all.contains(&scope) {
            all.push(scope);
        }
        all
    })
}

fn supports(metadata: &AuthorizationMetadata, scope: &str) -> bool {
    metadata.scopes_supported.iter().flatten().any(|it| it == scope)
}
