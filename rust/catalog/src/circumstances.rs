//! What a price depends on besides the tokens.

use jiff::Timestamp;
use std::time::Duration;

/// The circumstances of an attempt that its price may depend on.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// When it was made.
    pub at: Timestamp,
    /// The tier at which it was served, in the service's word, where it told.
    /// What was asked for does not count: it may not have been granted.
    pub service_tier: Option<&'a str>,
    /// How long the answer took, for a machine that is paid by the hour.
    pub duration: Duration,
}

/// What services call the tier that nobody pays extra or less for, and what
/// they call the others, by the name that the price list has for them.
const TIERS: [(&str, Option<&str>); 12] = [
    ("default", None),
    ("standard", None),
    ("auto", None),
    ("on_demand", None),
    ("priority", Some("priority")),
    ("on_demand_priority", Some("priority")),
    ("flex", Some("flex")),
    ("on_demand_flex", Some("flex")),
    ("batch", Some("batch")),
    ("batches", Some("batch")),
    ("balanced", Some("balanced")),
    ("ultrafast", Some("ultrafast")),
];

/// The name that the price list has for the tier that a service calls WORD:
/// `Ok(None)` for the standard one, and an error for one that is not known.
pub(crate) fn tier(word: &str) -> Result<Option<&'static str>, UnknownTier> {
    let word = word.to_ascii_lowercase();
    let known = TIERS.iter().find(|(theirs, _)| *theirs == word);
    known.map(|(_, ours)| *ours).ok_or(UnknownTier)
}

/// A tier that no price is known for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnknownTier;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_words_are_known_in_either_case() {
        assert_eq!(tier("default"), Ok(None));
        assert_eq!(tier("ON_DEMAND"), Ok(None));
        assert_eq!(tier("ON_DEMAND_PRIORITY"), Ok(Some("priority")));
        assert_eq!(tier("batch"), tier("batches"));
        assert_eq!(tier("provisioned_throughput"), Err(UnknownTier));
    }
}
