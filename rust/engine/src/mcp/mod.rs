//! Servers of tools: which there are, which run, and what may be done there.
//!
//! `place` is from where in Emacs tools are asked for, `written` what servers
//! are written down for it; `start` starts one, if `trust` lets it, with what
//! `launch` makes of its definition; `definition` is what that says, and `shown`
//! that for people. `running` is one that was started, which
//! `follow` listens to, whose own words are `messages` and whose questions `asking` puts to the user, those to
//! a model by `sampling`; `registry` knows them all, and `row` is what is shown
//! of one.
//!
//! `names` is what models call tools, `table` who is meant by them, `cost`
//! what it costs to tell of them; `choices` says which may run and which are
//! on, each `choice` about an `identity`, and `kept` is how that outlives a session. `call` runs one, if `permit`
//! lets it: `result` is what is told of it, `told` that as text, `limit` how
//! much of that a model gets, `contents` what is no text. `offer` is what a
//! request to a model says of tools and of what they gave, `blind` who cannot
//! see that.

mod asking;
mod blind;
mod call;
mod choice;
mod choices;
mod contents;
mod cost;
mod decide;
mod definition;
mod follow;
mod identity;
mod kept;
mod launch;
mod limit;
mod messages;
mod names;
mod offer;
mod permit;
mod place;
mod registry;
mod result;
mod row;
mod running;
mod sampling;
mod shown;
mod start;
mod table;
mod tokens;
mod told;
mod trust;
mod written;

pub(crate) use blind::Blind;
pub(crate) use call::Call;
pub(crate) use choice::{Choice, Decision, Lasting};
pub(crate) use choices::{Choices, Decided};
pub(crate) use contents::Contents;
pub(crate) use cost::{as_told, tokens};
pub(crate) use definition::home_project;
pub(crate) use follow::tell;
pub(crate) use identity::{Identity, Subject};
pub(crate) use messages::Messages;
pub(crate) use offer::Offer;
pub(crate) use place::{Asked, Place};
pub(crate) use registry::Mcp;
pub(crate) use running::{Lists, Running};
pub(crate) use start::{may_run, start};
pub(crate) use table::Entry;
pub(crate) use tokens::TokenFile;
pub(crate) use trust::{Trust, Trusted};
pub(crate) use written::LastGood;
