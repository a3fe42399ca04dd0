//! Logging in and out.

use crate::{Challenge, Server, State, connection::Broken, inner::Inner, login::failure};
use llm_switch_types::Result;

impl Server {
    /// Log in, which asks the user where it is on their behalf, and connect
    /// again where the login was what was missing.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Config`] when there is nothing to log in
    /// with, [`llm_switch_types::ErrorKind::Cancelled`] when the user does not
    /// want to, [`llm_switch_types::ErrorKind::Refused`] when it would lead out
    /// of reach, and [`llm_switch_types::ErrorKind::Mcp`] or
    /// [`llm_switch_types::ErrorKind::Network`] when it does not work out.
    pub async fn login(&self) -> Result<()> {
        let inner = &self.inner;
        let challenge = inner.challenge();
        inner.log_in(challenge.as_ref()).await.map_err(|error| inner.place(error))?;
        inner.renewed.send_modify(|count| *count += 1);
        let waits = |state: &State| matches!(state, State::NeedsAuth { .. });
        // An error says that the server was dropped meanwhile.
        let _ = inner.state().wait_for(|state| !waits(state)).await;
        Ok(())
    }

    /// Forget the login, and connect again without it.
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Config`] when there is none, and those
    /// of the place where it is kept.
    pub async fn logout(&self) -> Result<()> {
        let inner = &self.inner;
        let session = inner.session().await.map_err(|error| inner.place(error))?;
        let session = session.ok_or_else(|| inner.place(failure::impossible()))?;
        session.log_out().await.map_err(|error| inner.place(error))?;
        if let Some(connection) = inner.connection() {
            inner.give_up(&connection, Broken::Login);
        }
        Ok(())
    }
}

impl Inner {
    /// Log in because of CHALLENGE.
    async fn log_in(&self, challenge: Option<&Challenge>) -> Result<()> {
        let session = self.session().await?.ok_or_else(failure::impossible)?;
        session.log_in(challenge).await?;
        self.challenged(None);
        Ok(())
    }

    /// Whether a login takes nobody's time.
    pub(crate) async fn logs_in_unasked(&self) -> bool {
        matches!(self.session().await, Ok(Some(session)) if session.needs_nobody())
    }

    /// Log in because of CHALLENGE where that takes nobody's time; false where
    /// it does.
    ///
    /// # Errors
    /// See [`Server::login`].
    pub(crate) async fn log_in_unasked(&self, challenge: &Challenge) -> Result<bool> {
        match self.session().await? {
            Some(session) if session.needs_nobody() => {
                session.log_in_once(challenge).await.map(|()| true)
            }
            _ => Ok(false),
        }
    }

    /// Log in because a call got CHALLENGE, where the connection lives on with
    /// the new token; false where it does not.
    ///
    /// # Errors
    /// See [`Server::login`].
    pub(crate) async fn log_in_for_call(&self, challenge: &Challenge) -> Result<bool> {
        let Ok(Some(session)) = self.session().await else { return Ok(false) };
        if !session.helps(challenge) {
            return Ok(false);
        }
        session.log_in_once(challenge).await.map_err(|error| self.place(error))?;
        self.challenged(None);
        Ok(true)
    }
}
