//! What is done with each message that goes over the wire.

use crate::{Event, calls::Calls, listener::Tell, protocol::Direction, protocol::Protocol};
use rmcp::RoleClient;
use rmcp::model::{
    ClientJsonRpcMessage, ClientRequest, RequestMetaObject, ServerJsonRpcMessage,
    ServerNotification,
};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;

/// The key under which a call of ours carries its number as far as here. It
/// does not go over the wire.
const MARK: &str = "llm-switch/call";

/// Listens to one connection.
pub(crate) struct Ear {
    protocol: Arc<Protocol>,
    calls: Arc<Calls>,
    tell: Tell,
    closed: watch::Sender<bool>,
    spoken: AtomicBool,
}

impl Ear {
    pub(crate) fn new(protocol: Arc<Protocol>, calls: Arc<Calls>, tell: Tell) -> Ear {
        let (closed, spoken) = (watch::Sender::new(false), AtomicBool::new(false));
        Ear { protocol, calls, tell, closed, spoken }
    }

    /// Becomes true when the connection is over.
    pub(crate) fn end(&self) -> watch::Receiver<bool> {
        self.closed.subscribe()
    }

    /// Whether anything was said to the server.
    pub(crate) fn has_spoken(&self) -> bool {
        self.spoken.load(Ordering::Relaxed)
    }

    pub(crate) fn closed(&self) {
        self.closed.send_replace(true);
    }

    pub(crate) fn sent(&self, message: &mut TxJsonRpcMessage<RoleClient>) {
        if let ClientJsonRpcMessage::Request(request) = message
            && let ClientRequest::CallToolRequest(call) = &mut request.request
            && let Some(id) = call.params.meta.as_mut().and_then(|meta| meta.remove(MARK))
            && let Some(meta) = call.extensions.get::<RequestMetaObject>()
            && let (Some(token), Some(id)) = (meta.get_progress_token(), id.as_u64())
        {
            self.calls.know(token, id);
        }
        self.spoken.store(true, Ordering::Relaxed);
        self.protocol.note(Direction::Sent, message);
    }

    pub(crate) fn received(&self, message: &RxJsonRpcMessage<RoleClient>) {
        self.protocol.note(Direction::Received, message);
        let ServerJsonRpcMessage::Notification(it) = message else { return };
        let event = match &it.notification {
            ServerNotification::ProgressNotification(it) => return self.calls.tell(&it.params),
            ServerNotification::ToolListChangedNotification(_) => Event::ToolsChanged,
            ServerNotification::PromptListChangedNotification(_) => Event::PromptsChanged,
            ServerNotification::ResourceListChangedNotification(_) => Event::ResourcesChanged,
            ServerNotification::ResourceUpdatedNotification(it) => {
                Event::ResourceUpdated { uri: it.params.uri.clone() }
            }
            ServerNotification::LoggingMessageNotification(it) => {
                Event::logged(&it.params, self.protocol.secrets())
            }
            _ => return,
        };
        (self.tell)(event);
    }
}

/// The metadata that marks a request as the call of ID.
pub(crate) fn mark(id: u64) -> RequestMetaObject {
    let mut meta = RequestMetaObject::new();
    meta.insert(MARK.into(), id.into());
    meta
}
