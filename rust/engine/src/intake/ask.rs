//! What is asked, of whom, and why.

use super::{Asked, Facts};
use crate::unfinished::Unfinished;
use llm_switch_types::{Deployment, Money, Purpose, Request};

/// What is asked, of whom, and why.
#[derive(Debug)]
pub(crate) struct Ask {
    pub(crate) asked: Asked,
    /// The mode that it is asked in, where it says so.
    pub(crate) mode: Option<String>,
    /// The modes outside of which it must not go, whatever its own is.
    pub(crate) pins: Vec<String>,
    pub(crate) purpose: Purpose,
    pub(crate) client: String,
    pub(crate) project: Option<String>,
    pub(crate) request: Request,
    /// What Emacs knows beside it.
    pub(crate) facts: Facts,
    /// An answer of another model than the one that was asked is refused.
    pub(crate) strict: bool,
    /// It is asked again, one step up.
    pub(crate) escalate: bool,
    /// What tier it is of, where a model has said so.
    pub(crate) classified: Option<Classified>,
    /// Nobody listens: what is answered stands in what is known at the end.
    pub(crate) quiet: bool,
    /// Who gave the answer that is to be gone on with, or asked again: it is
    /// asked last.
    pub(crate) from: Option<String>,
    /// How often it may be asked again where nobody else can answer.
    pub(crate) retries: u32,
    /// The most that it may cost.
    pub(crate) max_cost: Option<Money>,
    /// The user is asked before it is sent when it probably costs more.
    pub(crate) ask_above: Option<Money>,
    /// Where what is known is left when it is given up.
    pub(crate) unfinished: Unfinished,
}

impl Ask {
    /// REQUEST, which we make for PURPOSE of our own: asked once, within no
    /// narrower limits than the user's, and heard as any other.
    pub(crate) fn of_ours(asked: Asked, purpose: Purpose, request: Request) -> Ask {
        Ask {
            asked,
            mode: None,
            pins: Vec::new(),
            purpose,
            client: "emacs".into(),
            project: None,
            request,
            facts: Facts::default(),
            strict: false,
            escalate: false,
            classified: None,
            quiet: false,
            from: None,
            retries: 0,
            max_cost: None,
            ask_above: None,
            unfinished: Unfinished::default(),
        }
    }
}

/// What a model has taken a request for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Classified {
    pub(crate) tier: String,
    pub(crate) by: Deployment,
}
