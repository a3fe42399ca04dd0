//! Calling a tool.

use crate::connection::{Broken, Connection};
use crate::patience::{Overdue, wait};
use crate::stop::Stop;
use crate::{Challenge, Definition, Launch, Outcome, Progress, Server, State, ear, failure, pulse};
use llm_switch_types::{Error, Result};
use rmcp::model::CallToolRequestParams;
use rmcp::service::ServiceError;
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::sync::mpsc;

impl Server {
    /// Call TOOL with ARGUMENTS and hand what is heard of it meanwhile to
    /// PROGRESS, in the server's order. Dropping the future tells the server
    /// to stop.
    ///
    /// Where the login does not cover the call the user is asked to log in for
    /// more, and the call, which was not done, is made again.
    ///
    /// A tool that fails at its task is no error of this: see
    /// [`Outcome::is_error`].
    ///
    /// # Errors
    /// [`llm_switch_types::ErrorKind::Mcp`] when the server cannot be used,
    /// refuses the call, ends meanwhile or takes longer than its definition
    /// allows.
    pub async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        mut progress: impl FnMut(Progress) + Send,
    ) -> Result<Outcome> {
        let mut logins = 0;
        loop {
            match self.call_once(tool, arguments.clone(), &mut progress).await {
                Ok(outcome) => return Ok(outcome),
                Err(stop) => self.log_in_for(stop, &mut logins).await?,
            }
        }
    }

    async fn call_once(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> std::result::Result<Outcome, Stop> {
        let connection = self.inner.usable().await.map_err(Stop::from)?;
        let mut call = self.inner.calls.begin(tool);
        let mut params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        params.meta = Some(ear::mark(call.id));
        let work = connection.run.call_tool(params);
        let doing = format!("calling {tool}");
        let notes = &mut call.notes;
        self.attempt(&doing, &connection, work, notes, progress).await.map(Outcome::from)
    }

    /// Wait for WORK, which is DOING something without progress.
    pub(crate) async fn ask<T, W>(
        &self,
        doing: &str,
        work: impl Fn(Arc<Connection>) -> W,
    ) -> Result<T>
    where
        W: Future<Output = std::result::Result<T, ServiceError>>,
    {
        let mut logins = 0;
        loop {
            let connection = self.inner.usable().await?;
            let (work, (_, mut nothing)) =
                (work(Arc::clone(&connection)), mpsc::unbounded_channel());
            match self.attempt(doing, &connection, work, &mut nothing, &mut |_| {}).await {
                Ok(result) => return Ok(result),
                Err(stop) => self.log_in_for(stop, &mut logins).await?,
            }
        }
    }

    async fn attempt<T>(
        &self,
        doing: &str,
        connection: &Arc<Connection>,
        work: impl Future<Output = std::result::Result<T, ServiceError>>,
        notes: &mut mpsc::UnboundedReceiver<Progress>,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> std::result::Result<T, Stop> {
        let Definition { timeouts, launch, .. } = &self.inner.definition;
        let questions = self.inner.calls.questions();
        let done = tokio::select! {
            done = wait(work, *timeouts, questions, notes, tell) => done,
            never = pulse::beat(connection, launch) => match never {},
        };
        let error = match done {
            Ok(Ok(result)) => return Ok(result),
            Ok(Err(error)) => match Challenge::in_use(&error) {
                Some(challenge) => return Err(self.stranger(doing, connection, challenge).await),
                None => self.explain(doing, connection, error).await,
            },
            Err(Overdue::Silence) => failure::overdue(doing, true, timeouts.idle),
            Err(Overdue::Total) => failure::overdue(doing, false, timeouts.total),
        };
        Err(self.inner.place(error).into())
    }

    /// What comes of CHALLENGE, which CONNECTION got for what it was DOING.
    async fn stranger(
        &self,
        doing: &str,
        connection: &Arc<Connection>,
        challenge: Challenge,
    ) -> Stop {
        let scope = challenge.insufficient_scope;
        self.inner.challenged(Some(challenge.clone()));
        if !scope && !self.inner.logs_in_unasked().await {
            self.inner.give_up(connection, Broken::Auth(challenge.clone()));
            // Whoever is told of it shall see the state that it leads to.
            let mut states = self.inner.state();
            let _ = states.wait_for(|state| !matches!(state, State::Ready { .. })).await;
        }
        let error = self.inner.place(failure::unknown_caller(doing, scope));
        Stop { error, challenge: Some(challenge) }
    }

    /// ERROR, which ended something that CONNECTION was DOING, in our words.
    async fn explain(
        &self,
        doing: &str,
        connection: &Arc<Connection>,
        error: ServiceError,
    ) -> Error {
        match error {
            ServiceError::McpError(data) if pulse::says_begun_anew(&data) => {
                // Its lists may be others now: connect as to a new one.
                self.inner.give_up(connection, Broken::Transport);
                failure::lost(doing)
            }
            ServiceError::McpError(data) => {
                failure::refused(&format!("{doing}: it refused"), &data, &self.inner.secrets)
            }
            ServiceError::TransportClosed | ServiceError::TransportSend(_) => {
                self.inner.give_up(connection, Broken::Transport);
                self.ended(doing).await
            }
            ServiceError::Cancelled { .. } => failure::mcp(format!("{doing}: it was cancelled")),
            ServiceError::InputRequiredRoundsExceeded { max_rounds } => {
                failure::mcp(format!("{doing}: it asked more than {max_rounds} times"))
                    .advise("Look at its protocol log for what it wants")
            }
            _ => failure::mcp(format!("{doing}: it answered with something else"))
                .advise("Look at its protocol log"),
        }
    }

    /// Why a connection broke while the server was DOING something. Of a
    /// process this is known once it has ended, which is soon.
    async fn ended(&self, doing: &str) -> Error {
        let Launch::Stdio { .. } = self.inner.definition.launch else {
            return failure::lost(doing);
        };
        let mut states = self.inner.state();
        let over = |state: &State| !matches!(state, State::Ready { .. } | State::Starting);
        match states.wait_for(over).await.as_deref() {
            Ok(State::Failed { reason }) => failure::during(doing, reason),
            _ => failure::mcp(format!("{doing}: the server was stopped")),
        }
    }
}
