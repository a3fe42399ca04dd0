//! What each service speaks, and one attempt at one of them.
//!
//! A dialect is a pure encoder and a pure push decoder, so that both can be
//! tested and fuzzed without a socket. [`attempt`] joins them to the network;
//! [`classify`] turns what a service says when it refuses into our errors.

mod attempt;
mod balance;
mod classify;
mod clock;
mod dialect;
mod framing;
mod head;
mod lasting;
mod lessons;
mod limits;
mod load;
mod models;
mod surrogates;
mod think;
mod thoughts;

pub use attempt::{Answered, Attempt, attempt};
pub use balance::balance;
pub use classify::{Refusal, classify};
pub use dialect::{Decoder, Encoded, comparable, decoder, encode};
pub use lasting::lasting;
pub use lessons::{Lesson, Lessons};
pub use load::{Load, load};
pub use models::{FoundModel, models};
pub use thoughts::without_refused_thoughts;
