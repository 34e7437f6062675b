//! How an answer gets back to the machine that sent the request.
use super::transport_error::TransportFailure;
use alloc::{sync::Arc, vec::Vec};
use core::{fmt, time::Duration};
use http::{HeaderMap, Response, StatusCode};

/// Takes the answer to one request, and turns it into the [`Reply`] for the machine.
///
/// A slot is used up by its reply, and it is not `Clone`: answering twice does not compile.
///
/// ```compile_fail
/// fn twice(slot: byourside_proto::machine::ReplySlot) {
///     let _ = slot.reply(Err(byourside_proto::TransportFailure::timed_out()));
///     let _ = slot.reply(Err(byourside_proto::TransportFailure::timed_out()));
/// }
/// ```
#[must_use = "without a reply, the machine waits for the attempt timeout"]
pub struct ReplySlot {
    ticket: Ticket,
    timeout: Duration,
}

/// The answer to one request, or the transport's failure, for [`Machine::handle`](super::Machine::handle).
#[must_use = "pass it to `handle` of the machine that sent the request"]
pub struct Reply {
    pub(crate) ticket: Ticket,
    pub(crate) answer: Answer,
}

/// Identifies a request: the machine that sent it, by the address of an allocation that it owns, and the attempt.
pub(crate) struct Ticket {
    pub(crate) owner: Arc<()>,
    pub(crate) attempt: u64,
}

/// What a protocol gets for a request.
pub(crate) enum Answer {
    Response(StatusCode, HeaderMap, Vec<u8>),
    Failed(TransportFailure),
}

impl ReplySlot {
    pub(crate) fn new(ticket: Ticket, timeout: Duration) -> Self {
        Self { ticket, timeout }
    }

    /// The timeout of this attempt. After that, the machine ignores the reply.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Makes a reply of what the transport returned: a response, whatever its status, or a failure. Nothing is copied.
    pub fn reply(self, result: Result<Response<Vec<u8>>, TransportFailure>) -> Reply {
        let answer = match result {
            Ok(response) => {
                let (head, body) = response.into_parts();
                Answer::Response(head.status, head.headers, body)
            }
            Err(failure) => Answer::Failed(failure),
        };
        self.with(answer)
    }

    /// Makes a reply of a response that the caller keeps. Its headers and its body are copied.
    pub fn reply_ref<B: AsRef<[u8]>>(self, response: &Response<B>) -> Reply {
        let (status, headers) = (response.status(), response.headers().clone());
        self.with(Answer::Response(status, headers, response.body().as_ref().to_vec()))
    }

    fn with(self, answer: Answer) -> Reply {
        Reply {
            ticket: self.ticket,
            answer,
        }
    }
}

impl fmt::Debug for ReplySlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplySlot(attempt {})", self.ticket.attempt)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            Answer::Response(status, _, body) => write!(f, "Reply({status}, {} bytes)", body.len()),
            Answer::Failed(failure) => write!(f, "Reply({failure:?})"),
        }
    }
}
