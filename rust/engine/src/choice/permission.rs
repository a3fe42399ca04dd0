//! What may be used at all: a mode, inside what the pins leave of it.

use crate::setup::{Account, Setup};
use llm_switch_types::{DataRule, Error, ErrorKind, Locality, Mode, Result};

/// The mode in force, and the pins. Each pin is a mode of which only the
/// limits count: whatever may be used must be allowed by all of them.
#[derive(Clone, Debug)]
pub(crate) struct Permission {
    mode: Mode,
    pins: Vec<Mode>,
}

impl Permission {
    /// The mode called NAME inside the modes called PINS.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] for a mode that is not there. A pin that nobody
    /// understands must not let everything pass.
    pub(crate) fn of(setup: &Setup, name: &str, pins: &[String]) -> Result<Permission> {
        let pins = pins.iter().map(|pin| setup.mode(pin).cloned());
        Ok(Permission { mode: setup.mode(name)?.clone(), pins: pins.collect::<Result<_>>()? })
    }

    /// The mode in force.
    pub(crate) fn mode(&self) -> &Mode {
        &self.mode
    }

    /// The mode called NAME inside the same pins.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when there is none.
    pub(crate) fn in_mode(&self, setup: &Setup, name: &str) -> Result<Permission> {
        Ok(Permission { mode: setup.mode(name)?.clone(), pins: self.pins.clone() })
    }

    /// Whether mode and pins allow ACCOUNT.
    pub(crate) fn admits(&self, account: &Account) -> bool {
        self.objection(account).is_none()
    }

    /// Whether the pins allow ACCOUNT, whatever the mode says. No answer of
    /// the user's goes beyond them.
    pub(crate) fn pins_admit(&self, account: &Account) -> bool {
        self.pins.iter().all(|pin| objection(pin, account).is_none())
    }

    /// The first of the pins and the mode that does not allow ACCOUNT, and
    /// why, as `it is in the cloud`.
    pub(crate) fn objection(&self, account: &Account) -> Option<(&Mode, String)> {
        let limits = self.pins.iter().chain([&self.mode]);
        limits.filter_map(|mode| Some((mode, objection(mode, account)?))).next()
    }

    /// ACCOUNT refused, at PLACE, with the mode's route offered instead.
    pub(crate) fn refusal(&self, account: &Account, place: &str, instead: &str) -> Option<Error> {
        let (mode, why) = self.objection(account)?;
        let pinned = self.pins.iter().any(|pin| pin.name == mode.name);
        let (kind, widen) = match pinned {
            true => ("pin", "loosen the pin of this project"),
            false => ("mode", "choose another mode"),
        };
        let what = format!("the {kind} {:?} does not allow it: {why}", mode.name);
        let advice = format!("Ask sw/{instead} instead, or {widen} with M-x llm-switch-backend");
        Some(Error::new(ErrorKind::Refused, what).at(place).advise(advice))
    }

    /// Whether an answer of another model than the one asked is refused.
    pub(crate) fn is_strict(&self) -> bool {
        self.pins.iter().chain([&self.mode]).any(|it| it.strict)
    }

    /// Whether nothing beyond this machine may be reached.
    pub(crate) fn is_of_this_machine(&self) -> bool {
        !self.extends_to(Locality::Lan)
    }

    /// Whether something as far away as LOCALITY, or farther, may be reached.
    /// This machine is always near enough.
    pub(crate) fn extends_to(&self, locality: Locality) -> bool {
        let limits = || self.pins.iter().chain([&self.mode]);
        let all = [Locality::Local, Locality::Lan, Locality::Proxy, Locality::Cloud];
        let mut common = all.iter().filter(|it| limits().all(|mode| mode.allow.contains(it)));
        locality == Locality::Local || common.any(|it| *it >= locality)
    }
}

/// Why MODE does not allow ACCOUNT, if it does not.
fn objection(mode: &Mode, account: &Account) -> Option<String> {
    let locality = account.provider.locality;
    if !mode.allow.contains(&locality) {
        return Some(format!("it is {}", place(locality)));
    }
    if !mode.payers.contains(&account.payer) {
        return Some(format!("its account is {}", account.payer.name()));
    }
    // What the user's own machines do with what they are sent is the user's
    // own affair.
    let kept = locality != Locality::Cloud || mode.data.admits(&account.provider.data);
    (!kept).then(|| match mode.data {
        DataRule::NoKeeping => "it may keep what it is sent, or train on it".to_owned(),
        DataRule::NoTraining | DataRule::Any => "it may train on what it is sent".to_owned(),
    })
}

const fn place(locality: Locality) -> &'static str {
    match locality {
        Locality::Local => "on this machine",
        Locality::Lan => "on your network",
        Locality::Proxy => "a proxy",
        Locality::Cloud => "in the cloud",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_catalog::Catalog;
    use llm_switch_config::Config;

    const FILE: &str = "[account.work]\nprovider = 'openai'\nkey = 'env:X'\n\
        [account.groq]\nkey = 'env:Y'\npayer = 'free'\n\
        [mode.careful]\nallow = ['local', 'cloud']\ndata = 'no-training'\n\
        [mode.near]\nallow = ['local', 'lan']\n";

    fn setup() -> Setup {
        Setup::new(Catalog::embedded().unwrap(), &Config::parse(FILE).unwrap()).unwrap()
    }

    fn allowed(mode: &str, pins: &[&str]) -> Vec<String> {
        let (setup, pins) = (setup(), pins.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>());
        let permission = Permission::of(&setup, mode, &pins).unwrap();
        let names = ["ollama", "work", "groq"].into_iter();
        names.filter(|it| permission.admits(&setup.accounts[*it])).map(str::to_owned).collect()
    }

    #[test]
    fn a_mode_allows_by_place_payer_and_what_is_done_with_data() {
        assert_eq!(allowed("auto", &[]), ["ollama", "work", "groq"]);
        assert_eq!(allowed("local", &[]), ["ollama"]);
        assert_eq!(allowed("cloud", &[]), ["work", "groq"]);
        assert_eq!(allowed("free", &[]), ["ollama", "groq"]);
        assert!(allowed("careful", &[]).contains(&"ollama".to_owned()));
    }

    #[test]
    fn pins_only_take_away() {
        assert_eq!(allowed("cloud", &["auto"]), ["work", "groq"]);
        assert_eq!(allowed("auto", &["local"]), ["ollama"]);
        assert_eq!(allowed("cloud", &["local"]), Vec::<String>::new());
        assert_eq!(allowed("auto", &["free", "cloud"]), ["groq"]);
    }

    #[test]
    fn a_pin_that_nobody_knows_lets_nothing_pass() {
        let error = Permission::of(&setup(), "auto", &["lcoal".to_owned()]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Config);
        assert!(error.advice.unwrap().contains("\"local\""));
    }

    #[test]
    fn only_what_all_allow_decides_whether_anything_leaves_the_machine() {
        let setup = setup();
        let of = |mode: &str, pins: &[&str]| {
            let pins: Vec<_> = pins.iter().map(|it| (*it).to_owned()).collect();
            Permission::of(&setup, mode, &pins).unwrap().is_of_this_machine()
        };
        assert!(of("local", &[]) && of("auto", &["local"]) && of("near", &["local"]));
        assert!(!of("auto", &[]) && !of("near", &[]) && !of("free", &["near"]));
    }

    #[test]
    fn what_is_nearer_than_the_farthest_that_all_allow_is_within() {
        let setup = setup();
        let of = |mode: &str, pins: &[&str]| {
            let pins: Vec<_> = pins.iter().map(|it| (*it).to_owned()).collect();
            let permission = Permission::of(&setup, mode, &pins).unwrap();
            let all = [Locality::Local, Locality::Lan, Locality::Proxy, Locality::Cloud];
            all.into_iter().filter(|it| permission.extends_to(*it)).count()
        };
        assert_eq!(
            [of("local", &[]), of("near", &[]), of("proxy", &[]), of("cloud", &[])],
            [1, 2, 3, 4]
        );
        assert_eq!([of("auto", &["near"]), of("cloud", &["local"])], [2, 1]);
    }

    #[test]
    fn a_refusal_says_who_refuses_why_and_what_to_ask_instead() {
        let setup = setup();
        let of = |mode: &str, pins: &[String]| {
            let permission = Permission::of(&setup, mode, pins).unwrap();
            let error = permission.refusal(&setup.accounts["work"], "work/gpt-5", "coding-local");
            error.map(|error| error.to_string())
        };
        assert_eq!(of("auto", &[]), None);
        let told = of("local", &[]).unwrap();
        assert!(
            told.contains("the mode \"local\" does not allow it: it is in the cloud"),
            "{told}"
        );
        assert!(told.contains("Ask sw/coding-local instead, or choose another mode"), "{told}");
        let told = of("auto", &["local".to_owned()]).unwrap();
        assert!(told.contains("the pin \"local\"") && told.contains("loosen the pin"), "{told}");
        assert!(of("free", &[]).unwrap().contains("its account is metered"));
    }
}
