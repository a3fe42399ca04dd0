//! Which servers of projects the user lets start.

use super::definition::real;
use super::kept::Kept;
use llm_switch_types::Result;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Which servers of projects the user lets start, each by the hash of what is
/// run. It is kept outside of the project: a repository must not be able to
/// bring its own consent. A project is where it really is, whatever links lead
/// there.
pub(crate) struct Trust(Kept<Vec<Entry>>);

#[derive(Clone, Serialize, Deserialize)]
struct Entry {
    server: String,
    project: Option<PathBuf>,
    hash: String,
}

/// What the user has said of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trusted {
    /// It may start.
    Yes,
    /// Another definition of the same server may, so this one was changed.
    Changed,
    /// Nothing yet.
    No,
}

impl Trust {
    /// As it is kept in the folder STATE.
    pub(crate) fn new(state: Option<&Path>) -> Trust {
        Trust(Kept::new(state.map(|it| it.join("mcp-trust.json"))))
    }

    /// What was said of SERVER of PROJECT, whose definition has HASH.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn of(&self, server: &str, project: Option<&Path>, hash: &str) -> Result<Trusted> {
        let entries = self.0.get()?;
        let project = project.map(real);
        let of_server = entries.iter().find(|it| it.is(server, project.as_deref()));
        Ok(of_server.map_or(Trusted::No, |it| match it.hash == hash {
            true => Trusted::Yes,
            false => Trusted::Changed,
        }))
    }

    /// From now on trust SERVER of PROJECT as long as its definition has HASH.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn give(&self, server: &str, project: Option<&Path>, hash: &str) -> Result<()> {
        let project = project.map(real);
        self.0.change(|entries| {
            entries.retain(|it| !it.is(server, project.as_deref()));
            entries.push(Entry { server: server.to_owned(), project, hash: hash.to_owned() });
        })
    }

    /// Ask again before SERVER of PROJECT starts.
    ///
    /// # Errors
    /// Those of the file.
    pub(crate) fn take(&self, server: &str, project: Option<&Path>) -> Result<()> {
        let project = project.map(real);
        self.0.change(|entries| entries.retain(|it| !it.is(server, project.as_deref())))
    }
}

impl Entry {
    fn is(&self, server: &str, project: Option<&Path>) -> bool {
        self.server == server && self.project.as_deref() == project
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trust_is_in_one_definition_in_one_project() {
        let folder = tempfile::tempdir().unwrap();
        let trust = Trust::new(Some(folder.path()));
        let (here, there) = (Some(Path::new("/a")), Some(Path::new("/b")));
        assert_eq!(trust.of("s", here, "1").unwrap(), Trusted::No);
        trust.give("s", here, "1").unwrap();
        assert_eq!(trust.of("s", here, "1").unwrap(), Trusted::Yes);
        assert_eq!(trust.of("s", here, "2").unwrap(), Trusted::Changed);
        assert_eq!(trust.of("s", there, "1").unwrap(), Trusted::No);
        assert_eq!(trust.of("t", here, "1").unwrap(), Trusted::No);
        trust.take("s", here).unwrap();
        assert_eq!(trust.of("s", here, "1").unwrap(), Trusted::No);
    }

    #[cfg(unix)]
    #[test]
    fn trust_does_not_follow_a_link_that_leads_elsewhere_now() {
        let folder = tempfile::tempdir().unwrap();
        let trust = Trust::new(Some(folder.path()));
        let [one, other, link] = ["one", "other", "link"].map(|name| folder.path().join(name));
        std::fs::create_dir(&one).unwrap();
        std::fs::create_dir(&other).unwrap();
        std::os::unix::fs::symlink(&one, &link).unwrap();
        trust.give("s", Some(&link), "1").unwrap();
        assert_eq!(trust.of("s", Some(&one), "1").unwrap(), Trusted::Yes);
        std::fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(&other, &link).unwrap();
        assert_eq!(trust.of("s", Some(&link), "1").unwrap(), Trusted::No);
    }
}
