//! A waiter that calls a function with each change of the status.
use super::{
    outcome::{EventEffect, FinishedCall, WaitError},
    waiter::CallWaiter,
};
use crate::{
    machine::{Action, Machine, Reply},
    types::{Monotonic, Status},
    webhook::Event,
};

/// A [`CallWaiter`] that calls a function with each change of the status. See [`CallWaiter::with_callback`].
#[derive(Debug)]
pub struct WithCallback<F> {
    waiter: CallWaiter,
    on_change: F,
}

impl CallWaiter {
    /// Wraps the waiter in a machine that calls `on_change` with each change of the status, the first status included.
    ///
    /// ```
    /// use byourside_proto::{Api, CallId, Monotonic, drive_blocking, machine::wait::{CallWaiter, WaitOptions}};
    ///
    /// let api = Api::with_key("bys_ak_example")?;
    /// let waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
    /// let mut seen = Vec::new();
    /// let mut waiter = waiter.with_callback(|status| seen.push(status.as_str().to_owned()));
    /// let answer = |_, _| Ok(http::Response::new(r#"{"id":"c1","status":"declined"}"#));
    /// drive_blocking(&mut waiter, answer, |_| {}, || Monotonic::ORIGIN)?;
    /// assert_eq!(seen, ["declined"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_callback<F: FnMut(&Status)>(self, on_change: F) -> WithCallback<F> {
        WithCallback {
            waiter: self,
            on_change,
        }
    }
}

impl<F: FnMut(&Status)> WithCallback<F> {
    /// Takes a verified webhook event, as [`CallWaiter::on_event`] does, and reports the status that it brings.
    pub fn on_event(&mut self, now: Monotonic, event: &Event) -> EventEffect {
        let effect = self.waiter.on_event(now, event);
        self.report();
        effect
    }

    fn report(&mut self) {
        if let Some(status) = self.waiter.take_change() {
            (self.on_change)(&status);
        }
    }
}

impl<F: FnMut(&Status)> Machine for WithCallback<F> {
    type Output = Result<FinishedCall, WaitError>;

    fn poll(&mut self, now: Monotonic) -> Action<Self::Output> {
        self.waiter.poll(now)
    }

    fn handle(&mut self, now: Monotonic, reply: Reply) {
        self.waiter.handle(now, reply);
        self.report();
    }

    fn next_wake(&self) -> Option<Monotonic> {
        self.waiter.next_wake()
    }
}
