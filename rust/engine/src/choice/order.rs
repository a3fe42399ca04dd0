//! Who of a route is asked first.

use super::candidate::Candidate;
use super::expected::expected;
use super::load::Loads;
use super::pace::Paces;
use crate::core::Core;
use crate::money::Habits;
use crate::setup::Setup;
use jiff::Timestamp;
use llm_switch_types::{Deployment, Request, Strategy};
use std::collections::VecDeque;

/// CANDIDATES by the strategies of their routes, for REQUEST now.
pub(crate) fn in_order(
    core: &Core,
    setup: &Setup,
    request: &Request,
    candidates: VecDeque<Candidate>,
) -> VecDeque<Candidate> {
    let habits = |deployment: &Deployment| core.experience.known(deployment);
    let (paces, loads, at) = (&core.paces, &core.loads, Timestamp::now());
    Order { setup, request, paces, loads, habits: &habits, at }.of(candidates)
}

/// What the strategies go by.
struct Order<'a> {
    setup: &'a Setup,
    request: &'a Request,
    paces: &'a Paces,
    loads: &'a Loads,
    /// What is known of the requests of a deployment.
    habits: &'a dyn Fn(&Deployment) -> Habits,
    at: Timestamp,
}

impl Order<'_> {
    /// CANDIDATES, those of each route in the order of its strategy. A route
    /// that another falls back to stays behind it, and who is as good as
    /// another stays where the user put it.
    fn of(&self, candidates: VecDeque<Candidate>) -> VecDeque<Candidate> {
        let mut candidates: Vec<Candidate> = candidates.into();
        let name = |it: &Candidate| it.route.as_ref().map(|it| it.name.clone());
        let groups = candidates.chunk_by_mut(|a, b| name(a) == name(b));
        groups.for_each(|group| self.sort(group));
        candidates.into()
    }

    fn sort(&self, group: &mut [Candidate]) {
        let Some(strategy) = group.first().and_then(|it| it.route.as_ref()).map(|it| it.strategy)
        else {
            return;
        };
        match strategy {
            Strategy::Ordered => {}
            Strategy::Cheapest => group.sort_by_cached_key(|it| self.price(it)),
            Strategy::Fastest => group.sort_by_cached_key(|it| self.milliseconds(it)),
            Strategy::LeastBusy => group.sort_by_cached_key(|it| self.loads.of(&it.deployment())),
            Strategy::Weighted => group.sort_by_cached_key(lot),
        }
    }

    /// What the request probably costs at CANDIDATE, in pico-dollars. What has
    /// no price may cost anything.
    fn price(&self, candidate: &Candidate) -> i64 {
        let bounds = (self.habits)(&candidate.deployment()).bound(self.request);
        let cost = expected(self.setup, candidate, self.request, bounds, self.at).likely;
        cost.map_or(i64::MAX, |cost| cost.pico())
    }

    /// How long CANDIDATE probably takes. Who was never asked comes first:
    /// there is no other way to find out.
    fn milliseconds(&self, candidate: &Candidate) -> u64 {
        let deployment = candidate.deployment();
        let output = (self.habits)(&deployment).bound(self.request).likely.1;
        self.paces.expected_ms(&deployment, output).map_or(0, |it| it as u64)
    }
}

/// The place of CANDIDATE by lot: who has twice the weight is twice as often
/// first. (Efraimidis and Spirakis, 2006.)
fn lot(candidate: &Candidate) -> u64 {
    let deployment = candidate.deployment();
    let weight = candidate.route.as_ref().and_then(|route| {
        let place = route.deployments.iter().position(|it| *it == deployment)?;
        route.weights.get(place).copied()
    });
    let share = f64::from(weight.unwrap_or(1).max(1));
    (-fastrand::f64().max(f64::MIN_POSITIVE).ln() / share * 1e12) as u64
}

#[cfg(test)]
mod tests {
    use super::super::candidate::of_route;
    use super::*;
    use llm_switch_catalog::Catalog;
    use llm_switch_config::Config;
    use llm_switch_types::{Message, Role};
    use std::time::Instant;

    fn setup(config: &str) -> Setup {
        Setup::new(Catalog::embedded().unwrap(), &Config::parse(config).unwrap()).unwrap()
    }

    fn three(strategy: &str, more: &str) -> Setup {
        let provider = |name: &str, price: &str| {
            format!(
                "[provider.{name}]\nbase-url = 'https://{name}.example/v1'\n\
                 [price.'{name}/*']\nper-million = '{price}'\n"
            )
        };
        let providers = [provider("a", "3"), provider("b", "1"), provider("c", "2")].concat();
        let uses = "use = ['a/m', 'b/m', 'c/m']";
        setup(&format!("{providers}[route.r]\n{uses}\nstrategy = '{strategy}'\n{more}"))
    }

    fn first(setup: &Setup, paces: &Paces, loads: &Loads) -> String {
        let messages = vec![Message::text(Role::User, "Hi")];
        let request = Request { messages, ..Request::default() };
        let habits = |_: &Deployment| Habits::default();
        let at = Timestamp::UNIX_EPOCH;
        let order = Order { setup, request: &request, paces, loads, habits: &habits, at };
        order.of(of_route(setup, "r").unwrap())[0].account.name.clone()
    }

    #[test]
    fn each_strategy_has_its_first() {
        let (paces, loads) = (Paces::default(), Loads::default());
        for (name, first_ms) in [("a/m", 30), ("b/m", 20), ("c/m", 10)] {
            paces.note(&name.parse().unwrap(), first_ms, first_ms, 0);
        }
        let _busy = loads.enter(&"a/m".parse().unwrap(), None, 1, 0);
        for (strategy, wanted) in
            [("ordered", "a"), ("cheapest", "b"), ("fastest", "c"), ("least-busy", "b")]
        {
            assert_eq!(first(&three(strategy, ""), &paces, &loads), wanted, "{strategy}");
        }
    }

    #[test]
    fn who_was_never_timed_is_timed_first() {
        let (paces, loads) = (Paces::default(), Loads::default());
        paces.note(&"a/m".parse().unwrap(), 1, 1, 0);
        assert_eq!(first(&three("fastest", ""), &paces, &loads), "b");
    }

    #[test]
    fn weights_are_kept_in_proportion() {
        let setup = three("weighted", "weights = [6, 3, 1]\n");
        let (paces, loads) = (Paces::default(), Loads::default());
        let drawn: Vec<_> = (0..3_000).map(|_| first(&setup, &paces, &loads)).collect();
        let count = |name: &str| drawn.iter().filter(|it| *it == name).count();
        // Six of ten; a twentieth more or less is ten standard deviations.
        assert!((1_650..1_950).contains(&count("a")), "{}", count("a"));
        assert!((750..1_050).contains(&count("b")), "{}", count("b"));
    }

    /// It measures as well, and asserts no time:
    /// `cargo test --release -p llm-switch-engine choosing -- --nocapture`.
    #[test]
    fn choosing_among_a_thousand_deployments_in_a_hundred_routes() {
        let mut config =
            "[account.openai]\nkey = 'env:X'\n[price.'openai/*']\nper-million = '1'\n".to_owned();
        for route in 0..100 {
            let uses: Vec<_> = (0..10).map(|it| format!("'openai/m{route}-{it}'")).collect();
            let strategy = ["ordered", "cheapest", "fastest", "least-busy"][route % 4];
            config +=
                &format!("[route.r{route}]\nuse = [{}]\nstrategy = '{strategy}'\n", uses.join(","));
        }
        let setup = setup(&config);
        let (paces, loads, watch) =
            (Paces::default(), Loads::default(), super::super::Watch::default());
        let messages = vec![Message::text(Role::User, "Refactor this. ".repeat(400))];
        let request = Request { messages, ..Request::default() };
        let habits = |_: &Deployment| Habits::default();
        let mut taken: Vec<u128> = (0..20_000)
            .map(|round| {
                let begun = Instant::now();
                let at = Timestamp::now();
                let order = Order {
                    setup: &setup,
                    request: &request,
                    paces: &paces,
                    loads: &loads,
                    habits: &habits,
                    at,
                };
                let all = order.of(of_route(&setup, &format!("r{}", round % 100)).unwrap());
                let entry = watch.admit(&all[0].deployment(), false, at.as_millisecond());
                let taken = begun.elapsed().as_nanos();
                std::hint::black_box(entry);
                assert_eq!(all.len(), 10, "nobody of a route is lost");
                taken
            })
            .collect();
        taken.sort_unstable();
        let at = |percent: usize| taken[taken.len() * percent / 100 - 1] as f64 / 1e3;
        println!("choosing: median {} us, p99 {} us", at(50), at(99));
    }
}
