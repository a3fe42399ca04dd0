//! The servers that are written down for a project.

use super::Place;
use crate::core::Core;
use llm_switch_config::Config;
use llm_switch_config::mcp::{McpFiles, McpServer, read_mcp_files};
use llm_switch_types::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use std::sync::Arc;
use strsim::normalized_damerau_levenshtein as likeness;

/// How alike two names must be for one to be meant by the other.
const ALIKE: f64 = 0.6;

/// The last configuration in which nothing was wrong.
#[derive(Default)]
pub(crate) struct LastGood(Mutex<Option<Arc<Config>>>);

impl LastGood {
    /// The configuration in force after LOADED was read, and what is wrong with
    /// that if it is not the one.
    fn of(&self, loaded: Result<Config>) -> Result<(Arc<Config>, Option<Error>)> {
        let mut last = self.0.lock();
        match (loaded, last.as_ref()) {
            (Ok(config), _) => Ok((Arc::clone(last.insert(Arc::new(config))), None)),
            (Err(wrong), Some(good)) => Ok((Arc::clone(good), Some(wrong))),
            (Err(wrong), None) => Err(wrong),
        }
    }
}

impl Core {
    /// The servers that are written down for PLACE, read anew: a file that was
    /// edited counts at once.
    ///
    /// What is wrong in the files stands among the problems. A wrong
    /// configuration is one of them, as long as there was a good one: that is
    /// in force then.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a wrong configuration when there was no other.
    pub(crate) async fn written_servers(&self, place: &Place) -> Result<McpFiles> {
        let (file, project) = (self.config_file.clone(), place.project.clone());
        let loaded = self.tasks.blocking(move || Config::load(&file)).await?;
        let (config, wrong) = self.mcp.last_good.of(loaded)?;
        let home = std::env::home_dir();
        let read = move || read_mcp_files(&config, project.as_deref(), home.as_deref());
        let mut files = self.tasks.blocking(read).await?;
        files.problems.extend(wrong);
        Ok(files)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_configuration_leaves_the_one_before_in_force() {
        let good = || Config::parse("[mcp.a]\ncommand = 'a'");
        let wrong = || Config::parse("[mcp.b]");
        let last = LastGood::default();
        assert!(last.of(wrong()).is_err());
        assert_eq!(last.of(good()).unwrap().1, None);
        let (config, told) = last.of(wrong()).unwrap();
        assert!(config.mcp.contains_key("a") && told.is_some());
    }
}
