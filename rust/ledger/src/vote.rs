//! Which of several answers to one prompt the user liked best.

use crate::RequestKey;
use crate::dimension::Dimension;
use crate::recorder::Recorder;
use llm_switch_types::Purpose;
use rusqlite::{Result, params};

/// A vote between answers to one prompt. It has no prompt and no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vote {
    /// When, in Unix milliseconds (UTC).
    pub voted_ms: i64,
    /// What they were compared for: that of the requests is to compare.
    pub purpose: Purpose,
    /// The project, where there is one.
    pub project: Option<String>,
    /// All that were compared.
    pub answers: Vec<VotedAnswer>,
    /// The best of them, or `None` where none was better than the others.
    pub won: Option<RequestKey>,
}

/// An answer that was compared with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VotedAnswer {
    /// Its request.
    pub request: RequestKey,
    /// Who was asked, as the user named it: a route, a mode or a deployment.
    pub asked: String,
    /// The account that answered.
    pub account: String,
    /// The model that answered, as it was sent.
    pub model: String,
}

/// Records VOTE in the place of one between the same answers, or some of them:
/// who changes their mind, or votes again when a late answer has come, has one
/// opinion.
pub(crate) fn record(recorder: &mut Recorder, vote: &Vote) -> Result<()> {
    for answer in &vote.answers {
        let sql = "DELETE FROM vote
                    WHERE comparison = (SELECT comparison FROM vote WHERE request = ?1)";
        recorder.transaction.prepare_cached(sql)?.execute([answer.request.0])?;
    }
    vote.answers.iter().try_for_each(|answer| insert(recorder, vote, answer))
}

fn insert(recorder: &mut Recorder, vote: &Vote, answer: &VotedAnswer) -> Result<()> {
    let comparison = vote.answers.iter().map(|it| it.request.0).min();
    let purpose = recorder.number(Dimension::Purpose, vote.purpose.name())?;
    let project = recorder.optional_number(Dimension::Project, vote.project.as_deref())?;
    let asked = recorder.number(Dimension::Model, &answer.asked)?;
    let account = recorder.number(Dimension::Account, &answer.account)?;
    let model = recorder.number(Dimension::Model, &answer.model)?;
    let sql = "INSERT INTO vote (request, comparison, process, voted, purpose, project, asked,
                                 account, model, won)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    recorder.transaction.prepare_cached(sql)?.execute(params![
        answer.request.0,
        comparison,
        recorder.process,
        vote.voted_ms,
        purpose,
        project,
        asked,
        account,
        model,
        vote.won == Some(answer.request)
    ])?;
    Ok(())
}
