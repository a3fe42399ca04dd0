//! A part of a file that holds servers by their names.

use super::entry::Entry;
use super::source::{Object, Source};
use super::{McpFiles, McpInput, McpOrigin, McpOriginKind, McpServer, McpTimeouts, name};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// Where the servers of a section come from.
pub(super) struct Section<'a> {
    pub(super) source: &'a Source,
    pub(super) kind: McpOriginKind,
    pub(super) inputs: Arc<BTreeMap<String, McpInput>>,
}

/// Add the servers of the FILE to FOUND, which stand under the first of KEYS;
/// the other is what another program calls them.
pub(super) fn read_file(found: &mut McpFiles, file: PathBuf, kind: McpOriginKind, keys: [&str; 2]) {
    let read = Source::read(file).and_then(|source| {
        let Some(source) = source else { return Ok(()) };
        let section = Section { source: &source, kind, inputs: Arc::default() };
        section.read_under(found, &source.top()?, keys);
        Ok(())
    });
    found.problems.extend(read.err());
}

impl Section<'_> {
    /// Add the servers to FOUND that stand in TOP under the first of KEYS.
    pub(super) fn read_under(&self, found: &mut McpFiles, top: &Object<'_>, keys: [&str; 2]) {
        let [key, other] = keys;
        match (top.get(key), top.get(other)) {
            (Some(raw), _) => self.read(found, key, raw),
            (None, Some(raw)) => {
                let what = format!("there is no {key:?} here, but {other:?}: rename it to {key:?}");
                found.problems.push(self.source.problem(self.source.line(raw), what));
            }
            (None, None) => {}
        }
    }

    /// Add the servers to FOUND that RAW holds, which is called KEY.
    pub(super) fn read(&self, found: &mut McpFiles, key: &str, raw: &RawValue) {
        match self.source.object(key, raw) {
            Ok(entries) => entries.iter().for_each(|(name, raw)| self.add(found, name, raw)),
            Err(problem) => found.problems.push(problem),
        }
    }

    fn add(&self, found: &mut McpFiles, name: &str, raw: &RawValue) {
        let line = self.source.line(raw);
        let shown = name::shown(name);
        let problem =
            |what: String| self.source.problem(line, format!("the server {shown} {what}"));
        match name::check_foreign(name).and_then(|()| Entry::read(raw)) {
            Ok(entry) => {
                let notes = entry.notes.iter().map(|note| problem((*note).to_owned()));
                found.problems.extend(notes);
                found.servers.push(self.server(name, line, entry));
            }
            Err(why) => found.problems.push(problem(format!("is not used: {why}"))),
        }
    }

    fn server(&self, name: &str, line: Option<usize>, entry: Entry) -> McpServer {
        McpServer {
            name: name.to_owned(),
            origin: McpOrigin { kind: self.kind, file: self.source.file.clone(), line },
            launch: entry.launch,
            timeouts: McpTimeouts::default(),
            local: false,
            enabled: true,
            output_limit: None,
            key: None,
            oauth: entry.oauth,
            inputs: Arc::clone(&self.inputs),
        }
    }
}
