//! Logging in to a server over HTTP, with OAuth 2.1.
//!
//! What the owner gives for it is a [`Login`]. The steps are rmcp's: where the
//! server says that one logs in, what the authorization server there can do,
//! PKCE, the resource, the issuer, refreshing. Ours is what surrounds them:
//! the one client that may reach out ([`messenger`]), who we are there
//! ([`identity`]), what we ask for ([`scopes`]), the question to the user and
//! the way back ([`page`], [`callback`]), and what is kept ([`store`]).

mod access;
mod callback;
mod failure;
mod grants;
mod identity;
mod messenger;
mod page;
mod pass;
mod redirect;
mod scopes;
mod session;
mod store;
mod tokens;

pub(crate) use failure::of;
pub use identity::Identity;
pub(crate) use pass::Pass;
pub(crate) use session::Session;
pub use tokens::Tokens;

use std::{fmt, sync::Arc};

/// What a server's owner gives for logging in to it.
#[derive(Clone)]
pub struct Login {
    /// Where tokens are kept.
    pub tokens: Arc<dyn Tokens>,
    /// Who we are there, where that was agreed on beforehand.
    pub identity: Identity,
    /// What to ask for, instead of what the server suggests.
    pub scopes: Vec<String>,
    /// The port of this machine that the user's browser comes back to; any
    /// without.
    pub callback_port: Option<u16>,
    /// On whose behalf.
    pub grant: Grant,
}

/// On whose behalf we log in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grant {
    /// The user's, who is asked to log in with a browser.
    #[default]
    User,
    /// Our own, with the secret of our [`Identity`] and without asking.
    Client,
}

impl Login {
    /// On the user's behalf, knowing nothing beforehand, with TOKENS to keep
    /// what comes of it.
    pub fn new(tokens: Arc<dyn Tokens>) -> Login {
        Login {
            tokens,
            identity: Identity::default(),
            scopes: Vec::new(),
            callback_port: None,
            grant: Grant::User,
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Login");
        shown.field("identity", &self.identity).field("scopes", &self.scopes);
        shown.field("callback_port", &self.callback_port).field("grant", &self.grant);
        shown.finish_non_exhaustive()
    }
}
