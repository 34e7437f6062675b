//! The client over real sockets, against a scripted server.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod hostile;
mod placing;
mod scripted;
mod waiting;
