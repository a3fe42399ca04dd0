//! `what_if.*`: what the same tokens would have cost elsewhere.

mod assumptions;
mod caching;
mod candidate;
mod choice;
mod hour;
mod level;
mod offer;
mod run;
mod subscription;

pub(super) use choice::candidates;
pub(super) use hour::hour;
pub(super) use run::run;
