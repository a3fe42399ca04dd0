//! Whom a request leads to, and who of them may be asked.

use super::built_in::{distinct, route};
use super::candidate::{Candidate, candidate, of_route};
use super::permission::Permission;
use crate::core::Core;
use crate::intake::{Ask, Asked};
use crate::setup::Setup;
use llm_switch_types::{Error, ErrorKind, Result, Strategy};
use std::collections::VecDeque;

/// The mode of who names a deployment, or a route of the file, and no mode.
/// That is a choice, and as explicit as a mode.
const OF_A_CHOICE: &str = "auto";

/// The mode of who names nothing, until the file says another: a fresh
/// install never leaves this machine.
const OF_NO_CHOICE: &str = "local";

/// The built-in route to the servers on this machine.
const NEAR: &str = "coding-local";

/// Whom a request leads to, the most wanted first, whether or not they may be
/// asked.
pub(crate) struct Wanted {
    /// The route that leads to them, where one does.
    pub(crate) route: Option<String>,
    /// What may be used.
    pub(crate) permission: Permission,
    all: Vec<Candidate>,
}

/// Whom ASK leads to, for the job of ID.
///
/// # Errors
/// [`ErrorKind::Config`] for a mode, a route or an account that is not there;
/// [`ErrorKind::Refused`] for a deployment that is named outright and that the
/// mode or a pin excludes: another in its place would be a swap in silence.
pub(crate) async fn wanted(core: &Core, id: i64, setup: &Setup, ask: &Ask) -> Result<Wanted> {
    let permission = Permission::of(setup, mode(setup, ask), &ask.pins)?;
    let name = match &ask.asked {
        Asked::Deployment(_) => None,
        Asked::Route(name) => Some(name.clone()),
        Asked::Mode => Some(route_of(&permission)),
    };
    let all = match (&ask.asked, &name) {
        (_, Some(route)) if is_near(setup, route) => near(core, id, setup).await?,
        (_, Some(route)) => of_route(setup, route)?.into(),
        (Asked::Deployment(deployment), _) => vec![candidate(setup, deployment, None)?],
        _ => Vec::new(),
    };
    if let (Asked::Deployment(deployment), [only]) = (&ask.asked, all.as_slice()) {
        let instead = route_of(&permission);
        let refused = permission.refusal(&only.account, &deployment.to_string(), &instead);
        refused.map_or(Ok(()), Err)?;
    }
    Ok(Wanted { route: name, permission, all })
}

/// Whether NAME is the built-in route to the servers on this machine.
fn is_near(setup: &Setup, name: &str) -> bool {
    name == NEAR && !setup.routes.contains_key(name)
}

/// Who can answer on this machine: what the user listed first, and then what
/// its servers offer now.
async fn near(core: &Core, id: i64, setup: &Setup) -> Result<Vec<Candidate>> {
    let listed = setup.built_in_routes().get(NEAR).map(|it| it.deployments.clone());
    let offered = core.nearby(id, setup).await;
    let all = distinct(listed.unwrap_or_default().iter().chain(&offered));
    let near = route(NEAR, all, Strategy::Ordered);
    near.deployments.iter().map(|it| candidate(setup, it, Some(&near))).collect()
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
    let usual = || if permission.is_of_this_machine() { NEAR } else { "coding-best" };
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
