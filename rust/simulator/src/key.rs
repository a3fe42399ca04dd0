//! Keys that can be recognised wherever they turn up.

/// What every key of a test contains, so that a search of all that a run of
/// the tests has left finds the one that leaked. `.dev/keys` and the Lisp
/// tests read the same file.
const MARK: &str = include_str!("../../../test/fixtures/key-mark").trim_ascii_end();

/// The test key called `name`.
pub fn test_key(name: &str) -> String {
    format!("{name}-{MARK}")
}

/// Whether `key` would be found where it leaks.
pub(crate) fn is_recognisable(key: &str) -> bool {
    key.contains(MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_key_is_recognisable_and_others_are_not() {
        assert!(is_recognisable(&test_key("sk-right")));
        assert!(!is_recognisable("sk-right"));
        assert!(MARK.len() >= 16 && MARK.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
