//! What must hold of a decoder, whatever a service sends.

use llm_switch_providers::decoder;
use llm_switch_types::{Dialect, Event, Result};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// Decode BYTES, whole and in pieces, as an answer in DIALECT.
///
/// # Panics
/// If the decoder does, or if it matters how the bytes were cut.
pub fn decode(dialect: Dialect, bytes: &[u8]) {
    for stream in [true, false] {
        let whole = told(dialect, stream, [bytes]);
        assert_eq!(told(dialect, stream, pieces(bytes)), whole);
        assert_eq!(told(dialect, stream, bytes.chunks(1)), whole);
    }
}

/// What PIECES mean and how that ends.
fn told<'a>(
    dialect: Dialect,
    stream: bool,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Result<()>) {
    let mut decoder = decoder(dialect, stream, "seed");
    let mut events = Vec::new();
    let pushed = pieces.into_iter().try_for_each(|piece| decoder.push(piece, &mut events));
    let end = pushed.and_then(|()| decoder.finish(&mut events));
    (events, end)
}

/// BYTES, cut at places that follow from them: a crash can be repeated from
/// its input alone, and the fuzzer still sees streams as services send them.
fn pieces(mut bytes: &[u8]) -> Vec<&[u8]> {
    let seed = BuildHasherDefault::<DefaultHasher>::default().hash_one(bytes);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at(random.usize(1..=bytes.len().min(64)));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}
