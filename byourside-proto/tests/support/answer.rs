//! The result of one request: an answer, a failure or silence, at once or after a delay.
use super::{
    alloc::{format, string::ToString, vec::Vec},
    virtual_time::SentRequest,
};
use byourside_proto::{
    TransportFailure,
    machine::{Reply, ReplySlot},
};
use core::{fmt::Display, time::Duration};
use http::{HeaderValue, Response, StatusCode, header::RETRY_AFTER};

#[derive(Clone, Debug)]
pub struct Answer {
    /// The delay after the request. An answer after the attempt timeout is still delivered, and is stale.
    pub after: Duration,
    /// `None` is silence.
    pub result: Option<Result<Response<Vec<u8>>, TransportFailure>>,
}

impl Answer {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let mut response = Response::new(body.into());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        Self::from(response)
    }

    /// No answer: the attempt times out.
    pub fn silence() -> Self {
        let (after, result) = (Duration::ZERO, None);
        Self { after, result }
    }

    /// The connection is refused: the request cannot have left.
    pub fn not_sent() -> Self {
        Self::from(TransportFailure::not_sent("connection refused"))
    }

    /// The connection is reset: the request may have arrived.
    pub fn reset() -> Self {
        Self::from(TransportFailure::maybe_sent("connection reset"))
    }

    /// The transport reports a timeout.
    pub fn timed_out() -> Self {
        Self::from(TransportFailure::timed_out())
    }

    /// Adds a `Retry-After` header to a response.
    pub fn retry_after(mut self, value: impl Display) -> Self {
        if let Some(Ok(response)) = &mut self.result {
            let value = HeaderValue::from_str(&value.to_string()).unwrap();
            response.headers_mut().insert(RETRY_AFTER, value);
        }
        self
    }

    pub fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    pub fn after_millis(self, millis: u64) -> Self {
        self.after(Duration::from_millis(millis))
    }

    /// The reply to this slot, or `None` for silence.
    pub fn through(self, slot: ReplySlot) -> Option<Reply> {
        self.result.map(|result| slot.reply(result))
    }
}

impl From<Response<Vec<u8>>> for Answer {
    fn from(response: Response<Vec<u8>>) -> Self {
        let (after, result) = (Duration::ZERO, Some(Ok(response)));
        Self { after, result }
    }
}

impl From<TransportFailure> for Answer {
    fn from(failure: TransportFailure) -> Self {
        let (after, result) = (Duration::ZERO, Some(Err(failure)));
        Self { after, result }
    }
}

pub fn ok(body: impl Into<Vec<u8>>) -> Answer {
    Answer::new(200, body)
}

/// A response without a body.
pub fn status(status: u16) -> Answer {
    Answer::new(status, "")
}

/// A refusal of the service itself, with an error token.
pub fn refusal(status: u16, token: &str) -> Answer {
    Answer::new(status, format!(r#"{{"error":"{token}"}}"#))
}

/// The record of the call `c1`, with a summary.
pub fn record(status: &str) -> Answer {
    ok(format!(
        r#"{{"id":"c1","status":"{status}","summary":"From the record."}}"#
    ))
}

/// A service that gives these answers in turn. It panics at any further request.
pub fn in_turn(answers: impl IntoIterator<Item = Answer>) -> impl FnMut(&SentRequest) -> Answer {
    let mut answers = answers.into_iter();
    move |request| {
        answers
            .next()
            .unwrap_or_else(|| panic!("no answer is left for {request:?}"))
    }
}
