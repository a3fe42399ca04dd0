//! The file as a whole: parsing, and telling where it is wrong.

use crate::{Account, Config, ProviderEntry, account, price, price_list, provider};
use llm_switch_types::{Deployment, Error, ErrorKind, Result};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt, ops::Range};
use toml::Spanned;

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct File {
    provider: BTreeMap<Spanned<String>, Spanned<provider::Table>>,
    account: BTreeMap<Spanned<String>, Spanned<account::Table>>,
    price: BTreeMap<Spanned<String>, Spanned<price::Table>>,
    prices: price_list::Table,
}

pub(crate) fn parse(text: &str) -> Result<Config> {
    let at = |span: Range<usize>, what: &dyn fmt::Display| wrong(text, span, what);
    let file: File = toml::from_str(text)
        .map_err(|error| at(error.span().unwrap_or_default(), &with_suggestion(error.message())))?;
    let mut config = Config { price_source: file.prices.address, ..Config::default() };
    for (name, table) in file.provider {
        check_name(&name).map_err(|e| at(name.span(), &e))?;
        let span = table.span();
        let entry: ProviderEntry =
            table.into_inner().try_into().map_err(|e: String| at(span, &e))?;
        config.providers.insert(name.into_inner(), entry);
    }
    for (name, table) in file.account {
        check_name(&name).map_err(|e| at(name.span(), &e))?;
        let span = table.span();
        let account: Account =
            table.into_inner().into_account(name.get_ref()).map_err(|e| at(span, &e))?;
        config.accounts.insert(name.into_inner(), account);
    }
    for (name, table) in file.price {
        price::check_name(name.get_ref()).map_err(|e| at(name.span(), &e))?;
        let span = table.span();
        let price = table.into_inner().into_price().map_err(|e| at(span, &e))?;
        config.prices.insert(name.into_inner(), price);
    }
    Ok(config)
}

fn check_name(name: &Spanned<String>) -> std::result::Result<(), String> {
    let name = name.get_ref();
    Deployment::is_account_name(name)
        .then_some(())
        .ok_or_else(|| format!("the name {name:?} may hold only a-z, 0-9 and -"))
}

/// An error at SPAN of TEXT. The line itself is not quoted: it may hold a key.
fn wrong(text: &str, span: Range<usize>, what: &dyn fmt::Display) -> Error {
    let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
    Error::new(ErrorKind::Config, format!("line {line}: {what}"))
        .advise("The configuration that was in force before stays in force")
}

/// MESSAGE, with "did you mean" when it tells of an unknown key or value.
///
/// serde names the unknown word first and then those that it expected, each
/// between backquotes.
fn with_suggestion(message: &str) -> String {
    let message = unquoted(&message.replace('\n', " "));
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let told = words.split_first().filter(|_| message.starts_with("unknown"));
    let Some((unknown, expected)) = told else { return message };
    let likeness = |word: &str| strsim::normalized_damerau_levenshtein(unknown, word);
    let best = expected.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match best.filter(|word| likeness(word) > 0.6) {
        Some(word) => format!("unknown word `{unknown}`: did you mean `{word}`?"),
        None => message,
    }
}

/// MESSAGE without the value that serde quotes when it has the wrong type,
/// for a key that was pasted in the wrong place would be repeated.
fn unquoted(message: &str) -> String {
    match (message.find("string \""), message.rfind("\", expected")) {
        (Some(start), Some(end)) if start < end => {
            format!("{}string{}", &message[..start], &message[end + 1..])
        }
        _ => message.to_owned(),
    }
}
