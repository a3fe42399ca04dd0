//! What the head of an answer tells beside its body.
//!
//! Seen of a LiteLLM proxy 1.106: the head of a whole answer has its cost,
//! which the body lacks; that of a stream cannot know it, and in `openai-chat`
//! the last chunk's usage has it. `x-litellm-model-group` is the name that
//! answered. After a fallback the body has that name, or that of the model
//! behind it, or, in a stream of `anthropic`, still the name asked for.

use llm_switch_net::Reply;
use llm_switch_types::{Event, Money};

/// What the head of REPLY tells. It knows better than the body: the service
/// behind a proxy writes the one and the proxy the other.
pub(crate) fn told(reply: &Reply) -> Vec<Event> {
    read(|name| reply.header(name))
}

/// What headers tell, where HEADER gives the value of one.
fn read<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Vec<Event> {
    let substitute = fell_back(&header).then(|| header("x-litellm-model-group")).flatten();
    let served = substitute.map(|name| Event::Served(name.to_owned()));
    cost(&header).map(Event::Reported).into_iter().chain(served).collect()
}

/// What the answer cost. Zero is written for what is not known yet and for a
/// model without price, so it tells nothing.
fn cost<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Money> {
    let dollars = header("x-litellm-response-cost")?.parse().ok()?;
    Money::from_dollars(dollars).filter(|cost| *cost > Money::ZERO)
}

/// Whether the proxy turned to another model. The name that answered is not
/// looked at otherwise: a user's own alias, or a pattern that several models
/// match, must not pass for a substitution.
fn fell_back<'a>(header: impl Fn(&str) -> Option<&'a str>) -> bool {
    let fallbacks = header("x-litellm-attempted-fallbacks").and_then(|it| it.parse().ok());
    fallbacks.is_some_and(|count: u32| count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What HEADERS tell.
    fn told(headers: &[(&str, &'static str)]) -> Vec<Event> {
        read(|name| headers.iter().find(|header| header.0 == name).map(|header| header.1))
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
    fn a_fallback_names_who_answered() {
        let answer = |fallbacks| {
            told(&[
                ("x-litellm-model-group", "spare"),
                ("x-litellm-model-name", "openai/tiny-demo"),
                ("x-litellm-attempted-fallbacks", fallbacks),
            ])
        };
        assert_eq!(answer("1"), [Event::Served("spare".into())]);
        assert_eq!(answer("0"), []);
    }
}
