//! The one way out: an HTTP client that knows how far it may reach.
//!
//! Only this crate builds a `reqwest` client. A [`Client`] for
//! [`Reach::Loopback`] cannot open a connection to anything but this machine,
//! whatever URL, redirect, name or proxy variable it meets: see [`Reach`].

mod client;
mod exchange;
mod failure;
mod guard;
mod headers;
mod inward;
mod reach;
mod reply;
mod resolver;

pub use client::{Call, Client, KeyHeader, Timeouts};
pub use headers::Headers;
pub use inward::names_inward;
pub use reach::Reach;
pub use reply::Reply;
