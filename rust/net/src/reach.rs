//! How far a client may reach, and the checks that hold it there.
//!
//! reqwest's connector cannot inspect addresses and does not ask its resolver
//! about IP literals, so "local" takes four locks, each sufficient for one way
//! out: the URL is checked before each send, again at each redirect, a
//! resolver answers `localhost` itself and refuses every other name without a
//! DNS query, and proxies are off. On Linux the sockets are bound to `lo` too.

use llm_switch_types::{Error, ErrorKind, Locality, Result};
use url::{Host, Url};

/// How far a client may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// This machine only.
    Loopback,
    /// Anywhere.
    Anywhere,
}

impl From<Locality> for Reach {
    fn from(locality: Locality) -> Reach {
        match locality {
            Locality::Local => Reach::Loopback,
            Locality::Lan | Locality::Proxy | Locality::Cloud => Reach::Anywhere,
        }
    }
}

impl Reach {
    /// Refuse a URL that lies beyond.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`].
    pub fn check(self, url: &Url) -> Result<()> {
        if self == Reach::Anywhere || is_loopback(url) {
            return Ok(());
        }
        let host = url.host_str().unwrap_or("an address without host");
        Err(Error::new(
            ErrorKind::Refused,
            format!("{host} is not on this machine; nothing was sent"),
        )
        .advise("A local deployment may reach 127.0.0.1, [::1] and localhost only"))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => is_localhost(name),
        None => false,
    }
}

pub(crate) fn is_localhost(name: &str) -> bool {
    name.trim_end_matches('.').eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(url: &str) -> bool {
        Reach::Loopback.check(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn loopback_is_this_machine() {
        for url in
            ["http://127.0.0.1:1/", "http://127.8.8.8/", "http://[::1]:9/", "http://LOCALHOST/"]
        {
            assert!(allowed(url), "{url}");
        }
    }

    #[test]
    fn nothing_else_is() {
        for url in [
            "https://api.openai.com/",
            "http://10.0.0.1/",
            "http://0.0.0.0/",
            "http://[::ffff:10.0.0.1]/",
            "http://localhost.example.org/",
            "http://127.0.0.1.example.org/",
            "http://user@example.org/",
        ] {
            assert!(!allowed(url), "{url}");
        }
    }

    #[test]
    fn numbers_that_mean_another_address_are_read_as_the_browser_reads_them() {
        assert!(allowed("http://2130706433/"), "is 127.0.0.1");
        assert!(!allowed("http://134744072/"), "is 8.8.8.8");
    }
}
