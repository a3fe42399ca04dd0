//! The accepted list, as it lies in the state folder.
//!
//! One compressed file: a line that says when and where the list was read,
//! then the list as it came. The line is for people too: `zcat FILE | head -1`.

use crate::files;
use jiff::civil::Date;
use llm_switch_catalog::{PriceList, pack, unpack};
use llm_switch_types::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The list that the user accepted.
pub(crate) struct Kept {
    pub(crate) list: Arc<PriceList>,
    /// Where it was read.
    pub(crate) address: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Head {
    as_of: Date,
    address: String,
}

fn file(folder: &Path) -> PathBuf {
    folder.join("prices.json.gz")
}

fn allowed_file(folder: &Path) -> PathBuf {
    folder.join("price-addresses.json")
}

/// The list in FOLDER, if there is one.
///
/// # Errors
/// [`ErrorKind::Store`] when it is damaged.
pub(crate) fn read(folder: &Path) -> Result<Option<Kept>> {
    let file = file(folder);
    let told = |what: String| {
        Error::new(ErrorKind::Store, what)
            .at(file.display())
            .advise("The prices that came with this version are in force; fetch again with M-x llm-switch-refresh-prices")
    };
    match std::fs::read(&file) {
        Ok(bytes) => parse(&bytes).map(Some).map_err(told),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(told(format!("the accepted prices cannot be read: {error}"))),
    }
}

fn parse(bytes: &[u8]) -> std::result::Result<Kept, String> {
    let damaged = |why: &dyn std::fmt::Display| format!("the accepted prices are damaged: {why}");
    let text = unpack(bytes).map_err(|error| damaged(&error))?;
    let end = text.iter().position(|byte| *byte == b'\n').unwrap_or(text.len());
    let (head, list) = text.split_at(end);
    let head: Head = serde_json::from_slice(head).map_err(|error| damaged(&error))?;
    let list = PriceList::parse(list, head.as_of).map_err(|error| damaged(&error))?;
    Ok(Kept { list: Arc::new(list), address: head.address })
}

/// Write KEPT, whose list is JSON, to FOLDER.
///
/// # Errors
/// [`ErrorKind::Store`]; then what was there is still there.
pub(crate) fn write(folder: &Path, kept: &Kept, json: &[u8]) -> Result<()> {
    let head = Head { as_of: kept.list.as_of(), address: kept.address.clone() };
    let write = || {
        let mut text = serde_json::to_vec(&head)?;
        text.push(b'\n');
        text.extend_from_slice(json);
        files::write_private(&file(folder), &pack(&text)?)
    };
    write().map_err(|error| failed("written", &file(folder), &error))
}

/// Remove the list from FOLDER; whether there was one.
///
/// # Errors
/// [`ErrorKind::Store`].
pub(crate) fn remove(folder: &Path) -> Result<bool> {
    match std::fs::remove_file(file(folder)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("removed", &file(folder), &error)),
    }
}

/// The addresses that the user allowed. A file that cannot be read is as good
/// as none: the user is asked again.
pub(crate) fn read_allowed(folder: &Path) -> BTreeSet<String> {
    let bytes = std::fs::read(allowed_file(folder)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Write down which ADDRESSES the user allowed.
///
/// # Errors
/// Those of the system.
pub(crate) fn write_allowed(folder: &Path, addresses: &BTreeSet<String>) -> io::Result<()> {
    files::write_private(&allowed_file(folder), &serde_json::to_vec_pretty(addresses)?)
}

fn failed(what: &str, file: &Path, error: &io::Error) -> Error {
    Error::new(ErrorKind::Store, format!("the accepted prices cannot be {what}: {error}"))
        .at(file.display())
        .advise("The prices in force stay")
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &[u8] = br#"{"a": {"p": "x", "m": "c", "r": {"in": 1, "out": 2}}}"#;

    fn kept() -> Kept {
        let list = PriceList::parse(JSON, "2026-12-24".parse().unwrap()).unwrap();
        Kept { list: Arc::new(list), address: "https://example.org/p".into() }
    }

    #[test]
    fn a_kept_list_comes_back_with_its_date_and_address() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &kept(), JSON).unwrap();
        let read = read(folder.path()).unwrap().unwrap();
        assert_eq!(read.list.as_of().to_string(), "2026-12-24");
        assert_eq!(read.address, "https://example.org/p");
        assert!(read.list.model("x/a").is_some());
        assert_eq!((remove(folder.path()), remove(folder.path())), (Ok(true), Ok(false)));
    }

    #[test]
    fn a_damaged_one_is_told_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        for bytes in [
            &b"\x1f\x8bnonsense"[..],
            b"{}",
            b"",
            b"{\"as-of\":\"2026-12-24\",\"address\":\"\"}\n[]",
        ] {
            std::fs::write(file(folder.path()), bytes).unwrap();
            let error = read(folder.path()).err().unwrap();
            assert!(error.what.contains("are damaged"), "{error}");
            assert!(error.place.unwrap().ends_with("prices.json.gz"));
        }
    }

    #[test]
    fn what_cannot_be_written_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let blocked = folder.path().join("file");
        std::fs::write(&blocked, "").unwrap();
        assert_eq!(write(&blocked, &kept(), JSON).unwrap_err().kind, ErrorKind::Store);
    }
}
