//! `compare.*`: which of several answers to one prompt was the best.

use super::Job;
use crate::ledger::now_ms;
use llm_switch_ledger::{RequestKey, Vote, VoteFilter, VotedAnswer};
use llm_switch_types::{Deployment, Error, ErrorKind, Purpose, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What `compare.vote` is called with.
#[derive(Deserialize)]
struct Ballot {
    purpose: Purpose,
    project: Option<String>,
    answers: Vec<Answer>,
    won: Option<RequestKey>,
}

#[derive(Deserialize)]
struct Answer {
    request: RequestKey,
    asked: String,
    deployment: String,
}

/// `{purpose, project?, answers: [{request, asked, deployment}…], won?}` ->
/// `{}`, when it is in the ledger. `purpose` is what they were compared for,
/// `request` the key of a request in the ledger, `asked` whom the user named,
/// `deployment` who answered, and `won` the request of the best answer, none
/// where no answer was better than the others. It takes the place of an earlier
/// vote about the same answers.
///
/// # Errors
/// [`ErrorKind::Module`] for fewer than two answers, or a winner that is none
/// of them; those of the ledger.
pub(super) async fn vote(job: Job) -> Result<Value> {
    let ballot: Ballot = read(&job, "compare.vote")?;
    let vote = ballot.checked().ok_or_else(|| misread("compare.vote"))?;
    let ledger = job.core.ledger.get().await?;
    let written = move || {
        ledger.vote(vote);
        ledger.flush()
    };
    job.core.tasks.blocking(written).await??;
    Ok(json!({}))
}

/// `{by?, project?, since-ms?}` -> `[{name, purpose, won, compared,
/// undecided}…]`: by `asked` (whom the user named, as is usual) or `deployment`
/// (who answered) and by purpose, how many of its answers were compared with
/// others, how many of them were the best, and how many times nobody was.
///
/// # Errors
/// Those of the ledger.
pub(super) async fn votes(job: Job) -> Result<Value> {
    let filter: VoteFilter = read(&job, "compare.votes")?;
    let ledger = job.core.ledger.get().await?;
    let votes = move || ledger.flush().and_then(|()| ledger.votes(&filter));
    Ok(json!(job.core.tasks.blocking(votes).await??))
}

impl Ballot {
    /// It as a vote, if it makes sense.
    fn checked(self) -> Option<Vote> {
        let answers: Option<Vec<VotedAnswer>> = self.answers.into_iter().map(voted).collect();
        let answers = answers.filter(|it| it.len() > 1)?;
        let won = self.won;
        let is_one_of_them = won.is_none_or(|won| answers.iter().any(|it| it.request == won));
        let (purpose, project) = (self.purpose, self.project);
        is_one_of_them.then(|| Vote { voted_ms: now_ms(), purpose, project, answers, won })
    }
}

fn voted(answer: Answer) -> Option<VotedAnswer> {
    let Deployment { account, model } = answer.deployment.parse().ok()?;
    Some(VotedAnswer { request: answer.request, asked: answer.asked, account, model })
}

fn read<T: DeserializeOwned>(job: &Job, method: &str) -> Result<T> {
    serde_json::from_value(job.params.clone()).map_err(|_| misread(method))
}

fn misread(method: &str) -> Error {
    Error::new(ErrorKind::Module, format!("{method} does not understand what it was called with"))
}
