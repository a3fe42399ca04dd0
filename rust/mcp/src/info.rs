//! What a server said of itself when it was connected to.

use rmcp::model::{ServerCapabilities, ServerPeerInfo};
use serde::{Deserialize, Serialize};

/// What a server said of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Info {
    /// The version of the protocol that is spoken, a date.
    pub protocol: String,
    /// Which of the two ways of beginning it speaks; to be handed in at the
    /// next start, which then need not find out.
    pub era: Era,
    /// The name of the program, as it calls itself.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What a model should know before it uses the tools.
    pub instructions: Option<String>,
    /// What it offers.
    pub offers: Offered,
}

/// The two ways of beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Era {
    /// `initialize`, up to 2025-11-25.
    Initialize,
    /// `server/discover`, and each request for itself, from 2026-07-28.
    Discover,
}

/// What a server offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Offered {
    /// Tools.
    pub tools: bool,
    /// It says when its tools change.
    pub tools_change: bool,
    /// Resources.
    pub resources: bool,
    /// It says when its resources change.
    pub resources_change: bool,
    /// Prompts.
    pub prompts: bool,
    /// It says when its prompts change.
    pub prompts_change: bool,
    /// Completion of arguments.
    pub completions: bool,
}

impl Info {
    /// Of a server that said nothing of itself and began as in ERA.
    pub(crate) fn unknown(era: Era) -> Info {
        Info {
            protocol: String::new(),
            era,
            name: None,
            version: None,
            instructions: None,
            offers: Offered::default(),
        }
    }
}

impl From<&ServerPeerInfo> for Info {
    fn from(peer: &ServerPeerInfo) -> Info {
        let server = peer.server_info.as_ref();
        Info {
            protocol: peer.protocol_version.to_string(),
            era: match peer.protocol_version.has_initialize() {
                true => Era::Initialize,
                false => Era::Discover,
            },
            name: server.map(|it| it.name.clone()),
            version: server.map(|it| it.version.clone()),
            instructions: peer.instructions.clone(),
            offers: Offered::from(&peer.capabilities),
        }
    }
}

impl From<&ServerCapabilities> for Offered {
    fn from(all: &ServerCapabilities) -> Offered {
        let (tools, resources, prompts) = (&all.tools, &all.resources, &all.prompts);
        Offered {
            tools: tools.is_some(),
            tools_change: tools.as_ref().and_then(|it| it.list_changed) == Some(true),
            resources: resources.is_some(),
            resources_change: resources.as_ref().and_then(|it| it.list_changed) == Some(true),
            prompts: prompts.is_some(),
            prompts_change: prompts.as_ref().and_then(|it| it.list_changed) == Some(true),
            completions: all.completions.is_some(),
        }
    }
}
