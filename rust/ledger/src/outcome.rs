//! How a request or an attempt ended.

use llm_switch_types::ErrorKind;
use serde::de::{Deserialize, Deserializer, IntoDeserializer, value};
use serde::{Serialize, Serializer};

/// How a request or an attempt ended. A cancelled one failed with
/// [`ErrorKind::Cancelled`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// With an answer.
    Done,
    /// With an error.
    Failed(ErrorKind),
    /// Its process died before it said.
    Crashed,
}

impl Outcome {
    /// The word for it, in the ledger and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed(kind) => kind.name(),
            Self::Crashed => "crashed",
        }
    }

    /// The outcome of that name.
    pub(crate) fn from_name(name: &str) -> Result<Outcome, value::Error> {
        match name {
            "done" => Ok(Self::Done),
            "crashed" => Ok(Self::Crashed),
            kind => ErrorKind::deserialize(kind.into_deserializer()).map(Self::Failed),
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        let failures = ErrorKind::ALL.map(Outcome::Failed);
        for outcome in failures.into_iter().chain([Outcome::Done, Outcome::Crashed]) {
            assert_eq!(Outcome::from_name(outcome.name()), Ok(outcome));
        }
    }

    #[test]
    fn refuses_a_name_of_nothing() {
        assert!(Outcome::from_name("finished").is_err());
    }
}
