//! What lets a client in.

use rmcp::transport::auth::{AuthClient, AuthorizationManager};
use std::sync::Arc;
use tokio::sync::Mutex;

/// What lets a client in: it adds the token to what is sent, and refreshes it.
pub(crate) struct Pass {
    /// A client of rmcp's comes with a manager of its own, which gives way to
    /// the one that all clients of a server share.
    pub(crate) blank: AuthorizationManager,
    pub(crate) shared: Arc<Mutex<AuthorizationManager>>,
}

impl Pass {
    /// CLIENT, which is let in.
    pub(crate) fn wrap<C>(self, client: C) -> AuthClient<C> {
        let mut client = AuthClient::new(client, self.blank);
        client.auth_manager = self.shared;
        client
    }
}
