//! Days as they are written: `2026-11-01`, with or without quotes.

use jiff::civil::Date;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use toml::value::Datetime;

/// A day of the calendar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Day(pub(crate) Date);

/// When a plan renews: a day of the month, or a date.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Renews {
    Monthly(i8),
    Date(Date),
}

struct Reader {
    day_of_month: bool,
}

impl<'de> Visitor<'de> for Reader {
    type Value = Renews;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = if self.day_of_month { "a day of the month such as 15, or " } else { "" };
        write!(f, "{number}a date such as 2026-11-01")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Renews, E> {
        let day = i8::try_from(number).ok().filter(|day| (1..=31).contains(day));
        match day.filter(|_| self.day_of_month) {
            Some(day) => Ok(Renews::Monthly(day)),
            None => {
                Err(E::custom(format!("{number} is not {}", &self as &dyn serde::de::Expected)))
            }
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Renews, E> {
        let wrong = || format!("{text:?} is not {}", &self as &dyn serde::de::Expected);
        text.parse().map(Renews::Date).map_err(|_| E::custom(wrong()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Renews, A::Error> {
        let written = Datetime::deserialize(MapAccessDeserializer::new(map))?;
        match (written.date, written.time) {
            (Some(_), None) => self.visit_str(&written.to_string()),
            _ => Err(A::Error::custom(format!("{written} has a time: write the date alone"))),
        }
    }
}

impl<'de> Deserialize<'de> for Renews {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Renews, D::Error> {
        deserializer.deserialize_any(Reader { day_of_month: true })
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        match deserializer.deserialize_any(Reader { day_of_month: false })? {
            Renews::Date(date) => Ok(Day(date)),
            Renews::Monthly(day) => Err(D::Error::custom(format!("{day} is not a date"))),
        }
    }
}
