//! The log of a server: what it received and sent.
use super::Received;
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

/// Counters, and the requests that were read completely.
#[derive(Default)]
pub(crate) struct Log {
    connections: AtomicUsize,
    posts: AtomicUsize,
    written: AtomicUsize,
    requests: Mutex<Vec<Received>>,
}

impl Log {
    /// How many connections were accepted.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// How many POSTs began to arrive, complete or not.
    pub(crate) fn posts(&self) -> usize {
        self.posts.load(Ordering::SeqCst)
    }

    /// How many bytes were written to sockets.
    pub(crate) fn written(&self) -> usize {
        self.written.load(Ordering::SeqCst)
    }

    /// The requests that were read completely, in order.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Counts a connection. Returns its number, from 0.
    pub(super) fn connected(&self) -> usize {
        self.connections.fetch_add(1, Ordering::SeqCst)
    }

    /// Counts a request that begins with these bytes, if it is a POST.
    pub(super) fn began(&self, bytes: &[u8]) {
        if bytes.starts_with(b"POST") {
            self.posts.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Counts bytes that were written.
    pub(super) fn wrote(&self, bytes: usize) {
        self.written.fetch_add(bytes, Ordering::SeqCst);
    }

    /// Records a request that was read completely, and numbers it.
    pub(super) fn received(&self, mut request: Received) -> Received {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        request.nth = requests.len();
        requests.push(request.clone());
        request
    }
}
