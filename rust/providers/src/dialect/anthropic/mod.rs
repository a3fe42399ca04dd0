//! PLACEHOLDER: to be replaced.

use super::Encoded;
use super::decoder::Answer;
use llm_switch_types::{Event, Provider, Request, Result};

pub(crate) fn encode(_: &Provider, _: &str, _: &Request) -> Encoded {
    todo!()
}

pub(crate) struct Message;

impl Message {
    pub(crate) fn new(_: &str) -> Self {
        Message
    }
}

impl Answer for Message {
    fn message(&mut self, _: &[u8], _: &mut Vec<Event>) -> Result<()> {
        todo!()
    }

    fn finish(&mut self, _: &mut Vec<Event>) -> Result<()> {
        todo!()
    }
}
