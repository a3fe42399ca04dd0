//! Tables of which there may be many, such as `[[budget]]`.

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::{fmt, marker::PhantomData};

/// A table of which there may be many.
pub(crate) trait Repeated {
    /// What they are for, in the plural, and the line that begins each.
    const WORDS: (&'static str, &'static str);
}

/// All tables of a kind, in the order of the file.
pub(crate) struct Many<Table>(pub(crate) Vec<Table>);

impl<Table> Default for Many<Table> {
    fn default() -> Self {
        Many(Vec::new())
    }
}

struct Reader<Table>(PhantomData<Table>);

impl<'de, Table: Repeated + Deserialize<'de>> Visitor<'de> for Reader<Table> {
    type Value = Many<Table>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tables that begin with {}", Table::WORDS.1)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut tables: A) -> Result<Many<Table>, A::Error> {
        let mut all = Vec::new();
        while let Some(table) = tables.next_element()? {
            all.push(table);
        }
        Ok(Many(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Many<Table>, A::Error> {
        let (nouns, header) = Table::WORDS;
        let what = format!("there may be many {nouns}: write {header}, with two brackets");
        Err(A::Error::custom(what))
    }
}

impl<'de, Table: Repeated + Deserialize<'de>> Deserialize<'de> for Many<Table> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Many<Table>, D::Error> {
        deserializer.deserialize_any(Reader(PhantomData))
    }
}
