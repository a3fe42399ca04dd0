//! Why something did not come about, and what may help.

use crate::{Challenge, Server};
use llm_switch_types::{Error, Result};

/// How often the user is asked to log in for more, for one thing that is to be
/// done: with the first login that makes three, which must do.
const MOST_LOGINS: usize = 2;

/// Why something did not come about.
pub(crate) struct Stop {
    pub(crate) error: Error,
    /// What the server wants first, where that is why.
    pub(crate) challenge: Option<Challenge>,
}

impl Server {
    /// Log in where that may help against STOP, for which it was done LOGINS
    /// times already.
    ///
    /// # Errors
    /// That of STOP where it does not help, and those of a login.
    pub(crate) async fn log_in_for(&self, stop: Stop, logins: &mut usize) -> Result<()> {
        *logins += 1;
        match stop.challenge {
            Some(challenge) if *logins <= MOST_LOGINS => {
                match self.inner.log_in_for_call(&challenge).await? {
                    true => Ok(()),
                    false => Err(stop.error),
                }
            }
            _ => Err(stop.error),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop { error, challenge: None }
    }
}
