//! What a server's owner gives it.

use crate::{Era, Event, HttpClient, Login, Question};
use rmcp::model::{
    ClientCapabilities, ElicitationCapability, FormElicitationCapability, RootsCapabilities,
    SamplingCapability, UrlElicitationCapability,
};
use std::{collections::BTreeMap, sync::Arc};
use tokio::sync::mpsc;

/// What a server's owner gives it. Cheap enough to clone.
#[derive(Clone)]
pub struct Host {
    /// The environment of whom the server is started for, of which it gets a
    /// few harmless variables.
    pub environment: BTreeMap<String, String>,
    /// The client for servers that are reached over HTTP.
    pub http: Option<HttpClient>,
    /// What it takes to log in to such a server.
    pub login: Option<Login>,
    /// Where questions go. When the receiver is gone they are cancelled.
    pub questions: mpsc::Sender<Question>,
    /// What can be asked: a server that needs more says so at once, instead
    /// of asking into the void.
    pub offers: Offers,
    /// Is told what happens. It must not block.
    pub events: Arc<dyn Fn(Event) + Send + Sync>,
    /// Is handed each line of the server's standard error. It must not block.
    pub stderr: Arc<dyn Fn(&str) + Send + Sync>,
    /// How the server began last time, where it is known.
    pub era: Option<Era>,
}

/// What can be asked of a server's owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// To fill in a form or open a page.
    pub elicitation: bool,
    /// To ask a model.
    pub sampling: bool,
    /// To name the directories that it is about.
    pub roots: bool,
}

impl Offers {
    pub(crate) fn capabilities(self) -> ClientCapabilities {
        let mut all = ClientCapabilities::default();
        all.elicitation = self.elicitation.then(|| {
            ElicitationCapability::new()
                .with_form(FormElicitationCapability::default())
                .with_url(UrlElicitationCapability::default())
        });
        all.sampling = self.sampling.then(SamplingCapability::default);
        all.roots = self.roots.then(RootsCapabilities::default);
        all
    }
}
