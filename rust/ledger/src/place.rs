//! Where the ledger lies, and whether it may lie there.

use crate::failure;
use llm_switch_types::Result;
use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The ledger's files. All of them are in one folder, so that every process
/// finds the same locks whatever links it came through.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The database.
    pub(crate) database: PathBuf,
    /// Its write-ahead log.
    pub(crate) wal: PathBuf,
    /// The file whose lock is the gate between writers.
    pub(crate) gate: PathBuf,
    /// The file whose lock says who is next at the gate.
    pub(crate) turnstile: PathBuf,
    /// Has one locked file per living process.
    pub(crate) processes: PathBuf,
}

/// Tells a file from another one that bears its name later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId(u64, u64);

impl Place {
    /// Makes the folders for a ledger at PATH. The file itself is only looked
    /// at by `stat`: see the head of this crate.
    pub(crate) fn prepare(path: &Path) -> Result<Place> {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new("."));
        let refused = |error: io::Error| failure::from_io(path, &error);
        create_folder(parent).map_err(refused)?;
        let database = resolve(path, parent).map_err(refused)?;
        if database.is_dir() {
            let advice = "Name a file in it, such as ledger.db";
            return Err(failure::refused(
                path,
                "the ledger is a file, and this is a folder",
                advice,
            ));
        }
        let place = Place::beside(database);
        refuse_network(&place)?;
        create_folder(&place.processes).map_err(refused)?;
        Ok(place)
    }

    /// Which file is there now; `None` when there is none.
    #[cfg(unix)]
    pub(crate) fn file(&self) -> Option<FileId> {
        use std::os::unix::fs::MetadataExt;
        let file = self.database.metadata().ok()?;
        Some(FileId(file.dev(), file.ino()))
    }

    /// Elsewhere an open file cannot be moved.
    #[cfg(not(unix))]
    pub(crate) fn file(&self) -> Option<FileId> {
        Some(FileId(0, 0))
    }

    fn beside(database: PathBuf) -> Place {
        let with = |suffix| {
            let mut name = database.clone().into_os_string();
            name.push(suffix);
            PathBuf::from(name)
        };
        let processes = database.with_file_name("processes");
        let (wal, gate, turnstile) = (with("-wal"), with(".lock"), with(".next"));
        Place { database, wal, gate, turnstile, processes }
    }
}

/// PATH without links, whether the file is there or not.
fn resolve(path: &Path, parent: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let name = path.file_name().ok_or(error)?;
            Ok(parent.canonicalize()?.join(name))
        }
        resolved => resolved,
    }
}

/// Creates FOLDER and what is missing above it, for the user only. What is
/// there keeps the permissions that the user chose.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// How to open a lock file, for the user only.
pub(crate) fn lock_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Locks of network file systems do not hold between machines, and a
/// write-ahead log needs shared memory: SQLite's own manual forbids it.
#[cfg(target_os = "linux")]
fn refuse_network(place: &Place) -> Result<()> {
    let folder = place.database.parent().unwrap_or(Path::new("/"));
    let found = nix::sys::statfs::statfs(folder)
        .map_err(|error| failure::from_io(&place.database, &error.into()))?;
    // The kernel's numbers have 32 bits, whatever the C type is.
    if is_network(found.filesystem_type().0 as u32) {
        let advice = "Set the ledger's path to a folder on a disk of this machine";
        let what = "the ledger cannot lie on a network file system";
        return Err(failure::refused(&place.database, what, advice));
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn refuse_network(_: &Place) -> Result<()> {
    Ok(())
}

/// FUSE is not among them: encrypted homes are FUSE too, and which it is
/// cannot be told from the number.
#[cfg(target_os = "linux")]
fn is_network(magic: u32) -> bool {
    const NFS: u32 = 0x6969;
    const SMB: u32 = 0x517B;
    const CIFS: u32 = 0xFF53_4D42;
    const SMB2: u32 = 0xFE53_4D42;
    const AFS: u32 = 0x5346_414F;
    const KAFS: u32 = 0x6B41_4653;
    const CODA: u32 = 0x7375_7245;
    const CEPH: u32 = 0x00C3_6400;
    const NINE_P: u32 = 0x0102_1997;
    matches!(magic, NFS | SMB | CIFS | SMB2 | AFS | KAFS | CODA | CEPH | NINE_P)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_the_same_files() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real");
        std::fs::create_dir(&real).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let through = |path: PathBuf| Place::prepare(&path.join("ledger.db")).unwrap();
        assert_eq!(through(real).gate, through(link).gate);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn network_file_systems_are_known() {
        use nix::sys::statfs;
        let number = |kind: statfs::FsType| is_network(kind.0 as u32);
        assert!(number(statfs::NFS_SUPER_MAGIC) && number(statfs::SMB_SUPER_MAGIC));
        assert!(!number(statfs::EXT4_SUPER_MAGIC) && !number(statfs::TMPFS_MAGIC));
    }
}
