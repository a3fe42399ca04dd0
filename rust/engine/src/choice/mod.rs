//! Who is asked.
//!
//! `built_in` are the routes that are there without configuration, and `nearby`
//! what servers on this machine offer. `permission` says what may be used at
//! all, `wanted` who would answer if everything were allowed, and `beyond` what
//! happens when nothing that is allowed can answer. `ability` is what a model
//! can do, and `fit` who has room. `watch` knows who is out, as `mark` judges
//! failures, and `pass` is the right to ask; `order` has the strategies, which
//! go by `pace` and `load`; `auto` chooses a route by `rules`, which look at
//! the `signs` of a request, and by `circumstances`;
//! `rest` says for whom it is worth to wait.

mod ability;
mod auto;
mod beyond;
mod built_in;
mod candidate;
mod circumstances;
mod expected;
mod fit;
mod load;
mod mark;
mod nearby;
mod order;
mod pace;
mod pass;
mod permission;
mod rest;
mod rules;
mod signs;
mod wanted;
mod watch;

pub(crate) use ability::{Abilities, Contexts};
pub(crate) use auto::{Auto, Chosen};
pub(crate) use beyond::Beyond;
pub(crate) use built_in::built_in;
pub(crate) use candidate::{Candidate, of_route};
pub(crate) use expected::usual_price;
pub(crate) use fit::Fit;
pub(crate) use load::{Full, Loads, Slot};
pub(crate) use nearby::Nearby;
pub(crate) use order::in_order;
pub(crate) use pace::Paces;
pub(crate) use pass::{Pass, name as patient_name, row as health_row};
pub(crate) use permission::Permission;
pub(crate) use rest::Rest;
pub(crate) use rules::Classifier;
pub(crate) use wanted::{Wanted, classifier, permission, wanted};
pub(crate) use watch::{Patient, Watch};
