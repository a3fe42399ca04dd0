//! Where tokens are kept.

use futures_util::future::BoxFuture;
use llm_switch_types::Result;

/// Keeps what is known of each login, one text for each server at its address.
///
/// The text is secret: it holds tokens. What stands in it is no business of
/// whoever keeps it. Each method may take its time, as for a password store
/// that has to be unlocked first, and fails as its place fails.
pub trait Tokens: Send + Sync {
    /// The text of SERVER at URL, where there is one.
    fn load<'a>(&'a self, server: &'a str, url: &'a str) -> BoxFuture<'a, Result<Option<String>>>;

    /// Keep TEXT for SERVER at URL, instead of what was kept before.
    fn save<'a>(&'a self, server: &'a str, url: &'a str, text: String)
    -> BoxFuture<'a, Result<()>>;

    /// Keep nothing for SERVER at URL any more.
    fn forget<'a>(&'a self, server: &'a str, url: &'a str) -> BoxFuture<'a, Result<()>>;
}
