//! Text of which a refusal repeats nothing.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use std::{collections::BTreeMap, fmt};

/// Text that may be a secret: a refusal repeats neither it nor what stands in
/// its place.
pub(crate) struct Text(String);

impl Text {
    /// What each of TEXTS holds.
    pub(super) fn list(texts: Option<Vec<Text>>) -> Vec<String> {
        texts.into_iter().flatten().map(|Text(text)| text).collect()
    }

    /// What each of TEXTS holds, by its name.
    pub(super) fn map(texts: Option<BTreeMap<String, Text>>) -> BTreeMap<String, String> {
        texts.into_iter().flatten().map(|(name, Text(text))| (name, text)).collect()
    }
}

impl From<Text> for String {
    fn from(Text(text): Text) -> String {
        text
    }
}

struct Reader;

const WRITE: &str = "this is text: write it between quotes";

impl Visitor<'_> for Reader {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Text, E> {
        Err(E::custom(WRITE))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Text, E> {
        Err(E::custom(WRITE))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Text, E> {
        Err(E::custom(WRITE))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}
