//! What a server saw.
use super::Received;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// Counts, and the requests that were read whole.
#[derive(Default)]
pub(crate) struct Log {
    connections: AtomicUsize,
    posts: AtomicUsize,
    written: AtomicUsize,
    requests: Mutex<Vec<Received>>,
}

impl Log {
    /// Connections accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// POSTs that began to arrive, whole or not.
    pub(crate) fn posts(&self) -> usize {
        self.posts.load(Ordering::SeqCst)
    }

    /// Bytes that the system took for sending.
    pub(crate) fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }

    /// Requests read whole, in order.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One more connection; its number.
    pub(super) fn connected(&self) -> usize {
        self.connections.fetch_add(1, Ordering::SeqCst)
    }

    /// One more request began, with this.
    pub(super) fn began(&self, bytes: &[u8]) {
        if bytes.starts_with(b"POST") {
            self.posts.fetch_add(1, Ordering::SeqCst);
        }
    }

    pub(super) fn wrote(&self, bytes: usize) {
        self.written.fetch_add(bytes, Ordering::SeqCst);
    }

    /// One more request was read whole. It is numbered.
    pub(super) fn received(&self, mut request: Received) -> Received {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        request.nth = requests.len();
        requests.push(request.clone());
        request
    }
}
