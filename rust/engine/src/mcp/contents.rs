//! What tools gave that is no text, kept as files.

use crate::files::write_private;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, engine::general_purpose::STANDARD};
use llm_switch_types::{Error, ErrorKind, Part, Result};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use std::{fs, io};

/// What stands before the name of a content in a text.
const MARK: &str = "mcp-content:";

/// Hexadecimal digits of a name. They are a hash of the bytes, so a text can
/// name nothing but what some tool gave.
const DIGITS: usize = 32;

/// How long a content is kept: a chat that was saved may be gone on with.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Bytes that are kept at most; the oldest give way.
const MOST: u64 = 1 << 30;

/// Base64 with or without its end.
const INDIFFERENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The files of all contents, each named by what is in it.
pub(crate) struct Contents {
    folder: PathBuf,
    /// Bytes that were kept since it was looked how much there is.
    since: AtomicU64,
}

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
        Contents { folder, since: AtomicU64::new(0) }
    }

    /// Keep BYTES of the media type MIME.
    ///
    /// # Errors
    /// [`ErrorKind::Mcp`] when they cannot be written.
    pub(crate) fn keep(&self, mime: &str, bytes: &[u8]) -> Result<Kept> {
        let hash: String = Sha256::digest(bytes).iter().map(|it| format!("{it:02x}")).collect();
        let handle = format!("{MARK}{}", &hash[..DIGITS]);
        let file = self.folder.join(format!("{}.{}", &hash[..DIGITS], extension(mime)));
        match fs::File::options().write(true).open(&file) {
            // It is as good as new. Where that cannot be noted it ends sooner.
            Ok(known) => drop(known.set_modified(SystemTime::now())),
            Err(_) => self.write(&file, bytes).map_err(|error| self.unwritable(&error))?,
        }
        Ok(Kept { handle, file, bytes: bytes.len() })
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> io::Result<()> {
        write_private(file, bytes)?;
        let length = bytes.len() as u64;
        if self.since.fetch_add(length, Ordering::Relaxed) + length > MOST / 8 {
            self.prune();
        }
        Ok(())
    }

    /// The media that TEXT names, each once, for models that can see; those
    /// that are gone are left out, and so is what no model takes.
    pub(crate) fn media(&self, text: &str) -> Vec<Part> {
        let names = text.match_indices(MARK).filter_map(|(at, _)| {
            let name = text.get(at + MARK.len()..at + MARK.len() + DIGITS)?;
            name.bytes().all(|it| it.is_ascii_hexdigit()).then_some(name)
        });
        let mut seen = HashSet::new();
        names.filter(|name| seen.insert(*name)).filter_map(|name| self.medium(name)).collect()
    }

    fn medium(&self, name: &str) -> Option<Part> {
        SEEN.iter().find_map(|(mime, extension)| {
            let bytes = fs::read(self.folder.join(format!("{name}.{extension}"))).ok()?;
            Some(Part::Media(format!("data:{mime};base64,{}", STANDARD.encode(bytes))))
        })
    }

    /// Forget what is old, and of the rest what is too much. What cannot be
    /// removed stays, and harms nobody.
    pub(crate) fn prune(&self) {
        self.prune_to(MOST);
    }

    fn prune_to(&self, most: u64) {
        self.since.store(0, Ordering::Relaxed);
        let old = SystemTime::now().checked_sub(KEPT);
        let Some((old, entries)) = old.zip(fs::read_dir(&self.folder).ok()) else { return };
        let mut files: Vec<_> = entries.flatten().filter_map(|it| age(&it)).collect();
        files.sort();
        let mut room = most;
        for (changed, length, file) in files.into_iter().rev() {
            match room.checked_sub(length).filter(|_| changed >= old) {
                Some(rest) => room = rest,
                None => drop(fs::remove_file(file)),
            }
        }
    }

    fn unwritable(&self, error: &io::Error) -> Error {
        let what = format!("what the tool gave cannot be kept: {error}");
        Error::new(ErrorKind::Mcp, what)
            .at(self.folder.display())
            .advise("Make room there, or make the folder writable")
    }
}

/// The bytes that stand in base64 in DATA; nothing where it is none. Encoders
/// differ in how they end it and where they break lines.
pub(crate) fn decode(data: &str) -> Option<Vec<u8>> {
    let plain: Vec<u8> = data.bytes().filter(|it| !it.is_ascii_whitespace()).collect();
    INDIFFERENT.decode(plain).ok()
}

/// When ENTRY was changed, how long it is, and where.
fn age(entry: &fs::DirEntry) -> Option<(SystemTime, u64, PathBuf)> {
    let known = entry.metadata().ok()?;
    Some((known.modified().ok()?, known.len(), entry.path()))
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
        let kept = contents.keep("image/png", &decode("iVBORw==").unwrap()).unwrap();
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
        let kept = contents.keep("audio/wav", &decode("AAAA").unwrap()).unwrap();
        assert!(kept.file.to_string_lossy().ends_with(".wav"));
        assert!(contents.media(&kept.handle).is_empty());
    }

    #[test]
    fn base64_is_read_however_it_ends_and_breaks() {
        let whole = decode("iVBORw==").unwrap();
        for data in ["iVBORw", "iVBORw=", "iVBO\r\nRw==\n", " iVBORx "] {
            assert_eq!(decode(data).as_ref(), Some(&whole), "{data:?}");
        }
        assert_eq!((decode("%"), decode("iVBOR")), (None, None));
    }

    #[test]
    fn the_old_is_forgotten_and_the_new_stays() {
        let (_folder, contents) = contents();
        let (old, new) =
            (contents.keep("image/png", b"1").unwrap(), contents.keep("image/png", b"2").unwrap());
        let long_ago = SystemTime::now() - KEPT - Duration::from_secs(60);
        fs::File::options().write(true).open(&old.file).unwrap().set_modified(long_ago).unwrap();
        contents.prune();
        assert_eq!((old.file.exists(), new.file.exists()), (false, true));
    }

    #[test]
    fn the_oldest_give_way_when_there_is_too_much() {
        let (_folder, contents) = contents();
        let age = |kept: &Kept, seconds| {
            let time = SystemTime::now() - Duration::from_secs(seconds);
            fs::File::options().write(true).open(&kept.file).unwrap().set_modified(time).unwrap();
        };
        let all = [b"11", b"22", b"33"].map(|bytes| contents.keep("image/png", bytes).unwrap());
        all.iter().zip([30, 20, 10]).for_each(|(kept, seconds)| age(kept, seconds));
        contents.keep("image/png", b"11").unwrap();
        contents.prune_to(4);
        assert_eq!(all.map(|kept| kept.file.exists()), [true, false, true], "the first came again");
    }

    #[test]
    fn what_is_named_often_is_shown_once() {
        let (_folder, contents) = contents();
        let kept = contents.keep("image/png", b"1").unwrap();
        assert_eq!(contents.media(&kept.handle.repeat(1000)).len(), 1);
    }

    #[test]
    fn what_comes_several_times_at_once_is_kept_once() {
        let (_folder, contents) = contents();
        let bytes = vec![7; 1 << 20];
        std::thread::scope(|scope| {
            let keep = || contents.keep("image/png", &bytes).map(|kept| fs::read(kept.file));
            let all: Vec<_> = (0..8).map(|_| scope.spawn(keep)).collect();
            for kept in all {
                assert_eq!(kept.join().unwrap().unwrap().unwrap().len(), bytes.len());
            }
        });
    }
}
