//! The service's side of the API, simulated: requests in, answers out, on virtual time, from a seed.
mod service;

pub use service::{Answer, Service};
