//! Steps in the order of dialects that speak in blocks: thoughts, text and
//! calls each begin, go on and end.

use crate::{
    seal,
    steps::{CallPiece, Ending, ReasoningField, Step, Steps},
    wire::marked,
};

/// The most bytes of a repeated text that a block remembers. Who wants more of
/// a flood wants to see it flow, and not to read it again at its end.
const MOST_REPEATED: u64 = 16 << 20;

/// One thing that a dialect has to write.
pub(crate) enum Move {
    /// The answer begins.
    Begin,
    /// A block begins; it is empty yet.
    Open(Block),
    /// A step inside the open block, or outside of any.
    Step(Step),
    /// The open block is complete; this is what it holds.
    Close(Block),
    /// The answer ends.
    End(Ending),
}

/// A part of an answer that is all of one kind.
#[derive(Clone)]
pub(crate) enum Block {
    /// Thoughts told aloud, with their seal as soon as it is known.
    Thoughts { text: String, seal: Option<String> },
    /// Thoughts of which only the seal is given away.
    Hidden { seal: String },
    /// Text, with [marks](crate::wire::marked) in it.
    Text(String),
    /// A call of a tool.
    Call { id: Option<String>, name: String, arguments: String },
}

/// What `steps` make a dialect write. A block that is open when the answer
/// fails stays open, as it would on the wire.
pub(crate) fn moves(steps: Steps, ending: Ending) -> impl Iterator<Item = Move> + Send {
    let mut blocks = Blocks { open: None };
    let inner = steps.map(Some).chain([None]).flat_map(move |step| match step {
        Some(step) => blocks.go_on(step),
        None => blocks.end(ending),
    });
    std::iter::once(Move::Begin).chain(inner)
}

struct Blocks {
    open: Option<Block>,
}

impl Blocks {
    fn go_on(&mut self, step: Step) -> Vec<Move> {
        let mut moves = Vec::new();
        if let Some(block) = Block::begun_by(&step, self.open.as_ref()) {
            moves.extend(self.open.replace(block.clone()).map(Move::Close));
            moves.push(Move::Open(block));
        }
        if let Some(open) = &mut self.open {
            open.add(&step);
        }
        moves.push(Move::Step(step));
        moves
    }

    fn end(&mut self, ending: Ending) -> Vec<Move> {
        let complete = matches!(ending, Ending::Finished(_));
        let last = self.open.take().filter(|_| complete).map(Move::Close);
        last.into_iter().chain([Move::End(ending)]).collect()
    }
}

impl Block {
    /// The block that `step` begins; `None` where it goes on with the open one
    /// or needs none.
    fn begun_by(step: &Step, open: Option<&Block>) -> Option<Block> {
        match (step, open) {
            (Step::Text(_) | Step::Escaped(_) | Step::Repeat { .. }, Some(Block::Text(_))) => None,
            (Step::Text(_) | Step::Escaped(_) | Step::Repeat { .. }, _) => {
                Some(Block::Text(String::new()))
            }
            (Step::Seal { field: ReasoningField::Hidden, thoughts }, _) => {
                Some(Block::Hidden { seal: seal::of(thoughts) })
            }
            (Step::Reasoning { .. } | Step::Seal { .. }, Some(Block::Thoughts { .. })) => None,
            (Step::Reasoning { .. } | Step::Seal { .. }, _) => {
                Some(Block::Thoughts { text: String::new(), seal: None })
            }
            (Step::Call(CallPiece { id, name: Some(name), .. }), _) => {
                Some(Block::Call { id: id.clone(), name: name.clone(), arguments: String::new() })
            }
            (Step::Call(_) | Step::Nulls | Step::NotJson | Step::Failure(_), _) => None,
        }
    }

    fn add(&mut self, step: &Step) {
        match (self, step) {
            (Block::Text(text), Step::Text(more)) => text.push_str(more),
            (Block::Text(text), Step::Escaped(more)) => text.push_str(&marked(more)),
            (Block::Text(all), Step::Repeat { text, times }) => {
                let times = (*times).min(MOST_REPEATED / text.len().max(1) as u64);
                all.extend(std::iter::repeat_n(*text, times as usize));
            }
            (Block::Thoughts { text, .. }, Step::Reasoning { text: more, .. }) => {
                text.push_str(more);
            }
            (Block::Thoughts { seal, .. }, Step::Seal { thoughts, .. }) => {
                *seal = Some(seal::of(thoughts));
            }
            (Block::Call { arguments, .. }, Step::Call(piece)) => {
                arguments.push_str(&piece.arguments);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::{Fault, Finish};

    fn shape(steps: Vec<Step>, ending: Ending) -> String {
        let letter = |m: Move| match m {
            Move::Begin => "begin ".to_owned(),
            Move::Open(_) => "(".to_owned(),
            Move::Step(_) => ".".to_owned(),
            Move::Close(Block::Text(text)) => format!("{text}) "),
            Move::Close(Block::Thoughts { text, seal }) => {
                format!("{text}{}) ", if seal.is_some() { "!" } else { "" })
            }
            Move::Close(Block::Hidden { .. }) => "hidden) ".to_owned(),
            Move::Close(Block::Call { name, arguments, .. }) => format!("{name}{arguments}) "),
            Move::End(_) => "end".to_owned(),
        };
        moves(Box::new(steps.into_iter()), ending).map(letter).collect()
    }

    fn steps() -> Vec<Step> {
        let field = ReasoningField::ReasoningContent;
        let call = |name: Option<&str>, arguments: &str| {
            Step::Call(CallPiece {
                index: None,
                id: None,
                name: name.map(str::to_owned),
                arguments: arguments.to_owned(),
            })
        };
        vec![
            Step::Reasoning { field, text: "I ".to_owned() },
            Step::Reasoning { field, text: "think".to_owned() },
            Step::Seal { field, thoughts: "I think".to_owned() },
            Step::Text("a".to_owned()),
            Step::Repeat { text: "b", times: 2 },
            call(Some("f"), ""),
            call(None, "{}"),
            call(Some("g"), "[]"),
        ]
    }

    #[test]
    fn blocks_begin_and_end_as_the_steps_change_kind() {
        let finished = Ending::Finished(Finish::Stop);
        let expected = "begin (...I think!) (..abb) (..f{}) (.g[]) end";
        assert_eq!(shape(steps(), finished), expected);
    }

    #[test]
    fn a_block_is_left_open_by_a_fault() {
        let text = shape(steps(), Ending::Fault(Fault::Cut));
        assert!(text.ends_with("(..f{}) (.end"), "{text}");
    }
}
