//! Changing one place of the file and nothing else.
//!
//! The file is the user's: its order, comments, spaces and line ends stay as
//! they are, because the new text is put between bytes that nobody touches.
//! Where the parser finds no such place, the lines to write by hand are told.

use crate::{Config, price};
use llm_switch_types::{Error, ErrorKind, OwnPrice, Rate, Result};
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// What a service charges, in dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewPrice {
    /// Fresh input.
    pub input: Rate,
    /// Output.
    pub output: Rate,
    /// Cached input. Where it is not said, what stands there stays.
    pub cache_read: Option<Rate>,
}

impl NewPrice {
    /// The lines that set it as the price of NAME, for people to write.
    pub fn lines(&self, name: &str) -> Vec<String> {
        let rate = |key: &str, rate: Rate| format!("{key} = {}", quoted(rate));
        let mut lines = vec![format!("[price.{}]", toml::Value::from(name))];
        lines.extend([rate("input", self.input), rate("output", self.output)]);
        lines.extend(self.cache_read.map(|it| rate("cache-read", it)));
        lines
    }
}

impl Config {
    /// The TEXT of a configuration file with the price of NAME,
    /// `provider/model`, set to NEW.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when NAME or TEXT is wrong, or TEXT has no place
    /// where NEW could stand without changing something else.
    pub fn set_price(text: &str, name: &str, new: &NewPrice) -> Result<String> {
        price::check_name(name).map_err(|what| Error::new(ErrorKind::Config, what))?;
        let before = Config::parse(text)?;
        let edited = edit(text, name, new).filter(|edited| says(edited, name, new, before));
        edited.ok_or_else(|| by_hand(name, new))
    }
}

/// Whether TEXT sets the price of NAME to NEW, and all else as it was BEFORE.
fn says(text: &str, name: &str, new: &NewPrice, mut before: Config) -> bool {
    let Ok(mut after) = Config::parse(text) else { return false };
    before.prices.remove(name);
    let Some(OwnPrice::Charged { rates, .. }) = after.prices.remove(name) else { return false };
    let cache = new.cache_read.is_none() || rates.cache_read == new.cache_read;
    after == before && (rates.input, rates.output) == (Some(new.input), Some(new.output)) && cache
}

fn edit(text: &str, name: &str, new: &NewPrice) -> Option<String> {
    let file = DeTable::parse(text).ok()?;
    match file.get_ref().get("price").and_then(|prices| prices.get_ref().get(name)) {
        Some(price) => change(text, price.get_ref().as_table()?, new),
        None => Some(append(text, name, new)),
    }
}

/// TEXT with NEW in the places where TABLE has the old figures.
fn change(text: &str, table: &DeTable<'_>, new: &NewPrice) -> Option<String> {
    let (input, output) = (span(table, "input")?, span(table, "output")?);
    let mut pieces = vec![(input, quoted(new.input)), (output.clone(), quoted(new.output))];
    if let Some(rate) = new.cache_read {
        pieces.push(match span(table, "cache-read") {
            Some(place) => (place, quoted(rate)),
            None => beside(text, output.clone(), rate)?,
        });
    }
    pieces.sort_by_key(|(place, _)| place.start);
    // From the end, so that the places before stay where they are; and in the
    // order of the list, should a piece be put right behind another.
    let mut edited = text.to_owned();
    for (place, piece) in pieces.into_iter().rev() {
        edited.replace_range(place, &piece);
    }
    Some(edited)
}

fn span(table: &DeTable<'_>, key: &str) -> Option<Range<usize>> {
    table.get(key).map(toml::Spanned::<DeValue<'_>>::span)
}

/// A cache rate and the place for it after the OUTPUT that TEXT has: on a line
/// of its own, aligned like that one, or in the same pair of braces.
fn beside(text: &str, output: Range<usize>, rate: Rate) -> Option<(Range<usize>, String)> {
    let start = text[..output.start].rfind('\n').map_or(0, |at| at + 1);
    let left = &text[start..output.start];
    let key = left.trim_start();
    if key.starts_with("output") {
        let end = text[output.end..].find('\n').map_or(text.len(), |at| output.end + at);
        let end = if text[..end].ends_with('\r') { end - 1 } else { end };
        let (indent, width) = (&left[..left.len() - key.len()], key.find('=')?);
        let line = format!("{}{indent}{:<width$}", newline(text), "cache-read ");
        return Some((end..end, format!("{line}= {}", quoted(rate))));
    }
    let inline = left.contains('{');
    inline.then(|| (output.end..output.end, format!(", cache-read = {}", quoted(rate))))
}

/// TEXT with NEW at its end.
fn append(text: &str, name: &str, new: &NewPrice) -> String {
    let newline = newline(text);
    let begun = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    let apart = if text.trim().is_empty() { "" } else { newline };
    let lines = new.lines(name).join(newline);
    format!("{text}{begun}{apart}{lines}{newline}")
}

fn quoted(rate: Rate) -> String {
    format!("\"{rate}\"")
}

/// How the lines of TEXT end.
fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn by_hand(name: &str, new: &NewPrice) -> Error {
    let what = format!("the price of {name} cannot be set without changing something else");
    Error::new(ErrorKind::Config, what).advise(format!(
        "Write it yourself, in place of what is there: {}",
        new.lines(name).join("; ")
    ))
}
