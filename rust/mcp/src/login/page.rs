//! The user's part in a login.

use crate::failure::mcp;
use crate::login::{callback::Callback, redirect, redirect::Redirect};
use crate::{Answer, Asked, Question, calls::Calls};
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use url::Url;

/// How long the user may take.
const PATIENCE: Duration = Duration::from_secs(300);

/// Asks the user to log in.
pub(crate) struct Page {
    pub(crate) server: String,
    pub(crate) questions: mpsc::Sender<Question>,
    pub(crate) calls: Arc<Calls>,
}

impl Page {
    /// Show URL to the user and wait for what comes back: to CALLBACK, or
    /// pasted as the answer.
    ///
    /// # Errors
    /// [`ErrorKind::Cancelled`] when the user does not want to; otherwise what
    /// the page led to.
    pub(crate) async fn show(&self, url: &Url, callback: &Callback) -> Result<Redirect> {
        let state = redirect::state(url)
            .ok_or_else(|| mcp("logging in: the address of the page bears no state"))?;
        let back = async {
            tokio::select! {
                // Who came back may leave the question in the same moment.
                biased;
                url = callback.arrival(&state) => Ok(url),
                pasted = self.ask(url, callback) => pasted,
            }
        };
        let back = timeout(PATIENCE, back).await.map_err(|_| late())??;
        Redirect::read(&back, &state)
    }

    /// The address that the user pastes. For ever where they say no more than
    /// that they will go there.
    async fn ask(&self, url: &Url, callback: &Callback) -> Result<Url> {
        let asked = Asked::Login {
            url: url.to_string(),
            host: url.host_str().unwrap_or_default().to_owned(),
            callback: callback.address.to_string(),
        };
        let (reply, answer) = oneshot::channel();
        let (server, tools) = (self.server.clone(), self.calls.tools());
        let question = Question { server, tools, asked, reply };
        self.questions.send(question).await.map_err(|_| left())?;
        match answer.await {
            Ok(Answer::Accept(value)) => match pasted(&value) {
                Some(text) => Url::parse(text.trim()).map_err(|_| no_address()),
                None => std::future::pending().await,
            },
            Ok(Answer::Decline | Answer::Cancel) | Err(_) => Err(left()),
        }
    }
}

/// What was pasted, if VALUE holds any.
fn pasted(value: &Value) -> Option<&str> {
    value["url"].as_str().filter(|it| !it.trim().is_empty())
}

fn left() -> Error {
    Error::new(ErrorKind::Cancelled, "logging in: it was left").advise("Log in when you want to")
}

fn late() -> Error {
    mcp(format!("logging in: nobody came back within {} minutes", PATIENCE.as_secs() / 60))
        .advise("Log in again, and paste the address of the last page if it does not open")
}

fn no_address() -> Error {
    mcp("logging in: what was pasted is no address")
        .advise("Log in again and paste the whole address of the last page")
}
