//! Exactly one end for every id.

use crate::event::Body;
use crate::queue::Queue;
use crate::unfinished::Unfinished;
use llm_switch_types::{Error, ErrorKind};
use serde_json::Value;
use std::sync::Arc;

/// Owes the user interface one terminal event and sends it when it is
/// dropped, if nobody did before: after a cancel, a panic or a shutdown.
pub(crate) struct Terminal {
    queue: Arc<Queue>,
    id: i64,
    owed: bool,
    /// What is told where nobody ends it.
    pub(crate) unfinished: Unfinished,
}

impl Terminal {
    pub(crate) fn new(queue: &Arc<Queue>, id: i64) -> Self {
        Terminal { queue: Arc::clone(queue), id, owed: true, unfinished: Unfinished::default() }
    }

    pub(crate) fn id(&self) -> i64 {
        self.id
    }

    /// Send BODY as the end.
    pub(crate) fn finish(mut self, body: Body) {
        debug_assert!(body.is_terminal());
        self.send(body);
    }

    /// Send ERROR as the end, with KNOWN, an object or null, beside it.
    pub(crate) fn fail(self, error: Error, known: Value) {
        self.finish(Body::Error(with(known, &error)));
    }

    fn send(&mut self, body: Body) {
        self.owed = false;
        self.queue.push(self.id, body);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.owed {
            let error = if std::thread::panicking() {
                Error::new(ErrorKind::Module, "llm-switch has a defect and gave this request up")
                    .advise("Please report it; other requests go on")
            } else {
                Error::new(ErrorKind::Cancelled, "cancelled")
            };
            let known = self.unfinished.take();
            self.send(Body::Error(with(known, &error)));
        }
    }
}

/// The fields of ERROR beside those of KNOWN.
fn with(known: Value, error: &Error) -> Value {
    let mut fields = match known {
        Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    };
    if let Ok(Value::Object(of_error)) = serde_json::to_value(error) {
        fields.extend(of_error);
    }
    fields.insert("message".into(), error.to_string().into());
    Value::Object(fields)
}
