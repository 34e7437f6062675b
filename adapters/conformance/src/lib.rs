//! What every adapter of the By Your Side Agent calling API client must pass.
//!
//! An adapter owns the sockets, and sockets go wrong in ways that no unit test of a transport meets. Here is a server
//! that misbehaves on cue over real sockets, and a list of named [`Check`]s: whether every answer comes through as it
//! was sent, whether a request is ever sent twice, whether a failure says rightly that it *cannot* have left, whether
//! time-outs are on time and bodies bounded, whether TLS trusts whom it should.
//!
//! An adapter of one's own is a [`Blocking`] or an [`Asynchronous`] subject in a few lines:
//!
//! ```no_run
//! # struct MyTransport;
//! ```
//!
//! A failed check is listed by name, with what was expected. One that hangs is ended by its own limit. Leave the proxy
//! variables of the environment unset, or exempt loopback from them.
mod check;
mod checks;
mod report;
mod server;
mod subject;
mod suite;

pub use check::Check;
pub use checks::checks;
pub use report::Report;
pub use subject::{Asynchronous, Blocking, Offer, Session, Setup, Subject};
pub use suite::{run, run_checks};
