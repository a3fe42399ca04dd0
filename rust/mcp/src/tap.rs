//! A transport that is listened to.

use crate::ear::Ear;
use rmcp::RoleClient;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use std::sync::Arc;

/// A transport whose messages are heard in the order of the wire. rmcp runs
/// the handler of each notification in a task of its own, which loses that
/// order: progress would jump back and forth.
pub(crate) struct Tap<T> {
    inner: T,
    ear: Arc<Ear>,
}

impl<T> Tap<T> {
    pub(crate) fn new(inner: T, ear: Arc<Ear>) -> Tap<T> {
        Tap { inner, ear }
    }
}

impl<T: Transport<RoleClient>> Transport<RoleClient> for Tap<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        mut message: TxJsonRpcMessage<RoleClient>,
    ) -> impl Future<Output = Result<(), T::Error>> + Send + 'static {
        self.ear.sent(&mut message);
        self.inner.send(message)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleClient>> {
        let message = self.inner.receive().await;
        if let Some(message) = &message {
            self.ear.received(message);
        }
        message
    }

    fn close(&mut self) -> impl Future<Output = Result<(), T::Error>> + Send {
        self.inner.close()
    }
}

impl<T> Drop for Tap<T> {
    /// rmcp drops a transport when it is done with it, for whatever reason:
    /// the end of its input, an error, or because we ended the connection.
    fn drop(&mut self) {
        self.ear.closed();
    }
}
