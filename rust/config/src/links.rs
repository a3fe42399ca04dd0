//! What the tables of the file say of each other.

use crate::lines::Fault;
use crate::{Config, suggestion::instead};
use llm_switch_types::{AtLimit, Budget, Mode, Route, Scope, WhenNone};

/// Whether each route and mode that CONFIG names is there, and none leads
/// back to itself.
pub(crate) fn check(config: &Config) -> Result<(), Fault> {
    config.routes.values().try_for_each(|route| check_route(config, route))?;
    config.modes.values().try_for_each(|mode| check_mode(config, mode))?;
    config.default_mode.iter().try_for_each(|name| is_mode(config, "default-mode", name))?;
    let mut budgets = config.budgets.iter().enumerate();
    budgets.try_for_each(|(index, budget)| check_budget(config, index, budget))?;
    for (index, access) in config.mcp_access.iter().enumerate() {
        if let Scope::Route(name) = &access.on {
            is_route(config, &format!("mcp-access[{index}].on.route"), name)?;
        }
    }
    let fallback = |name: &str| config.routes.get(name).map(|it| it.fallback.clone());
    for name in config.routes.keys() {
        no_circle(name, &fallback).map_err(|chain| {
            let what = format!("fallback leads back: {chain}: leave out one of them");
            Fault::new(format!("route.{name}.fallback"), what)
        })?;
    }
    let next = |name: &str| match &config.modes.get(name)?.when_none {
        WhenNone::Mode(next) => Some(vec![next.clone()]),
        _ => None,
    };
    for name in config.modes.keys() {
        no_circle(name, &next).map_err(|chain| {
            let what = format!("when-none leads back: {chain}: write \"ask\" or \"fail\" in one");
            Fault::new(format!("mode.{name}.when-none"), what)
        })?;
    }
    Ok(())
}

fn check_route(config: &Config, route: &Route) -> Result<(), Fault> {
    for (index, name) in route.fallback.iter().enumerate() {
        is_route(config, &format!("route.{}.fallback[{index}]", route.name), name)?;
    }
    Ok(())
}

fn check_mode(config: &Config, mode: &Mode) -> Result<(), Fault> {
    if let Some(name) = &mode.route {
        is_route(config, &format!("mode.{}.route", mode.name), name)?;
    }
    match &mode.when_none {
        WhenNone::Mode(name) => is_mode(config, &format!("mode.{}.when-none", mode.name), name),
        WhenNone::Ask | WhenNone::Fail => Ok(()),
    }
}

fn is_mode(config: &Config, path: &str, name: &str) -> Result<(), Fault> {
    if config.modes.contains_key(name) {
        return Ok(());
    }
    let known = config.modes.keys().map(String::as_str);
    let what = instead(name, known, &format!("write [mode.{name}]"));
    Err(Fault::new(path, format!("there is no mode {name:?}: {what}")))
}

fn check_budget(config: &Config, index: usize, budget: &Budget) -> Result<(), Fault> {
    if let Scope::Route(name) = &budget.on {
        is_route(config, &format!("budget[{index}].on.route"), name)?;
    }
    let AtLimit::Route(name) = &budget.at_limit else { return Ok(()) };
    let path = format!("budget[{index}].at-limit");
    is_route(config, &path, name)?;
    if budget.on == Scope::Route(name.clone()) {
        let what = format!("the route {name:?} is what this budget limits: write another route");
        return Err(Fault::new(path, what));
    }
    Ok(())
}

fn is_route(config: &Config, path: &str, name: &str) -> Result<(), Fault> {
    if config.routes.contains_key(name) || Route::BUILT_IN.contains(&name) {
        return Ok(());
    }
    let known = config.routes.keys().map(String::as_str);
    let what = instead(name, known, &format!("write [route.{name}]"));
    Err(Fault::new(path, format!("there is no route {name:?}: {what}")))
}

/// The chain that leads from NAME back to NAME, as an error.
///
/// Each name is asked once, so a wide net of fallbacks takes no longer than
/// it has knots.
fn no_circle(name: &str, next: &impl Fn(&str) -> Option<Vec<String>>) -> Result<(), String> {
    let mut seen = Vec::new();
    let mut open = vec![vec![name.to_owned()]];
    while let Some(chain) = open.pop() {
        let last = chain.last().map_or(name, String::as_str);
        for follower in next(last).unwrap_or_default() {
            let longer = [chain.as_slice(), std::slice::from_ref(&follower)].concat();
            if follower == name {
                return Err(longer.join(" -> "));
            }
            if !seen.contains(&follower) {
                seen.push(follower);
                open.push(longer);
            }
        }
    }
    Ok(())
}
