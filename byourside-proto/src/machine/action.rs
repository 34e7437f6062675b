//! What a machine tells its driver to do.
use super::reply::ReplySlot;
use crate::types::redact_id;
use alloc::vec::Vec;
use core::{fmt, time::Duration};
use http::Request;

/// What a driver has to do now, as returned by [`Machine::poll`](super::Machine::poll).
///
/// The enum is exhaustive on purpose: a new action must break drivers at compile time.
///
/// `Debug` shows the method, the path and the length of the body of a request, and nothing else of it.
#[must_use]
#[expect(
    clippy::large_enum_variant,
    reason = "it is matched where it is returned, and never stored"
)]
pub enum Action<T> {
    /// Send this request once, and give the result to [`Machine::handle`](super::Machine::handle) through the slot.
    Send(Request<Vec<u8>>, ReplySlot),
    /// Wait this long, then poll again. The duration is never zero, and waking up early or late is harmless.
    Sleep(Duration),
    /// The machine has ended with this output. Polled again, it returns the same.
    Done(T),
}

impl<T: fmt::Debug> fmt::Debug for Action<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request, slot) => {
                // The last segment can be a call id, which may be any text.
                let (folder, last) = request.uri().path().rsplit_once('/').unwrap_or_default();
                f.debug_struct("Send")
                    .field("method", request.method())
                    .field("path", &format_args!("{folder}/{}", redact_id(last)))
                    .field("body", &format_args!("{} bytes", request.body().len()))
                    .field("slot", slot)
                    .finish()
            }
            Self::Sleep(pause) => f.debug_tuple("Sleep").field(pause).finish(),
            Self::Done(output) => f.debug_tuple("Done").field(output).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        api::PlaceCall,
        machine::{
            Machine,
            place::{PlaceOptions, Placer},
            wait::{CallWaiter, WaitOptions},
        },
        testing::{api, at},
        types::CallId,
    };
    use alloc::format;

    #[test]
    fn debug_of_an_action_shows_no_body_and_no_number() {
        let call = PlaceCall::new("+14155550123", "Ask.").unwrap();
        let action = Placer::new(api(), call, PlaceOptions::default(), at(0)).poll(at(0));
        assert_eq!(
            format!("{action:?}"),
            "Send { method: POST, path: /v1/agent/calls, body: 40 bytes, slot: ReplySlot(attempt 1) }"
        );
        let id = CallId::new("+14155550123").unwrap();
        let mut waiter = CallWaiter::new(api(), id, WaitOptions::default(), at(0));
        assert_eq!(
            format!("{:?}", waiter.poll(at(0))),
            "Send { method: GET, path: /v1/agent/calls/%2B###########, body: 0 bytes, slot: ReplySlot(attempt 1) }"
        );
        assert_eq!(format!("{:?}", waiter.poll(at(0))), "Sleep(15s)");
    }
}
