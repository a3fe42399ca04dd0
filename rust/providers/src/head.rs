//! What the head of an answer tells beside its body.
//!
//! Seen of a LiteLLM proxy 1.106: the head of a whole answer has its cost,
//! which the body lacks; that of a stream cannot know it, and in `openai-chat`
//! the last chunk's usage has it. `x-litellm-model-group` is the name that
//! answered: the one asked for, or that of a fallback. The body's is the same
//! mostly, but a stream of `anthropic` hides a fallback, and the end of one of
//! `openai-responses` names the model behind an alias.

use llm_switch_net::Reply;
use llm_switch_types::{Event, Money};

/// What the head of REPLY tells, when MODEL was asked for. It knows better
/// than the body, so these events go last.
pub(crate) fn told(reply: &Reply, model: &str) -> Vec<Event> {
    read(|name| reply.header(name), model)
}

/// What headers tell, where HEADER gives the value of one.
fn read<'a>(header: impl Fn(&str) -> Option<&'a str>, model: &str) -> Vec<Event> {
    let served = served(&header, model).map(|name| Event::Served(name.to_owned()));
    cost(&header).map(Event::Reported).into_iter().chain(served).collect()
}

/// The name that answered. Without a fallback it counts only when it is
/// MODEL: it might be a pattern that stands for many.
fn served<'a>(header: impl Fn(&str) -> Option<&'a str>, model: &str) -> Option<&'a str> {
    let fallbacks = header("x-litellm-attempted-fallbacks").and_then(|it| it.parse().ok());
    let fell_back = fallbacks.is_some_and(|count: u32| count > 0);
    header("x-litellm-model-group").filter(|name| fell_back || *name == model)
}

/// What the answer cost. Zero is written for what is not known yet and for a
/// model without price, so it tells nothing.
fn cost<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Money> {
    let dollars = header("x-litellm-response-cost")?.parse().ok()?;
    Money::from_dollars(dollars).filter(|cost| *cost > Money::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What HEADERS tell.
    fn told(headers: &[(&str, &'static str)]) -> Vec<Event> {
        read(|name| headers.iter().find(|header| header.0 == name).map(|header| header.1), "m")
    }

    #[test]
    fn the_cost_of_a_whole_answer_is_read_to_the_pico_dollar() {
        let cost = told(&[("x-litellm-response-cost", "5.599999999999999e-05")]);
        assert_eq!(cost, [Event::Reported(Money::from_pico(56_000_000))]);
    }

    #[test]
    fn a_cost_that_is_not_known_is_not_zero() {
        for cost in ["0", "0.0", "None", "", "-1", "NaN", "inf"] {
            assert_eq!(told(&[("x-litellm-response-cost", cost)]), [], "{cost:?}");
        }
    }

    #[test]
    fn a_fallback_names_who_answered_and_a_pattern_nobody() {
        let answer = |group, fallbacks| {
            told(&[
                ("x-litellm-model-group", group),
                ("x-litellm-model-name", "openai/tiny-demo"),
                ("x-litellm-attempted-fallbacks", fallbacks),
            ])
        };
        assert_eq!(answer("spare", "1"), [Event::Served("spare".into())]);
        assert_eq!(answer("m", "0"), [Event::Served("m".into())]);
        assert_eq!(answer("openai/*", "0"), []);
    }
}
