//! What every machine is: asked what to do, told what came back, never doing anything itself.
mod backoff;
mod drive;
mod engine;
mod reply;
mod snapshot;

pub use backoff::Backoff;
pub use drive::{drive, drive_blocking};
pub use reply::{Reply, ReplySlot};
pub use snapshot::{Snapshot, SnapshotError};

pub(crate) use engine::{Engine, MIN_PAUSE, Next, Protocol, Stage, Turn, Wake};
pub(crate) use reply::{Answer, Ticket};
pub(crate) use snapshot::{Lasting, lost};

use crate::{Monotonic, error::redact_id};
use alloc::vec::Vec;
use core::{fmt, time::Duration};
use http::Request;

/// What to do now. Exhaustive on purpose: a new instruction must break drivers at compile time.
///
/// `Debug` shows of a request no more than its method, its path and how long its body is.
#[must_use]
#[expect(
    clippy::large_enum_variant,
    reason = "it is taken apart where it is made, never stored"
)]
pub enum Action<T> {
    /// Send this once, and give what comes back to [`Machine::handle`] through the slot.
    Send(Request<Vec<u8>>, ReplySlot),
    /// Nothing to do for this long, which is never zero. Waking early or late is harmless.
    Sleep(Duration),
    /// The end. Asked again, the machine answers the same.
    Done(T),
}

impl<T: fmt::Debug> fmt::Debug for Action<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request, slot) => {
                // The last segment may be an id, which is a stranger's text.
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

/// Something that takes more than one step.
///
/// 1. `poll` at one `now` is idempotent, but that the call which returns `Send` hands the request out exactly once.
/// 2. After `Sleep(d)`, `poll(now + d)` is not `Sleep`.
/// 3. `next_wake` is the earliest moment at which `poll` stops returning `Sleep`; `None` once it is done.
/// 4. Time inside never goes backwards, whatever is passed in.
/// 5. `Done` is sticky.
/// 6. Every method is total; a stale or foreign reply is ignored.
/// 7. While a request is out, `poll` returns `Sleep` until that attempt's timeout.
/// 8. At most 100 requests a second, whatever the input.
/// 9. Deadlines come from `now`, never from adding sleeps.
/// 10. A driver can stop at any point, and another one go on with the same machine.
pub trait Machine {
    /// What it ends with.
    type Output;

    /// What to do at `now`.
    ///
    /// ```
    /// # use byourside_proto::{Action, Api, ApiKey, BaseUrl, ListCalls, Machine, Monotonic, ReadOptions, Reader};
    /// # let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// # let now = Monotonic::ORIGIN;
    /// let mut reader = Reader::new(api, ListCalls::default(), ReadOptions::default(), now);
    /// assert!(matches!(reader.poll(now), Action::Send(..)));
    /// assert!(matches!(reader.poll(now), Action::Sleep(_)), "it is handed out once");
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    fn poll(&mut self, now: Monotonic) -> Action<Self::Output>;

    /// Takes what came back.
    ///
    /// ```
    /// # use byourside_proto::{Action, Api, ApiKey, BaseUrl, ListCalls, Machine, Monotonic, ReadOptions, Reader};
    /// # let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// # let now = Monotonic::ORIGIN;
    /// let mut reader = Reader::new(api, ListCalls::default(), ReadOptions::default(), now);
    /// if let Action::Send(_request, slot) = reader.poll(now) {
    ///     reader.handle(now, slot.response(&http::Response::new(r#"{"calls": []}"#)));
    /// }
    /// assert!(matches!(reader.poll(now), Action::Done(Ok(_))));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    fn handle(&mut self, now: Monotonic, reply: Reply);

    /// The earliest moment at which `poll` has something else than `Sleep` to say; `None` once it is done.
    ///
    /// ```
    /// # use byourside_proto::{Action, Api, ApiKey, BaseUrl, ListCalls, Machine, Monotonic, ReadOptions, Reader};
    /// # let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// # let now = Monotonic::ORIGIN;
    /// let mut reader = Reader::new(api, ListCalls::default(), ReadOptions::default(), now);
    /// let _out = reader.poll(now);
    /// assert_eq!(reader.next_wake().map(|wake| wake.since(now).as_secs()), Some(15));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    fn next_wake(&self) -> Option<Monotonic>;
}

/// A machine for many things at once: its results come one by one, and it is done while nothing is left to do.
pub trait MachineSet: Machine<Output = ()> {
    /// What one of them ends with, and which.
    type Item;

    /// The next result that has come in, each once.
    ///
    /// ```
    /// # use byourside_proto::{Api, ApiKey, BaseUrl, MachineSet, Monotonic, WaitSet, WaitSetOptions};
    /// # let api = Api::new(BaseUrl::default(), ApiKey::new("bys_ak_example")?);
    /// fn count<S: MachineSet>(set: &mut S) -> usize {
    ///     core::iter::from_fn(|| set.take_result()).count()
    /// }
    /// assert_eq!(count(&mut WaitSet::new(api, WaitSetOptions::default(), Monotonic::ORIGIN)), 0);
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    fn take_result(&mut self) -> Option<Self::Item>;
}

impl<M: Machine + ?Sized> Machine for &mut M {
    type Output = M::Output;

    fn poll(&mut self, now: Monotonic) -> Action<M::Output> {
        (**self).poll(now)
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        (**self).handle(now, reply);
    }

    fn next_wake(&self) -> Option<Monotonic> {
        (**self).next_wake()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CallId, CallWaiter, PlaceCall, PlaceOptions, Placer, WaitOptions,
        testing::{api, at},
    };
    use alloc::format;

    #[test]
    fn debug_shows_neither_the_body_nor_a_number_in_the_path() {
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
    #[test]
    fn a_machine_behind_a_reference_is_that_machine() {
        let mut waiter = CallWaiter::new(api(), CallId::new("c1").unwrap(), WaitOptions::default(), at(0));
        let mut behind = &mut waiter;
        assert_eq!(Machine::next_wake(&behind), Some(at(0)));
        let Action::Send(_, slot) = Machine::poll(&mut behind, at(0)) else {
            panic!()
        };
        let ended = slot.response(&http::Response::new(r#"{"id":"c1","status":"failed"}"#));
        Machine::handle(&mut behind, at(1), ended);
        assert_eq!(Machine::next_wake(&behind), None);
        assert!(matches!(waiter.poll(at(1)), Action::Done(Ok(_))));
    }
}
