//! Whom a request leads to, and who of them may be asked.

use super::auto::Chosen;
use super::built_in::{distinct, route};
use super::candidate::{Candidate, candidate, of_route};
use super::permission::Permission;
use super::rules::Classifier;
use crate::core::Core;
use crate::intake::{Ask, Asked};
use crate::setup::Setup;
use llm_switch_types::{Error, ErrorKind, Result, Route, Strategy};
use std::collections::VecDeque;

/// The mode of who names a deployment, or a route of the file, and no mode.
/// That is a choice, and as explicit as a mode.
const OF_A_CHOICE: &str = "auto";

/// The mode of who names nothing, until the file says another: a fresh
/// install never leaves this machine.
const OF_NO_CHOICE: &str = "local";

/// The built-in route to the servers on this machine.
pub(super) const NEAR: &str = "coding-local";

/// The built-in route that chooses another.
const AUTO: &str = "coding-auto";

/// Whom a request leads to, the most wanted first, whether or not they may be
/// asked.
pub(crate) struct Wanted {
    /// The route that leads to them, where one does.
    pub(crate) route: Option<String>,
    /// What may be used.
    pub(crate) permission: Permission,
    /// What was chosen for who left it to us.
    pub(crate) chosen: Option<Chosen>,
    all: Vec<Candidate>,
}

/// Whom ASK leads to, for the job of ID.
///
/// # Errors
/// [`ErrorKind::Config`] for a mode, a route or an account that is not there;
/// [`ErrorKind::Refused`] for a deployment that is named outright and that the
/// mode or a pin excludes: another in its place would be a swap in silence.
pub(crate) async fn wanted(core: &Core, id: i64, setup: &Setup, ask: &Ask) -> Result<Wanted> {
    let permission = permission(setup, ask)?;
    let name = match &ask.asked {
        // Who escalates wants another than the one that is named.
        Asked::Deployment(_) if ask.escalate => Some(AUTO.to_owned()),
        Asked::Deployment(_) => None,
        Asked::Route(name) => Some(name.clone()),
        Asked::Mode => Some(route_of(&permission)),
    };
    let chosen = match name.as_deref().is_some_and(|it| is_left_to_us(setup, ask, it)) {
        true => core.auto.choose(ask, &core.circumstances(setup, ask, &permission).await)?,
        false => None,
    };
    let led = Led { core, id, setup };
    let all = match (&ask.asked, &name) {
        (_, Some(route)) => led.to(chosen.as_ref(), route).await?,
        (Asked::Deployment(deployment), None) => vec![candidate(setup, deployment, None)?],
        _ => Vec::new(),
    };
    if let (Asked::Deployment(deployment), None, [only]) = (&ask.asked, &name, all.as_slice()) {
        let instead = route_of(&permission);
        let refused = permission.refusal(&only.account, &deployment.to_string(), &instead);
        refused.map_or(Ok(()), Err)?;
    }
    Ok(Wanted { route: name, permission, chosen, all })
}

/// What ASK may use.
///
/// # Errors
/// [`ErrorKind::Config`] for a mode that is not there.
pub(crate) fn permission(setup: &Setup, ask: &Ask) -> Result<Permission> {
    Permission::of(setup, mode(setup, ask), &ask.pins)
}

/// Whether ASK, which leads to the route called NAME, leaves the choice to us.
fn is_left_to_us(setup: &Setup, ask: &Ask, name: &str) -> bool {
    ask.escalate || is_own(setup, name, AUTO)
}

/// Who says what tier ASK is of, where it leaves the choice to us, no rule knows
/// and the user has named somebody for that; with the tiers.
///
/// # Errors
/// [`ErrorKind::Config`] for a mode that is not there, and wrong rules.
pub(crate) fn classifier(
    core: &Core,
    setup: &Setup,
    ask: &Ask,
) -> Result<Option<(Classifier, Vec<String>)>> {
    let permission = permission(setup, ask)?;
    let route = match &ask.asked {
        Asked::Deployment(_) => return Ok(None),
        Asked::Route(name) => name.clone(),
        Asked::Mode => route_of(&permission),
    };
    if !is_left_to_us(setup, ask, &route) {
        return Ok(None);
    }
    core.auto.unsure(ask)
}

/// Whether NAME is the built-in route OWN, which the file does not define.
fn is_own(setup: &Setup, name: &str, own: &str) -> bool {
    name == own && !setup.routes.contains_key(name)
}

/// Whom routes lead to.
struct Led<'a> {
    core: &'a Core,
    id: i64,
    setup: &'a Setup,
}

impl Led<'_> {
    /// To whom ROUTE leads, after those whom the CHOSEN one does.
    async fn to(&self, chosen: Option<&Chosen>, route: &str) -> Result<Vec<Candidate>> {
        let mut all = Vec::new();
        if let Some(chosen) = chosen.filter(|it| it.route != route) {
            // The rules may name a route that is not there.
            all = self.by(&chosen.route).await.unwrap_or_default();
        }
        all.extend(self.by(route).await?);
        Ok(all)
    }

    /// To whom ROUTE leads. A built-in one that nobody beyond this machine
    /// serves leads to the servers on it.
    async fn by(&self, route: &str) -> Result<Vec<Candidate>> {
        let Setup { routes, .. } = self.setup;
        let is_empty = || !self.setup.built_in_routes().contains_key(route);
        let is_built_in = Route::BUILT_IN.contains(&route) && !routes.contains_key(route);
        if is_built_in && (route == NEAR || is_empty()) {
            return self.near().await;
        }
        of_route(self.setup, route).map(Vec::from)
    }

    /// Who can answer on this machine: what the user listed first, and then
    /// what its servers offer now.
    async fn near(&self) -> Result<Vec<Candidate>> {
        let listed = self.setup.built_in_routes().get(NEAR).map(|it| it.deployments.clone());
        let offered = self.core.nearby(self.id, self.setup).await;
        let all = distinct(listed.unwrap_or_default().iter().chain(&offered));
        let near = route(NEAR, all, Strategy::Ordered);
        near.deployments.iter().map(|it| candidate(self.setup, it, Some(&near))).collect()
    }
}

/// The name of the mode that ASK is asked in.
fn mode<'a>(setup: &'a Setup, ask: &'a Ask) -> &'a str {
    let told = ask.mode.as_ref().or(setup.default_mode.as_ref());
    told.map_or_else(|| unsaid(setup, &ask.asked), String::as_str)
}

fn unsaid(setup: &Setup, asked: &Asked) -> &'static str {
    match asked {
        Asked::Deployment(_) => OF_A_CHOICE,
        Asked::Route(name) if setup.routes.contains_key(name) => OF_A_CHOICE,
        Asked::Route(_) | Asked::Mode => OF_NO_CHOICE,
    }
}

/// The route of who names no model.
fn route_of(permission: &Permission) -> String {
    let usual = || match permission.mode().name.as_str() {
        _ if permission.is_of_this_machine() => NEAR,
        "auto" => AUTO,
        _ => "coding-best",
    };
    permission.mode().route.clone().unwrap_or_else(|| usual().to_owned())
}

impl Wanted {
    /// Who of them may be asked.
    pub(crate) fn allowed(&self) -> VecDeque<Candidate> {
        self.keep(self.all.iter().cloned())
    }

    /// Who of CANDIDATES may be asked.
    pub(crate) fn keep(
        &self,
        candidates: impl IntoIterator<Item = Candidate>,
    ) -> VecDeque<Candidate> {
        let is_confined = self.permission.is_of_this_machine();
        let kept = candidates.into_iter().filter(|it| self.permission.admits(&it.account));
        kept.map(|it| Candidate { is_confined, ..it }).collect()
    }

    /// Who of them the mode keeps out and the pins do not: whom the user may
    /// be asked about.
    pub(crate) fn beyond(&self) -> impl Iterator<Item = &Candidate> {
        let out = |it: &&Candidate| !self.permission.admits(&it.account);
        self.all.iter().filter(out).filter(|it| self.permission.pins_admit(&it.account))
    }

    /// Go over to the mode called NAME, inside the same pins, and to those
    /// that its own route leads to as well.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] when mode or route are not there.
    pub(crate) fn change_mode(&mut self, setup: &Setup, name: &str) -> Result<()> {
        self.permission = self.permission.in_mode(setup, name)?;
        if let Some(route) = self.permission.mode().route.clone() {
            self.all.extend(of_route(setup, &route)?);
        }
        Ok(())
    }

    /// That nobody whom ASKED leads to may be asked.
    pub(crate) fn nobody(&self, asked: &Asked) -> Error {
        let why = self.all.first().and_then(|it| {
            let (_, why) = self.permission.objection(&it.account)?;
            Some(format!(", {why}"))
        });
        let name = self.route.clone().unwrap_or_else(|| asked.to_string());
        let first = self.all.first().map_or_else(String::new, |it| it.deployment().to_string());
        let what = match why {
            Some(why) => format!(
                "nothing in mode {:?} can answer: of {first}{why}",
                self.permission.mode().name
            ),
            None => format!("nobody is there for {name:?}: no server on this machine answers"),
        };
        Error::new(ErrorKind::Refused, what)
            .at(name)
            .advise("Nothing was sent. Choose another mode or model with M-x llm-switch-backend")
    }
}
