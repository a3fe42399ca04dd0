//! Addresses of this machine and of the networks around it.
//!
//! An address that a stranger names may lead there: a server on the internet
//! that says "my login is at http://192.168.1.1/" would have us knock at the
//! user's router.

use llm_switch_types::{Error, ErrorKind, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// Refuse a URL that names such an address. What a name stands for is seen by
/// the resolver only.
///
/// # Errors
/// [`ErrorKind::Refused`].
pub(crate) fn refuse(url: &Url) -> Result<()> {
    match names_inward(url) {
        false => Ok(()),
        true => Err(refusal(url.host_str().unwrap_or("an address without host"))),
    }
}

/// Whether URL itself says that it is of this machine or a network around it,
/// without a name having to be looked up.
pub fn names_inward(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => !is_public(address.into()),
        Some(Host::Ipv6(address)) => !is_public(address.into()),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        None => true,
    }
}

/// HOST is not on the internet.
pub(crate) fn refusal(host: &str) -> Error {
    let what = format!("{host} is on this machine or a private network; nothing was sent");
    Error::new(ErrorKind::Refused, what)
        .advise("A server on the internet may not send us there; name its address yourself")
}

/// Whether ADDRESS is one of the internet.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => is_public_4(it),
        IpAddr::V6(it) => embedded(it).map_or_else(|| is_public_6(it), is_public_4),
    }
}

fn is_public_4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    // What the standard library has no stable name for: shared addresses of
    // providers, "this network", benchmarks, protocols, and the future.
    let special = a == 0
        || (a, b & 0xc0) == (100, 64)
        || (a, b & 0xfe) == (198, 18)
        || (a, b, c) == (192, 0, 0)
        || a >= 240;
    !(special
        || it.is_private()
        || it.is_loopback()
        || it.is_link_local()
        || it.is_multicast()
        || it.is_documentation())
}

/// Only 2000::/3 is given out to anybody.
fn is_public_6(it: Ipv6Addr) -> bool {
    it.segments()[0] & 0xe000 == 0x2000
}

/// The address of the older kind that IT stands for: mapped, translated
/// (64:ff9b::/96) or 6to4 (2002::/16).
fn embedded(it: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = it.segments();
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b) {
        (0x0064, 0xff9b) if [c, d, e, f] == [0; 4] => Some(of(g, h)),
        (0x2002, _) => Some(of(b, c)),
        _ => it.to_ipv4_mapped(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_around_us_is_not_public() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.19.0.1",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_internet_is() {
        for address in ["8.8.8.8", "100.128.0.1", "2606:4700::1111", "64:ff9b::808:808"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn an_address_may_say_so_itself() {
        for (url, inward) in [
            ("http://localhost:1/", true),
            ("http://a.localhost/", true),
            ("http://[::1]/", true),
            ("http://2130706433/", true),
            ("https://example.org/", false),
        ] {
            assert_eq!(names_inward(&Url::parse(url).unwrap()), inward, "{url}");
        }
    }
}
