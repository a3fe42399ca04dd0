//! A deployment that can be asked.

use crate::seal::Seal;
use crate::setup::{Account, Setup};
use llm_switch_types::{
    Deployment, Error, ErrorKind, Locality, Message, Request, Result, Role, Route,
};
use std::collections::VecDeque;
use std::time::Duration;

/// A deployment that can be asked, and the route that leads to it.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) account: Account,
    pub(crate) model: String,
    pub(crate) route: Option<Route>,
    /// Mode and pins let nothing leave this machine: it is called through the
    /// client that cannot, wherever it is said to be.
    pub(crate) is_confined: bool,
}

/// Who can serve the route called NAME: its own deployments, and then those
/// that it falls back to.
pub(crate) fn of_route(setup: &Setup, name: &str) -> Result<VecDeque<Candidate>> {
    let mut found = VecDeque::new();
    let mut names = VecDeque::from([name.to_owned()]);
    let mut taken = Vec::new();
    while let Some(name) = names.pop_front() {
        // A built-in route that another falls back to may not be there.
        let is_spare = !taken.is_empty() && Route::BUILT_IN.contains(&name.as_str());
        let route = match setup.route(&name) {
            Err(_) if is_spare => continue,
            route => route?,
        };
        for deployment in &route.deployments {
            found.push_back(candidate(setup, deployment, Some(route))?);
        }
        let further = route.fallback.iter().filter(|name| !taken.contains(*name));
        // What this route falls back to comes before what its caller does.
        further.rev().for_each(|name| names.push_front(name.clone()));
        taken.push(name);
    }
    Ok(found)
}

/// DEPLOYMENT, as the one of ROUTE, if one leads to it.
///
/// # Errors
/// [`ErrorKind::Config`] for an account that is not there.
pub(super) fn candidate(
    setup: &Setup,
    deployment: &Deployment,
    route: Option<&Route>,
) -> Result<Candidate> {
    let account = setup.account(deployment)?.clone();
    Ok(Candidate {
        account,
        model: deployment.model.clone(),
        route: route.cloned(),
        is_confined: false,
    })
}

impl Candidate {
    pub(crate) fn deployment(&self) -> Deployment {
        Deployment { account: self.account.name.clone(), model: self.model.clone() }
    }

    /// How far away it is, for the client through which it is called.
    pub(crate) fn locality(&self) -> Locality {
        if self.is_confined { Locality::Local } else { self.account.provider.locality }
    }

    /// How long nothing may be heard of it until another one is asked.
    pub(crate) fn first_token_within(&self) -> Option<Duration> {
        self.route.as_ref()?.first_token_within.map(Duration::from_secs)
    }

    /// Whether after ERROR of this one another one may be asked instead.
    pub(crate) fn may_pass_on(&self, error: &Error) -> bool {
        match error.kind {
            ErrorKind::ContentFilter => self.route.as_ref().is_some_and(|it| it.on_content_filter),
            kind => kind.falls_back(),
        }
    }

    /// REQUEST as this one is asked it: with what its route says where the
    /// user said nothing, and without the reasoning of others.
    pub(crate) fn shape(&self, request: &Request) -> Request {
        let mut request = request.clone();
        let seal = Seal::of(&self.account, &self.model);
        for message in &mut request.messages {
            message.opaque = message.opaque.take().and_then(|it| seal.open(&it));
        }
        if let Some(route) = &self.route {
            apply(route, &mut request);
        }
        request
    }
}

fn apply(route: &Route, request: &mut Request) {
    request.max_output_tokens = request.max_output_tokens.or(route.max_output_tokens);
    request.sampling.temperature = request.sampling.temperature.or(route.temperature);
    request.reasoning.effort = request.reasoning.effort.or(route.effort);
    for (name, value) in &route.extra {
        request.extra.entry(name.clone()).or_insert_with(|| value.clone());
    }
    if let Some(system) = &route.system {
        request.messages.insert(0, Message::text(Role::System, system.clone()));
    }
}
