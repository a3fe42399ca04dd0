//! Who has room for the conversation.

use super::candidate::Candidate;
use crate::setup::Setup;
use llm_switch_types::{Error, ErrorKind};

/// What was found of the length of a conversation while it was asked.
#[derive(Debug, Default)]
pub(crate) struct Fit {
    /// The largest context that was too small for it.
    too_small: Option<u64>,
}

/// How many tokens CANDIDATE takes, where the catalogue knows it.
fn context(setup: &Setup, candidate: &Candidate) -> Option<u64> {
    setup.catalog.model(&candidate.account.provider.name, &candidate.model)?.context
}

impl Fit {
    /// CANDIDATE failed with ERROR.
    pub(crate) fn failed(&mut self, setup: &Setup, candidate: &Candidate, error: &Error) {
        if error.kind == ErrorKind::ContextLength {
            self.too_small = self.too_small.max(context(setup, candidate));
        }
    }

    /// Whether one with as much room as CANDIDATE has refused.
    pub(crate) fn is_hopeless(&self, setup: &Setup, candidate: &Candidate) -> bool {
        self.too_small
            .is_some_and(|refused| context(setup, candidate).is_some_and(|it| it <= refused))
    }

    /// Whether CANDIDATE has room for LIKELY tokens, as far as is known, and
    /// for more than those had that refused. It is passed over only where one
    /// of OTHERS has more room: the estimate may be wrong, and an answer that
    /// might be refused is better than none.
    pub(crate) fn has_room<'a>(
        &self,
        setup: &Setup,
        candidate: &Candidate,
        likely: u64,
        others: impl IntoIterator<Item = &'a Candidate>,
    ) -> bool {
        let Some(room) = context(setup, candidate) else { return true };
        let needed = likely.max(self.too_small.map_or(0, |it| it.saturating_add(1)));
        let has_more = |it: &Candidate| context(setup, it).is_none_or(|other| other > room);
        room >= needed || !others.into_iter().any(has_more)
    }
}

#[cfg(test)]
mod tests {
    use super::super::candidate::candidate;
    use super::*;
    use llm_switch_catalog::Catalog;
    use llm_switch_config::Config;

    #[test]
    fn who_is_too_small_is_passed_over_where_somebody_larger_is_left() {
        let config = Config::parse(
            "[account.openai]\nkey = 'env:X'\n[provider.box]\nbase-url = 'http://127.0.0.1:1/v1'\n",
        );
        let setup = Setup::new(Catalog::embedded().unwrap(), &config.unwrap()).unwrap();
        let of = |name: &str| candidate(&setup, &name.parse().unwrap(), None).unwrap();
        let (known, unknown) = (of("openai/gpt-5"), of("box/anything"));
        let room = context(&setup, &known).unwrap();
        let mut fit = Fit::default();
        assert!(fit.has_room(&setup, &known, room, [&unknown]));
        assert!(!fit.has_room(&setup, &known, room + 1, [&unknown]));
        assert!(fit.has_room(&setup, &known, room + 1, []), "better than nobody");
        assert!(fit.has_room(&setup, &unknown, u64::MAX, [&known]), "nobody knows");
        fit.failed(&setup, &known, &Error::new(ErrorKind::ContextLength, "too long"));
        assert!(!fit.has_room(&setup, &known, 1, [&unknown]));
        assert!(fit.is_hopeless(&setup, &known) && !fit.is_hopeless(&setup, &unknown));
    }
}
