//! Webhook deliveries: is this one from the service, what does it say, and has it been seen before?
//!
//! ```text
//! X-BYS-Signature, raw body, time of receipt ── Verifier ──┬─ Refusal    why not, in words to act on
//!                                                          └─ Delivery   proof, and which secret signed
//!                                                                └─ event() ── Event ── Deduplicator
//! ```
//!
//! The raw bytes are signed. Parse nothing and re-serialise nothing before the check: that is the commonest way for it
//! to fail. Note the time when the delivery arrives, not when a queue gets round to it.
//!
//! ```
//! use byourside_proto::{UnixTime, webhook::{Deduplicator, EventKind, Signer, Verifier, WebhookSecret}};
//!
//! let secret = WebhookSecret::new("whsec_example")?;
//! let verifier = Verifier::new(secret.clone());
//! let mut seen = Deduplicator::new(10_000);
//!
//! // What the service sends.
//! let received = UnixTime::new(1_767_225_600);
//! let body = br#"{"event": "call.completed", "eventId": "e1", "callId": "c1"}"#;
//! let header = Signer::new(secret).sign(received, body);
//!
//! // What a receiver does; it answers 2xx to whatever verifies, a repetition included.
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
