//! How much a server of the user's own has to do, as far as it tells.

mod llama_server;
mod ollama;

use crate::models::{FoundModel, Server};
use llm_switch_net::Client;
use llm_switch_types::{Dialect, Provider, Result};
use secrecy::SecretString;

/// How much a server has to do; what it does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Load {
    /// Answers that it works on.
    pub busy: Option<u64>,
    /// Answers that it can work on at the same time.
    pub slots: Option<u64>,
    /// How fast it has answered, in tokens a second.
    pub tokens_per_second: Option<f64>,
    /// The models that it has in memory, with the context they run with;
    /// `None` for one that does not come and go.
    pub loaded: Option<Vec<FoundModel>>,
}

/// Ask PROVIDER, which is llama-server or Ollama, how much it has to do.
///
/// # Errors
/// Those of the network and of a refusal, where it tells nothing at all.
pub async fn load(
    client: &Client,
    provider: &Provider,
    key: Option<&SecretString>,
) -> Result<Load> {
    let server = Server { client, provider, key };
    match provider.dialect {
        Dialect::Ollama => ollama::load(&server).await,
        _ => llama_server::load(&server).await,
    }
}
