//! The time zone, as it is written.

use crate::suggestion::instead;
use jiff::tz::{self, TimeZone};
use serde::Deserialize;

/// `time-zone = "Europe/Berlin"`.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Zone(pub(crate) TimeZone);

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Zone, String> {
        TimeZone::get(&name).map(Zone).map_err(|_| {
            let known: Vec<String> = tz::db().available().map(|name| name.to_string()).collect();
            let known = known.iter().map(String::as_str);
            let otherwise = "write one such as \"Europe/Berlin\"";
            format!("there is no time zone {name:?}: {}", instead(&name, known, otherwise))
        })
    }
}
