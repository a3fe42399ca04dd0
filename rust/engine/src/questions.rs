//! What Rust has to ask Emacs.

use crate::core::Core;
use crate::event::Body;
use llm_switch_types::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a person may think about an answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Questions that wait for their answers.
#[derive(Default)]
pub(crate) struct Questions {
    last: AtomicI64,
    open: Mutex<HashMap<i64, oneshot::Sender<Value>>>,
}

/// Takes a question back when whoever asked is gone before it is answered.
struct Open<'a>(&'a Core, i64);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let Open(core, question) = self;
        if core.questions.open.lock().remove(question).is_some() {
            // To everybody: its job may be over, and hear no more.
            core.queue.push(0, Body::Withdrawn(json!({"question": question})));
        }
    }
}

impl Core {
    /// Ask, for the job of ID, a question of KIND with DETAILS, an object.
    ///
    /// The answer is `None` when there is none: time ran out, the person quit,
    /// nobody is there (batch mode), or the buffer it was about is dead. What
    /// that means is the asker's to decide, and it is never "yes". When nobody
    /// waits for it any more Emacs is told, so that it does not go on asking.
    pub(crate) async fn ask(
        &self,
        id: i64,
        kind: &str,
        mut details: Value,
        patience: Duration,
    ) -> Option<Value> {
        let question = self.questions.last.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, answer) = oneshot::channel();
        self.questions.open.lock().insert(question, sender);
        let _open = Open(self, question);
        details["question"] = question.into();
        details["kind"] = kind.into();
        self.queue.push(id, Body::Question(details));
        let answer = tokio::time::timeout(patience, answer).await.ok()?.ok()?;
        Some(answer).filter(|answer| !answer.is_null())
    }
}

impl Questions {
    /// Hand ANSWER to whoever asked QUESTION; false when nobody waits any more.
    ///
    /// # Errors
    /// [`ErrorKind::Module`] when QUESTION is no number.
    pub(crate) fn answer(&self, params: &Value) -> Result<Value> {
        let question = params["question"]
            .as_i64()
            .ok_or_else(|| Error::new(ErrorKind::Module, "an answer names no question"))?;
        let waiting = self.open.lock().remove(&question);
        Ok(json!(waiting.is_some_and(|asker| asker.send(params["answer"].clone()).is_ok())))
    }
}
