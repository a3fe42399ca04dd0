//! What deployments were found not to take, kept between sessions.

use llm_switch_providers::Lessons;
use llm_switch_types::Deployment;
use once_cell::sync::OnceCell;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The lessons of each deployment. The file is a convenience: when it cannot
/// be read or written, a deployment teaches its lesson once more.
pub(crate) struct Learned {
    file: Option<PathBuf>,
    by_deployment: OnceCell<Mutex<BTreeMap<String, Lessons>>>,
}

impl Learned {
    /// Keep what is learnt in FOLDER.
    pub(crate) fn new(folder: Option<&Path>) -> Self {
        Learned { file: folder.map(|it| it.join("lessons.json")), by_deployment: OnceCell::new() }
    }

    /// What was learnt about DEPLOYMENT.
    pub(crate) fn of(&self, deployment: &Deployment) -> Lessons {
        self.all().lock().get(&deployment.to_string()).cloned().unwrap_or_default()
    }

    /// Remember LESSONS about DEPLOYMENT.
    pub(crate) fn keep(&self, deployment: &Deployment, lessons: Lessons) {
        let mut all = self.all().lock();
        all.insert(deployment.to_string(), lessons);
        if let Some((file, json)) = self.file.as_ref().zip(serde_json::to_vec_pretty(&*all).ok()) {
            let _ = write(file, &json);
        }
    }

    fn all(&self) -> &Mutex<BTreeMap<String, Lessons>> {
        let read = || {
            let bytes = std::fs::read(self.file.as_ref()?).ok()?;
            serde_json::from_slice(&bytes).ok()
        };
        self.by_deployment.get_or_init(|| Mutex::new(read().unwrap_or_default()))
    }
}

/// By a rename, so that another Emacs never reads half a file.
fn write(file: &Path, json: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let temporary = file.with_extension(format!("{}.new", std::process::id()));
    std::fs::write(&temporary, json)?;
    std::fs::rename(temporary, file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{Error, ErrorKind};

    #[test]
    fn what_was_learnt_is_known_in_the_next_session() {
        let folder = tempfile::tempdir().unwrap();
        let deployment: Deployment = "openai/gpt-6".parse().unwrap();
        let mut lessons = Lessons::default();
        let body = serde_json::json!({"temperature": 1});
        lessons.learn(&Error::new(ErrorKind::BadRequest, "temperature"), &body).unwrap();
        Learned::new(Some(folder.path())).keep(&deployment, lessons.clone());
        assert_eq!(Learned::new(Some(folder.path())).of(&deployment), lessons);
    }

    #[test]
    fn a_file_that_is_no_json_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("lessons.json"), "{").unwrap();
        let learned = Learned::new(Some(folder.path()));
        assert_eq!(learned.of(&"a/b".parse().unwrap()), Lessons::default());
    }
}
