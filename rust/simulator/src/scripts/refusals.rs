//! Scripts that do not answer at all.

use super::texts;
use crate::{
    prompt::Prompt,
    refusal::{Cause, Form, Refusal, Wait},
    reply::Reply,
    rows,
};
use jiff::Timestamp;

/// What a client that came too often is asked to wait: long enough for a test
/// to recognise it, short enough for a test to sit it out in milliseconds.
const WAIT_SECONDS: Wait = Wait::Seconds(7);
const WAIT_MILLIS: Wait = Wait::Millis(250);

pub(crate) fn status(parameters: &str, _: &Prompt) -> Option<Reply> {
    let (code, body) = parameters.split_once(':').unwrap_or((parameters, "json"));
    let status = code.parse().ok().filter(|code| (400..=599).contains(code))?;
    let form = form(body)?;
    let wait = match body {
        "ms" => Some(WAIT_MILLIS),
        _ => (status == 429).then_some(WAIT_SECONDS),
    };
    Some(Reply::Refusal(Refusal { form, wait, ..Refusal::new(status, Cause::Status) }))
}

fn form(body: &str) -> Option<Form> {
    Some(match body {
        "json" | "ms" => Form::Json,
        "html" => Form::Html,
        "empty" => Form::Empty,
        "text" => Form::Text,
        "nested" => Form::Nested,
        _ => return None,
    })
}

pub(crate) fn error(parameters: &str, _: &Prompt) -> Option<Reply> {
    let (status, cause) = match parameters {
        "quota" => (429, Cause::Quota),
        "context" => (400, Cause::Context),
        "filter" => (400, Cause::Filter),
        _ => return None,
    };
    Some(Reply::Refusal(Refusal::new(status, cause)))
}

/// `hello` to who has learnt to leave the parameters out.
pub(crate) fn refuses(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    if parameters.is_empty() {
        return None;
    }
    match parameters.split(',').find(|name| prompt.names(name)) {
        None => texts::hello("", prompt),
        Some(name) => Some(Reply::Refusal(Refusal::new(400, Cause::Parameter(name.to_owned())))),
    }
}

/// What a provider says by one of its own rules.
pub(crate) fn row(parameters: &str, _: &Prompt) -> Option<Reply> {
    let (provider, rule) = parameters.split_once(':')?;
    Some(Reply::Verbatim(rows::find(provider, rule)?.response(Timestamp::now())))
}

pub(crate) fn redirect(parameters: &str, _: &Prompt) -> Option<Reply> {
    (!parameters.is_empty()).then(|| Reply::Redirect(parameters.to_owned()))
}

pub(crate) fn html200(parameters: &str, _: &Prompt) -> Option<Reply> {
    parameters.is_empty().then_some(Reply::Html)
}
