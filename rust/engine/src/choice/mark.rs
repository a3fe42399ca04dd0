//! What follows from a failure for who failed.

use llm_switch_ledger::HealthState;
use llm_switch_types::{Error, ErrorKind, Limits, Locality, Payer, Said, Window};

/// Who is left alone, how, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The whole account, as opposed to the one deployment.
    pub(super) of_account: bool,
    pub(super) state: HealthState,
    /// Until when, in Unix milliseconds.
    pub(super) until: i64,
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// The first pause and the longest. Each failure in a row doubles it.
struct Pauses(i64, i64);

/// A service that stumbles is often up again at once.
const STUMBLE: Pauses = Pauses(5 * SECOND, 5 * MINUTE);
/// A server on this machine is started by the user, who then asks it.
const OWN_SERVER: Pauses = Pauses(SECOND, 30 * SECOND);
/// What only a person mends, who does not always tell. A trial costs nothing.
const REPAIR: Pauses = Pauses(15 * MINUTE, 6 * HOUR);
/// A model that is not there may be loaded or released.
const ABSENCE: Pauses = Pauses(MINUTE, HOUR);

/// No service may send itself away for longer: the longest allowances are
/// counted by the month.
const LONGEST: i64 = 35 * 24 * HOUR;

impl Pauses {
    fn after(&self, strikes: u32) -> i64 {
        let Pauses(first, longest) = *self;
        (first << strikes.min(20)).min(longest)
    }
}

/// What follows from ERROR for who is at LOCALITY and paid by PAYER, after
/// STRIKES failures in a row before this one, at NOW (Unix milliseconds).
/// `None` where the failure says nothing of who failed: the request was wrong,
/// or we refused it ourselves.
pub(super) fn verdict(
    error: &Error,
    locality: Locality,
    payer: Payer,
    strikes: u32,
    now: i64,
) -> Option<Verdict> {
    use ErrorKind::{
        Auth, ModelNotFound, Network, NoFunds, Overloaded, Protocol, Quota, RateLimited, Server,
    };
    let (of_account, state, pauses) = match error.kind {
        // Without a status Emacs had no key, and nobody refused any.
        Auth if error.http_status.is_some() => (true, HealthState::DeadKey, REPAIR),
        NoFunds => (true, HealthState::NoFunds, REPAIR),
        Quota => (is_of_account(error, payer), HealthState::Quota, REPAIR),
        ModelNotFound => (false, HealthState::Cooling, ABSENCE),
        Network if locality == Locality::Local => (false, HealthState::Cooling, OWN_SERVER),
        RateLimited | Overloaded | Server | Network | Protocol => {
            (false, HealthState::Cooling, STUMBLE)
        }
        _ => return None,
    };
    let told = error.retry_after.map(|it| now + i64::from(it) * SECOND);
    // Gemini asks for half a minute even when a day's quota is used up.
    let told = error.resets_at.filter(|_| state != HealthState::Cooling).or(told);
    let until = told.filter(|until| *until > now).unwrap_or(now + pauses.after(strikes));
    Some(Verdict { of_account, state, until: until.min(now + LONGEST) })
}

/// A plan is the account's as a whole; other allowances are per model at most
/// services, unless the one that is empty is known to be the account's.
fn is_of_account(error: &Error, payer: Payer) -> bool {
    let limits = error.said.as_ref().map(|said| &said.limits);
    let is_empty = |Limits { windows }: &Limits| {
        windows.iter().any(|it| it.is_of_account() && it.remaining == Some(0))
    };
    payer == Payer::Plan || limits.is_some_and(is_empty)
}

/// The refusal that the next request would meet after an answer with LIMITS at
/// NOW: one of them is used up, and is not full again yet. Beyond a plan one
/// may go on at a price, and behind a proxy there may be others: they have to
/// refuse by themselves.
pub(super) fn used_up(limits: &Limits, now: i64) -> Option<Error> {
    let is_final = |it: &&Window| !it.is_of_account() && !it.name.starts_with("upstream-");
    let limits = Limits { windows: limits.windows.iter().filter(is_final).cloned().collect() };
    let until = limits.full_again().filter(|until| *until > now)?;
    let name = &limits.windows.iter().find(|it| it.remaining == Some(0))?.name;
    let kind = if until - now > MINUTE { ErrorKind::Quota } else { ErrorKind::RateLimited };
    let seconds = u32::try_from((until - now).div_euclid(SECOND) + 1).unwrap_or(u32::MAX);
    let error = Error::new(kind, format!("its allowance of {name} is used up"));
    let said = Said { limits, ..Said::default() };
    Some(Error {
        resets_at: Some(until),
        retry_after: Some(seconds),
        said: Some(Box::new(said)),
        ..error
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use HealthState::{Cooling, DeadKey, NoFunds, Quota};

    const NOW: i64 = 1_795_132_800_000;

    fn error(kind: ErrorKind) -> Error {
        Error { http_status: Some(400), ..Error::new(kind, "x") }
    }

    fn of(error: &Error, strikes: u32) -> Option<(bool, HealthState, i64)> {
        let found = verdict(error, Locality::Cloud, Payer::Metered, strikes, NOW)?;
        Some((found.of_account, found.state, found.until - NOW))
    }

    #[test]
    fn each_class_leaves_somebody_alone_for_its_time_or_nobody() {
        let table = [
            (ErrorKind::Auth, Some((true, DeadKey, 15 * MINUTE))),
            (ErrorKind::NoFunds, Some((true, NoFunds, 15 * MINUTE))),
            (ErrorKind::Quota, Some((false, Quota, 15 * MINUTE))),
            (ErrorKind::RateLimited, Some((false, Cooling, 5 * SECOND))),
            (ErrorKind::Overloaded, Some((false, Cooling, 5 * SECOND))),
            (ErrorKind::Server, Some((false, Cooling, 5 * SECOND))),
            (ErrorKind::Network, Some((false, Cooling, 5 * SECOND))),
            (ErrorKind::Protocol, Some((false, Cooling, 5 * SECOND))),
            (ErrorKind::ModelNotFound, Some((false, Cooling, MINUTE))),
        ];
        for kind in ErrorKind::ALL {
            let expected = table.iter().find(|row| row.0 == kind).and_then(|row| row.1);
            assert_eq!(of(&error(kind), 0), expected, "{kind:?}");
        }
    }

    #[test]
    fn the_services_own_time_counts_before_ours() {
        let limited = Error { retry_after: Some(7), ..error(ErrorKind::RateLimited) };
        assert_eq!(of(&limited, 9).unwrap().2, 7 * SECOND);
        let daily = Error {
            resets_at: Some(NOW + 3 * HOUR),
            retry_after: Some(30),
            ..error(ErrorKind::Quota)
        };
        assert_eq!(of(&daily, 0).unwrap().2, 3 * HOUR);
        let past = Error { resets_at: Some(NOW - 1), ..error(ErrorKind::Quota) };
        assert_eq!(of(&past, 0).unwrap().2, 15 * MINUTE);
        let absurd = Error { resets_at: Some(i64::MAX), ..error(ErrorKind::Quota) };
        assert_eq!(of(&absurd, 0).unwrap().2, LONGEST);
    }

    #[test]
    fn who_fails_again_and_again_is_left_alone_longer_and_not_for_ever() {
        let pauses =
            [0, 1, 2, 6, 7, 99].map(|it| of(&error(ErrorKind::Server), it).unwrap().2 / SECOND);
        assert_eq!(pauses, [5, 10, 20, 300, 300, 300]);
    }

    #[test]
    fn a_key_that_emacs_does_not_find_is_not_a_dead_one() {
        assert_eq!(of(&Error::new(ErrorKind::Auth, "no key"), 0), None);
    }

    #[test]
    fn an_answer_may_tell_that_it_was_the_last_for_a_while() {
        let window = |remaining, resets_at| Window {
            name: "requests".into(),
            limit: Some(10),
            remaining: Some(remaining),
            resets_at: Some(resets_at),
        };
        let of = |window: Window| used_up(&Limits { windows: vec![window] }, NOW);
        assert_eq!(of(window(1, NOW + HOUR)), None);
        assert_eq!(of(window(0, NOW - 1)), None);
        for name in ["plan-300m", "upstream-requests"] {
            assert_eq!(of(Window { name: name.into(), ..window(0, NOW + HOUR) }), None);
        }
        let soon = of(window(0, NOW + 1_500)).unwrap();
        let found = verdict(&soon, Locality::Cloud, Payer::Metered, 0, NOW).unwrap();
        assert_eq!((found.state, found.until), (Cooling, NOW + 2 * SECOND));
        let later = of(window(0, NOW + HOUR)).unwrap();
        let found = verdict(&later, Locality::Cloud, Payer::Metered, 0, NOW).unwrap();
        assert_eq!((found.state, found.until), (Quota, NOW + HOUR));
    }

    #[test]
    fn a_plan_is_spent_as_a_whole() {
        let quota = error(ErrorKind::Quota);
        let found = verdict(&quota, Locality::Cloud, Payer::Plan, 0, NOW).unwrap();
        assert!(found.of_account);
    }
}
