//! `config.set_price`: a price by hand, in the user's own file.

use super::Job;
use crate::core::Core;
use crate::files;
use crate::setup::Setup;
use llm_switch_config::{Config, NewPrice};
use llm_switch_types::{Deployment, Error, ErrorKind, OwnPrice, Payer, Rate, Result};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// `{deployment, input, output, cache-read?}` -> `{model, file, old: {input,
/// output}?}`, in dollars per million tokens as text: set the price of the
/// deployment's model in the configuration file, and bill by it from now on.
///
/// `deployment` is `account/model`, else `provider/model`; `model` is the
/// latter, under which the price stands.
///
/// # Errors
/// [`ErrorKind::Config`] for what is no price or names nothing, and for a file
/// that is wrong or cannot be written; then nothing is changed.
pub(super) async fn set(job: Job) -> Result<Value> {
    let setup = job.core.setup().await?;
    let name = model(&setup, job.params["deployment"].as_str().unwrap_or_default())?;
    let price = NewPrice {
        input: rate(&job.params, "input")?,
        output: rate(&job.params, "output")?,
        cache_read: job.params["cache-read"]
            .as_str()
            .map(|_| rate(&job.params, "cache-read"))
            .transpose()?,
    };
    let file = job.core.config_file.clone();
    let core = Arc::clone(&job.core);
    let (path, edited) = (file.clone(), name.clone());
    let written = job.core.tasks.blocking(move || write(&core, &path, &edited, &price));
    let (old, setup) = written.await??;
    job.core.install(setup);
    Ok(json!({"model": name, "file": file, "old": old.as_ref().map(told)}))
}

/// The `provider/model` of what the user calls DEPLOYMENT.
fn model(setup: &Setup, deployment: &str) -> Result<String> {
    let wrong = |error: &dyn std::fmt::Display| Error::new(ErrorKind::Config, error.to_string());
    let asked: Deployment = deployment.parse().map_err(|e| wrong(&e))?;
    let Some(account) = setup.accounts.get(&asked.account) else {
        return Ok(deployment.to_owned());
    };
    let provider = &account.provider.name;
    let billed = setup
        .accounts
        .values()
        .any(|it| it.provider.name == *provider && it.payer == Payer::Metered);
    if billed {
        return Ok(format!("{provider}/{}", asked.model));
    }
    let what =
        format!("nothing that {provider} answers is charged: it is {}", account.payer.name());
    Err(Error::new(ErrorKind::Config, what).at(deployment).advise(
        "For what your own machine costs, write per-million, or watts and per-kwh, in the configuration",
    ))
}

fn rate(params: &Value, name: &str) -> Result<Rate> {
    let text = params[name].as_str().unwrap_or_default();
    text.parse().map_err(|_| {
        Error::new(ErrorKind::Config, format!("{text:?} is no price for {name}"))
            .advise("Write dollars per million tokens, such as 1.25")
    })
}

/// Two prices that are set at once must both be there in the end.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Check first what will be written, then write it.
fn write(
    core: &Core,
    file: &Path,
    name: &str,
    price: &NewPrice,
) -> Result<(Option<OwnPrice>, Setup)> {
    let _guard = ONE_AT_A_TIME.lock();
    let here = |error: Error| error.at(file.display());
    let text = match std::fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.map_err(|error| here(failed("read", &error)))?,
    };
    let old = Config::parse(&text).map_err(here)?.prices.remove(name);
    let edited = Config::set_price(&text, name, price).map_err(here)?;
    let config = Config::parse(&edited).map_err(here)?;
    let setup = Setup::new(core.prices.catalog()?, &config).map_err(here)?;
    files::rewrite(file, edited.as_bytes()).map_err(|error| {
        let lines = price.lines(name).join("; ");
        here(failed("written", &error).advise(format!("Nothing was changed. By hand: {lines}")))
    })?;
    Ok((old, setup))
}

fn failed(what: &str, error: &io::Error) -> Error {
    Error::new(ErrorKind::Config, format!("the configuration cannot be {what}: {error}"))
}

fn told(price: &OwnPrice) -> Value {
    match price {
        OwnPrice::Charged { rates, .. } => {
            let text = |rate: Option<Rate>| rate.map(|rate| rate.to_string());
            json!({"input": text(rates.input), "output": text(rates.output)})
        }
        _ => Value::Null,
    }
}
