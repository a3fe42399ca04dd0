//! A request while it is answered.

use crate::{
    delivery::Delivery,
    dialect::Dialect,
    meter::{self, Bill},
    prompt::Prompt,
    refusal::{Cause, Refusal},
    reply::Reply,
    request::Head,
    response::Response,
};

const HTML: &str = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head>\
                    <body><h1>Please sign in to this network</h1></body></html>\n";

/// A request and the dialect that it is written in.
pub(crate) struct Call<'a> {
    pub(crate) dialect: &'a dyn Dialect,
    pub(crate) head: &'a Head,
    pub(crate) body: &'a [u8],
}

impl Call<'_> {
    /// What makes an answer of `reply`, and how it is sent.
    pub(crate) fn perform(
        &self,
        reply: Reply,
        delivery: Delivery,
        prompt: &Prompt,
    ) -> (Response, Delivery) {
        let comments = delivery.comments && self.dialect.streams_events();
        let crlf = delivery.crlf && self.dialect.streams_events();
        let mut delivery = Delivery { comments, crlf, ..delivery };
        let response = match reply {
            Reply::Answer(answer) => {
                delivery.every = delivery.every.or(answer.every.filter(|_| prompt.stream));
                let answer = if delivery.metered { meter::limited(answer, prompt) } else { answer };
                let answer = meter::thinking(answer, delivery.hidden);
                let (answer, bill) = Bill::of(answer, prompt, delivery.hidden);
                delivery.bill = bill;
                self.dialect.answer(answer, prompt)
            }
            Reply::Refusal(refusal) => self.refuse(&prompt.model, &refusal),
            Reply::Redirect(url) => Response::new(302, "text/plain", "").header("location", url),
            Reply::Html => Response::new(200, "text/html; charset=utf-8", HTML),
            Reply::Verbatim(response) => response,
        };
        let limits = if delivery.limits { self.dialect.limits() } else { Vec::new() };
        let add = |response: Response, (name, value)| response.header(name, value);
        (limits.into_iter().fold(response, add), delivery)
    }

    /// `refusal` of `model`, in the dialect's words.
    pub(crate) fn refuse(&self, model: &str, refusal: &Refusal) -> Response {
        refusal.response(self.dialect.say(refusal, model))
    }

    /// That the key is missing or wrong.
    pub(crate) fn key(&self) -> Refusal {
        Refusal::new(401, Cause::Key { given: self.dialect.key(self.head).is_some() })
    }
}
