//! What is known of what was never ended.

use parking_lot::Mutex;
use serde_json::Value;
use std::sync::Arc;

/// What is known of a request that is given up before its end: an attempt that
/// is dropped leaves it here, and the [terminal event](crate::terminal) tells
/// it. Who cancels wants to know what it has cost all the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unfinished(Arc<Mutex<Value>>);

impl Unfinished {
    /// KNOWN is what there is to tell, an object.
    pub(crate) fn leave(&self, known: Value) {
        *self.0.lock() = known;
    }

    /// What was left, or null.
    pub(crate) fn take(&self) -> Value {
        self.0.lock().take()
    }
}
