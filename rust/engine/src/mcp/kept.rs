//! Small JSON files that several Emacs share.

use crate::files::{hold, write_private};
use llm_switch_types::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use serde::{Serialize, de::DeserializeOwned};
use std::path::PathBuf;
use std::{fs, io};

/// What the user decided, kept in a file beside what else llm-switch learnt.
/// Without a file it holds for this session only.
pub(crate) struct Kept<T> {
    file: Option<PathBuf>,
    session: Mutex<T>,
}

impl<T: Clone + Default + Serialize + DeserializeOwned> Kept<T> {
    /// What stands in FILE.
    pub(crate) fn new(file: Option<PathBuf>) -> Kept<T> {
        Kept { file, session: Mutex::default() }
    }

    /// What is decided now, by whichever Emacs.
    ///
    /// # Errors
    /// [`ErrorKind::Mcp`] when the file is there and is not understood: to take
    /// it for empty would forget what the user forbade.
    pub(crate) fn get(&self) -> Result<T> {
        let Some(file) = &self.file else { return Ok(self.session.lock().clone()) };
        match fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| self.wrong(&error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
            Err(error) => Err(self.wrong(&error)),
        }
    }

    /// Let CHANGE decide otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::Mcp`] when the file cannot be read or written; then all
    /// stays as it was.
    pub(crate) fn change(&self, change: impl FnOnce(&mut T)) -> Result<()> {
        let mut session = self.session.lock();
        let Some(file) = &self.file else {
            change(&mut session);
            return Ok(());
        };
        // Another Emacs may decide something else in this moment.
        let _held = hold(file).map_err(|error| self.wrong(&error))?;
        let mut now = self.get()?;
        change(&mut now);
        let json = serde_json::to_vec_pretty(&now).map_err(|error| self.wrong(&error))?;
        write_private(file, &json).map_err(|error| self.wrong(&error))
    }

    fn wrong(&self, error: &dyn std::fmt::Display) -> Error {
        let file = self.file.clone().unwrap_or_default();
        Error::new(
            ErrorKind::Mcp,
            format!("what you decided about MCP tools is not there: {error}"),
        )
        .at(file.display())
        .advise("Mend the file, or delete it and decide anew")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    type Some = BTreeMap<String, u32>;

    #[test]
    fn what_one_emacs_decides_another_knows() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/kept.json");
        let (one, other) = (Kept::<Some>::new(Some(file.clone())), Kept::<Some>::new(Some(file)));
        one.change(|it| {
            it.insert("x".into(), 1);
        })
        .unwrap();
        other
            .change(|it| {
                it.insert("y".into(), 2);
            })
            .unwrap();
        assert_eq!(one.get().unwrap().len(), 2);
    }

    #[test]
    fn what_several_decide_at_once_is_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept.json");
        std::thread::scope(|scope| {
            for emacs in 0..4 {
                let kept = Kept::<Some>::new(Some(file.clone()));
                scope.spawn(move || {
                    for it in 0..25 {
                        kept.change(|all| {
                            all.insert(format!("{emacs}-{it}"), it);
                        })
                        .unwrap();
                    }
                });
            }
        });
        assert_eq!(Kept::<Some>::new(Some(file)).get().unwrap().len(), 100);
    }

    #[test]
    fn a_broken_file_is_told_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kept.json");
        fs::write(&file, "{").unwrap();
        let kept = Kept::<Some>::new(Some(file.clone()));
        assert_eq!(kept.get().unwrap_err().kind, ErrorKind::Mcp);
        assert!(kept.change(|it| it.clear()).is_err());
        assert_eq!(fs::read(file).unwrap(), b"{");
    }

    #[test]
    fn without_a_file_it_holds_for_the_session() {
        let kept = Kept::<Some>::new(None);
        kept.change(|it| {
            it.insert("x".into(), 1);
        })
        .unwrap();
        assert_eq!(kept.get().unwrap()["x"], 1);
    }
}
