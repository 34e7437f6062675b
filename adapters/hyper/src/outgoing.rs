//! The body of a request, which tells whether a connection has taken it.
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::{
    convert::Infallible,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
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
pub struct Outgoing(Arc<Parcel>);

/// Whether a connection has taken the request, and any of it can have left.
#[derive(Clone, Debug)]
pub struct Taken(Arc<Parcel>);

#[derive(Debug)]
struct Parcel {
    data: Bytes,
    /// Whether anyone has asked what there is to send.
    taken: AtomicBool,
    /// Whether the data was handed out.
    given: AtomicBool,
}

impl Outgoing {
    /// The body, and what tells whether it was taken.
    ///
    /// ```
    /// use byourside_hyper::Outgoing;
    /// use http_body::Body;
    /// let (body, taken) = Outgoing::new(b"{}".to_vec());
    /// assert!(!taken.get());
    /// assert_eq!(body.size_hint().exact(), Some(2));
    /// assert!(taken.get());
    /// ```
    #[must_use]
    pub fn new(body: Vec<u8>) -> (Self, Taken) {
        let parcel = Arc::new(Parcel {
            given: AtomicBool::new(body.is_empty()),
            data: Bytes::from(body),
            taken: AtomicBool::new(false),
        });
        (Self(parcel.clone()), Taken(parcel))
    }

    /// What there is to send, for whoever has a connection for it.
    fn take(&self) -> &Parcel {
        self.0.taken.store(true, Ordering::Release);
        &self.0
    }
}

impl Taken {
    /// Whether it was.
    #[must_use]
    pub fn get(&self) -> bool {
        self.0.taken.load(Ordering::Acquire)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let parcel = self.take();
        let given = parcel.given.swap(true, Ordering::Relaxed);
        Poll::Ready((!given).then(|| Ok(Frame::data(parcel.data.clone()))))
    }

    fn is_end_stream(&self) -> bool {
        self.take().given.load(Ordering::Relaxed)
    }

    fn size_hint(&self) -> SizeHint {
        let parcel = self.take();
        let left = if parcel.given.load(Ordering::Relaxed) {
            0
        } else {
            parcel.data.len()
        };
        SizeHint::with_exact(left as u64)
    }
}
