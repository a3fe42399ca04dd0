//! Files that are written whole or not at all.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Write BYTES to FILE for its owner's eyes only, making its folder if there
/// is none.
///
/// # Errors
/// Those of the system; then FILE is what it was.
pub(crate) fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    make_folder(folder(file))?;
    replace(file, bytes, None)
}

/// How long another program may hold a file. It takes milliseconds, unless it
/// was stopped in the midst of it.
const HOLD: Duration = Duration::from_secs(2);

/// How often it is looked whether it still does.
const GLANCE: Duration = Duration::from_millis(2);

/// Keep other programs from changing FILE as long as what is returned lives,
/// and wait two seconds while one of them does; they must ask in the same way.
/// It blocks.
///
/// # Errors
/// Those of the system.
pub(crate) fn hold(file: &Path) -> io::Result<File> {
    make_folder(folder(file))?;
    // Beside it: FILE itself is another file after each writing.
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let gate = open_gate(&file.with_file_name(format!("{name}.lock")))?;
    let deadline = Instant::now() + HOLD;
    loop {
        match gate.try_lock() {
            Ok(()) => return Ok(gate),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => sleep(GLANCE),
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(unix)]
fn open_gate(gate: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(gate)
}

#[cfg(not(unix))]
fn open_gate(gate: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).open(gate)
}

/// Write BYTES to FILE, or to where it links to, with the permissions that it
/// has; a new one is private.
///
/// # Errors
/// Those of the system; then FILE is what it was.
pub(crate) fn rewrite(file: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::canonicalize(file) {
        Ok(target) => {
            let permissions = fs::metadata(&target)?.permissions();
            if permissions.readonly() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
            }
            replace(&target, bytes, Some(permissions))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && !file.is_symlink() => {
            write_private(file, bytes)
        }
        Err(error) => Err(error),
    }
}

/// By a rename within the folder, so that nobody ever reads half a file.
fn replace(file: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let temporary = beside(file);
    let write = || {
        let mut new = create(&temporary)?;
        new.write_all(bytes)?;
        permissions.map_or(Ok(()), |it| new.set_permissions(it))?;
        new.sync_all()?;
        fs::rename(&temporary, file)
    };
    write().inspect_err(|_| drop(fs::remove_file(&temporary)))
}

/// A name of its own for each writing: two threads may write one file.
fn beside(file: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    file.with_file_name(format!(".{name}.{process}-{count}.new"))
}

fn folder(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn create(file: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    // What a killed process left there may be anybody's.
    let _ = fs::remove_file(file);
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
}

#[cfg(not(unix))]
fn create(file: &Path) -> io::Result<File> {
    let _ = fs::remove_file(file);
    OpenOptions::new().write(true).create_new(true).open(file)
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(file: &Path) -> u32 {
        fs::metadata(file).unwrap().permissions().mode() & 0o777
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_private_is_private_and_so_is_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/b/list");
        write_private(&file, b"1").unwrap();
        write_private(&file, b"2").unwrap();
        assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
        assert_eq!(fs::read(&file).unwrap(), b"2");
        assert_eq!(names(file.parent().unwrap()), ["list"]);
    }

    #[test]
    fn a_link_stays_a_link_and_the_mode_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.toml"), folder.path().join("link.toml"));
        fs::write(&real, "old").unwrap();
        fs::set_permissions(&real, Permissions::from_mode(0o640)).unwrap();
        symlink("real.toml", &link).unwrap();
        rewrite(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!((fs::read(&real).unwrap(), mode(&real)), (b"new".to_vec(), 0o640));
        assert_eq!(names(folder.path()), ["link.toml", "real.toml"]);
    }

    #[test]
    fn what_is_read_only_or_links_nowhere_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
        symlink("nowhere", &link).unwrap();
        assert!(rewrite(&file, b"new").is_err());
        assert!(rewrite(&link, b"new").is_err());
        assert_eq!(fs::read(&file).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["file", "link"]);
    }
}
