//! The service as a whole.
use crate::Monotonic;
use alloc::vec::Vec;
use http::{Request, Response, StatusCode};

/// The simulated service.
#[derive(Clone, Debug)]
pub struct Service {
    seed: u64,
}

/// What the service does with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It answers.
    Response(Response<Vec<u8>>),
    /// It acted, and its answer is lost: the connection closes without one.
    Lost,
}

impl Service {
    /// A service whose every choice comes from this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Takes a request at `now`.
    pub fn handle<B: AsRef<[u8]>>(&mut self, now: Monotonic, request: &Request<B>) -> Answer {
        let _ = (now, request, self.seed);
        let mut response = Response::new(br#"{"error":"not_found"}"#.to_vec());
        *response.status_mut() = StatusCode::NOT_FOUND;
        Answer::Response(response)
    }
}
