//! The address that a server gets.

use llm_switch_types::{Error, ErrorKind, Result};
use std::net::{Ipv4Addr, TcpListener};
use url::{Host, Url};

/// How many ports after the usual one are tried.
const NEXT: u16 = 50;

/// The port of URL when that leads to this machine.
pub(crate) fn port_here(url: &str) -> Option<u16> {
    let url = Url::parse(url).ok()?;
    let is_here = match url.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name == "localhost",
    };
    url.port_or_known_default().filter(|_| is_here)
}

/// WISHED, or else USUAL or the first port after it that nobody has and that
/// is not one of OURS.
///
/// # Errors
/// [`ErrorKind::Config`] when somebody has WISHED, or all of them.
pub(crate) fn free_port(wished: Option<u16>, usual: u16, ours: &[u16]) -> Result<u16> {
    let is_free = |port: &u16| {
        !ours.contains(port) && TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok()
    };
    let range = match wished {
        Some(port) => port..=port,
        None => usual..=usual.saturating_add(NEXT),
    };
    let (first, last) = (*range.start(), *range.end());
    range.into_iter().find(is_free).ok_or_else(|| {
        let what = match wished {
            Some(port) => format!("port {port} of this machine is taken"),
            None => format!("all ports from {first} to {last} of this machine are taken"),
        };
        let advice = "Name another port, or stop what listens there";
        Error::new(ErrorKind::Config, what).advise(advice)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_free_port_is_taken_and_a_wish_is_not_changed() {
        let somebody = TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = somebody.local_addr().unwrap().port();
        let next = free_port(None, taken, &[]).unwrap();
        assert!(next > taken, "{next}");
        assert_ne!(free_port(None, taken, &[next]).unwrap(), next);
        let error = free_port(Some(taken), 1, &[]).unwrap_err();
        assert!(error.what.contains(&taken.to_string()), "{error}");
    }

    #[test]
    fn only_this_machine_is_here() {
        assert_eq!(port_here("http://localhost:8080/v1"), Some(8080));
        assert_eq!(port_here("http://[::1]/v1"), Some(80));
        assert_eq!(port_here("http://10.0.0.1:8080/v1"), None);
    }
}
