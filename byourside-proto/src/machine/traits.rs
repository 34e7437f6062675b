//! The traits that every machine implements, with the rules that all of them keep.
use super::{action::Action, reply::Reply};
use crate::types::Monotonic;

/// A task of several steps that does no I/O: a driver asks it what to do, and gives it the replies.
///
/// # Rules
/// Drivers, event loops and simulators can rely on these rules:
///
/// 1. Calling `poll` again with the same `now` returns the same action, except that `Send` is returned exactly once per
///    attempt.
/// 2. `Sleep(d)` is never zero, and `poll(now + d)` does not return `Sleep` again. Waking up early or late is harmless.
/// 3. `next_wake` is the earliest moment at which `poll` returns something other than `Sleep`.
/// 4. Time never goes backwards inside a machine: a `now` that is too early counts as the latest one so far.
/// 5. `Done` is sticky: after the end, `poll` returns the same output again. Only
///    [`CallWaiter::extend`](super::wait::CallWaiter::extend) starts a machine again.
/// 6. Every method is total: no input makes it panic. A reply that comes too late, or that belongs to another machine,
///    is ignored.
/// 7. While a request is in flight, `poll` returns `Sleep` until the attempt timeout. Losing a reply costs time, but
///    never puts a second request in flight.
/// 8. A machine sends at most 100 requests a second, whatever its options and its input.
/// 9. Deadlines are computed from `now`, never by adding up sleeps.
/// 10. A driver can stop at any point, and another driver can go on with the same machine. All machines but
///     [`Reader`](super::read::Reader) can also go on in another process, from a [`Snapshot`](super::Snapshot).
///
/// A [`MachineSet`] differs in the points that it names. A webhook event that is given to a machine can make its
/// `next_wake` earlier, so poll again after each one.
///
/// ```
/// use byourside_proto::{Action, Api, ListCalls, Machine, Monotonic, machine::read::{ReadOptions, Reader}};
///
/// let now = Monotonic::ORIGIN;
/// let api = Api::with_key("bys_ak_example")?;
/// let mut reader = Reader::new(api, ListCalls::default(), ReadOptions::default(), now);
/// let Action::Send(_request, slot) = reader.poll(now) else { panic!() };
/// assert!(matches!(reader.poll(now), Action::Sleep(_)), "the request is in flight");
/// reader.handle(now, slot.reply_ref(&http::Response::new(r#"{"calls": []}"#)));
/// assert!(matches!(reader.poll(now), Action::Done(Ok(_))));
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
pub trait Machine {
    /// What the machine ends with.
    type Output;

    /// Returns what to do at `now`.
    fn poll(&mut self, now: Monotonic) -> Action<Self::Output>;

    /// Takes the reply to a request that [`poll`](Self::poll) returned. Poll again after it.
    fn handle(&mut self, now: Monotonic, reply: Reply);

    /// Returns the earliest moment at which [`poll`](Self::poll) returns something other than `Sleep`.
    ///
    /// It is `None` once the machine is done, although `poll` has an output to return then. So an event loop also polls
    /// after each `handle` and each webhook event.
    fn next_wake(&self) -> Option<Monotonic>;
}

/// A machine for many calls at once. It yields one result for each call, and is done while it has nothing left to do.
///
/// A set keeps the [rules](Machine#rules) with these differences:
/// - Several requests can be in flight, and `poll` can return `Send` while they are (rule 7). A driver that sends one
///   request at a time is correct as well, only slower.
/// - Where a `Sleep` or `next_wake` ends with a timeout or a deadline, `poll` can return `Sleep` again (rules 2 and 3).
/// - `Done` holds until another call is added (rule 5).
/// - The rate is an option of the set (rule 8).
pub trait MachineSet: Machine<Output = ()> {
    /// A result, with the name or the id of its call.
    type Item;

    /// Takes the next result, in the order in which results came in. Each one is returned once.
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
        machine::wait::{CallWaiter, WaitOptions},
        testing::{api, at},
        types::CallId,
    };

    #[test]
    fn reference_to_a_machine_is_that_machine() {
        let mut waiter = CallWaiter::new(api(), CallId::new("c1").unwrap(), WaitOptions::default(), at(0));
        let mut behind = &mut waiter;
        assert_eq!(Machine::next_wake(&behind), Some(at(0)));
        let Action::Send(_, slot) = Machine::poll(&mut behind, at(0)) else {
            panic!()
        };
        let ended = slot.reply_ref(&http::Response::new(r#"{"id":"c1","status":"failed"}"#));
        Machine::handle(&mut behind, at(1), ended);
        assert_eq!(Machine::next_wake(&behind), None);
        assert!(matches!(waiter.poll(at(1)), Action::Done(Ok(_))));
    }
}
