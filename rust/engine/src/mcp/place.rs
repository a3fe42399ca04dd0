//! From where in Emacs tools are asked for.

use crate::choice::Permission;
use crate::core::Core;
use crate::methods::Job;
use crate::setup::Setup;
use llm_switch_types::{Error, ErrorKind, Result};
use serde::{Deserialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The mode of who names none. To name a server is a choice, as it is to name
/// a deployment.
const OF_A_CHOICE: &str = "auto";

/// From where in Emacs tools are asked for, as every method of MCP is told it:
/// `project` (its folder, or null), `mode` and `pins` as a request has them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Place {
    pub(crate) project: Option<PathBuf>,
    mode: Option<String>,
    pins: Vec<String>,
}

impl Place {
    /// Where nobody asks from, about PROJECT: nothing may leave the machine.
    pub(crate) fn nowhere(project: Option<PathBuf>) -> Place {
        Place { project, mode: None, pins: vec!["local".into()] }
    }

    /// The project's folder.
    pub(crate) fn project(&self) -> Option<&Path> {
        self.project.as_deref()
    }

    /// What a request from there is to have: its mode, its pins and its
    /// project.
    pub(crate) fn into_parts(self) -> (Option<String>, Vec<String>, Option<String>) {
        let project = self.project.map(|it| it.to_string_lossy().into_owned());
        (self.mode, self.pins, project)
    }

    /// It, inside the limits of OTHER too.
    pub(crate) fn within(mut self, other: &Place) -> Place {
        let limits = other.pins.iter().chain(other.mode.iter());
        let new: Vec<_> = limits
            .filter(|it| !self.pins.contains(it) && self.mode.as_ref() != Some(it))
            .cloned()
            .collect();
        self.pins.extend(new);
        self
    }

    /// The mode that was named.
    pub(crate) fn mode(&self) -> Option<&str> {
        self.mode.as_deref()
    }

    /// Whether nothing may leave this machine there.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a mode that is not there.
    pub(crate) fn is_local_only(&self, setup: &Setup) -> Result<bool> {
        let mode = self.mode().or(setup.default_mode.as_deref()).unwrap_or(OF_A_CHOICE);
        Ok(Permission::of(setup, mode, &self.pins)?.is_of_this_machine())
    }
}

/// What a method of MCP was called with: its own parameters, and the place.
pub(crate) struct Asked<T> {
    pub(crate) core: Arc<Core>,
    pub(crate) id: i64,
    pub(crate) place: Place,
    pub(crate) params: T,
}

impl<T: DeserializeOwned> Asked<T> {
    /// What JOB, a call of METHOD, asks for.
    ///
    /// # Errors
    /// [`ErrorKind::Module`] when it is not understood.
    pub(crate) fn read(job: Job, method: &str) -> Result<Asked<T>> {
        let wrong = |error: serde_json::Error| {
            Error::new(ErrorKind::Module, format!("{method} does not understand: {error}"))
        };
        let place = serde_json::from_value(job.params.clone()).map_err(wrong)?;
        let params = serde_json::from_value(job.params).map_err(wrong)?;
        Ok(Asked { core: job.core, id: job.id, place, params })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_within_another_place_has_the_limits_of_both() {
        let place = |mode: &str, pins: &[&str]| Place {
            project: None,
            mode: Some(mode.into()),
            pins: pins.iter().map(|it| (*it).into()).collect(),
        };
        let both = place("cloud", &["a"]).within(&place("local", &["a", "b"]));
        assert_eq!(
            (both.mode(), &*both.pins),
            (Some("cloud"), &["a", "b", "local"].map(String::from)[..])
        );
        assert!(place("cloud", &[]).within(&place("cloud", &[])).pins.is_empty());
    }
}
