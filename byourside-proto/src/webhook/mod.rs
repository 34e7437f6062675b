//! Verifies the signatures of webhook deliveries, reads their events, and recognises repeated ones.
//!
//! | type | what it does |
//! |---|---|
//! | [`Verifier`] | verifies a delivery's signature and time, with one or more [`WebhookSecret`]s |
//! | [`Refusal`] | says why a delivery was refused, and what to check |
//! | [`Delivery`] | a verified delivery: the proof that the service sent the body |
//! | [`Event`], [`EventKind`] | the event in a verified delivery |
//! | [`Deduplicator`] | remembers event ids, to recognise an event that is delivered again |
//! | [`Signer`] | signs as the service does, for tests and for a simulated service |
//!
//! ```text
//! X-BYS-Signature, raw body, time of receipt ── Verifier ──┬─ Refusal    why not, and what to check
//!                                                          └─ Delivery   verified
//!                                                                └─ event() ── Event ── Deduplicator
//! ```
//!
//! The service signs the raw bytes of the body, so verify them before anything parses, decodes or re-serialises them: a
//! changed body is the most common cause of a refusal. As the time of receipt, pass the time at which the delivery
//! arrived, not the time at which a queue handed it on.
//!
//! The service sends `call.in_progress` when a call is answered, and one terminal event. It may deliver an event again,
//! with the same `eventId`. Its retry schedule is not documented. Source: the vendor's webhooks page.
//!
//! ```
//! use byourside_proto::{UnixTime, webhook::{Deduplicator, EventKind, Signer, Verifier, WebhookSecret}};
//!
//! let secret = WebhookSecret::new("whsec_example")?;
//! let verifier = Verifier::new(secret.clone());
//! let mut seen = Deduplicator::new(10_000);
//!
//! // What the service does.
//! let received = UnixTime::new(1_767_225_600);
//! let body = br#"{"event": "call.completed", "eventId": "e1", "callId": "c1"}"#;
//! let header = Signer::new(secret).sign(received, body);
//!
//! // What a receiver does. It answers 2xx to every verified delivery, also to one that it has seen before.
//! let delivery = verifier.verify(&header, body, received)?;
//! let event = delivery.event()?;
//! if event.event_id().is_none_or(|id| seen.first_time(id)) {
//!     assert_eq!(event.kind(), &EventKind::Completed);
//!     assert_eq!(event.call_id(), Some("c1"));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod deduplicator;
mod delivery;
mod event;
mod event_kind;
mod header;
mod header_name;
mod refusal;
mod secret;
mod signer;
mod tag;
mod verifier;

pub use deduplicator::Deduplicator;
pub use delivery::Delivery;
pub use event::{Event, EventError};
pub use event_kind::EventKind;
pub use header_name::SIGNATURE_HEADER;
pub use refusal::Refusal;
pub use secret::WebhookSecret;
pub use signer::Signer;
pub use verifier::Verifier;
