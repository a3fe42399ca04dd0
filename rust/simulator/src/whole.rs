//! An answer in one piece, for dialects that speak in blocks.

use crate::{
    moves::{Block, Move, moves},
    reply::Answer,
    response::Response,
    steps::{Ending, FailureShape, Finish, Step, Usage},
    wire::NOT_JSON,
};

/// All that an answer says.
pub(crate) struct Whole {
    pub(crate) blocks: Vec<Block>,
    pub(crate) nulls: bool,
    pub(crate) finish: Finish,
    pub(crate) usage: Option<Usage>,
}

/// The response that holds all of `answer`: what `body` makes of it, or the
/// error that `failure` makes of a failure within.
pub(crate) fn response(
    answer: Answer,
    body: impl FnOnce(Whole) -> String,
    failure: impl FnOnce(FailureShape) -> Response,
) -> Response {
    let finish = match answer.ending {
        Ending::Finished(finish) => finish,
        Ending::Fault(_) => Finish::Stop,
    };
    let mut whole = Whole { blocks: Vec::new(), nulls: false, finish, usage: answer.usage };
    for step in moves(answer.steps, Ending::Finished(finish)) {
        match step {
            Move::Close(block) => whole.blocks.push(block),
            Move::Step(Step::Nulls) => whole.nulls = true,
            Move::Step(Step::NotJson) => return Response::json(200, NOT_JSON),
            Move::Step(Step::Failure(shape)) => return failure(shape),
            Move::Begin | Move::Open(_) | Move::Step(_) | Move::End(_) => {}
        }
    }
    Response::ending(body(whole), answer.ending)
}
