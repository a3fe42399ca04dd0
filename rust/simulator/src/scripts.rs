//! What each script does. The functions here have no table of their own: the
//! rows of [`crate::SCRIPTS`] name them.

pub(crate) mod faults;
pub(crate) mod inspect;
pub(crate) mod oddities;
pub(crate) mod recall;
pub(crate) mod recite;
pub(crate) mod refusals;
pub(crate) mod texts;
pub(crate) mod tools;
pub(crate) mod wraps;
