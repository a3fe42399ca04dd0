//! Who may ask, and what certain of them get instead of what they ask for.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The keys that are taken, and what who comes with one of them gets. Without
/// keys everybody may ask.
#[derive(Default)]
pub(crate) struct Callers {
    keys: Vec<String>,
    /// By the key's number. Keys go bad and are mended while others ask.
    turned: Mutex<HashMap<usize, String>>,
}

impl Callers {
    /// Those with one of `keys`.
    pub(crate) fn new(keys: Vec<String>) -> Self {
        Callers { keys, turned: Mutex::default() }
    }

    /// Whether `given` is one of the keys; `None` where none is expected.
    pub(crate) fn admits(&self, given: Option<&str>) -> Option<bool> {
        (!self.keys.is_empty()).then(|| self.number(given).is_some())
    }

    /// The number of the key `given`, from 0 in the order in which they were
    /// named.
    pub(crate) fn number(&self, given: Option<&str>) -> Option<usize> {
        self.keys.iter().position(|key| given == Some(key))
    }

    /// The script that the key of this number gets, whatever it asks for.
    pub(crate) fn script(&self, number: Option<usize>) -> Option<String> {
        let turned = self.turned.lock().unwrap_or_else(PoisonError::into_inner);
        turned.get(&number?).cloned()
    }

    /// From now on `key` gets `script`, or again what it asks for; whether
    /// there is such a key.
    pub(crate) fn turn(&self, key: &str, script: Option<&str>) -> bool {
        let Some(number) = self.number(Some(key)) else { return false };
        let mut turned = self.turned.lock().unwrap_or_else(PoisonError::into_inner);
        match script {
            Some(script) => drop(turned.insert(number, script.to_owned())),
            None => drop(turned.remove(&number)),
        }
        true
    }
}
