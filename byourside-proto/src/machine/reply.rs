//! A request's way back to the machine that sent it.
use super::transport_error::TransportFailure;
use alloc::{sync::Arc, vec::Vec};
use core::{fmt, time::Duration};
use http::{HeaderMap, Response, StatusCode};

/// Where the answer to one request goes. It is not `Clone`: answering twice does not compile.
///
/// ```compile_fail
/// fn twice(slot: byourside_proto::machine::ReplySlot) {
///     let _ = slot.reply(Err(byourside_proto::TransportFailure::timed_out()));
///     let _ = slot.reply(Err(byourside_proto::TransportFailure::timed_out()));
/// }
/// ```
#[must_use = "a machine whose request is not answered waits for the attempt's timeout"]
pub struct ReplySlot {
    ticket: Ticket,
    timeout: Duration,
}

/// What came back for one request.
#[must_use = "give it to the machine"]
pub struct Reply {
    pub(crate) ticket: Ticket,
    pub(crate) answer: Answer,
}

/// Which request of which machine: the machine by its allocation, which nothing else can have.
pub(crate) struct Ticket {
    pub(crate) owner: Arc<()>,
    pub(crate) attempt: u64,
}

/// An answer, or none.
pub(crate) enum Answer {
    Response(StatusCode, HeaderMap, Vec<u8>),
    Failed(TransportFailure),
}

impl ReplySlot {
    pub(crate) fn new(ticket: Ticket, timeout: Duration) -> Self {
        Self { ticket, timeout }
    }

    /// How long this attempt may take; after that the machine no longer waits for it.
    ///
    /// ```
    /// # use byourside_proto::{Action, Api, CallId, Machine, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// if let Action::Send(_, slot) = waiter.poll(Monotonic::ORIGIN) {
    ///     assert_eq!(slot.timeout().as_secs(), 15);
    /// }
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// What the transport returned: a response, whatever its status, or the failure. Nothing is copied.
    ///
    /// ```
    /// # use byourside_proto::{Action, Api, CallId, Machine, Monotonic, TransportFailure, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let now = Monotonic::ORIGIN;
    /// # let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), now);
    /// if let Action::Send(_, slot) = waiter.poll(now) {
    ///     waiter.handle(now, slot.reply(Err(TransportFailure::not_sent("connection refused"))));
    /// }
    /// assert!(matches!(waiter.poll(now), Action::Sleep(_)));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
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

    /// A response that the caller keeps: its headers and body are copied.
    ///
    /// ```
    /// # use byourside_proto::{Action, Api, CallId, Machine, Monotonic, machine::wait::{CallWaiter, WaitOptions}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let now = Monotonic::ORIGIN;
    /// # let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), now);
    /// if let Action::Send(_, slot) = waiter.poll(now) {
    ///     waiter.handle(now, slot.reply_ref(&http::Response::new(r#"{"id":"c1","status":"completed"}"#)));
    /// }
    /// assert!(matches!(waiter.poll(now), Action::Done(Ok(_))));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
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
