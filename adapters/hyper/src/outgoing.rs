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
#[derive(Debug)]
pub struct Outgoing {
    data: Option<Bytes>,
    taken: Taken,
}

/// Whether a connection has taken the request, and any of it can have left.
#[derive(Clone, Debug, Default)]
pub struct Taken(Arc<AtomicBool>);

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
        let taken = Taken::default();
        let data = (!body.is_empty()).then(|| Bytes::from(body));
        let told = taken.clone();
        (Self { data, taken }, told)
    }
}

impl Taken {
    /// Whether it was.
    #[must_use]
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.taken.set();
        Poll::Ready(self.data.take().map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.taken.set();
        self.data.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.taken.set();
        SizeHint::with_exact(self.data.as_ref().map_or(0, |data| data.len() as u64))
    }
}
