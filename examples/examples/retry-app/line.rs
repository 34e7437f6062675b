//! The transport of a test.
use byourside_proto::client::blocking::Transport;
use byourside_proto::sim::{Fates, Received, Service};
use byourside_proto::{Monotonic, TransportFailure};
use std::cell::{Cell, RefCell};
use std::time::Duration;

/// A line to the simulated service that is as bad as its profile, and a clock that jumps.
pub struct Line(pub RefCell<(Service, Fates)>, pub Cell<Monotonic>);

impl Transport for Line {
    fn send(
        &self,
        request: http::Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<http::Response<Vec<u8>>, TransportFailure> {
        let (service, fates) = &mut *self.0.borrow_mut();
        let fate = fates.draw();
        let (sent, back) = (self.1.get(), fate.back());
        self.1.set(sent.after(fate.there()));
        let received = fate.apply(service, self.1.get(), &request);
        let silent = matches!(received, Received::Silence);
        self.1.set(if silent {
            sent.after(timeout)
        } else {
            self.1.get().after(back)
        });
        received.into_result()
    }
    fn sleep(&self, duration: Duration) {
        self.1.set(self.1.get().after(duration));
    }
    fn now(&self) -> Monotonic {
        self.1.get()
    }
    fn seed(&self) -> u64 {
        7
    }
}
