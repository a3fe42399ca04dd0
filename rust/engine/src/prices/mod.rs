//! The price list that is in force, and the one that is on offer.
//!
//! A list that was fetched changes nothing by itself: it is an [`Offer`] that
//! the user reads as a list of changes and accepts or not. An accepted one is
//! kept in the state folder and is in force from then on; a request that began
//! before is billed at what was in force when it began.

mod offer;
mod source;
mod store;

pub(crate) use offer::Offer;
pub(crate) use source::locate;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use llm_switch_catalog::Catalog;
use llm_switch_types::{Error, ErrorKind, Result};
use once_cell::sync::OnceCell;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::Kept;

/// What is known of prices beside the configuration.
pub(crate) struct Prices {
    folder: Option<PathBuf>,
    /// The accepted list, read when it is first asked for.
    kept: OnceCell<Mutex<Option<Arc<Kept>>>>,
    offer: Mutex<Option<Arc<Offer>>>,
    /// The addresses from which the user lets lists be fetched.
    allowed: Mutex<Option<BTreeSet<String>>>,
    trouble: Mutex<Option<Error>>,
}

impl Prices {
    /// Keep the accepted list in FOLDER; without one, for this session.
    pub(crate) fn new(folder: Option<&Path>) -> Prices {
        let (kept, offer, allowed, trouble) = Default::default();
        Prices { folder: folder.map(Path::to_owned), kept, offer, allowed, trouble }
    }

    /// The catalogue with the prices that are in force, but for the user's
    /// own. Reads files; not for the threads that serve streams.
    ///
    /// # Errors
    /// [`ErrorKind::Module`] when the embedded rows are broken.
    pub(crate) fn catalog(&self) -> Result<Catalog> {
        let catalog = Catalog::embedded()
            .map_err(|e| Error::new(ErrorKind::Module, format!("the catalogue is broken: {e}")))?;
        // A newer version of the package knows newer prices than an old list.
        let kept = self.kept().lock().clone().filter(|kept| kept.list.as_of() >= catalog.as_of());
        Ok(match kept {
            Some(kept) => catalog.with_list(Arc::clone(&kept.list)),
            None => catalog,
        })
    }

    fn kept(&self) -> &Mutex<Option<Arc<Kept>>> {
        self.kept.get_or_init(|| {
            let read = self.folder.as_deref().map_or(Ok(None), store::read);
            Mutex::new(read.map(|kept| kept.map(Arc::new)).unwrap_or_else(|error| {
                *self.trouble.lock() = Some(error);
                None
            }))
        })
    }

    /// Why the accepted list could not be read; told once.
    pub(crate) fn trouble(&self) -> Option<Error> {
        self.trouble.lock().take()
    }

    /// The address of the accepted list, where that is the one in force.
    pub(crate) fn address(&self, catalog: &Catalog) -> Option<String> {
        let kept = self.kept().lock().clone()?;
        std::ptr::eq(catalog.list(), &raw const *kept.list).then(|| kept.address.clone())
    }

    /// Put OFFER in the place of the one before it.
    pub(crate) fn propose(&self, offer: Offer) -> Arc<Offer> {
        let offer = Arc::new(offer);
        *self.offer.lock() = Some(Arc::clone(&offer));
        offer
    }

    /// Take away the offer of NUMBER, if it still stands.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`]: what the user saw is not what would come.
    pub(crate) fn take_offer(&self, number: i64) -> Result<Arc<Offer>> {
        let mut offer = self.offer.lock();
        offer.take_if(|it| it.number == number).ok_or_else(|| {
            Error::new(ErrorKind::Refused, "these changes are not on offer any more")
                .advise("Fetch the list again: M-x llm-switch-refresh-prices")
        })
    }

    /// Keep the list of OFFER.
    ///
    /// # Errors
    /// [`ErrorKind::Store`] when it cannot be written; then nothing changes.
    pub(crate) fn accept(&self, offer: &Offer) -> Result<()> {
        let kept = Kept { list: Arc::clone(&offer.list), address: offer.address.clone() };
        let kept_before = self.kept();
        if let Some(folder) = &self.folder {
            store::write(folder, &kept, &offer.json)?;
        }
        *kept_before.lock() = Some(Arc::new(kept));
        Ok(())
    }

    /// Forget the accepted list; whether there was one.
    ///
    /// # Errors
    /// [`ErrorKind::Store`] when it cannot be removed; then nothing changes.
    pub(crate) fn forget(&self) -> Result<bool> {
        let kept = self.kept();
        let removed = self.folder.as_deref().map_or(Ok(false), store::remove)?;
        Ok(kept.lock().take().is_some() || removed)
    }

    /// Whether the user lets lists be fetched from ADDRESS.
    pub(crate) fn is_allowed(&self, address: &str) -> bool {
        let mut allowed = self.allowed.lock();
        self.allowances(&mut allowed).contains(address)
    }

    /// The user lets lists be fetched from ADDRESS. When that cannot be
    /// written down, the question comes again in the next session.
    pub(crate) fn allow(&self, address: &str) {
        let mut allowed = self.allowed.lock();
        let addresses = self.allowances(&mut allowed);
        addresses.insert(address.to_owned());
        if let Some(folder) = &self.folder {
            let _ = store::write_allowed(folder, addresses);
        }
    }

    fn allowances<'a>(
        &self,
        allowed: &'a mut Option<BTreeSet<String>>,
    ) -> &'a mut BTreeSet<String> {
        allowed.get_or_insert_with(|| {
            self.folder.as_deref().map(store::read_allowed).unwrap_or_default()
        })
    }
}

/// Today, in UTC: prices are not dated more finely than that.
pub(crate) fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_catalog::PriceList;

    /// What gpt-5 costs for input when a list AS_OF is kept that says 9.
    fn input(as_of: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let json = br#"{"gpt-5": {"p": "openai", "m": "c", "r": {"in": 9, "out": 9}}}"#;
        let list = Arc::new(PriceList::parse(json, as_of.parse().unwrap()).unwrap());
        store::write(folder.path(), &Kept { list, address: "/p".into() }, json).unwrap();
        let prices = Prices::new(Some(folder.path()));
        let catalog = prices.catalog().unwrap();
        assert_eq!(prices.address(&catalog).is_some(), as_of > "2026");
        catalog.usual_rates("openai", "gpt-5").unwrap().input.unwrap().to_string()
    }

    #[test]
    fn a_newer_version_of_the_package_knows_better_than_an_old_list() {
        assert_eq!((input("2100-01-01"), input("2025-01-01")), ("9".into(), "1.25".into()));
    }
}
