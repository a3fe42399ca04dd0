//! Whether a list that came from outside can be what it says.
//!
//! A list is replaced rarely and bills everything from then on, so a doubt
//! costs it the whole: half a list would make half of the prices wrong.

use crate::{Catalog, Price, PriceList, unpack};
use jiff::civil::Date;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::{Map, Value};

/// The fields of an entry that hold amounts, in our short form; in the public
/// one their names say so.
const AMOUNTS: [&str; 7] = ["r", "t", "g", "s", "off", "q", "req"];

/// The dearest model of today charges $9,710 per million tokens. Beyond ten
/// times that somebody wrote dollars per million for dollars per token.
const DEAREST: f64 = 100_000.0;

/// Where a price is so many times what it was, somebody took thousands for
/// millions.
const JUMP: f64 = 1_000.0;

impl PriceList {
    /// Read BYTES that came from outside, perhaps compressed: a list made
    /// AS_OF.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`] for what is no list or only a part of one, has
    /// a price below zero or none at all.
    pub fn read(bytes: &[u8], as_of: Date) -> Result<PriceList> {
        let json = unpack(bytes).map_err(|error| unsound(format!("it is damaged: {error}")))?;
        if json.trim_ascii_start().starts_with(b"<") {
            return Err(unsound("it is a web page and no price list"));
        }
        let not_json = |error: &serde_json::Error| match error.is_eof() {
            true => unsound("it ends in the middle, as if the download had been cut"),
            false => unsound(format!("it is no JSON object of models: {error}")),
        };
        let entries: Map<String, Value> =
            serde_json::from_slice(&json).map_err(|error| not_json(&error))?;
        let slip = entries.iter().find_map(|(name, entry)| Some((name, slip(entry)?)));
        slip.map_or(Ok(()), |(name, what)| Err(unsound(format!("{name} {what}"))))?;
        let list = PriceList::parse(&json, as_of).map_err(|error| not_json(&error))?;
        let priced = list.models().any(|model| model.price.is_some());
        priced.then_some(list).ok_or_else(|| unsound("no model in it has a price"))
    }
}

impl Catalog {
    /// Refuse a NEW catalogue with a price that nobody charges. A model whose
    /// price the user set is not looked at: that is how to let a true
    /// correction pass.
    ///
    /// # Errors
    /// [`ErrorKind::Protocol`], naming the model.
    pub fn check(&self, new: &Catalog) -> Result<()> {
        let (old, new) = (self.in_force(), new.in_force());
        for model in new.models() {
            let own = model.name.split_once('/').is_some_and(|(at, name)| self.is_own(at, name));
            let Some(price) = model.price.as_ref().filter(|_| !own) else { continue };
            let before = old.model(&model.name).and_then(|it| it.price.as_ref());
            before.and_then(|before| jump(price, before)).map_or(Ok(()), |what| {
                let advice = "The prices in force stay. If it is right all the same, set the \
                              price of that model with M-x llm-switch-set-price and fetch again";
                Err(unsound(format!("{} {what}", model.name)).advise(advice))
            })?;
        }
        Ok(())
    }
}

/// What is absurd in PRICE, which was BEFORE.
fn jump(price: &Price, before: &Price) -> Option<String> {
    let before = before.named_rates();
    price.named_rates().into_iter().find_map(|(name, new)| {
        let old = before.get(&name)?;
        // Only compared, never billed: floats are good enough.
        let (now, then): (f64, f64) = (new.parse().ok()?, old.parse().ok()?);
        let (least, most) = (now.min(then), now.max(then));
        let absurd = least > 0.0 && most >= JUMP * least;
        absurd.then(|| format!("would cost ${new} for {name} instead of ${old}"))
    })
}

/// What is absurd in ENTRY as it was written. Reading it leaves out what
/// cannot be a rate, and a model would lose its price in silence.
fn slip(entry: &Value) -> Option<&'static str> {
    let public = |field: &str| field.contains("cost") || field.contains("pricing");
    let fields = entry.as_object().into_iter().flatten();
    let mut amounts = fields.filter(|(name, _)| public(name) || AMOUNTS.contains(&name.as_str()));
    amounts.find_map(|(name, value)| slip_in(name, value))
}

/// The same of the VALUE of the field NAME. Other numbers than amounts, which
/// are thresholds, stand in arrays.
fn slip_in(name: &str, value: &Value) -> Option<&'static str> {
    match value {
        Value::Number(number) => {
            let amount = number.as_f64()?;
            let per_token = name.contains("token");
            let most = if per_token { DEAREST / 1e6 } else { DEAREST };
            match amount {
                ..0.0 => Some("has a price below zero"),
                _ if amount > most => Some("has a price that nobody charges"),
                _ => None,
            }
        }
        Value::Array(values) => {
            values.iter().filter(|it| !it.is_number()).find_map(|it| slip_in(name, it))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, it)| slip_in(name, it)),
        _ => None,
    }
}

fn unsound(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Protocol, what).advise("The prices in force stay")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack;

    fn date() -> Date {
        "2026-12-24".parse().unwrap()
    }

    fn refusal(bytes: &[u8]) -> String {
        PriceList::read(bytes, date()).unwrap_err().what
    }

    /// What is said of a list in which gpt-5, at $1.25, costs INPUT.
    fn checked(input: f64) -> Result<()> {
        let old = Catalog::embedded().unwrap();
        let json = serde_json::json!({"gpt-5": {"litellm_provider": "openai", "mode": "chat",
            "input_cost_per_token": input, "output_cost_per_token": 1e-5}});
        let list = PriceList::read(json.to_string().as_bytes(), date()).unwrap();
        old.check(&old.clone().with_list(list))
    }

    #[test]
    fn a_list_may_come_packed_or_not() {
        let json = br#"{"a": {"p": "x", "m": "c", "r": {"in": 1, "out": 2}}}"#;
        for bytes in [json.to_vec(), pack(json).unwrap()] {
            assert_eq!(PriceList::read(&bytes, date()).unwrap().models().count(), 1);
        }
    }

    #[test]
    fn what_is_no_list_is_refused_and_says_why() {
        let whole = pack(&br#"{"a": {"p": "x", "m": "c", "r": {"in": 1, "out": 2}}}"#.repeat(9));
        assert!(refusal(b"\n<!DOCTYPE html><html>").contains("web page"));
        assert!(refusal(br#"{"a": {"p": "x", "m": "c", "r": {"in"#).contains("ends in the middle"));
        assert!(refusal(b"").contains("ends in the middle"));
        assert!(refusal(b"[1, 2]").contains("no JSON object"));
        assert!(refusal(b"{}").contains("no model in it has a price"));
        assert!(refusal(&whole.unwrap()[..40]).contains("damaged"));
    }

    #[test]
    fn a_price_below_zero_is_refused_in_either_form() {
        let short = br#"{"a": {"p": "x", "m": "c", "t": [[5, {"in": -2}]]}}"#;
        let public = br#"{"b": {"litellm_provider": "x", "mode": "chat", "rpm": -1,
                          "input_cost_per_token": -1e-6}}"#;
        assert_eq!(refusal(short), "a has a price below zero");
        assert_eq!(refusal(public), "b has a price below zero");
    }

    #[test]
    fn a_price_a_thousand_times_another_is_refused_up_and_down() {
        assert!(checked(2e-6).is_ok());
        assert!(checked(1.2e-3).is_ok(), "dear, but not a slip of the point");
        for absurd in [1.25e-3, 1.25e-9] {
            let error = checked(absurd).unwrap_err();
            assert!(error.what.starts_with("openai/gpt-5 would cost $"), "{error}");
        }
    }

    #[test]
    fn a_price_that_nobody_charges_is_refused_in_either_form() {
        let short = br#"{"a": {"p": "x", "m": "c", "t": [[272000, {"in": 1250000}]]}}"#;
        let public = br#"{"b": {"litellm_provider": "x", "mode": "chat", "max_tokens": 1000000,
                          "output_cost_per_token": 1.25}}"#;
        assert_eq!(refusal(short), "a has a price that nobody charges");
        assert_eq!(refusal(public), "b has a price that nobody charges");
    }

    #[test]
    fn the_list_that_comes_along_is_sound() {
        let catalog = Catalog::embedded().unwrap();
        catalog.check(&catalog).unwrap();
    }
}
