//! Who has room for the conversation.

use super::ability::Abilities;
use super::candidate::Candidate;
use llm_switch_types::{Error, ErrorKind};

/// What was found of the length of a conversation while it was asked.
#[derive(Debug, Default)]
pub(crate) struct Fit {
    /// The largest context that was too small for it.
    too_small: Option<u64>,
}

impl Fit {
    /// CANDIDATE failed with ERROR.
    pub(crate) fn failed(&mut self, abilities: Abilities, candidate: &Candidate, error: &Error) {
        if error.kind == ErrorKind::ContextLength {
            self.too_small = self.too_small.max(abilities.context(candidate));
        }
    }

    /// Whether one with as much room as CANDIDATE has refused.
    pub(crate) fn is_hopeless(&self, abilities: Abilities, candidate: &Candidate) -> bool {
        let room = abilities.context(candidate);
        self.too_small.is_some_and(|refused| room.is_some_and(|it| it <= refused))
    }

    /// Whether CANDIDATE has room for LIKELY tokens, as far as is known, and
    /// for more than those had that refused. It is passed over only where one
    /// of OTHERS has more room: the estimate may be wrong, and an answer that
    /// might be refused is better than none.
    pub(crate) fn has_room<'a>(
        &self,
        abilities: Abilities,
        candidate: &Candidate,
        likely: u64,
        others: impl IntoIterator<Item = &'a Candidate>,
    ) -> bool {
        let Some(room) = abilities.context(candidate) else { return true };
        let needed = likely.max(self.too_small.map_or(0, |it| it.saturating_add(1)));
        let has_more = |it: &Candidate| abilities.context(it).is_none_or(|other| other > room);
        room >= needed || !others.into_iter().any(has_more)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ability::Contexts;
    use super::super::candidate::candidate;
    use super::*;
    use crate::setup::Setup;
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
        let contexts = Contexts::default();
        let abilities = Abilities { setup: &setup, contexts: &contexts };
        let room = abilities.context(&known).unwrap();
        let mut fit = Fit::default();
        assert!(fit.has_room(abilities, &known, room, [&unknown]));
        assert!(!fit.has_room(abilities, &known, room + 1, [&unknown]));
        assert!(fit.has_room(abilities, &known, room + 1, []), "better than nobody");
        assert!(fit.has_room(abilities, &unknown, u64::MAX, [&known]), "nobody knows");
        fit.failed(abilities, &known, &Error::new(ErrorKind::ContextLength, "too long"));
        assert!(!fit.has_room(abilities, &known, 1, [&unknown]));
        assert!(fit.is_hopeless(abilities, &known) && !fit.is_hopeless(abilities, &unknown));
    }
}
