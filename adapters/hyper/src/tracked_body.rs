//! The body of a request, which a connection takes or its sender withdraws.
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

/// The body of a request.
///
/// hyper asks a body for its length just before it writes the head of the request, and not before it has a connection
/// that takes it. Until then the request provably has not left, which hyper's errors do not all tell.
///
/// It is one pointer: a request is moved a dozen times on its way.
#[derive(Debug)]
pub struct TrackedBody(Arc<Shared>);

/// The sender's hold on a request, for as long as no connection has taken it.
#[derive(Debug)]
pub struct CancelHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    data: Bytes,
    /// Whether the data was handed out, or there is none.
    given: AtomicBool,
    fate: AtomicU8,
}

/// What a parcel becomes first, it stays.
const HERE: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

impl TrackedBody {
    /// The body, and its sender's hold on it.
    ///
    /// ```
    /// use byourside_hyper::TrackedBody;
    /// use http_body::Body;
    ///
    /// let (body, hold) = TrackedBody::new(b"{}".to_vec());
    /// assert_eq!(body.size_hint().exact(), Some(2));
    /// assert!(!hold.withdraw());
    /// ```
    #[must_use]
    pub fn new(body: Vec<u8>) -> (Self, CancelHandle) {
        let parcel = Arc::new(Shared {
            given: AtomicBool::new(body.is_empty()),
            data: Bytes::from(body),
            fate: AtomicU8::new(HERE),
        });
        (Self(parcel.clone()), CancelHandle(parcel))
    }

    /// What there is to send, told to whoever has a connection for it.
    fn asked(&self) -> &Shared {
        self.0.becomes(TAKEN);
        &self.0
    }
}

impl CancelHandle {
    /// Takes the request back, unless a connection has taken it. If it says that it did, then no data of the body ever
    /// leaves, whoever has the body meanwhile. Where the body is empty there is none to keep back, and the head may leave.
    ///
    /// ```
    /// use byourside_hyper::TrackedBody;
    /// use http_body::Body;
    /// use std::{pin::pin, task::{Context, Poll, Waker}};
    ///
    /// let (body, hold) = TrackedBody::new(b"{}".to_vec());
    /// assert!(hold.withdraw());
    /// let frame = pin!(body).poll_frame(&mut Context::from_waker(Waker::noop()));
    /// assert!(matches!(frame, Poll::Ready(Some(Err(_)))));
    /// ```
    #[must_use]
    pub fn withdraw(&self) -> bool {
        self.0.becomes(WITHDRAWN)
    }
}

impl Shared {
    /// Whether it has now become that, or was it before.
    fn becomes(&self, fate: u8) -> bool {
        let before = self
            .fate
            .compare_exchange(HERE, fate, Ordering::AcqRel, Ordering::Acquire);
        before.is_ok() || before == Err(fate)
    }
}

impl Body for TrackedBody {
    type Data = Bytes;
    type Error = Withdrawn;

    fn poll_frame(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Withdrawn>>> {
        let parcel = &self.0;
        if !parcel.becomes(TAKEN) {
            return Poll::Ready(Some(Err(Withdrawn)));
        }
        let given = parcel.given.swap(true, Ordering::Relaxed);
        Poll::Ready((!given).then(|| Ok(Frame::data(parcel.data.clone()))))
    }

    fn is_end_stream(&self) -> bool {
        self.asked().given.load(Ordering::Relaxed)
    }

    fn size_hint(&self) -> SizeHint {
        let parcel = self.asked();
        let given = parcel.given.load(Ordering::Relaxed);
        SizeHint::with_exact(if given { 0 } else { parcel.data.len() as u64 })
    }
}

/// The request was taken back before a connection took it.
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
            Poll::Pending => panic!("it is all there"),
        }
    }

    #[test]
    fn whoever_is_told_its_length_has_taken_it() {
        let (body, hold) = TrackedBody::new(b"ab".to_vec());
        assert_eq!(body.size_hint().exact(), Some(2));
        assert!(!hold.withdraw());
        assert_eq!(frame(body), Some(Ok(Bytes::from("ab"))));
    }

    #[test]
    fn what_was_withdrawn_does_not_leave() {
        let (body, hold) = TrackedBody::new(b"ab".to_vec());
        assert!(hold.withdraw() && hold.withdraw());
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(2), false));
        assert_eq!(frame(body), Some(Err(Withdrawn)));
    }

    #[test]
    fn what_is_empty_has_no_frame() {
        let (body, _hold) = TrackedBody::new(Vec::new());
        assert_eq!((body.size_hint().exact(), body.is_end_stream()), (Some(0), true));
        assert_eq!(frame(body), None);
    }

    #[test]
    fn it_leaves_or_is_withdrawn_however_close_the_two_are() {
        for _ in 0..2000 {
            let (body, hold) = TrackedBody::new(b"ab".to_vec());
            let start = Barrier::new(2);
            let (left, withdrawn) = thread::scope(|scope| {
                let sending = scope.spawn(|| {
                    start.wait();
                    frame(body).is_some_and(|frame| frame.is_ok())
                });
                start.wait();
                (hold.withdraw(), sending.join().unwrap())
            });
            assert_ne!(left, withdrawn);
        }
    }
}
