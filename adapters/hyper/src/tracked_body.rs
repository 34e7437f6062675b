//! A request body that a connection takes, unless the sender withdraws it first.
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::{
    error::Error,
    fmt,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    task::{Context, Poll},
};

/// A request body that knows whether a connection has taken the request.
///
/// hyper asks a body for its length just before it writes the head of the request, when it has a connection for it.
/// Until then the request provably has not left; not all of hyper's errors tell that.
///
/// It is as small as a pointer, because a request is moved a dozen times on its way.
#[derive(Debug)]
pub struct TrackedBody(Arc<Shared>);

/// Withdraws a request that no connection has taken yet. Created with its [`TrackedBody`].
#[derive(Debug)]
pub struct CancelHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    data: Bytes,
    /// Whether the data was handed out, or is empty.
    drained: AtomicBool,
    state: AtomicU8,
}

/// The first change of state is final: *taken* or *withdrawn*.
const PENDING: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

impl TrackedBody {
    /// Creates the body and the handle that can withdraw it.
    ///
    /// ```
    /// use byourside_hyper::TrackedBody;
    /// use http_body::Body;
    ///
    /// let (body, cancel) = TrackedBody::new(b"{}".to_vec());
    /// assert_eq!(body.size_hint().exact(), Some(2));
    /// assert!(!cancel.withdraw());
    /// ```
    #[must_use]
    pub fn new(body: Vec<u8>) -> (Self, CancelHandle) {
        let shared = Arc::new(Shared {
            drained: AtomicBool::new(body.is_empty()),
            data: Bytes::from(body),
            state: AtomicU8::new(PENDING),
        });
        (Self(shared.clone()), CancelHandle(shared))
    }

    /// Marks the request as taken: only a connection asks for the length.
    fn take(&self) -> &Shared {
        self.0.transition(TAKEN);
        &self.0
    }
}

impl CancelHandle {
    /// Withdraws the request, unless a connection has taken it. Returns whether it is withdrawn.
    ///
    /// After `true`, no data of the body is ever sent, regardless of who holds the body. An empty body has no data to
    /// hold back, so the head of such a request may still be sent.
    ///
    /// ```
    /// use byourside_hyper::TrackedBody;
    /// use http_body::Body;
    /// use std::{pin::pin, task::{Context, Poll, Waker}};
    ///
    /// let (body, cancel) = TrackedBody::new(b"{}".to_vec());
    /// assert!(cancel.withdraw());
    /// let frame = pin!(body).poll_frame(&mut Context::from_waker(Waker::noop()));
    /// assert!(matches!(frame, Poll::Ready(Some(Err(_)))));
    /// ```
    #[must_use]
    pub fn withdraw(&self) -> bool {
        self.0.transition(WITHDRAWN)
    }
}

impl Shared {
    /// Leaves *pending* for this state. Returns whether the state is now this one.
    fn transition(&self, to: u8) -> bool {
        let before = self
            .state
            .compare_exchange(PENDING, to, Ordering::AcqRel, Ordering::Acquire);
        before.is_ok() || before == Err(to)
    }
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = Withdrawn;

    fn poll_frame(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Withdrawn>>> {
        let shared = &self.0;
        if !shared.transition(TAKEN) {
            return Poll::Ready(Some(Err(Withdrawn)));
        }
        let drained = shared.drained.swap(true, Ordering::Relaxed);
        Poll::Ready((!drained).then(|| Ok(Frame::data(shared.data.clone()))))
    }

    fn is_end_stream(&self) -> bool {
        self.take().drained.load(Ordering::Relaxed)
    }

    fn size_hint(&self) -> SizeHint {
        let shared = self.take();
        let drained = shared.drained.load(Ordering::Relaxed);
        SizeHint::with_exact(if drained { 0 } else { shared.data.len() as u64 })
    }
}

/// The error of a body that was withdrawn before a connection took its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withdrawn;

impl fmt::Display for Withdrawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request was withdrawn before it was sent")
    }
}

impl Error for Withdrawn {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{pin::pin, sync::Barrier, task::Waker, thread};

    fn frame(body: TrackedBody) -> Option<Result<Bytes, Withdrawn>> {
        match pin!(body).poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(frame) => frame.map(|frame| frame.map(|frame| frame.into_data().unwrap())),
            Poll::Pending => panic!("the body is pending"),
        }
    }

    #[test]
    fn body_is_taken_once_its_length_is_asked_for() {
        let (body, cancel) = TrackedBody::new(b"ab".to_vec());
        assert_eq!(body.size_hint().exact(), Some(2));
        assert!(!cancel.withdraw());
        assert_eq!(frame(body), Some(Ok(Bytes::from("ab"))));
    }

    #[test]
    fn withdrawn_body_yields_an_error_and_no_data() {
        let (body, cancel) = TrackedBody::new(b"ab".to_vec());
        assert!(cancel.withdraw() && cancel.withdraw());
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(2), false));
        assert_eq!(frame(body), Some(Err(Withdrawn)));
    }

    #[test]
    fn empty_body_has_no_frame() {
        let (body, _cancel) = TrackedBody::new(Vec::new());
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(0), true));
        assert_eq!(frame(body), None);
    }

    #[test]
    fn body_is_either_sent_or_withdrawn_in_a_race() {
        for _ in 0..2000 {
            let (body, cancel) = TrackedBody::new(b"ab".to_vec());
            let start = Barrier::new(2);
            let (sent, withdrawn) = thread::scope(|scope| {
                let sending = scope.spawn(|| {
                    start.wait();
                    frame(body).is_some_and(|frame| frame.is_ok())
                });
                start.wait();
                (cancel.withdraw(), sending.join().unwrap())
            });
            assert_ne!(sent, withdrawn);
        }
    }
}
