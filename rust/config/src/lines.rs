//! Where in the file each setting stands.

use llm_switch_types::{Error, ErrorKind};
use std::{collections::BTreeMap, fmt};
use toml::de::{DeTable, DeValue};

/// The line of each setting by its path: `route.best.use`, `budget[0].limit`.
///
/// Any two are equal, since two files in which the same stands on other lines
/// are the same configuration.
#[derive(Clone, Debug, Default)]
pub struct Lines(BTreeMap<String, usize>);

impl PartialEq for Lines {
    fn eq(&self, _: &Lines) -> bool {
        true
    }
}

/// What is wrong, and with which setting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    path: String,
    what: String,
}

impl Fault {
    /// The setting at PATH is wrong: WHAT, which says what to write instead.
    pub(crate) fn new(path: impl fmt::Display, what: impl fmt::Display) -> Fault {
        Fault { path: path.to_string(), what: what.to_string() }
    }

    /// A table as a whole is wrong: WHAT.
    pub(crate) fn of_table(what: String) -> Fault {
        Fault { path: String::new(), what }
    }

    /// The same of the table at PATH, or of its key.
    pub(crate) fn under(self, path: &str) -> Fault {
        let dot = if self.path.is_empty() { "" } else { "." };
        Fault { path: format!("{path}{dot}{}", self.path), what: self.what }
    }
}

impl Lines {
    /// The lines of TEXT; none where it is no TOML, which is told elsewhere.
    pub(crate) fn of(text: &str) -> Lines {
        let mut lines = Lines::default();
        if let Ok(table) = DeTable::parse(text) {
            lines.add_table(text, "", table.get_ref());
        }
        lines
    }

    fn add_table(&mut self, text: &str, path: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let dot = if path.is_empty() { "" } else { "." };
            let path = format!("{path}{dot}{}", key.get_ref());
            self.0.insert(path.clone(), line(text, key.span().start));
            self.add(text, &path, value.get_ref());
        }
    }

    fn add(&mut self, text: &str, path: &str, value: &DeValue<'_>) {
        match value {
            DeValue::Table(table) => self.add_table(text, path, table),
            DeValue::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    self.0.insert(path.clone(), line(text, value.span().start));
                    self.add(text, &path, value.get_ref());
                }
            }
            _ => {}
        }
    }

    /// The line of the setting at PATH, else of the table that it belongs in.
    pub fn line(&self, path: &str) -> Option<usize> {
        let found = self.0.get(path).copied();
        found.or_else(|| self.line(&path[..path.rfind(['.', '['])?]))
    }

    /// FAULT, told to a person.
    pub(crate) fn error(&self, fault: Fault) -> Error {
        wrong(self.line(&fault.path).unwrap_or(1), &fault.what)
    }
}

/// The line of the byte at OFFSET of TEXT, from 1.
pub(crate) fn line(text: &str, offset: usize) -> usize {
    text[..offset.min(text.len())].matches('\n').count() + 1
}

/// An error on LINE. The line itself is not quoted: it may hold a key.
pub(crate) fn wrong(line: usize, what: &dyn fmt::Display) -> Error {
    Error::new(ErrorKind::Config, format!("line {line}: {what}"))
        .advise("The configuration that was in force before stays in force")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setting_has_its_line_and_a_missing_one_that_of_its_table() {
        let lines = Lines::of("a = 1\n[[budget]]\n[[budget]]\nwarn = [\n0.1,\n0.2]\n[route.x]\n");
        let line = |path| lines.line(path);
        assert_eq!(
            [line("a"), line("budget[1].warn[1]"), line("route.x")],
            [Some(1), Some(6), Some(7)]
        );
        assert_eq!(
            [line("budget[0].limit"), line("route.x.use"), line("nothing")],
            [Some(2), Some(7), None]
        );
    }
}
