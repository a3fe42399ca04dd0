//! Prices per token, exactly.

use crate::{InvalidMoney, Money, Usage};
use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer};
use std::{fmt, str::FromStr};

/// What one token costs, in billionths of a dollar per million tokens.
///
/// Services publish at most six decimals per million tokens, which is a whole
/// number of pico-dollars per token. Three more are kept, so that a finer
/// price is not rounded before it is multiplied: a bill rounds once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(i64);

const NANO: f64 = 1e9;
const PICO_PER_NANO: i64 = 1_000;

impl Rate {
    /// What TOKENS cost, in thousandths of a pico-dollar.
    fn femto(self, tokens: u64) -> i128 {
        i128::from(self.0) * i128::from(tokens)
    }

    /// What TOKENS cost, rounded half up to the pico-dollar.
    pub fn of(self, tokens: u64) -> Money {
        Money::ratio(self.femto(tokens), PICO_PER_NANO.into())
    }

    /// Whether nothing is charged.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// A number that a price list gives in dollars per million tokens.
    ///
    /// A list in JSON has its numbers as floats. They carry fifteen digits
    /// and a price has fewer, so the nearest billionth is what was written.
    pub fn from_dollars(dollars: f64) -> Option<Rate> {
        let nano = (dollars * NANO).round();
        (0.0..1e15).contains(&nano).then_some(Rate(nano as i64))
    }

    /// The same of a list that gives dollars per token.
    pub fn from_dollars_per_token(dollars: f64) -> Option<Rate> {
        Rate::from_dollars(dollars * 1e6)
    }
}

/// Dollars per million tokens: `"1.25"`.
impl FromStr for Rate {
    type Err = InvalidMoney;

    fn from_str(text: &str) -> Result<Rate, InvalidMoney> {
        let pico = text.parse::<Money>()?.pico();
        let exact = pico >= 0 && pico % PICO_PER_NANO == 0;
        exact.then_some(Rate(pico / PICO_PER_NANO)).ok_or_else(|| InvalidMoney(text.to_owned()))
    }
}

/// Dollars per million tokens: `1.25`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Money::from_pico(self.0.saturating_mul(PICO_PER_NANO)).fmt(f)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rate, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected dollars per million tokens, such as \"1.25\"")]
        enum Written {
            Number(f64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Text(text) => text.parse().map_err(D::Error::custom),
            Written::Number(number) => Rate::from_dollars(number).ok_or_else(|| {
                D::Error::invalid_value(Unexpected::Float(number), &"a price of zero or more")
            }),
        }
    }
}

/// The rate of every bucket of a [`Usage`]. `None` is not told, which is not
/// the same as nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rates {
    /// Fresh input.
    pub input: Option<Rate>,
    /// Output.
    pub output: Option<Rate>,
    /// Input read from the prompt cache.
    pub cache_read: Option<Rate>,
    /// Input written to the cache for five minutes.
    pub cache_write_5m: Option<Rate>,
    /// Input written to the cache for an hour.
    pub cache_write_1h: Option<Rate>,
    /// Reasoning, where it costs something else than the output it is part of.
    pub reasoning: Option<Rate>,
    /// Audio that goes in, where it costs something else than text.
    pub audio_input: Option<Rate>,
    /// Audio that comes out, where it costs something else than text.
    pub audio_output: Option<Rate>,
}

impl Rates {
    /// The rates by the names that they have in configuration and catalogue.
    pub fn named(&self) -> [(&'static str, Option<Rate>); 8] {
        [
            ("input", self.input),
            ("output", self.output),
            ("cache-read", self.cache_read),
            ("cache-write-5m", self.cache_write_5m),
            ("cache-write-1h", self.cache_write_1h),
            ("reasoning", self.reasoning),
            ("audio-input", self.audio_input),
            ("audio-output", self.audio_output),
        ]
    }

    /// Whether any of them charges something. A price list says zero for what
    /// it does not know as well as for what is free.
    pub fn charge(&self) -> bool {
        self.named().iter().any(|(_, rate)| rate.is_some_and(|rate| !rate.is_zero()))
    }

    /// What the tokens of USAGE cost, rounded half up to the pico-dollar.
    /// `None` when there are tokens in a bucket without rate, because a bill
    /// that leaves something out is worse than none.
    pub fn bill(&self, usage: &Usage) -> Option<Money> {
        let text_input = usage.input.saturating_sub(usage.audio_input);
        let text_output =
            usage.output.saturating_sub(usage.reasoning.saturating_add(usage.audio_output));
        let buckets = [
            (text_input, self.input),
            (usage.audio_input, self.audio_input.or(self.input)),
            (usage.cache_read, self.cache_read),
            (usage.cache_write_5m, self.cache_write_5m),
            (usage.cache_write_1h, self.cache_write_1h),
            (text_output, self.output),
            (usage.reasoning, self.reasoning.or(self.output)),
            (usage.audio_output, self.audio_output.or(self.output)),
        ];
        let used = buckets.into_iter().filter(|(tokens, _)| *tokens > 0);
        let femto: i128 =
            used.map(|(tokens, rate)| Some(rate?.femto(tokens))).sum::<Option<_>>()?;
        Some(Money::ratio(femto, PICO_PER_NANO.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rates(input: &str, output: &str) -> Rates {
        Rates {
            input: Some(input.parse().unwrap()),
            output: Some(output.parse().unwrap()),
            ..Rates::default()
        }
    }

    #[test]
    fn dollars_per_million_are_read_and_written_exactly() {
        for text in ["0", "1.25", "0.000000001", "999.999999999"] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(rate.to_string(), text);
            assert_eq!(Rate::from_dollars(text.parse().unwrap()), Some(rate));
        }
        assert!("-1".parse::<Rate>().is_err());
        assert!("0.0000000001".parse::<Rate>().is_err(), "finer than a bill can be");
        assert_eq!(Rate::from_dollars(f64::NAN), None);
        assert_eq!(Rate::from_dollars(-1.0), None);
    }

    #[test]
    fn a_rate_finer_than_a_pico_dollar_rounds_half_up_and_once() {
        let rates = rates("0.0000005", "0.0000005");
        let pico = |usage: Usage| rates.bill(&usage).unwrap().pico();
        assert_eq!(pico(Usage { input: 1, ..Usage::default() }), 1, "half goes up");
        let halves = Usage { input: 1, output: 1, ..Usage::default() };
        assert_eq!(pico(halves), 1, "two halves are one, not two");
    }

    #[test]
    fn a_bucket_without_rate_makes_the_bill_unknown() {
        let usage = Usage { input: 5, cache_read: 1, ..Usage::default() };
        assert_eq!(rates("1", "1").bill(&usage), None);
    }

    #[test]
    fn reasoning_and_audio_cost_like_the_text_they_are_part_of_unless_told() {
        let usage =
            Usage { input: 10, audio_input: 4, output: 10, reasoning: 6, ..Usage::default() };
        let plain = rates("1", "2");
        assert_eq!(plain.bill(&usage).unwrap().to_string(), "0.00003");
        let apart = Rates { reasoning: "3".parse().ok(), audio_input: "5".parse().ok(), ..plain };
        assert_eq!(apart.bill(&usage).unwrap().to_string(), "0.000052");
    }

    #[test]
    fn an_absurd_count_never_wraps_around() {
        let usage = Usage { input: u64::MAX, ..Usage::default() };
        assert_eq!(rates("1000", "1").bill(&usage), Some(Money::from_pico(i64::MAX)));
    }
}
