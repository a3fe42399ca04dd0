//! Amounts as they are written: dollars as text, counts as whole numbers.

use llm_switch_types::Money;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use std::{fmt, marker::PhantomData};

/// A million dollars. More is a slip of the hand.
const MOST: i64 = 1_000_000_000_000_000_000;
const MOST_COUNTED: i64 = 1_000_000_000_000_000;

/// An amount that is more than nothing: `"3.00"`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dollars(pub(crate) Money);

/// What something costs, which may be nothing: `"20.00"`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Price(pub(crate) Money);

/// An amount, or `"none"`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cap(pub(crate) Option<Money>);

/// How many, and at least one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count(pub(crate) u64);

/// What is written as text and tells dollars.
trait Written: Sized {
    fn read(text: &str) -> Result<Self, String>;
}

impl Written for Dollars {
    fn read(text: &str) -> Result<Dollars, String> {
        match read(text)? {
            Money::ZERO => Err(format!("{text:?} would let nothing through: write more than 0")),
            amount => Ok(Dollars(amount)),
        }
    }
}

impl Written for Price {
    fn read(text: &str) -> Result<Price, String> {
        read(text).map(Price)
    }
}

impl Written for Cap {
    fn read(text: &str) -> Result<Cap, String> {
        if text == "none" {
            return Ok(Cap(None));
        }
        Dollars::read(text)
            .map(|Dollars(amount)| Cap(Some(amount)))
            .map_err(|why| format!("{why}, or \"none\""))
    }
}

fn read(text: &str) -> Result<Money, String> {
    let (number, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 12 && decimals.bytes().all(|b| b.is_ascii_digit()) {
        return Err(format!("{text:?} has more than twelve decimals: write at most twelve"));
    }
    let digits = number.strip_prefix('-').unwrap_or(number);
    let large =
        digits.trim_start_matches('0').len() > 7 && digits.bytes().all(|b| b.is_ascii_digit());
    let amount = if large { Money::from_pico(i64::MAX) } else { parse(text)? };
    if number.starts_with('-') {
        return Err(format!("{text:?} is below 0: write an amount without a sign"));
    }
    if amount.pico() > MOST {
        return Err(format!("{text:?} is more than a million dollars: write at most \"1000000\""));
    }
    Ok(amount)
}

fn parse(text: &str) -> Result<Money, String> {
    text.parse().map_err(|_| {
        format!("{text:?} is not an amount: write dollars without a sign, such as \"3.00\"")
    })
}

struct Text<T>(PhantomData<T>);

impl<T: Written> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dollars as text, such as \"3.00\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        T::read(text).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        Err(E::custom(format!("dollars are text, which is exact: write \"{number}\"")))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        let example = if number.is_finite() { number.to_string() } else { "3.00".to_owned() };
        Err(E::custom(format!("dollars are text, which is exact: write \"{example}\"")))
    }
}

macro_rules! written {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Text(PhantomData))
            }
        }
    )*};
}
written!(Dollars, Price, Cap);

struct Whole;

impl Visitor<'_> for Whole {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, such as 200")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Count, E> {
        match number {
            ..1 => Err(E::custom(format!("{number} is too little: write 1 or more"))),
            1..=MOST_COUNTED => Ok(Count(number.unsigned_abs())),
            _ => Err(E::custom(format!("{number} is too much: write at most {MOST_COUNTED}"))),
        }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Count, D::Error> {
        deserializer.deserialize_any(Whole)
    }
}
