//! The mark by which a service knows its own thoughts again.
//!
//! Services give their thoughts away signed or encrypted and demand them back
//! unchanged. A seal stands for all of that: it says of itself whether it is
//! genuine, so the simulator needs to remember nothing between two requests.

use std::hash::{DefaultHasher, Hash, Hasher};

/// What only the simulator puts under a seal.
const SECRET: &str = "the simulator's own";

/// The seal of `text`: hexadecimal, which is base64 as well, because some
/// services promise that.
pub(crate) fn of(text: &str) -> String {
    let content = format!("{:016x}", hash(text));
    let check = hash(&(SECRET, &content));
    format!("{content}{check:016x}")
}

/// Whether `seal` is one, of whatever text.
pub(crate) fn is_genuine(seal: &str) -> bool {
    let Some((content, check)) = seal.split_at_checked(16) else { return false };
    check == format!("{:016x}", hash(&(SECRET, content)))
}

/// Whether `seal` is that of `text`.
pub(crate) fn fits(seal: &str, text: &str) -> bool {
    seal == of(text)
}

fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_fits_its_own_text_only() {
        let seal = of("I think.");
        assert!(fits(&seal, "I think.") && is_genuine(&seal));
        assert!(!fits(&seal, "I thin."));
    }

    #[test]
    fn a_seal_that_was_changed_is_not_genuine() {
        let seal = of("I think.");
        for other in ["", "é", &seal[1..], &seal[..31], &seal.replace(&seal[..1], "x")] {
            assert!(!is_genuine(other), "{other:?}");
        }
    }
}
