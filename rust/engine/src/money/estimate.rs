//! What a request will use, before anybody has counted.
//!
//! A token is at least a byte, so that bytes bound tokens in every language
//! and for every tokenizer. What a model's tokens are really like is learnt
//! from what its service has counted.

use llm_switch_types::{Message, Part, Request, Tool};

/// What the service puts around each message and each tool: role, separators,
/// the schema's own words. The templates of the models that were looked at
/// take 3 to 12 tokens for a message.
const TOKENS_AROUND: u64 = 16;

/// What a request has at the least: a template's own system prompt.
const TOKENS_AT_LEAST: u64 = 64;

/// Tokens of an image or a page. The dearest known is a full-size image at
/// high detail; services that count by tiles stay below.
const TOKENS_OF_MEDIA: u64 = 4_096;

/// What is added to what was seen, since the next text is another one.
const MARGIN_PERCENT: u64 = 25;

/// Requests of a deployment that must have been counted before it is believed
/// that its tokens are larger than bytes.
const ENOUGH: usize = 5;

/// Bytes that a request must have had to tell what tokens are like: of a
/// shorter one most tokens are around the text.
const TELLING: u64 = 512;

/// Tokens in a thousand bytes of English or code, roughly.
const USUAL_PER_KILOBYTE: u64 = 250;

/// What an answer is expected to have while nobody has seen one.
const USUAL_OUTPUT: u64 = 1_024;
/// No answer is expected to be shorter: asking for more is dearer than this.
const SHORTEST_OUTPUT: u64 = 256;

/// What an earlier request of the deployment had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    /// Bytes of text that were sent.
    pub(crate) bytes: u64,
    /// Tokens that the service counted in.
    pub(crate) input: u64,
    /// Tokens that it counted out.
    pub(crate) output: u64,
}

/// What the requests of a deployment are like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Habits {
    /// The most tokens that a thousand bytes have had, if enough was seen.
    tokens_per_kilobyte: Option<u64>,
    /// What they usually have had.
    usual_per_kilobyte: Option<u64>,
    /// How far, in percent, the usual figure was off on average.
    pub(crate) error_percent: Option<u64>,
    /// What nineteen of twenty answers stayed within.
    output: Option<u64>,
    /// What half of them stayed within.
    usual_output: Option<u64>,
}

/// What a request will use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Bytes of text that are sent.
    pub(crate) bytes: u64,
    /// Tokens that go in, at most.
    pub(crate) input: u64,
    /// Tokens that will come out, unless the answer is unusually long.
    pub(crate) output: u64,
    /// Tokens that usually go in and come out.
    pub(crate) likely: (u64, u64),
}

impl Habits {
    /// What SAMPLES say.
    pub(crate) fn of(samples: &[Sample]) -> Habits {
        // Images are in the tokens and not in the bytes.
        let is_text = |it: &&Sample| it.bytes >= TELLING && it.input <= it.bytes + TOKENS_AT_LEAST;
        let texts: Vec<Sample> = samples.iter().filter(is_text).copied().collect();
        let ratios = sorted(texts.iter().map(Sample::ratio));
        let outputs = sorted(samples.iter().map(|it| it.output).filter(|it| *it > 0));
        let usual = part(&ratios, 50);
        Habits {
            tokens_per_kilobyte: ratios.last().copied().filter(|_| ratios.len() >= ENOUGH),
            usual_per_kilobyte: usual,
            error_percent: usual.and_then(|usual| error_percent(usual, &texts)),
            output: part(&outputs, 95),
            usual_output: part(&outputs, 50),
        }
    }

    /// What REQUEST will use.
    pub(crate) fn bound(&self, request: &Request) -> Bounds {
        let bytes = text_bytes(request);
        let ratio = self.tokens_per_kilobyte.map_or(1_000, with_margin).min(1_000);
        let text = bytes.saturating_mul(ratio).div_ceil(1_000);
        let around = pieces(request).saturating_mul(TOKENS_AROUND);
        let media = media(request).saturating_mul(TOKENS_OF_MEDIA);
        let input = [text, around, media].into_iter().fold(TOKENS_AT_LEAST, u64::saturating_add);
        let output = self.output.map_or(USUAL_OUTPUT, with_margin).max(SHORTEST_OUTPUT);
        let likely =
            (self.likely_input(bytes).saturating_add(media).min(input), self.likely_output());
        Bounds { bytes, input, output, likely }
    }

    fn likely_input(&self, bytes: u64) -> u64 {
        let ratio = self.usual_per_kilobyte.unwrap_or(USUAL_PER_KILOBYTE);
        bytes.saturating_mul(ratio).div_ceil(1_000).saturating_add(TOKENS_AROUND)
    }

    fn likely_output(&self) -> u64 {
        self.usual_output.unwrap_or(USUAL_OUTPUT / 2)
    }
}

/// The tokens that TOOL has in each request that names it, roughly.
pub(crate) fn schema_tokens(tool: &Tool) -> u64 {
    Habits::default().likely_input(tool_bytes(tool) as u64)
}

fn sorted(numbers: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

/// What PERCENT of the SORTED numbers stay within.
fn part(sorted: &[u64], percent: usize) -> Option<u64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((sorted.len() * percent / 100).min(last)).copied()
}

/// How far USUAL tokens for a thousand bytes were off on average.
fn error_percent(usual: u64, texts: &[Sample]) -> Option<u64> {
    let off = |it: &Sample| {
        let guess = (it.bytes * usual).div_ceil(1_000) + TOKENS_AROUND;
        guess.abs_diff(it.input) * 100 / it.input.max(1)
    };
    texts.iter().map(off).sum::<u64>().checked_div(texts.len() as u64)
}

impl Sample {
    /// Tokens in a thousand bytes. What is around the text is in it, for how
    /// much that is nobody tells; long requests are therefore bounded a little
    /// generously.
    fn ratio(&self) -> u64 {
        self.input.saturating_mul(1_000).div_ceil(self.bytes)
    }
}

fn with_margin(seen: u64) -> u64 {
    seen.saturating_mul(100 + MARGIN_PERCENT).div_ceil(100)
}

/// Bytes of all text in REQUEST.
fn text_bytes(request: &Request) -> u64 {
    let messages = request.messages.iter().map(message_bytes).sum::<usize>();
    let tools = request.tools.iter().map(tool_bytes).sum::<usize>();
    let format = request.format.as_ref().map_or(0, |it| json_bytes(&serde_json::json!(it)));
    (messages + tools + format) as u64
}

fn message_bytes(message: &Message) -> usize {
    let part = |part: &Part| match part {
        Part::Text(text) => text.len(),
        Part::Media(_) => 0,
    };
    let calls = message.tool_calls.iter().map(|call| call.name.len() + call.arguments.len());
    // Reasoning that is sent back is input as well.
    let opaque = message.opaque.as_ref().map_or(0, json_bytes);
    message.parts.iter().map(part).sum::<usize>() + calls.sum::<usize>() + opaque
}

fn tool_bytes(tool: &Tool) -> usize {
    tool.name.len() + tool.description.len() + json_bytes(&tool.parameters)
}

fn json_bytes(value: &serde_json::Value) -> usize {
    value.to_string().len()
}

fn pieces(request: &Request) -> u64 {
    let calls = request.messages.iter().map(|it| it.tool_calls.len()).sum::<usize>();
    (request.messages.len() + request.tools.len() + calls) as u64
}

fn media(request: &Request) -> u64 {
    let is_media = |part: &&Part| matches!(part, Part::Media(_));
    request.messages.iter().flat_map(|it| &it.parts).filter(is_media).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::Role;

    fn request(text: &str) -> Request {
        let messages = vec![Message::text(Role::User, text)];
        Request { messages, ..Request::default() }
    }

    fn samples(count: usize, bytes: u64, input: u64, output: u64) -> Vec<Sample> {
        vec![Sample { bytes, input, output }; count]
    }

    #[test]
    fn bytes_bound_the_tokens_of_what_nobody_has_counted() {
        let bounds = Habits::default().bound(&request(&"x".repeat(1_000)));
        assert_eq!((bounds.bytes, bounds.input, bounds.output), (1_000, 1_000 + 16 + 64, 1_024));
        assert_eq!(bounds.likely, (250 + 16, 512));
    }

    #[test]
    fn what_was_counted_is_believed_with_a_margin_once_it_is_enough() {
        let long = request(&"x".repeat(100_000));
        let few = Habits::of(&samples(4, 100_000, 25_000, 0));
        assert!(few.bound(&long).input > 100_000);
        let enough = Habits::of(&samples(5, 100_000, 25_000, 0));
        assert_eq!(enough.bound(&long).input, 31_300 + 16 + 64);
    }

    #[test]
    fn the_densest_text_counts_and_images_do_not() {
        let mut seen = samples(9, 1_000, 200, 100);
        seen.push(Sample { bytes: 1_000, input: 800, output: 100 });
        seen.push(Sample { bytes: 10, input: 5_000, output: 100 });
        assert_eq!(Habits::of(&seen).tokens_per_kilobyte, Some(800));
    }

    #[test]
    fn short_requests_do_not_teach_that_the_tokens_of_long_ones_are_few() {
        let long = request(&"x".repeat(100_000));
        let short = Habits::of(&samples(9, 200, 60, 0));
        assert_eq!(short.bound(&long).input, 100_000 + 16 + 64);
        let middling = Habits::of(&samples(9, 600, 160, 0));
        assert!(middling.bound(&long).input > 25_000, "as many as there are");
    }

    #[test]
    fn no_habit_makes_a_byte_more_than_a_token() {
        let dense = Habits::of(&samples(5, 1_000, 1_064, 0));
        assert_eq!(dense.bound(&request(&"x".repeat(1_000))).input, 1_000 + 16 + 64);
    }

    #[test]
    fn the_error_of_the_estimate_is_known() {
        let mut seen = samples(3, 1_000, 300, 0);
        assert_eq!(Habits::of(&[]).error_percent, None);
        seen.push(Sample { bytes: 1_000, input: 600, output: 0 });
        // The usual ratio is 300, so that 316 tokens are expected.
        assert_eq!(Habits::of(&seen).error_percent, Some((5 * 3 + 47) / 4));
    }

    #[test]
    fn nineteen_of_twenty_answers_fit() {
        let mut seen: Vec<Sample> = (1..=19).flat_map(|it| samples(1, 9, 9, it * 100)).collect();
        seen.extend(samples(1, 9, 9, 90_000));
        assert_eq!(Habits::of(&seen).output, Some(90_000));
        seen.extend(samples(20, 9, 9, 1_000));
        assert_eq!(Habits::of(&seen).output, Some(1_900));
    }
}
