//! Getting a price list from where it lies.

use super::today;
use crate::core::Core;
use crate::questions::PATIENCE;
use crate::setup::Setup;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use llm_switch_catalog::Catalog;
use llm_switch_config::PriceSource;
use llm_switch_net::{Call, Reach};
use llm_switch_types::{Error, ErrorKind, Locality, Result};
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use url::Url;

/// The public map has three megabytes.
const LIMIT: usize = 64 << 20;

/// A list as it came, and the day of which it tells.
pub(crate) struct Fetched {
    pub(crate) bytes: Vec<u8>,
    pub(crate) as_of: Date,
}

/// Where the list of SETUP lies.
///
/// # Errors
/// [`ErrorKind::Module`] when our own address is wrong, which a test rules out.
pub(crate) fn locate(setup: &Setup) -> Result<PriceSource> {
    let public = || Catalog::list_address().parse();
    let wrong = |what| Error::new(ErrorKind::Module, what);
    setup.price_source.clone().map_or_else(public, Ok).map_err(wrong)
}

impl Core {
    /// The list at SOURCE, for the job of ID. The user is asked before
    /// anything is sent to an address for the first time.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when nothing may leave the machine,
    /// [`ErrorKind::Cancelled`] when the user does not want it, and those of
    /// the network or the file.
    pub(crate) async fn price_list(
        &self,
        id: i64,
        setup: &Setup,
        source: &PriceSource,
    ) -> Result<Fetched> {
        match source {
            PriceSource::File(path) => {
                let path = expand(path);
                self.tasks.blocking(move || read(&path)).await?
            }
            PriceSource::Web(url) => {
                let reach = setup.reach();
                stay_in(reach, url)?;
                self.ask_for(id, url).await?;
                self.fetch(reach, url).await.map_err(|error| error.at(url))
            }
        }
    }

    async fn ask_for(&self, id: i64, url: &Url) -> Result<()> {
        if self.prices.is_allowed(url.as_str()) {
            return Ok(());
        }
        let host = host(url);
        let prompt = format!("Fetch prices from {host}?  Nothing about you is sent.  ");
        match self.ask(id, "confirm", json!({"prompt": prompt}), PATIENCE).await {
            Some(answer) if answer == true => {
                self.prices.allow(url.as_str());
                Ok(())
            }
            _ => Err(Error::new(ErrorKind::Cancelled, format!("nothing was fetched from {host}"))),
        }
    }

    async fn fetch(&self, reach: Locality, url: &Url) -> Result<Fetched> {
        let accept = "application/json, text/plain;q=0.9";
        let call = Call { url: url.as_str(), key: None, headers: &[], json: None, accept };
        let mut reply = self.clients.to(reach).send(call).await?;
        if reply.status() != 200 {
            return Err(unexpected(reply.status()));
        }
        let bytes = reply.body(LIMIT).await?;
        small_enough(bytes.len())?;
        Ok(Fetched { bytes, as_of: today() })
    }
}

/// Who calls no machine but their own does not want any other to hear of it.
fn stay_in(reach: Locality, url: &Url) -> Result<()> {
    if Reach::from(reach).check(url).is_ok() {
        return Ok(());
    }
    let what = format!("all accounts are on machines of your own, and {} is not", host(url));
    Err(Error::new(ErrorKind::Refused, what).advise(
        "Name an account elsewhere first, or bring the list as a file: [prices] address = \"/path\"",
    ))
}

fn unexpected(status: u16) -> Error {
    let (what, advice) = match status {
        300..400 => (
            "the list has moved to another address, which was not followed".into(),
            "Look where it is, and write that as [prices] address",
        ),
        _ => (
            format!("there is no list at this address (HTTP {status})"),
            "Correct [prices] address",
        ),
    };
    Error { http_status: Some(status), ..Error::new(ErrorKind::Protocol, what).advise(advice) }
}

fn read(path: &Path) -> Result<Fetched> {
    let told = |error: std::io::Error| {
        Error::new(ErrorKind::Config, format!("the price list cannot be read: {error}"))
            .at(path.display())
            .advise("Correct [prices] address")
    };
    let file = std::fs::File::open(path).map_err(told)?;
    let changed = file.metadata().and_then(|it| it.modified()).map_err(told)?;
    let mut bytes = Vec::new();
    file.take(LIMIT as u64).read_to_end(&mut bytes).map_err(told)?;
    small_enough(bytes.len())?;
    Ok(Fetched { bytes, as_of: day(changed) })
}

/// The day on which a file was CHANGED, which is when its prices were read.
fn day(changed: SystemTime) -> Date {
    let day = Timestamp::try_from(changed).map(|at| at.to_zoned(TimeZone::UTC).date());
    day.map_or(today(), |day| day.min(today()))
}

fn small_enough(length: usize) -> Result<()> {
    let what = || Error::new(ErrorKind::Protocol, "it is larger than any price list");
    (length < LIMIT).then_some(()).ok_or_else(what)
}

fn expand(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::home_dir()) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

/// The host of URL with its port, where it has one of its own.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or(host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_address_is_one() {
        let source: PriceSource = Catalog::list_address().parse().unwrap();
        assert!(matches!(source, PriceSource::Web(url) if url.scheme() == "https"));
    }

    #[test]
    fn a_file_of_tomorrow_is_of_today() {
        let tomorrow = SystemTime::now() + std::time::Duration::from_secs(2 * 86_400);
        assert_eq!(day(tomorrow), today());
        assert_eq!(day(SystemTime::UNIX_EPOCH).to_string(), "1970-01-01");
    }
}
