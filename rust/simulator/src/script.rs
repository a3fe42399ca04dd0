//! The table of scripts, and how a model's name selects one.
//!
//! The request's model *is* the script, so that every client can ask for any
//! behaviour without set-up: `words:20@5` says twenty words at five a second,
//! and `slow:100:bytes:words:20` says them after 100 ms, a byte at a time.

use crate::{
    delivery::Delivery,
    prompt::Prompt,
    reply::Reply,
    scripts::{faults, inspect, oddities, recall, recite, refusals, texts, tools, wraps},
};

/// A row of the table: one script, or a wrapper around one.
pub struct Script {
    /// The word that the model's name begins with.
    pub name: &'static str,
    /// The model's name with its parameters: `words:N[@R]`.
    pub form: &'static str,
    /// A model's name that selects this row.
    pub example: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    play: Play,
}

enum Play {
    /// What follows the name and the first colon, and what was asked; `None`
    /// when the parameters make no sense.
    Reply(fn(&str, &Prompt) -> Option<Reply>),
    /// What follows the name, and the delivery to change; gives the name of
    /// the script inside.
    Wrap(for<'a> fn(&'a str, &mut Delivery) -> Option<&'a str>),
}

const fn reply(
    name: &'static str,
    form: &'static str,
    example: &'static str,
    about: &'static str,
    play: fn(&str, &Prompt) -> Option<Reply>,
) -> Script {
    Script { name, form, example, about, play: Play::Reply(play) }
}

const fn wrap(
    name: &'static str,
    form: &'static str,
    example: &'static str,
    about: &'static str,
    play: for<'a> fn(&'a str, &mut Delivery) -> Option<&'a str>,
) -> Script {
    Script { name, form, example, about, play: Play::Wrap(play) }
}

/// Every script there is; `--list` and `GET /v1/models` print this.
#[rustfmt::skip]
pub const SCRIPTS: &[Script] = &[
    reply("hello", "hello", "hello", "says \"Hello from the simulator.\"", texts::hello),
    reply("words", "words:N[@R]", "words:20", "says \"w1 w2 ... wN \", R words a second; each tenth bears \"é🦄\"", texts::words),
    reply("tokens", "tokens:N[@R]", "tokens:20", "says \"tok \" N times, R times a second: four bytes for each token", texts::tokens),
    reply("flood", "flood:N", "flood:1000", "says \"tick \" N times, as fast as the socket takes it", texts::flood),
    reply("echo", "echo", "echo", "says what the user said last", texts::echo),
    reply("inspect", "inspect", "inspect", "says, as JSON, what it received; of headers only the names", inspect::inspect),
    reply("recite", "recite", "recite", "repeats the conversation, in words that are the same in every dialect", recite::recite),
    reply("sees", "sees", "sees", "says how many pictures the conversation holds, and how large", recite::sees),
    reply("reasoning", "reasoning[:FIELD]", "reasoning:reasoning_content", "thinks in reasoning_content, reasoning, reasoning_text, both or details, then answers; with hidden it only seals the thoughts, with none only counts them", texts::reasoning),
    reply("tools", "tools[:N]", "tools:2", "calls N of the request's tools, then quotes their results", tools::fragments),
    reply("tools-whole", "tools-whole[:N]", "tools-whole", "the same, each call in one delta", tools::whole),
    reply("tools-noindex", "tools-noindex[:N]", "tools-noindex:2", "the same, without index", tools::without_index),
    reply("tools-noid", "tools-noid[:N]", "tools-noid", "the same, without id", tools::without_id),
    reply("tools-reasoning", "tools-reasoning[:FIELD][:N]", "tools-reasoning:2", "thinks before it calls, and refuses results that come without the thoughts", tools::after_reasoning),
    reply("recall", "recall[:FIELD][:N]", "recall", "calls N tools, thinking before, then says with how many of its earlier turns the thoughts came back", recall::recall),
    reply("length", "length", "length", "stops at the output limit", texts::length),
    reply("filter", "filter", "filter", "is stopped by the content filter", texts::filter),
    reply("usage", "usage:PROMPT,CACHED,OUTPUT,REASONING[,WRITTEN,WRITTEN1H]", "usage:1000,800,50,30", "reports these tokens; CACHED and WRITTEN to the cache are part of PROMPT, REASONING of OUTPUT", texts::usage),
    reply("nousage", "nousage", "nousage", "reports no usage, even when asked", texts::nousage),
    reply("cost", "cost:DOLLARS", "cost:0.00123", "reports usage with what it cost", texts::cost),
    reply("served", "served:NAME", "served:another-model", "says that model NAME has answered", texts::served),
    reply("stall", "stall[:N]", "stall:3", "says N words, then nothing until the client leaves", faults::stall),
    reply("cut", "cut[:N]", "cut:3", "says N words, then ends the body without finish_reason or [DONE]", faults::cut),
    reply("truncate", "truncate[:N]", "truncate:3", "says N words, then closes inside the chunked body", faults::truncate),
    reply("reset", "reset[:N]", "reset:3", "says N words, then resets the connection", faults::reset),
    reply("midstream", "midstream[:SHAPE]", "midstream:openai", "says some words, then reports an error as openai, vllm, openrouter or ollama do, or that it is overloaded", faults::midstream),
    reply("surrogate", "surrogate[:lone]", "surrogate", "sends the halves of a surrogate pair in two deltas; lone: only the first", oddities::surrogate),
    reply("nulls", "nulls", "nulls", "sends null wherever it may stand", oddities::nulls),
    reply("notjson", "notjson", "notjson", "sends a payload that is not JSON", oddities::not_json),
    reply("line", "line:MB", "line:1", "sends one line of MB megabytes", oddities::line),
    reply("html200", "html200", "html200", "answers 200 with a web page", refusals::html200),
    reply("status", "status:CODE[:BODY]", "status:429", "answers CODE; BODY is json, html, empty, text or nested, or ms for a wait in milliseconds", refusals::status),
    reply("error", "error:KIND", "error:quota", "refuses for quota, context or filter", refusals::error),
    reply("refuses", "refuses:PARAM[,PARAM]", "refuses:temperature", "refuses a request that has PARAM, a path of names parted by dots; says hello to one that has not", refusals::refuses),
    reply("row", "row:PROVIDER:RULE", "row:zai:1308", "answers what PROVIDER does by RULE, an entry of data/errors.toml", refusals::row),
    reply("redirect", "redirect:URL", "redirect:http://127.0.0.1:1/v1", "answers 302 to URL", refusals::redirect),
    wrap("bytes", "bytes:SCRIPT", "bytes:hello", "SCRIPT, every byte its own chunk", wraps::bytes),
    wrap("crlf", "crlf:SCRIPT", "crlf:hello", "SCRIPT, with lines that end in CR LF", wraps::crlf),
    wrap("comments", "comments:SCRIPT", "comments:hello", "SCRIPT, with comments and blank lines in between", wraps::comments),
    wrap("limits", "limits[:SCRIPT]", "limits:hello", "SCRIPT, with headers that tell how much of the limits is left", wraps::limits),
    wrap("metered", "metered:SCRIPT", "metered:words:2000", "SCRIPT, stopped at the output limit of the request", wraps::metered),
    wrap("hidden", "hidden:N:SCRIPT", "hidden:500:hello", "SCRIPT, after N tokens of thought that are billed, but neither told nor limited", wraps::hidden),
    wrap("most", "most:N:SECONDS:SCRIPT", "most:60:60:hello", "SCRIPT, N times in any SECONDS for each key; else 429, with the time to come again", wraps::most),
    wrap("room", "room:N:SCRIPT", "room:8000:hello", "SCRIPT, for prompts of at most N tokens; longer ones are refused as too long", wraps::room),
    wrap("slow", "slow:MS:SCRIPT", "slow:20:hello", "SCRIPT, the first byte after MS milliseconds", wraps::slow),
    wrap("drip", "drip:MS:SCRIPT", "drip:5:hello", "SCRIPT, with MS milliseconds between chunks", wraps::drip),
];

/// What the script called `model` replies to `prompt`, and how it is to be
/// sent; or why there is none.
pub(crate) fn play(model: &str, prompt: &Prompt) -> Result<(Reply, Delivery), String> {
    let mut delivery = Delivery::default();
    let mut rest = model;
    loop {
        let (name, parameters) = rest.split_once(':').unwrap_or((rest, ""));
        let script = find(name)?;
        let wrong = || format!("{rest:?} does not have the form {}", script.form);
        match script.play {
            Play::Wrap(wrap) => rest = wrap(parameters, &mut delivery).ok_or_else(wrong)?,
            Play::Reply(reply) => {
                return Ok((reply(parameters, prompt).ok_or_else(wrong)?, delivery));
            }
        }
    }
}

fn find(name: &str) -> Result<&'static Script, String> {
    SCRIPTS
        .iter()
        .find(|script| script.name == name)
        .ok_or_else(|| format!("there is no script {name:?}: see --list or GET /v1/models"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn every_example_selects_its_own_row() {
        for script in SCRIPTS {
            assert_eq!(script.example.split(':').next(), Some(script.name));
            assert!(script.form.starts_with(script.name), "{}", script.form);
            let played = play(script.example, &Prompt::default());
            assert!(played.is_ok(), "{}: {:?}", script.example, played.err());
        }
    }

    #[test]
    fn refuses_parameters_that_make_no_sense() {
        for model in [
            "",
            "nothing",
            "hello:1",
            "words",
            "words:",
            "words:-1",
            "words:5@x",
            "words:5@-1",
            "reasoning:aloud",
            "tools-reasoning:aloud",
            "tools-reasoning:hidden:0",
            "recall:details:0",
            "sees:all",
            "usage:10,5,1,0,4,2",
            "refuses:",
            "row:zai",
            "row:zai:0",
            "limits:nothing",
            "stall:x",
            "midstream:groq",
            "status:99",
            "status:200",
            "status:429:xml",
            "usage:1,2,3",
            "usage:1,2,3,4",
            "cost:free",
            "served",
            "slow:hello",
            "tokens:x",
            "hidden:hello",
            "metered:",
            "slow:x:hello",
            "most:5:hello",
            "most:0:60:hello",
            "room:hello",
            "bytes:",
            "bytes:nothing",
            "redirect:",
            "tools:0",
            "line:0",
            "error:bad",
        ] {
            assert!(play(model, &Prompt::default()).is_err(), "{model:?} was accepted");
        }
    }

    #[test]
    fn wrappers_add_up() {
        let model = "slow:10:drip:5:bytes:crlf:comments:words:2";
        let (_, delivery) = play(model, &Prompt::default()).unwrap();
        assert_eq!(delivery.before, Duration::from_millis(10));
        assert_eq!(delivery.every, Some(Duration::from_millis(5)));
        assert!(delivery.single_bytes && delivery.crlf && delivery.comments);
    }

    #[test]
    fn says_which_form_is_expected() {
        let why = play("bytes:words:many", &Prompt::default()).err().unwrap();
        assert_eq!(why, "\"words:many\" does not have the form words:N[@R]");
    }
}
