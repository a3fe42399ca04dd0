//! A place for tokens that ends with the program.

use futures_util::future::{BoxFuture, FutureExt, ready};
use llm_switch_mcp::Tokens;
use llm_switch_types::Result;
use parking_lot::Mutex;
use std::collections::HashMap;

/// What is kept, by the server and its address.
#[derive(Default)]
pub struct Memory(pub Mutex<HashMap<(String, String), String>>);

fn key(server: &str, url: &str) -> (String, String) {
    (server.to_owned(), url.to_owned())
}

impl Tokens for Memory {
    fn load<'a>(&'a self, server: &'a str, url: &'a str) -> BoxFuture<'a, Result<Option<String>>> {
        ready(Ok(self.0.lock().get(&key(server, url)).cloned())).boxed()
    }

    fn save<'a>(
        &'a self,
        server: &'a str,
        url: &'a str,
        text: String,
    ) -> BoxFuture<'a, Result<()>> {
        self.0.lock().insert(key(server, url), text);
        ready(Ok(())).boxed()
    }

    fn forget<'a>(&'a self, server: &'a str, url: &'a str) -> BoxFuture<'a, Result<()>> {
        self.0.lock().remove(&key(server, url));
        ready(Ok(())).boxed()
    }
}
