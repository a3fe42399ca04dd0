//! An answer that somebody waits for.

use llm_switch_types::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use std::fmt;

type Hear<T> = Box<dyn FnOnce(Result<T>) + Send>;

/// Where the answer to a question goes. It is answered exactly once, whatever
/// happens: with an error when it is dropped unanswered.
pub(crate) struct Reply<T>(Mutex<Option<Hear<T>>>);

impl<T> Reply<T> {
    pub(crate) fn new(hear: impl FnOnce(Result<T>) + Send + 'static) -> Self {
        Reply(Mutex::new(Some(Box::new(hear))))
    }

    /// Gives the ANSWER, unless one was given.
    pub(crate) fn answer(&self, answer: Result<T>) {
        let hear = self.0.lock().take();
        if let Some(hear) = hear {
            hear(answer);
        }
    }

    /// Whether nobody waits any more. What was asked must not happen then:
    /// whoever asked has been told that it did not.
    pub(crate) fn is_answered(&self) -> bool {
        self.0.lock().is_none()
    }
}

impl<T> Drop for Reply<T> {
    fn drop(&mut self) {
        self.answer(Err(Error::new(ErrorKind::Store, "the ledger is closed")));
    }
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("Reply")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn only_the_first_answer_is_heard_and_there_is_always_one() {
        let (tell, hear) = mpsc::channel();
        let reply = |tell: mpsc::Sender<_>| Reply::new(move |answer| tell.send(answer).unwrap());
        let answered = reply(tell.clone());
        answered.answer(Ok(1));
        answered.answer(Ok(2));
        assert!(answered.is_answered());
        drop(answered);
        drop(reply(tell));
        assert_eq!(hear.recv().unwrap(), Ok(1));
        assert_eq!(hear.recv().unwrap().unwrap_err().kind, ErrorKind::Store);
        assert!(hear.recv().is_err());
    }
}
