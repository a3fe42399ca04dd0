//! Scripts around a script: they change how the answer is sent and what it is
//! billed at, not what it says.

use crate::{delivery::Delivery, turnstile::Most};
use std::time::Duration;

pub(crate) fn bytes<'a>(inner: &'a str, delivery: &mut Delivery) -> Option<&'a str> {
    delivery.single_bytes = true;
    Some(inner)
}

pub(crate) fn crlf<'a>(inner: &'a str, delivery: &mut Delivery) -> Option<&'a str> {
    delivery.crlf = true;
    Some(inner)
}

pub(crate) fn comments<'a>(inner: &'a str, delivery: &mut Delivery) -> Option<&'a str> {
    delivery.comments = true;
    Some(inner)
}

/// Without a script inside it is `hello` that is sent.
pub(crate) fn limits<'a>(inner: &'a str, delivery: &mut Delivery) -> Option<&'a str> {
    delivery.limits = true;
    Some(if inner.is_empty() { "hello" } else { inner })
}

pub(crate) fn metered<'a>(inner: &'a str, delivery: &mut Delivery) -> Option<&'a str> {
    delivery.metered = true;
    Some(inner)
}

pub(crate) fn hidden<'a>(parameters: &'a str, delivery: &mut Delivery) -> Option<&'a str> {
    let (tokens, inner) = parameters.split_once(':')?;
    delivery.hidden = tokens.parse().ok()?;
    Some(inner)
}

pub(crate) fn slow<'a>(parameters: &'a str, delivery: &mut Delivery) -> Option<&'a str> {
    let (time, inner) = millis(parameters)?;
    delivery.before = time;
    Some(inner)
}

pub(crate) fn drip<'a>(parameters: &'a str, delivery: &mut Delivery) -> Option<&'a str> {
    let (time, inner) = millis(parameters)?;
    delivery.every = Some(time).filter(|time| !time.is_zero());
    Some(inner)
}

/// `5:60:hello`: five times in a minute.
pub(crate) fn most<'a>(parameters: &'a str, delivery: &mut Delivery) -> Option<&'a str> {
    let (count, rest) = parameters.split_once(':')?;
    let (seconds, inner) = rest.split_once(':')?;
    let count = count.parse().ok().filter(|count| *count > 0)?;
    let within = Duration::from_secs(seconds.parse().ok().filter(|seconds| *seconds > 0)?);
    delivery.most = Some(Most { count, within });
    Some(inner)
}

pub(crate) fn room<'a>(parameters: &'a str, delivery: &mut Delivery) -> Option<&'a str> {
    let (tokens, inner) = parameters.split_once(':')?;
    delivery.room = Some(tokens.parse().ok()?);
    Some(inner)
}

/// `20:hello` in its two parts.
fn millis(parameters: &str) -> Option<(Duration, &str)> {
    let (time, inner) = parameters.split_once(':')?;
    Some((Duration::from_millis(time.parse().ok()?), inner))
}
