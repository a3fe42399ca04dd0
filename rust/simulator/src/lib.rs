//! LLM services on loopback that misbehave on demand, in all five dialects.
//!
//! A test starts a [`Simulator`] and points any client at its
//! [`base_url`](Simulator::base_url), or at that of
//! [another dialect](Simulator::base_url_of). The model that the client asks
//! for is the name of a script (`hello`, `words:2000@100`, `slow:50:cut:3`),
//! so nothing needs to be set up between two requests; [`SCRIPTS`] is the
//! table of them all, and the documentation of the module `dialect` tells
//! which of them mean something else in which dialect. What came in is told by [`Simulator::received`], or over HTTP
//! at `/simulator/requests` when the simulator runs as a process of its own.
//!
//! The way of a request: `server` accepts the connection, `connection` reads
//! off it with `request` and hands over to `service`, which asks `callers` who
//! that is, a `dialect` what the client wants and `script` what to reply, unless
//! the `turnstile` finds that it comes too often; `meter` counts what that is
//! billed at. The reply's `steps` go back through the dialect, which makes
//! bytes of them, and `delivery` sends these in the manner that the script
//! demands: at once, in drips, or into a fault. HTTP is spoken by hand here,
//! because a proper server would repair what these scripts break.

mod balances;
mod call;
mod callers;
mod connection;
mod delivery;
mod dialect;
mod evidence;
mod host;
mod key;
mod meter;
mod moves;
mod prompt;
mod received;
mod refusal;
mod reply;
mod request;
mod response;
mod rows;
mod script;
mod scripts;
mod seal;
mod server;
mod service;
mod steps;
mod turnstile;
mod whole;
mod wire;

pub use evidence::{Tag, absent, evidence};
pub use key::test_key;
pub use received::{Log, Media, Outcome, Received};
pub use rows::{ErrorRow, error_rows};
pub use script::{SCRIPTS, Script};
pub use scripts::texts::{word, words_text};
pub use server::{Builder, Simulator};
