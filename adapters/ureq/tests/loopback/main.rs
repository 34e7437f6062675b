//! The client over real sockets, against a server that does what a script says.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]
mod hostile;
mod placing;
mod scripted;
mod waiting;
