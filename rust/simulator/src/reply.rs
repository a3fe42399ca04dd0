//! What a script decides: an answer, or one of the ways not to give one.

use crate::{
    refusal::Refusal,
    response::Response,
    steps::{Ending, Fault, Finish, Step, Steps, Usage},
};
use std::time::Duration;

/// The whole of what a script decides.
pub(crate) enum Reply {
    /// 200 and an answer.
    Answer(Answer),
    /// An error status.
    Refusal(Refusal),
    /// 302 to this URL.
    Redirect(String),
    /// 200 and a web page, as a captive portal or a broken proxy gives.
    Html,
    /// This and nothing else, whatever the dialect.
    Verbatim(Response),
}

/// An answer: what is said, how it ends, and what it cost.
pub(crate) struct Answer {
    pub(crate) steps: Steps,
    pub(crate) ending: Ending,
    /// Tokens; `None` from a service that does not tell.
    pub(crate) usage: Option<Usage>,
    /// The model that the service says has answered, when it is another one.
    pub(crate) served: Option<String>,
    /// The time between two deltas, where the script has a pace of its own.
    pub(crate) every: Option<Duration>,
}

impl Answer {
    /// An answer of these steps, `output` tokens long, to a prompt of `prompt`
    /// tokens.
    pub(crate) fn new<I>(steps: I, output: u64, prompt: u64) -> Self
    where
        I: IntoIterator<Item = Step, IntoIter: Send + 'static>,
    {
        Answer {
            steps: Box::new(steps.into_iter()),
            ending: Ending::Finished(Finish::Stop),
            usage: Some(Usage { prompt, output, ..Usage::default() }),
            served: None,
            every: None,
        }
    }

    /// An answer that says `text`, a word at a time.
    pub(crate) fn text(text: &str, prompt: u64) -> Self {
        let steps: Vec<Step> =
            text.split_inclusive(' ').map(|word| Step::Text(word.to_owned())).collect();
        let output = steps.len() as u64;
        Answer::new(steps, output, prompt)
    }

    /// The same, ending for this reason.
    pub(crate) fn finish(self, finish: Finish) -> Self {
        Answer { ending: Ending::Finished(finish), ..self }
    }

    /// The same, ending in this fault.
    pub(crate) fn fault(self, fault: Fault) -> Self {
        Answer { ending: Ending::Fault(fault), ..self }
    }

    /// The same with these counts.
    pub(crate) fn usage(self, usage: Option<Usage>) -> Self {
        Answer { usage, ..self }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Reply::Answer(answer)
    }
}
