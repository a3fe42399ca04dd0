//! A server of tools, as it was written.

use super::{McpLaunch, McpOrigin};
use crate::KeySource;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// A server of tools, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct McpServer {
    /// Its name, as written.
    pub name: String,
    /// Where it was written.
    pub origin: McpOrigin,
    /// How it is reached, with the variables not filled in.
    pub launch: McpLaunch,
    /// How long it may take.
    pub timeouts: McpTimeouts,
    /// The user says that it opens no connection beyond this machine.
    pub local: bool,
    /// It may start.
    pub enabled: bool,
    /// How many characters of a result reach a model.
    pub output_limit: Option<u64>,
    /// Where the bearer token for its address is kept.
    pub key: Option<KeySource>,
    /// What is known of it before anybody logs in.
    pub oauth: McpOauth,
    /// What its file says of the values that `${input:ID}` stands for, by
    /// their id; shared by all servers of the file.
    pub inputs: Arc<BTreeMap<String, McpInput>>,
}

/// How long a server may take, where it is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct McpTimeouts {
    /// To start.
    pub start: Option<Duration>,
    /// To say anything during a call.
    pub idle: Option<Duration>,
    /// For a whole call.
    pub total: Option<Duration>,
}

/// What is known of a server before anybody logs in; a server that registers
/// its clients itself needs nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpOauth {
    /// As whom llm-switch is registered.
    pub client_id: Option<String>,
    /// Where the secret of that registration is kept.
    pub client_secret: Option<KeySource>,
    /// What is asked for; what the server suggests where there is none.
    pub scopes: Vec<String>,
    /// The port of this machine that the browser comes back to.
    pub callback_port: Option<u16>,
}

/// A value that a file leaves to the user: an entry of VS Code's `inputs`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct McpInput {
    /// What to ask.
    pub description: Option<String>,
    /// It is a secret.
    pub password: bool,
    /// What there is to choose from; anything where there is none.
    pub options: Vec<String>,
    /// What it usually is.
    pub default: Option<String>,
}
