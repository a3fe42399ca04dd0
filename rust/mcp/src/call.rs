//! Calling a tool.

use crate::connection::{Broken, Connection};
use crate::patience::{Overdue, wait};
use crate::{Challenge, Launch, Outcome, Progress, Server, State, ear, failure};
use llm_switch_types::{Error, Result};
use rmcp::model::CallToolRequestParams;
use rmcp::service::ServiceError;
use serde_json::{Map, Value};
use tokio::sync::mpsc;

impl Server {
    /// Call TOOL with ARGUMENTS and hand what is heard of it meanwhile to
    /// PROGRESS, in the server's order. Dropping the future tells the server
    /// to stop.
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
        let connection = self.inner.usable().await?;
        let mut call = self.inner.calls.begin(tool);
        let mut params = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        params.meta = Some(ear::mark(call.id));
        let work = connection.run.call_tool(params);
        let doing = format!("calling {tool}");
        let notes = &mut call.notes;
        self.attempt(&doing, &connection, work, notes, &mut progress).await.map(Outcome::from)
    }

    /// Wait for WORK at CONNECTION, which is DOING something without progress.
    pub(crate) async fn ask<T>(
        &self,
        doing: &str,
        connection: &Connection,
        work: impl Future<Output = std::result::Result<T, ServiceError>>,
    ) -> Result<T> {
        let (_, mut nothing) = mpsc::unbounded_channel();
        self.attempt(doing, connection, work, &mut nothing, &mut |_| {}).await
    }

    async fn attempt<T>(
        &self,
        doing: &str,
        connection: &Connection,
        work: impl Future<Output = std::result::Result<T, ServiceError>>,
        notes: &mut mpsc::UnboundedReceiver<Progress>,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<T> {
        let timeouts = self.inner.definition.timeouts;
        let questions = self.inner.calls.questions();
        let error = match wait(work, timeouts, questions, notes, tell).await {
            Ok(Ok(result)) => return Ok(result),
            Ok(Err(error)) => self.explain(doing, connection, error).await,
            Err(Overdue::Silence) => failure::overdue(doing, true, timeouts.idle),
            Err(Overdue::Total) => failure::overdue(doing, false, timeouts.total),
        };
        Err(self.inner.place(error))
    }

    /// ERROR, which ended something that CONNECTION was DOING, in our words.
    async fn explain(&self, doing: &str, connection: &Connection, error: ServiceError) -> Error {
        if let Some(challenge) = Challenge::in_use(&error) {
            let scope = challenge.insufficient_scope;
            if !scope {
                connection.broken.send_replace(Some(Broken::Auth(challenge)));
            }
            return failure::unknown_caller(doing, scope);
        }
        match error {
            ServiceError::McpError(data) => {
                failure::refused(&format!("{doing}: it refused"), &data, &self.inner.secrets)
            }
            ServiceError::TransportClosed | ServiceError::TransportSend(_) => {
                connection.broken.send_replace(Some(Broken::Transport));
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
