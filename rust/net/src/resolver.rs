//! Who is asked what a name stands for.

use crate::{inward, reach};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::lookup_host;

/// Answers `localhost` itself and refuses every other name, asking nobody.
pub(crate) struct LoopbackResolver;

impl Resolve for LoopbackResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let answer = reach::is_localhost(name.as_str())
            .then(|| {
                let both = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
                Box::new(both.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs
            })
            .ok_or_else(|| format!("{} is not on this machine", name.as_str()).into());
        Box::pin(std::future::ready(answer))
    }
}

/// Asks the system, and keeps to itself what lies on this machine or around.
pub(crate) struct PublicResolver;

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<_> = lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<_> =
                found.into_iter().filter(|it| inward::is_public(it.ip())).collect();
            match public.is_empty() {
                true => Err(inward::refusal(name.as_str()).into()),
                false => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_that_stands_for_this_machine_is_found_out() {
        let name = || "localhost".parse().unwrap();
        assert!(LoopbackResolver.resolve(name()).await.is_ok());
        let Err(error) = PublicResolver.resolve(name()).await else { panic!("it is let through") };
        assert!(error.to_string().contains("localhost is on this machine"), "{error}");
    }
}
