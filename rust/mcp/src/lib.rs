//! Clients of MCP servers.
//!
//! A [`Definition`] says what a server is, a [`Host`] what its owner gives it:
//! an environment, an HTTP client, a channel for its questions, ears for its
//! events and logs. [`Server::start`] makes of both a [`Server`], which is
//! connected in a task of its own and kept so; its [`State`] is told as an
//! [`Event`]. A ready server lists its [`Tool`]s, [`Resource`]s and
//! [`Prompt`]s, and a call of a tool gives [`Progress`] and then an
//! [`Outcome`]. What the server asks meanwhile arrives as a [`Question`].
//!
//! A server over HTTP may want to know who asks, which is a [`State`] too.
//! [`Server::login`] logs in, as a [`Login`] of the host says, and all goes on.
//!
//! Nothing here decides whether a server may start or a tool may run: that is
//! policy, and the engine's.

// Sampling, roots and logging are on their way out of the protocol, and in use.
#![allow(deprecated)]

mod call;
mod calls;
mod challenge;
mod connect;
mod connection;
mod content;
mod definition;
mod ear;
mod environment;
mod event;
mod failure;
mod handler;
mod host;
mod http;
mod info;
mod inner;
mod input;
mod lines;
mod listener;
mod lists;
mod login;
mod patience;
mod process;
mod prompt;
mod protocol;
mod pulse;
mod question;
mod resource;
mod ring;
mod secrets;
mod server;
mod stop;
mod supervisor;
mod tap;
mod tool;
mod tries;

pub use calls::Progress;
pub use challenge::Challenge;
pub use content::{Contents, Outcome, Part};
pub use definition::{Definition, LINE_CAP, Launch, Timeouts, Values};
pub use event::{Event, State};
pub use host::{Host, Offers};
pub use http::HttpClient;
pub use info::{Era, Info, Offered};
pub use login::{Grant, Identity, Login, Tokens};
pub use process::Exit;
pub use prompt::{Argument, Completion, Filled, Prompt, Subject};
pub use protocol::{Direction, Entry};
pub use question::{Answer, Asked, Question};
pub use resource::{Resource, Template};
pub use server::Server;
pub use tool::{Hints, Tool};
