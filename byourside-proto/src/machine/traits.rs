//! What every machine is: asked what to do, told what came back, never doing anything itself.
use super::{action::Action, reply::Reply};
use crate::types::Monotonic;

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
    /// # use byourside_proto::{Action, Api, ListCalls, Machine, Monotonic, machine::read::{ReadOptions, Reader}};
    /// # let api = Api::with_key("bys_ak_example")?;
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
    /// # use byourside_proto::{Action, Api, ListCalls, Machine, Monotonic, machine::read::{ReadOptions, Reader}};
    /// # let api = Api::with_key("bys_ak_example")?;
    /// # let now = Monotonic::ORIGIN;
    /// let mut reader = Reader::new(api, ListCalls::default(), ReadOptions::default(), now);
    /// if let Action::Send(_request, slot) = reader.poll(now) {
    ///     reader.handle(now, slot.reply_ref(&http::Response::new(r#"{"calls": []}"#)));
    /// }
    /// assert!(matches!(reader.poll(now), Action::Done(Ok(_))));
    /// # Ok::<(), byourside_proto::BuildError>(())
    /// ```
    fn handle(&mut self, now: Monotonic, reply: Reply);

    /// The earliest moment at which `poll` has something else than `Sleep` to say; `None` once it is done.
    ///
    /// ```
    /// # use byourside_proto::{Action, Api, ListCalls, Machine, Monotonic, machine::read::{ReadOptions, Reader}};
    /// # let api = Api::with_key("bys_ak_example")?;
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
    /// # use byourside_proto::{Api, Monotonic, machine::{MachineSet, wait_set::{WaitSet, WaitSetOptions}}};
    /// # let api = Api::with_key("bys_ak_example")?;
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
        machine::wait::{CallWaiter, WaitOptions},
        testing::{api, at},
        types::CallId,
    };

    #[test]
    fn a_machine_behind_a_reference_is_that_machine() {
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
