//! The driver loop: an adapter provides functions that send a request, sleep, and read the clock.
use super::{action::Action, traits::Machine, transport_error::TransportFailure};
use crate::types::Monotonic;
use alloc::vec::Vec;
use core::{future::Future, time::Duration};
use http::{Request, Response};

/// Runs a machine to its end on the current thread.
///
/// `send` takes a request and the attempt timeout, and returns the response whatever its status.
///
/// ```
/// use byourside_proto::{Api, CallId, Monotonic, drive_blocking, machine::wait::{CallWaiter, WaitOptions}};
/// use http::Response;
///
/// let api = Api::with_key("bys_ak_example")?;
/// let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
/// let ended = drive_blocking(
///     &mut waiter,
///     |_request, _timeout| Ok(Response::new(r#"{"id":"c1","status":"completed"}"#)),
///     |_duration| {},
///     || Monotonic::ORIGIN,
/// );
/// assert!(ended.is_ok());
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
pub fn drive_blocking<M: Machine, B: Into<Vec<u8>>>(
    machine: &mut M,
    mut send: impl FnMut(Request<Vec<u8>>, Duration) -> Result<Response<B>, TransportFailure>,
    mut sleep: impl FnMut(Duration),
    mut now: impl FnMut() -> Monotonic,
) -> M::Output {
    loop {
        match machine.poll(now()) {
            Action::Send(request, slot) => {
                let result = send(request, slot.timeout());
                let result = result.map(|response| response.map(Into::into));
                machine.handle(now(), slot.reply(result));
            }
            Action::Sleep(duration) => sleep(duration),
            Action::Done(output) => break output,
        }
    }
}

/// Runs a machine to its end on any async runtime.
///
/// `send` takes a request and the attempt timeout, and returns the response whatever its status. Nothing is
/// boxed or spawned, so the future is `Send` if its parts are.
///
/// Dropping the future leaves the machine as it is, and driving the machine again continues from there. A request that
/// was in flight then counts as unanswered when its timeout is over.
///
/// ```
/// use byourside_proto::{Api, CallId, Monotonic, drive, machine::wait::{CallWaiter, WaitOptions}};
/// use http::Response;
///
/// let api = Api::with_key("bys_ak_example")?;
/// let mut waiter = CallWaiter::new(api, CallId::new("c1")?, WaitOptions::default(), Monotonic::ORIGIN);
/// let ended = drive(
///     &mut waiter,
///     async |_request, _timeout| Ok(Response::new(r#"{"id":"c1","status":"completed"}"#)),
///     async |_duration| {},
///     || Monotonic::ORIGIN,
/// );
/// # let mut ended = core::pin::pin!(ended);
/// # let mut context = core::task::Context::from_waker(core::task::Waker::noop());
/// # assert!(ended.as_mut().poll(&mut context).is_ready());
/// # Ok::<(), byourside_proto::BuildError>(())
/// ```
pub async fn drive<M: Machine, B: Into<Vec<u8>>, S, Z>(
    machine: &mut M,
    mut send: impl FnMut(Request<Vec<u8>>, Duration) -> S,
    mut sleep: impl FnMut(Duration) -> Z,
    mut now: impl FnMut() -> Monotonic,
) -> M::Output
where
    S: Future<Output = Result<Response<B>, TransportFailure>>,
    Z: Future<Output = ()>,
{
    loop {
        match machine.poll(now()) {
            Action::Send(request, slot) => {
                let result = send(request, slot.timeout()).await;
                let result = result.map(|response| response.map(Into::into));
                machine.handle(now(), slot.reply(result));
            }
            Action::Sleep(duration) => sleep(duration).await,
            Action::Done(output) => break output,
        }
    }
}
