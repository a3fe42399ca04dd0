//! Where the tokens of logins are kept.

use super::kept::Kept;
use crate::tasks::Tasks;
use futures_util::future::BoxFuture;
use llm_switch_mcp::Tokens;
use llm_switch_types::Result;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A file for its owner's eyes only, as `~/.ssh` and the command line tools of
/// clouds have them; a password store would have to be unlocked whenever a
/// token is refreshed.
#[derive(Clone)]
pub(crate) struct TokenFile {
    kept: Arc<Kept<BTreeMap<String, String>>>,
    tasks: Tasks,
}

impl TokenFile {
    /// In the folder STATE.
    pub(crate) fn new(state: Option<&Path>, tasks: Tasks) -> TokenFile {
        TokenFile { kept: Arc::new(Kept::new(state.map(|it| it.join("mcp-logins.json")))), tasks }
    }

    /// Forget what is kept for SERVER, at whatever address.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) async fn forget_server(&self, server: &str) -> Result<()> {
        let server = server.to_owned();
        let is_of = move |key: &str| key.rsplit_once(' ').is_some_and(|(name, _)| name == server);
        self.change(move |all| all.retain(|key, _| !is_of(key))).await
    }

    async fn change(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, String>) + Send + 'static,
    ) -> Result<()> {
        let kept = Arc::clone(&self.kept);
        self.tasks.blocking(move || kept.change(change)).await?
    }
}

/// A server is what it is called and where it is: one that moves has to be
/// logged in to anew.
fn key(server: &str, url: &str) -> String {
    format!("{server} {url}")
}

impl Tokens for TokenFile {
    fn load<'a>(&'a self, server: &'a str, url: &'a str) -> BoxFuture<'a, Result<Option<String>>> {
        Box::pin(async move {
            let kept = Arc::clone(&self.kept);
            let all = self.tasks.blocking(move || kept.get()).await??;
            Ok(all.get(&key(server, url)).cloned())
        })
    }

    fn save<'a>(
        &'a self,
        server: &'a str,
        url: &'a str,
        text: String,
    ) -> BoxFuture<'a, Result<()>> {
        let key = key(server, url);
        Box::pin(self.change(move |all| {
            all.insert(key, text);
        }))
    }

    fn forget<'a>(&'a self, server: &'a str, url: &'a str) -> BoxFuture<'a, Result<()>> {
        let key = key(server, url);
        Box::pin(self.change(move |all| {
            all.remove(&key);
        }))
    }
}
