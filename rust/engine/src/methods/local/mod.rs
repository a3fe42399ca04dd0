//! `local.*`: servers on this machine, found, started, watched and stopped.

mod list;
mod start;
mod stop;

pub(super) use list::list;
pub(super) use start::start;
pub(super) use stop::{stop, tail};
