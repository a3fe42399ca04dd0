//! A list of models and prices, as it is embedded or fetched.

use crate::entry::Entry;
use crate::{Model, names, public, unpack};
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Models with their prices as they were on one day.
#[derive(Clone, Debug)]
pub struct PriceList {
    as_of: Date,
    models: BTreeMap<String, Model>,
}

/// One odd entry in a list of thousands must not cost the others.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient {
    Entry(Box<Entry>),
    Public(Map<String, Value>),
    Odd(IgnoredAny),
}

impl Lenient {
    fn entry(self) -> Option<Entry> {
        match self {
            Lenient::Entry(entry) => Some(*entry),
            Lenient::Public(object) => public::entry(&object),
            Lenient::Odd(_) => None,
        }
    }
}

static EMBEDDED: &[u8] = include_bytes!("../data/prices.json.gz");

impl PriceList {
    /// Read the JSON of a list that was made AS_OF: in the form of the
    /// embedded one or in that of the public price map.
    ///
    /// # Errors
    /// When it is no JSON object. An entry that is not understood is left out.
    pub fn parse(json: &[u8], as_of: Date) -> serde_json::Result<PriceList> {
        let entries: BTreeMap<String, Lenient> = serde_json::from_slice(json)?;
        let mut models = BTreeMap::new();
        for (key, entry) in entries {
            // Text completion models cannot be called by any dialect.
            if let Some(entry) = entry.entry().filter(|entry| entry.mode != "t") {
                let name = names::ours(&entry.provider, &key);
                let model = entry.into_model(name.clone(), as_of);
                models.entry(name).and_modify(|old| prefer(old, &model)).or_insert(model);
            }
        }
        Ok(PriceList { as_of, models })
    }

    /// The list that comes with this version, read when it is first needed:
    /// it takes milliseconds that the start of Emacs should not pay.
    pub fn embedded() -> &'static PriceList {
        static LIST: OnceLock<PriceList> = OnceLock::new();
        LIST.get_or_init(|| {
            let as_of = names::as_of();
            // That it unpacks and parses is for the tests to show: without
            // it all prices but those of `models.toml` would be unknown.
            let list = unpack(EMBEDDED).ok().and_then(|it| PriceList::parse(&it, as_of).ok());
            list.unwrap_or_else(|| PriceList::of([], as_of))
        })
    }

    /// MODELS with their prices AS_OF.
    pub(crate) fn of(models: impl IntoIterator<Item = Model>, as_of: Date) -> PriceList {
        let models = models.into_iter().map(|model| (model.name.clone(), model));
        PriceList { as_of, models: models.collect() }
    }

    /// The day on which it was made.
    pub const fn as_of(&self) -> Date {
        self.as_of
    }

    /// The model called NAME, `provider/model`.
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.get(name)
    }

    /// All of it, by name.
    pub fn models(&self) -> impl Iterator<Item = &Model> {
        self.models.values()
    }
}

/// Of two entries for the same name the one with a price counts.
fn prefer(old: &mut Model, new: &Model) {
    if old.price.is_none() {
        old.clone_from(new);
    }
}
