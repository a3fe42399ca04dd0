//! The servers that are written down for a project.

use super::Place;
use crate::core::Core;
use llm_switch_config::Config;
use llm_switch_config::mcp::{McpFiles, McpServer, read_mcp_files};
use llm_switch_types::{Error, ErrorKind, Result};
use strsim::normalized_damerau_levenshtein as likeness;

/// How alike two names must be for one to be meant by the other.
const ALIKE: f64 = 0.6;

impl Core {
    /// The servers that are written down for PLACE, read anew: a file that was
    /// edited counts at once.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a wrong configuration. What is wrong in the
    /// files of other programs stands among the problems.
    pub(crate) async fn written_servers(&self, place: &Place) -> Result<McpFiles> {
        let (file, project) = (self.config_file.clone(), place.project.clone());
        let read = move || {
            let config = Config::load(&file)?;
            Ok(read_mcp_files(&config, project.as_deref(), std::env::home_dir().as_deref()))
        };
        self.tasks.blocking(read).await?
    }

    /// The server that is written down as NAME for PLACE.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is none.
    pub(crate) async fn written_server(&self, place: &Place, name: &str) -> Result<McpServer> {
        let servers = self.written_servers(place).await?.servers;
        let known: Vec<String> = servers.iter().map(|it| it.name.clone()).collect();
        let found = servers.into_iter().find(|it| it.name == name);
        found.ok_or_else(|| unknown(name, &known))
    }
}

fn unknown(name: &str, known: &[String]) -> Error {
    let best = known.iter().max_by(|a, b| likeness(name, a).total_cmp(&likeness(name, b)));
    let advice = match best.filter(|it| likeness(name, it) > ALIKE) {
        Some(meant) => format!("Did you mean {meant:?}?"),
        None => format!("Write [mcp.{name}] into the configuration, or name it in .mcp.json"),
    };
    Error::new(ErrorKind::Config, format!("there is no MCP server {name:?}")).advise(advice)
}
