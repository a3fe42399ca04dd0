//! What tools gave that is no text, kept as files.

use crate::files::write_private;
use base64::{Engine, engine::general_purpose::STANDARD};
use llm_switch_types::{Error, ErrorKind, Part, Result};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use std::{fs, io};

/// What stands before the name of a content in a text.
const MARK: &str = "mcp-content:";

/// Hexadecimal digits of a name. They are a hash of the bytes, so a text can
/// name nothing but what some tool gave.
const DIGITS: usize = 32;

/// How long a content is kept: a chat that was saved may be gone on with.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// The files of all contents, each named by what is in it.
pub(crate) struct Contents(PathBuf);

/// A content that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// How a text names it.
    pub(crate) handle: String,
    /// Where it is.
    pub(crate) file: PathBuf,
    /// How long it is.
    pub(crate) bytes: usize,
}

impl Contents {
    /// Keep what comes in FOLDER.
    pub(crate) fn new(folder: PathBuf) -> Contents {
        Contents(folder)
    }

    /// Keep BYTES of the media type MIME.
    ///
    /// # Errors
    /// [`ErrorKind::Mcp`] when they cannot be written.
    pub(crate) fn keep(&self, mime: &str, bytes: &[u8]) -> Result<Kept> {
        let hash: String = Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect();
        let handle = format!("{MARK}{}", &hash[..DIGITS]);
        let file = self.0.join(format!("{}.{}", &hash[..DIGITS], extension(mime)));
        if !file.is_file() {
            write_private(&file, bytes).map_err(|error| self.unwritable(&error))?;
        }
        Ok(Kept { handle, file, bytes: bytes.len() })
    }

    /// Keep what stands in base64 in DATA, of the media type MIME.
    ///
    /// # Errors
    /// [`ErrorKind::Mcp`] when it is no base64 or cannot be written.
    pub(crate) fn keep_base64(&self, mime: &str, data: &str) -> Result<Kept> {
        let bytes = STANDARD.decode(data).map_err(|_| {
            Error::new(ErrorKind::Mcp, format!("the server gave {mime} that is no base64"))
        })?;
        self.keep(mime, &bytes)
    }

    /// The media that TEXT names, for models that can see; those that are
    /// gone are left out, and so is what no model takes.
    pub(crate) fn media(&self, text: &str) -> Vec<Part> {
        let names = text.match_indices(MARK).filter_map(|(at, _)| {
            let name = text.get(at + MARK.len()..at + MARK.len() + DIGITS)?;
            name.bytes().all(|it| it.is_ascii_hexdigit()).then_some(name)
        });
        names.filter_map(|name| self.medium(name)).collect()
    }

    fn medium(&self, name: &str) -> Option<Part> {
        SEEN.iter().find_map(|(mime, extension)| {
            let bytes = fs::read(self.0.join(format!("{name}.{extension}"))).ok()?;
            Some(Part::Media(format!("data:{mime};base64,{}", STANDARD.encode(bytes))))
        })
    }

    /// Forget what is old. What cannot be removed stays, and harms nobody.
    pub(crate) fn prune(&self) {
        let old = SystemTime::now().checked_sub(KEPT);
        let Some((old, entries)) = old.zip(fs::read_dir(&self.0).ok()) else { return };
        for entry in entries.flatten() {
            let changed = entry.metadata().and_then(|it| it.modified());
            if changed.is_ok_and(|changed| changed < old) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn unwritable(&self, error: &io::Error) -> Error {
        let what = format!("what the tool gave cannot be kept: {error}");
        Error::new(ErrorKind::Mcp, what)
            .at(self.0.display())
            .advise("Make room there, or make the folder writable")
    }
}

/// The media that models see, and how their files end.
const SEEN: [(&str, &str); 5] = [
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("application/pdf", "pdf"),
];

/// Others, whose files Emacs and the system open by their ends.
const OTHER: [(&str, &str); 7] = [
    ("image/svg+xml", "svg"),
    ("audio/wav", "wav"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("application/json", "json"),
    ("text/html", "html"),
    ("application/gzip", "gz"),
];

fn extension(mime: &str) -> &'static str {
    let mime = mime.split(';').next().unwrap_or_default().trim();
    let known = SEEN.iter().chain(&OTHER).find(|(it, _)| *it == mime);
    known.map_or(if mime.starts_with("text/") { "txt" } else { "bin" }, |(_, end)| end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents() -> (tempfile::TempDir, Contents) {
        let folder = tempfile::tempdir().unwrap();
        let contents = Contents::new(folder.path().join("mcp"));
        (folder, contents)
    }

    #[test]
    fn a_picture_is_found_again_by_what_a_text_says_of_it() {
        let (_folder, contents) = contents();
        let kept = contents.keep_base64("image/png", "iVBORw==").unwrap();
        let text = format!("[image/png, 4 bytes: {}] and more", kept.handle);
        assert_eq!(contents.media(&text), [Part::Media("data:image/png;base64,iVBORw==".into())]);
        assert_eq!(fs::read(&kept.file).unwrap().len(), kept.bytes);
    }

    #[test]
    fn a_text_cannot_name_any_other_file() {
        let (folder, contents) = contents();
        fs::write(folder.path().join("secret.png"), "x").unwrap();
        for name in ["../secret", "", "0123", &"z".repeat(DIGITS), &"é".repeat(DIGITS)] {
            assert!(contents.media(&format!("{MARK}{name}")).is_empty(), "{name}");
        }
    }

    #[test]
    fn sound_is_kept_and_shown_to_no_model() {
        let (_folder, contents) = contents();
        let kept = contents.keep_base64("audio/wav", "AAAA").unwrap();
        assert!(kept.file.to_string_lossy().ends_with(".wav"));
        assert!(contents.media(&kept.handle).is_empty());
    }

    #[test]
    fn what_is_no_base64_is_told() {
        let (_folder, contents) = contents();
        assert_eq!(contents.keep_base64("image/png", "%").unwrap_err().kind, ErrorKind::Mcp);
    }

    #[test]
    fn the_old_is_forgotten_and_the_new_stays() {
        let (_folder, contents) = contents();
        let (old, new) = (contents.keep("image/png", b"1").unwrap(), contents.keep("image/png", b"2").unwrap());
        let long_ago = SystemTime::now() - KEPT - Duration::from_secs(60);
        fs::File::options().write(true).open(&old.file).unwrap().set_modified(long_ago).unwrap();
        contents.prune();
        assert_eq!((old.file.exists(), new.file.exists()), (false, true));
    }
}
